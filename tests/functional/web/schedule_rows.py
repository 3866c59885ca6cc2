"""What the schedule's tests look at, and more patients to put into it."""

from datetime import date, timedelta

from flask import Flask

from clinic_scheduler.db import unit_of_work
from clinic_scheduler.models import Appointment, AuditEvent
from tests import factories
from tests.conftest import FrozenClock

TODAY = date(2026, 11, 23)
TOMORROW = date(2026, 11, 24)


def visits(app: Flask) -> list[tuple[str, str, int]]:
    """(state, local start, provider) of every visit, oldest first."""
    with app.app_context(), unit_of_work() as session:
        rows = session.query(Appointment).order_by(Appointment.id)
        return [(r.state, f"{r.local_date} {r.local_time:%H:%M}", r.provider_id) for r in rows]


def actions(app: Flask) -> list[str]:
    with app.app_context(), unit_of_work() as session:
        rows = session.query(AuditEvent).filter_by(subject="appointments").order_by(AuditEvent.id)
        return [row.action for row in rows]


def another(
    app: Flask, cast: factories.Cast, clock: FrozenClock, name: str, days: int, provider_id: int | None = None
) -> int:
    """Somebody else's course, last treated `days` ago."""
    with app.app_context(), unit_of_work() as session:
        now = clock.now()
        patient = factories.person(session, cast.actor, now, mrn=f"S-{name}", family_name=name)
        course = factories.migraine(session, cast.actor, now, patient, provider_id=provider_id)
        factories.treat(session, cast.actor, now, course, TODAY - timedelta(days))
        return course.id
