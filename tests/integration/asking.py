"""Short ways to ask a provider about a time that is too early, and to answer; see house.py."""

from datetime import date

from sqlalchemy import select

from clinic_scheduler.models import Appointment, OverrideRequest
from clinic_scheduler.services import override_requests
from clinic_scheduler.services.actors import Actor
from clinic_scheduler.services.booking_rules import Question
from clinic_scheduler.services.visit_guard import OverrideEntry
from tests.integration.house import House, at

EARLY = date(2026, 12, 15)
TRAVEL = OverrideEntry("too_early", "travel", "Back in March")


def question(house: House) -> Question:
    return Question(house.cast.provider_id, "Away from January on")


def ask(house: House, desk: Actor, course_id: int, day: date = EARLY) -> tuple[int, int]:
    """(visit, request) of a time the desk asks for."""
    visit = house.book(at(day, 9), by=desk, course_id=course_id, question=question(house))
    (request,) = house.rows(select(OverrideRequest.id).where(OverrideRequest.appointment_id == visit))
    return visit, request.id


def take(house: House) -> int:
    """Another patient's visit at the very time."""
    return house.book(at(EARLY, 9), overrides=(OverrideEntry("late", "no_earlier_time"),))


def allow(house: House, who: Actor, request: int, *entries: OverrideEntry) -> None:
    house.change(lambda s: override_requests.allow(s, who, request, entries, house.now).id)


def decline(house: House, who: Actor, request: int, note: str = "Wait for January") -> None:
    house.change(lambda s: override_requests.decline(s, who, request, note, house.now).id)


def withdraw(house: House, who: Actor, request: int) -> None:
    house.change(lambda s: override_requests.withdraw(s, who, request, house.now).id)


def state(house: House, visit: int) -> tuple[str, str | None]:
    row = house.row(Appointment, visit)
    return row["state"], row["cancel_reason"]
