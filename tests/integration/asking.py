"""Short ways to ask a provider about a time that is too early, and to answer; see house.py."""

from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from clinic_scheduler.models import Appointment, Course, OverrideRequest
from clinic_scheduler.queries.calendars.rows import clinic_day_rows, due_window_rows, patient_feed_rows
from clinic_scheduler.services.actors import Actor
from clinic_scheduler.services.change import Change
from clinic_scheduler.services.visits import override_requests
from clinic_scheduler.services.visits.booking_rules import Question
from clinic_scheduler.services.visits.guard import OverrideEntry
from tests import factories
from tests.integration.house import House, at

EARLY = date(2026, 12, 15)
TRAVEL = factories.override("too_early", "travel", "Back in March")


def question(house: House) -> Question:
    return Question(house.cast.provider_id, "Away from January on")


def ask(house: House, desk: Actor, course_id: int, day: date = EARLY) -> tuple[int, int]:
    """(visit, request) of a time the desk asks for."""
    visit = house.book(at(day, 9), by=desk, course_id=course_id, question=question(house))
    (request,) = house.rows(select(OverrideRequest.id).where(OverrideRequest.appointment_id == visit))
    return visit, request.id


def take(house: House) -> int:
    """Another patient's visit at the very time."""
    return house.book(at(EARLY, 9), overrides=(factories.override("late", "no_earlier_time"),))


def allow(house: House, who: Actor, request: int, *entries: OverrideEntry) -> None:
    house.change(lambda s: override_requests.allow(Change(s, who, house.now), request, entries).id)


def decline(house: House, who: Actor, request: int, note: str = "Wait for January") -> None:
    house.change(lambda s: override_requests.decline(Change(s, who, house.now), request, note).id)


def withdraw(house: House, who: Actor, request: int) -> None:
    house.change(lambda s: override_requests.withdraw(Change(s, who, house.now), request).id)


def state(house: House, visit: int) -> tuple[str, str | None]:
    row = house.row(Appointment, visit)
    return row["state"], row["cancel_reason"]


def shown_outside(house: House, course_id: int) -> list[Any]:
    """What calendars of any kind show."""

    def read(session: Session) -> list[Any]:
        course = session.get_one(Course, course_id)
        return [
            sorted(map(repr, rows))
            for rows in (
                patient_feed_rows(session, course.patient_id, house.now, 3),
                clinic_day_rows(session, course.clinic_id, house.now),
                due_window_rows(session, course.clinic_id, house.now),
            )
        ]

    return house.look(read)
