"""Recording what was given: the one event that moves a course's dates."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from clinic_scheduler.domain.errors import BookingRefused, InvalidInput
from clinic_scheduler.domain.forecast.due_dates import forecast_all
from clinic_scheduler.domain.forecast.intervals import spoken
from clinic_scheduler.domain.forecast.json_contract import KINDS, OUTCOMES
from clinic_scheduler.domain.forecast.judgements import EvaluationStatus
from clinic_scheduler.domain.forecast.values import GivenSession
from clinic_scheduler.domain.messaging.suppression_reasons import SuppressionReason
from clinic_scheduler.domain.visits.seen import NOTHING_SEEN, Seen
from clinic_scheduler.domain.visits.treatment_checks import (
    ACCEPT_REASONS,
    Reevaluated,
    Stop,
    StopsUnseen,
    reevaluated,
)
from clinic_scheduler.models import Course, Provider, Treatment, TreatmentVial
from clinic_scheduler.queries.courses.histories import PatientHistory, history_of, patient_history
from clinic_scheduler.queries.courses.treatment_result import (
    recording_stops,
    treatment_in_clinic,
)
from clinic_scheduler.queries.lookups import row_in_clinic
from clinic_scheduler.queries.schedule.availability import clinic_zone
from clinic_scheduler.queries.schedule.known_visits import known_visits, with_row
from clinic_scheduler.queries.schedule.visit_terms import visit_terms
from clinic_scheduler.services.actors import Actor
from clinic_scheduler.services.audit import record as audit
from clinic_scheduler.services.change import Change
from clinic_scheduler.services.courses.forecasting import refresh
from clinic_scheduler.services.due_counts import begin_new_round
from clinic_scheduler.services.locks import lock_course, locked_owner, read_anew
from clinic_scheduler.services.messaging.reminder_planning import Known, replan_known
from clinic_scheduler.services.treatments.authorizations import authorization_used, use_authorization
from clinic_scheduler.services.treatments.repeated_entries import kept_already, same_again
from clinic_scheduler.services.treatments.visit_of_treatment import fulfil, rows_beside, visit_of
from clinic_scheduler.services.visits.booking_requests import course_in


@dataclass(frozen=True, slots=True)
class VialEntry:
    """One vial: what was injected from it, and what of it was discarded."""

    lot: str
    units: Decimal
    units_wasted: Decimal | None = None
    expires_on: date | None = None


@dataclass(frozen=True, slots=True)
class TreatmentEntry:
    """What was given at an injection visit. `fingerprint` makes the same entry sent twice one row.

    `vials` may be empty where nobody noted them; then `lot` and its expiry say what is known. `seen` are the soft
    stops that whoever records has looked at.
    """

    course_id: int
    given_on: date
    units: Decimal
    product: str
    fingerprint: str
    provider_id: int | None = None
    appointment_id: int | None = None
    units_wasted: Decimal | None = None
    lot: str | None = None
    lot_expires_on: date | None = None
    outcome: str = "complete"
    kind: str = "cycle"
    notes: str | None = None
    sites: str | None = None
    vials: tuple[VialEntry, ...] = ()
    seen: Seen = NOTHING_SEEN


def record(change: Change, entry: TreatmentEntry) -> Treatment:
    """Keep a treatment, fulfil its visit, take it off the authorization, and set every date anew.

    A second row of one course and day is part of the same visit. Raises StopsUnseen where something is to be looked
    at first that whoever records has not seen; what others recorded meanwhile is among it.
    """
    session, now = change.session, change.now
    if entry.provider_id is not None:
        row_in_clinic(session, Provider, change.clinic_id, entry.provider_id)
    patient = locked_owner(session, change.clinic_id, entry.course_id)
    twin = kept_already(session, change.actor, entry.fingerprint)
    history = history_of(session, patient, known_visits(session, patient.id))
    course = course_in(history, entry.course_id, "recorded")
    row = treatment_row(entry, course, change.actor.user_id, now)
    if twin is not None:
        return same_again(session, twin, row, _vial_rows(row, entry.vials))
    terms = visit_terms(session, change.clinic_id, course.indication)
    change.learn(terms.zone)
    today = change.today
    _require_sound(entry, course, today)
    standing = _stops(session, history, entry, terms.zone)
    unseen = entry.seen.unseen(standing)
    if unseen:
        raise StopsUnseen(standing, unseen)
    # Looked up first: a visit that is over already is refused in words, before the database would object.
    appointment = visit_of(session, course, history, entry.given_on, entry.appointment_id)
    visits = history.visits or ()
    beside = rows_beside(history, row)
    row.appointment_id = appointment.id if appointment else None
    use_authorization(course, row, beside)
    session.add(row)
    session.flush()
    begin_new_round(session, history, course.id)
    session.add_all(_vial_rows(row, entry.vials))
    if appointment is not None:
        fulfil(change, course, row, appointment, beside, visits)
        visits = with_row(visits, appointment)
    after = history.with_treatment(row, visits)
    forecasts = refresh(session, [patient.id], today, now, known=after)
    known = Known(change.zone, terms.rules, after)
    replan_known(session, after.course_rows, now, SuppressionReason.TREATED, known)
    without = forecast_all(after.patient, after.courses, history.sessions, today)
    anew = reevaluated(without, forecasts.values(), row.id)
    _audit_recorded(change, row, standing, anew)
    return row


def stops(session: Session, actor: Actor, entry: TreatmentEntry) -> list[Stop]:
    """What staff should see before this entry is kept; nothing is written. Empty for one that is kept already."""
    course = row_in_clinic(session, Course, actor.clinic_id, entry.course_id)
    if kept_already(session, actor, entry.fingerprint):
        return []
    history = patient_history(session, course.patient_id)
    return _stops(session, history, entry, clinic_zone(session, actor.clinic_id))


def _stops(session: Session, history: PatientHistory, entry: TreatmentEntry, zone: ZoneInfo) -> list[Stop]:
    given = GivenSession(
        "new",
        entry.course_id,
        entry.given_on,
        float(entry.units),
        entry.product,
        entry.outcome,
        entry.kind,
        _first_expiry(entry),
    )
    vials = [(vial.lot, vial.expires_on) for vial in entry.vials]
    return recording_stops(session, history, given, vials, zone)


def _audit_recorded(change: Change, row: Treatment, stops: list[Stop], anew: list[Reevaluated]) -> None:
    """With what was taken off an authorization, what it was kept in spite of, and whom it judges anew."""
    audit(
        change,
        "recorded",
        "treatments",
        row.id,
        patient_id=row.patient_id,
        **authorization_used(row),
        **({"stops": [stop.code for stop in stops]} if stops else {}),
        **({"rejudged": [other.treatment_id for other in anew]} if anew else {}),
    )


def accept(change: Change, treatment_id: int, reason: str) -> Treatment:
    """A provider accepts a treatment that was given too soon, for one of ACCEPT_REASONS. Twice is once."""
    session = change.session
    row = treatment_in_clinic(session, change.clinic_id, treatment_id)
    if not change.actor.may_override:
        raise BookingRefused("DD-8", "Only a provider may accept this. Nothing was changed.")
    if reason not in ACCEPT_REASONS:
        raise InvalidInput(f"accepting needs a reason: one of {', '.join(ACCEPT_REASONS)}")
    lock_course(session, session.get_one(Course, row.course_id))
    read_anew(session, row)
    if row.voided_at is not None or row.evaluation != EvaluationStatus.TOO_SOON:
        raise BookingRefused(
            "DD-8", "This treatment does not count as too soon any more. Nothing was changed."
        )
    if row.accepted_at is None:
        row.accepted_at, row.accepted_by_id, row.accepted_reason = change.now, change.actor.user_id, reason
        audit(change, "accepted", "treatments", row.id, patient_id=row.patient_id, reason=reason)
    return row


def treatment_row(entry: TreatmentEntry, course: Course, user_id: int | None, now: datetime) -> Treatment:
    """The row for an entry, unsaved."""
    return Treatment(
        clinic_id=course.clinic_id,
        patient_id=course.patient_id,
        course_id=course.id,
        provider_id=entry.provider_id,
        appointment_id=entry.appointment_id,
        given_on=entry.given_on,
        units=entry.units,
        units_wasted=entry.units_wasted,
        product=entry.product,
        lot=_lots(entry),
        lot_expires_on=_first_expiry(entry),
        outcome=entry.outcome,
        kind=entry.kind,
        sites=entry.sites,
        notes=entry.notes,
        fingerprint=entry.fingerprint,
        recorded_at=now,
        recorded_by_id=user_id,
    )


def _lots(entry: TreatmentEntry) -> str | None:
    """One vial's lot; of several, the first and how many more lots there are."""
    lots = list(dict.fromkeys(vial.lot for vial in entry.vials))
    if not lots:
        return entry.lot
    return lots[0] if len(lots) == 1 else f"{lots[0][:30]} and {len(lots) - 1} more"


def _first_expiry(entry: TreatmentEntry) -> date | None:
    """The expiry that decides: one lot out of date is enough (DD-8)."""
    known = [vial.expires_on for vial in entry.vials if vial.expires_on is not None]
    return min(known) if known else entry.lot_expires_on


def _vial_rows(row: Treatment, vials: tuple[VialEntry, ...]) -> list[TreatmentVial]:
    return [
        TreatmentVial(
            treatment_id=row.id,
            lot=vial.lot,
            expires_on=vial.expires_on,
            units=vial.units,
            units_wasted=vial.units_wasted,
        )
        for vial in vials
    ]


def _require_sound(entry: TreatmentEntry, course: Course, today: date) -> None:
    if entry.given_on > today:
        raise InvalidInput(
            f"{spoken(entry.given_on)} is in the future; a treatment is recorded once it is given"
        )
    if entry.given_on < course.patient.birth_date:
        raise InvalidInput(f"{spoken(entry.given_on)} is before the patient was born")
    if entry.units < 0 or (entry.units_wasted is not None and entry.units_wasted < 0):
        raise InvalidInput("units cannot be less than 0")
    if entry.outcome not in OUTCOMES or entry.kind not in KINDS:
        raise InvalidInput(f"outcome is one of {', '.join(OUTCOMES)}; kind is one of {', '.join(KINDS)}")
    _require_vials_add_up(entry)


def _require_vials_add_up(entry: TreatmentEntry) -> None:
    if not entry.vials:
        return
    if any(vial.units < 0 or (vial.units_wasted or 0) < 0 for vial in entry.vials):
        raise InvalidInput("a vial's units cannot be less than 0")
    units = sum((vial.units for vial in entry.vials), Decimal(0))
    wasted = sum((vial.units_wasted or Decimal(0) for vial in entry.vials), Decimal(0))
    if units != entry.units or wasted != (entry.units_wasted or 0):
        raise InvalidInput(
            f"the vials add up to {units:g} U injected and {wasted:g} U wasted, "
            f"but {entry.units:g} U and {entry.units_wasted or 0:g} U were entered"
        )
