"""Making two records of one person into one: everything of one goes to the other, and nothing is lost.

What would move, and what stands in the way, is queries/merge_preview.py's.
"""

from datetime import date, datetime
from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import Session

from clinic_scheduler.domain.errors import InvalidInput
from clinic_scheduler.models import (
    Appointment,
    Authorization,
    CalendarFeed,
    Consent,
    ContactAttempt,
    Course,
    ForecastChange,
    Hold,
    InboundMessage,
    Message,
    OverrideRequest,
    Patient,
    Reminder,
    StandingDecision,
    Treatment,
    WorkItem,
)
from clinic_scheduler.queries.availability import clinic_zone
from clinic_scheduler.queries.lookups import row_in_clinic
from clinic_scheduler.queries.merge_preview import MergePreview, preview
from clinic_scheduler.queries.merge_record import changes_between, last_keys, rows_of
from clinic_scheduler.services import search_keys
from clinic_scheduler.services.actors import Actor
from clinic_scheduler.services.audit import record
from clinic_scheduler.services.calendar_revision import raise_revision
from clinic_scheduler.services.locks import lock_clinic, lock_patients
from clinic_scheduler.services.patients import bring_in_line

# Audit rows stay as they were written.
_OF_PATIENTS: tuple[Any, ...] = (
    Course,
    Appointment,
    Treatment,
    Reminder,
    Message,
    CalendarFeed,
    Consent,
    InboundMessage,
    WorkItem,
    Hold,
    OverrideRequest,
    ForecastChange,
)
_OF_COURSES: tuple[Any, ...] = (
    Appointment,
    Treatment,
    Reminder,
    ContactAttempt,
    Authorization,
    WorkItem,
    OverrideRequest,
    StandingDecision,
)
_BLANKS_FILLED = ("provider_id", "planned_units", "personal_interval", "payer_minimum_interval")


def merge(session: Session, actor: Actor, keep_id: int, lose_id: int, now: datetime) -> Patient:
    """Everything of `lose` becomes `keep`'s; `lose` stays as a signpost to it. Returns `keep`.

    Raises InvalidInput saying everything that stands in the way, NotFound; nothing is changed then.
    """
    for patient_id in (keep_id, lose_id):
        row_in_clinic(session, Patient, actor.clinic_id, patient_id)
    lock_clinic(session, actor.clinic_id)
    lock_patients(session, [keep_id, lose_id])
    session.flush()
    session.expire_all()
    plan = preview(session, actor.clinic_id, keep_id, lose_id)
    if plan.in_the_way:
        raise InvalidInput("; ".join(plan.in_the_way))
    before, last = rows_of(session, [keep_id, lose_id]), last_keys(session)
    _join_courses(session, actor, plan, now)
    for table in _OF_PATIENTS:
        _hand_over(session, table, table.patient_id, lose_id, keep_id)
    _hand_over(session, Patient, Patient.merged_into_id, lose_id, keep_id)
    keep = plan.keep
    _fill_blanks(keep, plan.lose)
    plan.lose.merged_into_id = keep.id
    keep.updated_at = plan.lose.updated_at = now
    session.flush()
    session.expire_all()
    search_keys.index(session, [keep, plan.lose])
    bring_in_line(session, keep, now, "merged")
    session.flush()
    changes = changes_between(before, rows_of(session, [keep_id, lose_id]))
    _tell(session, actor, plan, now, {"changes": changes, "last": last})
    return keep


def _join_courses(session: Session, actor: Actor, plan: MergePreview, now: datetime) -> None:
    """Where both have an open course of one indication and product, one goes on and the other is stopped, empty."""
    for kept, other in plan.courses_joined:
        other.stopped_on = max(now.astimezone(clinic_zone(session, kept.clinic_id)).date(), other.started_on)
        other.stop_reason = "merged"
        for name in _BLANKS_FILLED:
            if getattr(kept, name) is None:
                setattr(kept, name, getattr(other, name))
        kept.started_on = min(kept.started_on, other.started_on)
        # Its consultations go over as well.
        days = [day for day in (kept.consulted_on, other.consulted_on) if day is not None]
        kept.consulted_on, other.consulted_on = max(days, default=None), None
        kept.authorization_required = kept.authorization_required or other.authorization_required
        session.flush()
        for table in _OF_COURSES:
            _hand_over(session, table, table.course_id, other.id, kept.id)
        record(session, actor, now, "stopped", "courses", other.id, patient_id=plan.lose.id, into=kept.id)
    if plan.courses_joined:
        raise_revision(session, actor.clinic_id, now)  # staff's calendars call visits by their course
    session.flush()


def _hand_over(session: Session, table: Any, column: Any, giver: int, taker: int) -> None:
    session.execute(
        update(table)
        .where(column == giver)
        .values({column.key: taker})
        .execution_options(synchronize_session=False)
    )


def _fill_blanks(keep: Patient, lose: Patient) -> None:
    """What only the other record knows; the newer weight; and a wish not to be contacted, whoever noted it."""
    keep.phone, keep.email = keep.phone or lose.phone, keep.email or lose.email
    if lose.weight_kg is not None and _weighed_on(lose) > _weighed_on(keep):
        keep.weight_kg, keep.weighed_on = lose.weight_kg, lose.weighed_on
    keep.do_not_contact = keep.do_not_contact or lose.do_not_contact


def _weighed_on(patient: Patient) -> date:
    """Long ago where nobody knows when; before that where the weight is not known either."""
    if patient.weight_kg is None:
        return date.min
    return patient.weighed_on or date.min.replace(day=2)


def _tell(session: Session, actor: Actor, plan: MergePreview, now: datetime, undo: dict[str, Any]) -> None:
    """One audit row on each record, so that either tells what happened; the kept one's is what undoing goes by."""
    for patient, other, action in ((plan.keep, plan.lose, "merged"), (plan.lose, plan.keep, "merged_into")):
        record(
            session,
            actor,
            now,
            action,
            "patients",
            patient.id,
            patient_id=patient.id,
            other_patient_id=other.id,
            moved=plan.moves,
            **(undo if action == "merged" else {}),
        )
