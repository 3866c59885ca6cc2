"""Recording what was given: the one event that moves a course's dates."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy.orm import Session

from clinic_scheduler.domain.errors import BookingRefused, InvalidInput
from clinic_scheduler.domain.forecast.intervals import spoken
from clinic_scheduler.domain.forecast.json_contract import KINDS, OUTCOMES
from clinic_scheduler.domain.forecast.values import GivenSession
from clinic_scheduler.domain.visits.kinds_and_states import (
    KIND_NOUNS,
    OPEN_STATES,
    VisitKind,
    VisitState,
    state_said,
)
from clinic_scheduler.domain.visits.seen import NOTHING_SEEN, Seen
from clinic_scheduler.domain.visits.treatment_checks import ACCEPT_REASONS, Stop, StopsUnseen
from clinic_scheduler.models import Appointment, Course, Provider, Treatment, TreatmentVial
from clinic_scheduler.queries.courses.treatment_result import (
    attended_visit,
    open_visit_of,
    recording_stops,
    rows_of_the_visit,
    treatment_in_clinic,
    treatment_result,
)
from clinic_scheduler.queries.lookups import row_in_clinic
from clinic_scheduler.services.actors import Actor
from clinic_scheduler.services.audit import record as audit
from clinic_scheduler.services.change import Change
from clinic_scheduler.services.courses.forecasting import new_next_visit, refresh
from clinic_scheduler.services.locks import lock_course
from clinic_scheduler.services.messaging.reminder_planning import replan_all
from clinic_scheduler.services.treatments.authorizations import authorization_used, use_authorization
from clinic_scheduler.services.treatments.repeated_entries import kept_already, same_again
from clinic_scheduler.services.visits import request_endings
from clinic_scheduler.services.visits.visit_states import move_to


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
    course = row_in_clinic(session, Course, change.clinic_id, entry.course_id)
    if entry.provider_id is not None:
        row_in_clinic(session, Provider, change.clinic_id, entry.provider_id)
    lock_course(session, course)
    twin = kept_already(session, change.actor, entry.fingerprint)
    if twin is not None:
        row = treatment_row(entry, course, change.actor.user_id, now)
        return same_again(session, twin, row, _vial_rows(row, entry.vials))
    today = change.today
    _require_sound(entry, course, today)
    standing = _stops(session, course, entry)
    unseen = entry.seen.unseen(standing)
    if unseen:
        raise StopsUnseen(standing, unseen)
    # Looked up first: a visit that is over already is refused in words, before the database would object.
    appointment = _visit_of(session, course, entry)
    row = treatment_row(entry, course, change.actor.user_id, now)
    session.add(row)
    session.flush()
    if appointment is not None:
        fulfil(change, course, row, appointment)
    use_authorization(session, course, row)
    session.add_all(_vial_rows(row, entry.vials))
    refresh(session, [course.patient_id], today, now)
    replan_all(session, course.patient_id, now, "treated", change.zone)
    _audit_recorded(change, row, standing, today)
    return row


def stops(session: Session, actor: Actor, entry: TreatmentEntry) -> list[Stop]:
    """What staff should see before this entry is kept; nothing is written. Empty for one that is kept already."""
    course = row_in_clinic(session, Course, actor.clinic_id, entry.course_id)
    return [] if kept_already(session, actor, entry.fingerprint) else _stops(session, course, entry)


def _stops(session: Session, course: Course, entry: TreatmentEntry) -> list[Stop]:
    given = GivenSession(
        "new",
        course.id,
        entry.given_on,
        float(entry.units),
        entry.product,
        entry.outcome,
        entry.kind,
        _first_expiry(entry),
    )
    vials = [(vial.lot, vial.expires_on) for vial in entry.vials]
    return recording_stops(session, course, given, vials)


def _audit_recorded(change: Change, row: Treatment, stops: list[Stop], today: date) -> None:
    """With what was taken off an authorization, what it was kept in spite of, and whom it judges anew."""
    changed = treatment_result(change.session, change.clinic_id, row.id, today)
    audit(
        change,
        "recorded",
        "treatments",
        row.id,
        patient_id=row.patient_id,
        **authorization_used(row),
        **({"stops": [stop.code for stop in stops]} if stops else {}),
        **(
            {"rejudged": [other.treatment_id for other in changed.reevaluated]} if changed.reevaluated else {}
        ),
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
    session.refresh(row)
    if row.voided_at is not None or row.evaluation != "too_soon":
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


def _visit_of(session: Session, course: Course, entry: TreatmentEntry) -> Appointment | None:
    """The visit this treatment is part of: the one named, else the course's open one of that day.

    Else the attended one of that day: what else was recorded for it is part of the same visit, and where its
    treatment was voided the right entry takes its place.
    """
    attended = attended_visit(session, course, entry.given_on)
    if entry.appointment_id is not None:
        named = row_in_clinic(session, Appointment, course.clinic_id, entry.appointment_id)
        if named.kind != VisitKind.INJECTION:
            raise BookingRefused(
                "kind",
                f"This visit is a {KIND_NOUNS[named.kind]}. Nothing was recorded. "
                "Change it into an injection first, or record the treatment without it.",
            )
        is_it = attended is not None and attended.id == named.id
        if named.course_id != course.id or not (named.state in OPEN_STATES or is_it):
            said = state_said(named.state, named.kind)
            raise BookingRefused("not_open", f"This visit is already {said}. Nothing was recorded.")
        return named
    return open_visit_of(session, course, entry.given_on) or attended


def fulfil(change: Change, course: Course, row: Treatment, appointment: Appointment) -> None:
    """The treatment is what its visit was for, and with it whatever else was recorded for the day without one."""
    row.appointment_id = appointment.id
    for other in rows_of_the_visit(change.session, row):
        if other.appointment_id is None:
            other.appointment_id = appointment.id
    if appointment.state == VisitState.FULFILLED:
        return
    request_endings.withdraw_open(change, appointment)
    move_to(appointment, VisitState.FULFILLED)
    appointment.updated_at = change.now
    appointment.sequence += 1
    # Also where the treatment does not count (aborted, say): the visit has been, the next is another one.
    new_next_visit(course, change.now)
