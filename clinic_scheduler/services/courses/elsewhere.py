"""Keeping what was given elsewhere, taking it out again and taking that back: it moves dates, it starts no cycle.

What was given may always be recorded. What it makes too early, too much or a provider's decision stands under
Booking problems in the same commit.
"""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from clinic_scheduler.domain.errors import BookingRefused, InvalidInput
from clinic_scheduler.domain.forecast.elsewhere import VOID_REASONS_ELSEWHERE, KnownFrom, require_possible
from clinic_scheduler.domain.forecast.intervals import spoken
from clinic_scheduler.domain.messaging.suppression_reasons import SuppressionReason
from clinic_scheduler.domain.protocols.indications import INDICATIONS, OTHER
from clinic_scheduler.domain.protocols.products import PRODUCTS
from clinic_scheduler.models import Patient, Treatment
from clinic_scheduler.queries.courses.given_elsewhere import elsewhere_in_clinic
from clinic_scheduler.services.audit import record as audit
from clinic_scheduler.services.change import Change
from clinic_scheduler.services.courses.decisions import end_decisions_that_did_not_know
from clinic_scheduler.services.courses.forecasting import refresh
from clinic_scheduler.services.locks import read_anew
from clinic_scheduler.services.messaging.reminder_planning import replan_all
from clinic_scheduler.services.patients.records import patient_to_change
from clinic_scheduler.services.treatments.repeated_entries import kept_already, same_again


@dataclass(frozen=True, slots=True)
class ElsewhereEntry:
    """What is known of it; None is unknown. `fingerprint` makes the same entry sent twice one row.

    `given_on` is the last day it can have been; `indication` is a code, or OTHER for none of ours.
    """

    patient_id: int
    given_on: date
    known_from: str
    fingerprint: str
    is_approximate: bool = False
    units: Decimal | None = None
    product: str | None = None
    indication: str | None = None
    given_at: str | None = None
    notes: str | None = None


def record_elsewhere(change: Change, entry: ElsewhereEntry) -> Treatment:
    """Keep it, and set the patient's dates anew. Raises InvalidInput for what cannot be, NotFound."""
    session = change.session
    patient = patient_to_change(change, entry.patient_id)
    twin = kept_already(session, change.actor, entry.fingerprint)
    if twin is not None:
        return same_again(
            session, twin, elsewhere_row(entry, patient.clinic_id, change.actor.user_id, change.now)
        )
    today = change.today
    require_sound(entry, patient, today)
    row = elsewhere_row(entry, patient.clinic_id, change.actor.user_id, change.now)
    session.add(row)
    session.flush()
    _follows(change, row, "recorded", {"elsewhere": True})
    return row


def void_elsewhere(change: Change, treatment_id: int, reason: str) -> Treatment:
    """Count it for nothing from here on, for one of VOID_REASONS_ELSEWHERE. Twice is once.

    Raises BookingRefused for who may not, InvalidInput for another reason, NotFound.
    """
    if reason not in VOID_REASONS_ELSEWHERE:
        raise InvalidInput(f"voiding needs a reason: one of {', '.join(VOID_REASONS_ELSEWHERE)}")
    row = _to_correct(change, treatment_id)
    if row.voided_at is None:
        row.voided_at, row.void_reason = change.now, reason
        _follows(change, row, "voided", {"reason": reason, "elsewhere": True})
    return row


def undo_void_elsewhere(change: Change, treatment_id: int) -> Treatment:
    """It was right after all. Raises BookingRefused where the day was entered anew meanwhile."""
    row = _to_correct(change, treatment_id)
    if row.voided_at is not None:
        _require_not_replaced(change.session, row)
        row.voided_at, row.void_reason = None, None
        _follows(change, row, "void_undone", {"elsewhere": True})
    return row


def elsewhere_row(entry: ElsewhereEntry, clinic_id: int, user_id: int | None, now: datetime) -> Treatment:
    """The row for an entry, unsaved."""
    return Treatment(
        clinic_id=clinic_id,
        patient_id=entry.patient_id,
        given_on=entry.given_on,
        is_approximate=entry.is_approximate,
        units=entry.units,
        product=entry.product,
        indication=entry.indication,
        given_at=entry.given_at or None,
        known_from=entry.known_from,
        notes=entry.notes or None,
        fingerprint=entry.fingerprint,
        recorded_at=now,
        recorded_by_id=user_id,
    )


def require_sound(entry: ElsewhereEntry, patient: Patient, today: date) -> None:
    """Raises InvalidInput for what cannot have been; nothing else keeps it out."""
    require_possible(entry.given_on, today)
    if entry.given_on < patient.birth_date:
        raise InvalidInput(f"{spoken(entry.given_on)} is before the patient was born")
    if entry.units is not None and entry.units <= 0:
        raise InvalidInput("units are more than 0; leave them empty where nobody knows them")
    if entry.product is not None and entry.product not in PRODUCTS:
        raise InvalidInput(f"unknown product {entry.product!r}; known are {', '.join(PRODUCTS)}")
    if entry.indication is not None and entry.indication not in (*INDICATIONS, OTHER):
        raise InvalidInput(f"unknown indication {entry.indication!r}; known are {', '.join(INDICATIONS)}")
    if entry.known_from not in set(KnownFrom):
        raise InvalidInput(f"it is known from one of {', '.join(KnownFrom)}")


def _to_correct(change: Change, treatment_id: int) -> Treatment:
    """The row, its patient locked, and as it is now."""
    row = elsewhere_in_clinic(change.session, change.clinic_id, treatment_id)
    if not change.actor.may_override:
        raise BookingRefused("role", "Only a provider or an administrator may do this. Nothing was changed.")
    patient_to_change(change, row.patient_id)
    read_anew(change.session, row)
    return row


def _require_not_replaced(session: Session, row: Treatment) -> None:
    since = select(Treatment.id).where(
        Treatment.patient_id == row.patient_id,
        Treatment.course_id.is_(None),
        Treatment.given_on == row.given_on,
        Treatment.voided_at.is_(None),
        Treatment.recorded_at > row.voided_at,
    )
    if session.scalar(since.limit(1)) is not None:
        raise BookingRefused(
            "recorded_anew",
            "Toxin given elsewhere on this day was entered since. Nothing was changed. Take that out first.",
        )


def _follows(change: Change, row: Treatment, action: str, details: dict[str, Any]) -> None:
    change.session.flush()
    if row.voided_at is None:
        end_decisions_that_did_not_know(change, row)
    audit(change, action, "treatments", row.id, patient_id=row.patient_id, **details)
    refresh(change.session, [row.patient_id], change.today, change.now)
    because = SuppressionReason.TREATED if action == "recorded" else SuppressionReason(action)
    replan_all(change.session, row.patient_id, change.now, because, change.zone)
