"""Making two records of one person into one: everything of one goes to the other, and nothing is lost.

What would move, and what stands in the way, is queries/patients/merge_preview.py's.
"""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import Session

from clinic_scheduler.domain.errors import ChangedMeanwhile, InvalidInput
from clinic_scheduler.domain.messaging.consent import MERGED_RECORD
from clinic_scheduler.domain.messaging.suppression_reasons import SuppressionReason
from clinic_scheduler.models import Consent, Patient
from clinic_scheduler.queries.lookups import row_in_clinic
from clinic_scheduler.queries.patients.merge_outcome import Refusal
from clinic_scheduler.queries.patients.merge_preview import MergePreview, preview
from clinic_scheduler.queries.patients.merge_record import (
    added_between,
    changes_between,
    last_keys,
    removed_between,
    rows_of,
)
from clinic_scheduler.queries.patients.merge_ties import OF_COURSES, OF_PATIENTS, Fate, Tie
from clinic_scheduler.services.audit import record
from clinic_scheduler.services.calendars.revision import raise_revision
from clinic_scheduler.services.change import Change
from clinic_scheduler.services.locks import lock_clinic, lock_patients
from clinic_scheduler.services.patients import search_keys
from clinic_scheduler.services.patients.records import bring_in_line

_BLANKS_FILLED = ("provider_id", "planned_units", "personal_interval", "payer_minimum_interval")


def merge(change: Change, keep_id: int, lose_id: int, shown: str | None = None) -> Patient:
    """Everything of `lose` becomes `keep`'s; `lose` stays as a signpost to it. Returns `keep`.

    `shown` is the version of the preview that was confirmed, where one was looked at. Raises InvalidInput saying
    everything that stands in the way, ChangedMeanwhile where another outcome was confirmed than would come about,
    NotFound; nothing is changed then.
    """
    session = change.session
    for patient_id in (keep_id, lose_id):
        row_in_clinic(session, Patient, change.clinic_id, patient_id)
    lock_clinic(session, change.clinic_id)
    lock_patients(session, [keep_id, lose_id])
    session.flush()
    session.expire_all()
    plan = preview(session, change.clinic_id, keep_id, lose_id)
    if plan.in_the_way:
        raise InvalidInput("; ".join(plan.in_the_way))
    if shown is not None and shown != plan.version:
        raise ChangedMeanwhile(
            "Somebody changed one of the two records after you opened this page. Nothing was merged. "
            "Look at what would stay now, then merge again"
        )
    before, last = rows_of(session, [keep_id, lose_id]), last_keys(session)
    _join_courses(change, plan)
    _hand_over(session, OF_PATIENTS, lose_id, keep_id)
    keep = plan.keep
    for column, settled in plan.outcome.columns.items():
        setattr(keep, column, settled.value)
    _refuse(change, keep, plan.outcome.refusals)
    plan.lose.merged_into_id = keep.id
    keep.updated_at = plan.lose.updated_at = change.now
    session.flush()
    session.expire_all()
    search_keys.index(session, [keep, plan.lose])
    bring_in_line(session, keep, change.now, SuppressionReason.MERGED)
    session.flush()
    after = rows_of(session, [keep_id, lose_id])
    undo = {
        "changes": changes_between(before, after),
        "removed": removed_between(before, after),
        "added": added_between(before, after),
        "last": last,
    }
    _tell(change, plan, undo)
    return keep


def _join_courses(change: Change, plan: MergePreview) -> None:
    """Where both have an open course of one indication and product, one goes on and the other is stopped, empty."""
    session = change.session
    for kept, other in plan.courses_joined:
        other.stopped_on = max(change.today, other.started_on)
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
        _hand_over(session, OF_COURSES, other.id, kept.id)
        record(change, "stopped", "courses", other.id, patient_id=plan.lose.id, into=kept.id)
    if plan.courses_joined:
        raise_revision(session, change.clinic_id, change.now)  # staff's calendars call visits by their course
    session.flush()


def _hand_over(session: Session, ties: Iterable[Tie], giver: int, taker: int) -> None:
    for tie in ties:
        if tie.fate is Fate.MOVED:
            session.execute(
                update(tie.column.class_)
                .where(tie.column == giver)
                .values({tie.column.key: taker})
                .execution_options(synchronize_session=False)
            )


def _refuse(change: Change, keep: Patient, refusals: Iterable[Refusal]) -> None:
    """Say a record's no again where the other's yes came after it."""
    change.session.add_all(
        Consent(
            clinic_id=keep.clinic_id,
            patient_id=keep.id,
            purpose=refusal.purpose,
            channel=refusal.channel,
            given=False,
            at=change.now,
            how=MERGED_RECORD,
            user_id=change.actor.user_id,
        )
        for refusal in refusals
        if not refusal.is_last_word
    )


def _tell(change: Change, plan: MergePreview, undo: dict[str, Any]) -> None:
    """One audit row on each record, so that either tells what happened; the kept one's is what undoing goes by."""
    for patient, other, action in ((plan.keep, plan.lose, "merged"), (plan.lose, plan.keep, "merged_into")):
        record(
            change,
            action,
            "patients",
            patient.id,
            patient_id=patient.id,
            other_patient_id=other.id,
            moved=plan.moves,
            **(undo if action == "merged" else {}),
        )
