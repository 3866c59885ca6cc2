"""The adopt tick: clinics whose dates were computed by earlier rules are brought to the newest edition."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any

from clinic_scheduler.domain.local_time import known_zone, local_date
from clinic_scheduler.jobs.context import Counts, Tools
from clinic_scheduler.queries.lookups import zones_of_clinics
from clinic_scheduler.queries.schedule.availability import clinic_zone
from clinic_scheduler.services.courses import adoption

Work = Callable[[], AbstractContextManager[Any]]


def adopt(tools: Tools) -> Counts:
    return {"adopted": adopt_clinics(tools.work, tools.clock.now(), tools.stopping)}


def adopt_clinics(work: Work, now: datetime, stopping: Callable[[], bool] = lambda: False) -> int:
    """Every clinic that is behind, some patients a unit of work; how many clinics were brought to the end."""
    with work() as session:
        zones = zones_of_clinics(session)
        # One whose zone is not known has no day to be computed for; it is taken up once that is mended.
        behind = [each for each in adoption.clinics_behind(session) if known_zone(zones[each])]
    return sum(_adopt(work, clinic_id, now, stopping) for clinic_id in behind)


def _adopt(work: Work, clinic_id: int, now: datetime, stopping: Callable[[], bool]) -> bool:
    """Whether it came to the end; told to stop, it goes on another time."""
    after: int | None = 0
    while after is not None and not stopping():
        with work() as session:
            today = local_date(now, clinic_zone(session, clinic_id))
            after = adoption.adopt(session, clinic_id, today, now, after)
    return after is None
