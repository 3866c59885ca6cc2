"""The turn tick: courses that read otherwise since a day has begun, questions nobody answered within a day, and the
due list's counts, which are folded into few rows.
"""

from clinic_scheduler.domain.local_time import local_date
from clinic_scheduler.jobs.context import Counts, Tools
from clinic_scheduler.queries.due.news import to_do
from clinic_scheduler.queries.lookups import clinic_ids
from clinic_scheduler.queries.schedule.availability import clinic_zone
from clinic_scheduler.services.courses.forecasting import refresh_turned
from clinic_scheduler.services.due_counts import fold
from clinic_scheduler.services.visits.override_requests import end_expired, waiting_clinics

BATCHES = 1_000


def turn_day(tools: Tools) -> Counts:
    """Each clinic by its own day, some patients a unit of work; then its questions, one unit of work a clinic."""
    now = tools.clock.now()
    with tools.work() as session:
        days = {key: local_date(now, clinic_zone(session, key)) for key in clinic_ids(session)}
        found = {key: to_do(session, key, day) for key, day in days.items()}
        asking = waiting_clinics(session, now)
    patients = expired = 0
    for clinic_id, today in days.items():
        if not found[clinic_id].turned:
            continue
        for _ in range(BATCHES):
            with tools.work() as session:
                done = refresh_turned(session, clinic_id, today, now)
            patients += done
            if done == 0 or tools.stopping():
                break
    for clinic_id in asking:
        with tools.work() as session:
            expired += end_expired(session, clinic_id, now)
    for clinic_id, today in days.items():
        if found[clinic_id].to_fold:
            with tools.work() as session:
                fold(session, clinic_id, today)
    return {"turned": patients, "expired": expired}
