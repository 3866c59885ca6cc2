"""Short ways of tests to what is done to consultations and follow-ups, each a unit of work of its own."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from clinic_scheduler.models import Course, Treatment
from clinic_scheduler.services.actors import Actor
from clinic_scheduler.services.change import Change
from clinic_scheduler.services.courses import courses
from clinic_scheduler.services.practice import clinics
from clinic_scheduler.services.visits import consultations, kind_changes
from tests.integration.house import TODAY, House

TUESDAY = date(2026, 11, 24)
FRIDAY = date(2026, 11, 27)
LAPSED = 400


def provider_of(house: House) -> Actor:
    return replace(house.cast.actor, name="Dr Reid", roles=frozenset({"provider"}))


def desk_of(house: House) -> Actor:
    return replace(house.cast.actor, name="Desk", roles=frozenset({"front_desk"}))


def lapse(house: House) -> None:
    """Nothing was given for so long that the patient is seen first."""
    house.set(Treatment, 1, given_on=TODAY - timedelta(LAPSED))
    house.set(Course, house.cast.course_id, started_on=TODAY - timedelta(LAPSED + 10))
    house.change(lambda s: courses.settle(s, s.get_one(Course, house.cast.course_id), house.now, "opened"))
    assert "consultation_needed" in house.course()["blocks"]


def conclude(house: House, visit: int, outcome: str = "go_on") -> None:
    house.change(lambda s: consultations.conclude(Change(s, house.cast.actor, house.now), visit, outcome).id)


def undo(house: House, visit: int) -> None:
    house.change(lambda s: consultations.undo(Change(s, house.cast.actor, house.now), visit).id)


def change_kind(house: House, visit: int, kind: str, by: Actor | None = None, **how: Any) -> None:
    house.change(
        lambda s: (
            kind_changes.change_kind(Change(s, by or house.cast.actor, house.now), visit, kind, **how).id
        )
    )


def set_length(house: House, **minutes: int | None) -> None:
    house.change(lambda s: clinics.set_procedure_lengths(Change(s, house.cast.actor, house.now), minutes))
