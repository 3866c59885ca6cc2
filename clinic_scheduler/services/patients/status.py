"""What becomes of a patient: died, moved away, or not to be contacted; and taking each back.

Visits ahead are called off with it, dates and reminders follow, all in the caller's unit of work.
"""

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from clinic_scheduler.domain.errors import InvalidInput
from clinic_scheduler.domain.forecast.intervals import spoken
from clinic_scheduler.domain.messaging.suppression_reasons import SuppressionReason
from clinic_scheduler.domain.visits.kinds_and_states import CancelReason, VisitState
from clinic_scheduler.models import Appointment, AuditEvent, Patient, Treatment
from clinic_scheduler.queries.patients.record import visits_ahead
from clinic_scheduler.services.audit import record
from clinic_scheduler.services.change import Change
from clinic_scheduler.services.messaging.visit_notifications import catch_up
from clinic_scheduler.services.patients.records import bring_in_line, patient_to_change
from clinic_scheduler.services.visits import appointments, override_requests


def mark_deceased(change: Change, patient_id: int, on: date) -> Patient:
    """The patient has died: nothing is due or told any more, visits ahead are cancelled. Raises InvalidInput."""
    patient = patient_to_change(change, patient_id)
    _require_possible(change, patient, on)
    # A day that is a guess is the last possible one, and says nothing against an earlier death.
    latest = change.session.scalar(
        select(func.max(Treatment.given_on)).where(
            Treatment.patient_id == patient.id,
            Treatment.voided_at.is_(None),
            Treatment.is_approximate.is_(False),
        )
    )
    if latest is not None and latest > on:
        raise InvalidInput(f"a treatment was given on {spoken(latest)}, after that day")
    patient.deceased_on = on
    return _follow_up(
        change,
        patient,
        SuppressionReason.DECEASED,
        cancelling=CancelReason.PATIENT_DECEASED,
        on=on.isoformat(),
    )


def undo_deceased(change: Change, patient_id: int) -> Patient:
    """It was a mistake. Cancelled visits stay so, since their times may be others' by now; see cancelled_for."""
    patient = patient_to_change(change, patient_id)
    patient.deceased_on = None
    return _follow_up(change, patient, SuppressionReason.DECEASED_UNDONE)


def mark_moved(change: Change, patient_id: int, on: date) -> Patient:
    """The patient is treated elsewhere from now on; like a death, nothing is due or told any more."""
    patient = patient_to_change(change, patient_id)
    _require_possible(change, patient, on)
    patient.moved_on = on
    return _follow_up(
        change,
        patient,
        SuppressionReason.MOVED_AWAY,
        cancelling=CancelReason.PATIENT_MOVED,
        on=on.isoformat(),
    )


def undo_moved(change: Change, patient_id: int) -> Patient:
    """The patient is back."""
    patient = patient_to_change(change, patient_id)
    patient.moved_on = None
    return _follow_up(change, patient, SuppressionReason.MOVED_AWAY_UNDONE)


def set_do_not_contact(change: Change, patient_id: int, do_not_contact: bool) -> Patient:
    """Whether nothing may be sent; visits and dates stay as they are."""
    patient = patient_to_change(change, patient_id)
    if patient.do_not_contact == do_not_contact:
        return patient
    patient.do_not_contact = do_not_contact
    wish = SuppressionReason.DO_NOT_CONTACT if do_not_contact else SuppressionReason.DO_NOT_CONTACT_UNDONE
    _follow_up(change, patient, wish)
    if not do_not_contact:
        catch_up(change.session, patient, change.now)
    return patient


def cancelled_for(session: Session, patient_id: int, action: str, now: datetime) -> Sequence[Appointment]:
    """The visits, still ahead, which marking the patient so ("deceased", "moved_away") has cancelled last time."""
    event = session.scalar(
        select(AuditEvent)
        .where(AuditEvent.patient_id == patient_id, AuditEvent.action == action)
        .order_by(AuditEvent.id.desc())
        .limit(1)
    )
    cancelled = event.details.get("cancelled", []) if event else []
    return session.scalars(
        select(Appointment)
        .where(
            Appointment.id.in_(cancelled),
            Appointment.state == VisitState.CANCELLED,
            Appointment.starts_at > now,
        )
        .order_by(Appointment.starts_at)
    ).all()


def _require_possible(change: Change, patient: Patient, on: date) -> None:
    if on > change.today:
        raise InvalidInput(f"{spoken(on)} is in the future")
    if on < patient.birth_date:
        raise InvalidInput(f"{spoken(on)} is before the patient was born")


def _follow_up(
    change: Change,
    patient: Patient,
    action: SuppressionReason,
    *,
    cancelling: CancelReason | None = None,
    **details: str,
) -> Patient:
    patient.updated_at = change.now
    change.session.flush()
    cancelled = []
    if cancelling is not None:
        cancelled = [visit.id for visit in visits_ahead(change.session, patient.id, change.now)]
        for visit_id in cancelled:
            appointments.cancel(change, visit_id, cancelling)
        override_requests.withdraw_all(change, patient.id)
    record(
        change,
        action,
        "patients",
        patient.id,
        patient_id=patient.id,
        **details,
        **({"cancelled": cancelled} if cancelled else {}),
    )
    bring_in_line(change.session, patient, change.now, action)
    return patient
