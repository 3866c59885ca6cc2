"""A few rows of each kind whose links and sign-ins must still work after a restore."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from clinic_scheduler.models import Appointment, CalendarFeed, Patient, User

FEW = 5


def visits_ahead(session: Session, now: datetime) -> list[tuple[int, datetime]]:
    """(id, starts_at) of booked visits to come."""
    found = select(Appointment.id, Appointment.starts_at).where(
        Appointment.state == "booked", Appointment.starts_at > now
    )
    return [(row.id, row.starts_at) for row in session.execute(found.order_by(Appointment.id).limit(FEW))]


def patient_ids(session: Session) -> list[int]:
    found = select(Patient.id).where(Patient.merged_into_id.is_(None)).order_by(Patient.id).limit(FEW)
    return list(session.scalars(found))


def open_feeds(session: Session) -> list[CalendarFeed]:
    """Calendar links that can be told again."""
    found = select(CalendarFeed).where(CalendarFeed.uid.is_not(None), CalendarFeed.revoked_at.is_(None))
    return list(session.scalars(found.order_by(CalendarFeed.id).limit(FEW)))


def accounts(session: Session) -> list[str]:
    """What a signed-in browser's cookie knows an account by."""
    found = (
        select(User.fs_uniquifier).where(User.active, User.password.is_not(None)).order_by(User.id).limit(FEW)
    )
    return list(session.scalars(found))
