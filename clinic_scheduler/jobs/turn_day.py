"""The turn tick: courses that read otherwise since a day has begun, questions nobody answered within a day, and the
due list's counts, which are folded into few rows.
"""

from collections.abc import Mapping
from datetime import datetime

from clinic_scheduler.domain.local_time import known_zone, local_date
from clinic_scheduler.domain.work_kinds import ZONE_CHOSEN, WorkItemKind
from clinic_scheduler.jobs.context import Counts, Tools
from clinic_scheduler.queries.due.news import to_do
from clinic_scheduler.queries.lookups import zones_of_clinics
from clinic_scheduler.queries.work_list import clinics_waiting
from clinic_scheduler.services.courses.forecasting import refresh_turned
from clinic_scheduler.services.due_counts import fold
from clinic_scheduler.services.visits.override_requests import end_expired, waiting_clinics
from clinic_scheduler.services.work_items import end_item, open_item_again

BATCHES = 1_000


def turn_day(tools: Tools) -> Counts:
    """Each clinic by its own day, some patients a unit of work; then its questions, one unit of work a clinic."""
    now = tools.clock.now()
    with tools.work() as session:
        zones = zones_of_clinics(session)
        days = {key: local_date(now, zone) for key, name in zones.items() if (zone := known_zone(name))}
        found = {key: to_do(session, key, day) for key, day in days.items()}
        asking = waiting_clinics(session, now)
    _tell_of_zones(tools, zones, now)
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
    for clinic_id in (each for each in asking if each in days):
        with tools.work() as session:
            expired += end_expired(session, clinic_id, now)
    for clinic_id, today in days.items():
        if found[clinic_id].to_fold:
            with tools.work() as session:
                fold(session, clinic_id, today)
    return {"turned": patients, "expired": expired}


def _tell_of_zones(tools: Tools, zones: Mapping[int, str], now: datetime) -> None:
    """A clinic whose zone is not known has no day to turn to, and its messages wait: the work list says so."""
    gone = {clinic_id: name for clinic_id, name in zones.items() if known_zone(name) is None}
    with tools.work() as session:
        known = zones.keys() - gone.keys()
        for clinic_id in clinics_waiting(session, WorkItemKind.ZONE_UNKNOWN) & known:
            end_item(session, f"{WorkItemKind.ZONE_UNKNOWN}:{clinic_id}", ZONE_CHOSEN, now)
        for clinic_id, name in gone.items():
            key = f"{WorkItemKind.ZONE_UNKNOWN}:{clinic_id}"
            open_item_again(session, clinic_id, WorkItemKind.ZONE_UNKNOWN, key, now, note=name)
