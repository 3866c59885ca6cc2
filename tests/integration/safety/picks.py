"""How a deed decides, and what there is to do it to: every decision is a pick from what the tables hold."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any, Protocol, TypeVar

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from clinic_scheduler.domain.forecast.blocks import Against
from clinic_scheduler.domain.visits.override_reasons import SHIPPED
from clinic_scheduler.models import (
    Appointment,
    Course,
    OverrideRequest,
    Patient,
    Treatment,
)
from tests import factories
from tests.factories import MIGRAINE, ONABOT
from tests.integration.safety.world import LOWER_LIMB, OTHER_TOXIN, UPPER_LIMB, World, instant

T = TypeVar("T")
INDICATIONS = (MIGRAINE, UPPER_LIMB, LOWER_LIMB)
# What has no course here: not offered, none of ours, unknown.
TREATED_ELSEWHERE = ("cervical_dystonia", "other", None)
PRODUCTS = (ONABOT, ONABOT, OTHER_TOXIN)
UNITS = (155, 300, 100, 245, 50, 0)
PLANS = (None, 155, 300, 100, 400, 401)
AGO = (0, 1, 7, 83, 84, 85, 112, 200)
EVERY_NAME = tuple(factories.override(name, next(iter(SHIPPED[name]))) for name in Against)
OPEN = ("proposed", "booked", "arrived")


class Nothing(Exception):
    """There is nothing to do this to."""


class Pick(Protocol):
    def __call__(self, options: Sequence[T], /) -> T: ...


Deed = Callable[[World, Session, Pick], int | None]


def one(pick: Pick, options: Sequence[T]) -> T:
    if not options:
        raise Nothing
    return pick(options)


def all_courses(session: Session) -> Sequence[Course]:
    return session.scalars(select(Course).order_by(Course.id)).all()


def all_patients(session: Session) -> Sequence[int]:
    return session.scalars(select(Patient.id).order_by(Patient.id)).all()


def visits_in(session: Session, states: Sequence[str]) -> Sequence[Appointment]:
    return session.scalars(
        select(Appointment).where(Appointment.state.in_(states)).order_by(Appointment.id)
    ).all()


def all_treatments(session: Session, *, voided: bool) -> Sequence[int]:
    """Those given here."""
    return _treatments(session, Treatment.course_id.is_not(None), voided=voided)


def all_elsewhere(session: Session, *, voided: bool) -> Sequence[int]:
    return _treatments(session, Treatment.course_id.is_(None), voided=voided)


def _treatments(session: Session, where: ColumnElement[bool], *, voided: bool) -> Sequence[int]:
    which = Treatment.voided_at.is_not(None) if voided else Treatment.voided_at.is_(None)
    return session.scalars(select(Treatment.id).where(where, which).order_by(Treatment.id)).all()


def all_asked(session: Session) -> Sequence[int]:
    waiting = select(OverrideRequest.id).where(OverrideRequest.state == "waiting")
    return session.scalars(waiting.order_by(OverrideRequest.id)).all()


def a_plan(pick: Pick) -> Decimal | None:
    units = pick(PLANS)
    return None if units is None else Decimal(units)


def a_time(world: World, session: Session, pick: Pick, course: Course) -> Any:
    """Around the course's own dates, today, or another visit of the patient: where the guard's answer turns."""
    others = select(Appointment.local_date).where(
        Appointment.patient_id == course.patient_id, Appointment.state.in_(OPEN)
    )
    days = [course.earliest_date + timedelta(n) for n in (0, 1, -1, 20, 84)]
    days += [course.overdue_date, world.today, world.today + timedelta(1)]
    days += [day + timedelta(n) for day in session.scalars(others) for n in (0, 1, 83, 84, -84)]
    ahead = sorted({day for day in days if day >= world.today})
    return instant(pick(ahead), pick((9, 10, 11, 15)))


def if_injection(visit: Appointment) -> int | None:
    return visit.id if visit.kind == "injection" else None
