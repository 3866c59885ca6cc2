"""Bringing a clinic's kept dates to the newest edition of the date rules: nothing moves unseen, and no visit is moved.

What changed of each course is kept by rule_changes.py as it is computed.
"""

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from clinic_scheduler.domain.forecast.rules_edition import RULES_EDITION
from clinic_scheduler.models import Clinic, Course, ForecastChange
from clinic_scheduler.services.actors import Actor
from clinic_scheduler.services.audit import record
from clinic_scheduler.services.change import Change
from clinic_scheduler.services.courses.forecasting import BATCH, refresh
from clinic_scheduler.services.locks import lock_clinic

SYSTEM = "new date rules"


def clinics_behind(session: Session) -> Sequence[int]:
    """Ids of clinics not all of whose kept dates are by the newest edition."""
    behind = select(Clinic.id).where(Clinic.rules_edition < RULES_EDITION)
    return session.scalars(behind.order_by(Clinic.id)).all()


def adopt(session: Session, clinic_id: int, today: date, now: datetime, after: int = 0) -> int | None:
    """Recompute the next patients, those of ids past `after`; the last one's id, or None once the clinic is done.

    Each call may be a unit of work of its own. Broken off, it goes on with whoever is left: each course says by which
    edition it was computed, and the clinic's own edition is set last.
    """
    behind = select(Course.patient_id).where(
        Course.clinic_id == clinic_id, Course.rules_edition < RULES_EDITION, Course.patient_id > after
    )
    ids = session.scalars(behind.distinct().order_by(Course.patient_id).limit(BATCH)).all()
    if not ids:
        _finish(session, clinic_id, now)
        return None
    refresh(session, ids, today, now)
    return ids[-1]


def _finish(session: Session, clinic_id: int, now: datetime) -> None:
    lock_clinic(session, clinic_id)
    clinic = session.get_one(Clinic, clinic_id, populate_existing=True)
    if clinic.rules_edition >= RULES_EDITION:
        return
    former, clinic.rules_edition = clinic.rules_edition, RULES_EDITION
    changes = session.scalar(
        select(func.count()).where(
            ForecastChange.clinic_id == clinic_id, ForecastChange.edition == RULES_EDITION
        )
    )
    record(
        Change(session, Actor(SYSTEM, clinic_id), now),
        "adopted",
        "clinics",
        clinic_id,
        edition=RULES_EDITION,
        former_edition=former,
        courses_changed=changes or 0,
    )
