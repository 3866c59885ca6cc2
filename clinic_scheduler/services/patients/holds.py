"""Putting a patient on hold, for everything or one indication; releasing, and asking a provider to.

A provider's hold is ended by who may override; the desk's by either.
"""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from clinic_scheduler.domain.errors import ActionRefused, InvalidInput, NotFound
from clinic_scheduler.domain.messaging.suppression_reasons import SuppressionReason
from clinic_scheduler.domain.patients.holds import HoldReason, may_end
from clinic_scheduler.domain.protocols.indications import INDICATIONS
from clinic_scheduler.domain.roles import StaffRole
from clinic_scheduler.domain.work_kinds import WorkItemKind
from clinic_scheduler.models import Course, Hold, Patient, WorkItem
from clinic_scheduler.services.audit import record
from clinic_scheduler.services.change import Change
from clinic_scheduler.services.locks import read_anew
from clinic_scheduler.services.patients.records import bring_in_line, patient_to_change
from clinic_scheduler.services.work_items import close_item, open_item_again

NOTE_LENGTH = 120


@dataclass(frozen=True, slots=True)
class HoldEntry:
    """`indication` None holds whatever is treated; `ends_on` None is until further notice."""

    patient_id: int
    indication: str | None
    starts_on: date
    ends_on: date | None
    reason: str
    note: str | None = None


def hold(change: Change, entry: HoldEntry) -> Hold:
    """Dates stay; what would be told meanwhile is not. Said twice it is one hold.

    Raises NotFound, InvalidInput.
    """
    session = change.session
    _require_sound(entry)
    patient = patient_to_change(change, entry.patient_id)
    by_provider = StaffRole.PROVIDER in change.actor.roles
    same = session.scalar(
        select(Hold).where(
            Hold.patient_id == patient.id,
            Hold.indication.is_not_distinct_from(entry.indication),
            Hold.starts_on == entry.starts_on,
            Hold.ends_on.is_not_distinct_from(entry.ends_on),
            Hold.reason == entry.reason,
            Hold.note.is_not_distinct_from(entry.note or None),
            Hold.set_by_provider == by_provider,
        )
    )
    if same is not None:
        return same
    row = Hold(
        patient_id=patient.id,
        indication=entry.indication,
        starts_on=entry.starts_on,
        ends_on=entry.ends_on,
        reason=entry.reason,
        note=entry.note or None,
        set_by_id=change.actor.user_id,
        set_by=change.actor.name,
        set_by_provider=by_provider,
        created_at=change.now,
    )
    session.add(row)
    session.flush()
    _audit(change, "held", row)
    _bring_in_line(session, patient, change.now, SuppressionReason.ON_HOLD)
    return row


def release(change: Change, hold_id: int, last_day: date) -> Hold:
    """End a hold with `last_day`; ended by then already, nothing changes but that nobody asks any more.

    Raises NotFound, ActionRefused where a provider set it and the actor is none.
    """
    row, patient = _hold_to_change(change, hold_id)
    if not may_end(set_by_provider=row.set_by_provider, overrides=change.actor.may_override):
        raise ActionRefused(
            f"{row.set_by or 'A provider'} set this hold, so a provider ends it. Nothing was changed. "
            "Ask for it on the patient's page."
        )
    _answer(change, row, "released")
    if row.ends_on is None or row.ends_on > last_day:
        row.ends_on = last_day
        _audit(change, "released", row)
        _bring_in_line(change.session, patient, change.now, SuppressionReason.RELEASED)
    return row


def ask_release(change: Change, hold_id: int, note: str, today: date) -> None:
    """Ask a provider to end a hold; asked again while nobody has answered, it is one question.

    Raises NotFound, ActionRefused for a hold that is over.
    """
    row, patient = _hold_to_change(change, hold_id)
    if row.ends_on is not None and row.ends_on < today:
        raise ActionRefused("This hold is over already. Nothing was changed.")
    if _open_questions(change.session, row):
        return
    open_item_again(
        change.session,
        change.clinic_id,
        WorkItemKind.ASKS_RELEASE,
        f"{WorkItemKind.ASKS_RELEASE}:{row.id}",
        change.now,
        patient_id=patient.id,
        hold_id=row.id,
        asked_by=change.actor.name,
        note=note[:NOTE_LENGTH] or None,
    )
    _audit(change, "asked_release", row)


def keep(change: Change, hold_id: int) -> Hold:
    """The answer that a hold stays. Raises NotFound, ActionRefused for who may not end it."""
    row, _ = _hold_to_change(change, hold_id)
    if not may_end(set_by_provider=row.set_by_provider, overrides=change.actor.may_override):
        raise ActionRefused("A provider answers this. Nothing was changed.")
    if _answer(change, row, "kept"):
        _audit(change, "kept_hold", row)
    return row


def _require_sound(entry: HoldEntry) -> None:
    if entry.reason not in set(HoldReason):
        raise InvalidInput(f"a hold has one of these reasons: {', '.join(HoldReason)}")
    if entry.indication is not None and entry.indication not in INDICATIONS:
        raise InvalidInput(f"unknown indication {entry.indication!r}")
    if entry.ends_on is not None and entry.ends_on < entry.starts_on:
        raise InvalidInput("the last day cannot be before the first")


def _hold_to_change(change: Change, hold_id: int) -> tuple[Hold, Patient]:
    """Both locked by the patient's lock, and as they are now."""
    row = change.session.get(Hold, hold_id)
    if row is None:
        raise NotFound("no such hold")
    patient = patient_to_change(change, row.patient_id)
    read_anew(change.session, row)
    return row, patient


def _open_questions(session: Session, row: Hold) -> list[WorkItem]:
    asked = (
        WorkItem.hold_id == row.id,
        WorkItem.kind == WorkItemKind.ASKS_RELEASE,
        WorkItem.closed_at.is_(None),
    )
    return list(session.scalars(select(WorkItem).where(*asked)))


def _answer(change: Change, row: Hold, outcome: str) -> bool:
    """Whether anybody had asked."""
    questions = _open_questions(change.session, row)
    for item in questions:
        close_item(change, item.id, outcome)
    return bool(questions)


def _audit(change: Change, action: str, row: Hold) -> None:
    about = {"hold_id": row.id, "indication": row.indication}
    record(change, action, "patients", row.patient_id, patient_id=row.patient_id, **about)


def _bring_in_line(session: Session, patient: Patient, now: datetime, because: SuppressionReason) -> None:
    """Courses read before know the holds of before."""
    session.flush()
    for course in session.scalars(select(Course).where(Course.patient_id == patient.id)):
        session.expire(course, ["holds"])
    bring_in_line(session, patient, now, because)
