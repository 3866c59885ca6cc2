"""The day's turn before a page is shown: it is right in the morning even where no worker runs."""

from clinic_scheduler.db import unit_of_work
from clinic_scheduler.services.forecasting import anything_turned, refresh_turned
from clinic_scheduler.web.context import actor, now, reading, today


def turn_day() -> None:
    """Bring up to today what reads otherwise since a day has begun; most of the time that is one short question."""
    clinic_id, day = actor().clinic_id, today()
    if not anything_turned(reading(), clinic_id, day):
        return
    done = 1
    while done:
        with unit_of_work() as session:
            done = refresh_turned(session, clinic_id, day, now())
