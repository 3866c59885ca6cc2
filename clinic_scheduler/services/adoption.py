"""Bringing a clinic's kept dates to the newest edition of the date rules: nothing moves unseen, and no visit is moved.

What changed of each course is kept by forecasting.py as it is computed; queries/rule_changes.py reads it.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session, selectinload

from clinic_scheduler.domain.blocks import Against
from clinic_scheduler.domain.rules_edition import RULES_EDITION
from clinic_scheduler.domain.visit_day import CourseFacts, is_over_cap
from clinic_scheduler.domain.visits import HELD_STATES, VisitKind
from clinic_scheduler.models import Appointment, Clinic, ForecastChange, Patient, VisitOverride
from clinic_scheduler.queries.histories import patient_histories
from clinic_scheduler.services.actors import Actor
from clinic_scheduler.services.audit import record
from clinic_scheduler.services.forecasting import BATCH, refresh
from clinic_scheduler.services.locks import lock_clinic, lock_patients

SYSTEM = "new date rules"


def clinics_behind(session: Session) -> Sequence[int]:
    """Ids of clinics not all of whose kept dates are by the newest edition."""
    behind = select(Clinic.id).where(Clinic.rules_edition < RULES_EDITION)
    return session.scalars(behind.order_by(Clinic.id)).all()


def adopt(session: Session, clinic_id: int, today: date, now: datetime, after: int = 0) -> int | None:
    """Recompute the next patients, those of ids past `after`; the last one's id, or None once the clinic is done.

    Each call may be a unit of work of its own. Broken off, it is begun again from the first patient: whoever was
    seen to differs no more and keeps the row of what changed. The clinic's edition is set last.
    """
    patients = select(Patient.id).where(Patient.clinic_id == clinic_id, Patient.id > after)
    ids = session.scalars(patients.order_by(Patient.id).limit(BATCH)).all()
    if not ids:
        _finish(session, clinic_id, now)
        return None
    lock_patients(session, ids)
    _carry_over_cap(session, ids, today)
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
        session,
        Actor(SYSTEM, clinic_id),
        now,
        "adopted",
        "clinics",
        clinic_id,
        edition=RULES_EDITION,
        former_edition=former,
        courses_changed=changes or 0,
    )


def _carry_over_cap(session: Session, patient_ids: Sequence[int], today: date) -> None:
    """One reason of a provider used to pass over both the day and the cap of what was given; now each is named.

    The migration knew the day alone. What other visits bring over the cap nobody decided, and it is not added.
    """
    facts: dict[int | str, CourseFacts] = {}
    for history in patient_histories(session, patient_ids).values():
        facts |= {key: known for key, (_, known) in history.read(today).items()}
    for visit in _overridden(session, patient_ids):
        names = {row.name: row for row in visit.overrides}
        early = names.get(Against.TOO_EARLY)
        given_alone = facts[visit.course_id]._replace(others=())
        if early and Against.OVER_CAP not in names and is_over_cap(given_alone, visit.local_date):
            visit.overrides.append(_like(early, Against.OVER_CAP))
    session.flush()


def _overridden(session: Session, patient_ids: Sequence[int]) -> Iterable[Appointment]:
    """Open injection visits for which something was overridden."""
    return session.scalars(
        select(Appointment)
        .where(
            Appointment.patient_id.in_(patient_ids),
            Appointment.kind == VisitKind.INJECTION,
            Appointment.state.in_(HELD_STATES),
            Appointment.overrides.any(),
        )
        .options(selectinload(Appointment.overrides))
    )


def _like(row: VisitOverride, name: Against) -> VisitOverride:
    return VisitOverride(
        name=name,
        reason=row.reason,
        note=row.note,
        decided_by_id=row.decided_by_id,
        decided_by=row.decided_by,
        decided_at=row.decided_at,
    )
