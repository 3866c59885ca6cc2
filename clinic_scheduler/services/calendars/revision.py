"""Raising a clinic's calendar revision when something that all its events say has changed."""

from datetime import datetime

from sqlalchemy.orm import Session

from clinic_scheduler.models import Clinic


def raise_revision(session: Session, clinic_id: int, now: datetime) -> None:
    """Each published event of the clinic is at a higher revision from here on.

    For changes that no row of an event knows of: the clinic's name, a provider's, a course's reference.
    """
    clinic = session.get_one(Clinic, clinic_id, with_for_update={"key_share": True})
    clinic.calendar_revision += 1
    clinic.calendar_revised_at = now
