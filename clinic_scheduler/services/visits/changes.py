"""What every change to a visit shares: its locks, its row, its saving, and all that follows from it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, joinedload

from clinic_scheduler.domain.errors import BookingRefused
from clinic_scheduler.domain.forecast.intervals import spoken
from clinic_scheduler.domain.messaging.reminder_rules import ClinicRules
from clinic_scheduler.domain.messaging.suppression_reasons import SuppressionReason
from clinic_scheduler.domain.visits.kinds_and_states import (
    AWAITING_ANSWER,
    KIND_NOUNS,
    OPEN_STATES,
    CancelReason,
    VisitKind,
    VisitState,
    state_said,
)
from clinic_scheduler.models import Appointment, Course, Provider, VisitOverride
from clinic_scheduler.models.column_types import opaque_id
from clinic_scheduler.queries.courses.histories import PatientHistory
from clinic_scheduler.queries.lookups import row_in_clinic
from clinic_scheduler.queries.schedule.known_visits import KnownVisit
from clinic_scheduler.services.audit import record
from clinic_scheduler.services.change import Change
from clinic_scheduler.services.courses.forecasting import new_next_visit, refresh
from clinic_scheduler.services.locks import lock_course, lock_providers, read_anew
from clinic_scheduler.services.messaging.reminder_planning import Known, replan_known
from clinic_scheduler.services.visits.booking_rules import taken
from clinic_scheduler.services.visits.visit_states import move_to

_ANEW = (
    select(Appointment)
    .where(Appointment.id == bindparam("appointment"))
    .options(joinedload(Appointment.overrides))
)


def lock_visit(session: Session, course: Course, *provider_ids: int) -> None:
    """Changes to one provider's diary, and to one patient's visits, wait for each other."""
    lock_providers(session, provider_ids)
    lock_course(session, course)


def open_visit(change: Change, appointment_id: int, *, to: int | None = None) -> Appointment:
    """A booked or arrived visit, locked with its patient and, where it moves `to` a provider, with both diaries."""
    appointment = row_in_clinic(change.session, Appointment, change.clinic_id, appointment_id)
    diaries = () if to is None else (appointment.provider_id, to)
    lock_visit(change.session, appointment.course, *diaries)
    read_anew(change.session, appointment)
    require_still_open(appointment)
    return appointment


def visit_anew(session: Session, appointment_id: int) -> Appointment:
    """The visit and its overrides, as whoever held the patient's lock before left them."""
    asked = {"appointment": appointment_id}
    return session.scalars(_ANEW, asked, execution_options={"populate_existing": True}).unique().one()


def require_still_open(appointment: Appointment) -> None:
    """Raises BookingRefused, saying what has become of it."""
    if appointment.state in AWAITING_ANSWER:
        raise BookingRefused(
            "not_open", "This time is only proposed until the provider answers. Nothing was changed."
        )
    if appointment.state not in OPEN_STATES:
        said = state_said(appointment.state, appointment.kind)
        raise BookingRefused("not_open", f"This visit is already {said}. Nothing was changed.")


def require_none_held(visits: Iterable[KnownVisit], course_id: int, kind: str) -> None:
    """One visit of a kind at a time, proposed ones counted; `visits` are the patient's."""
    held = (visit for visit in visits if visit.is_held)
    other = next((visit for visit in held if (visit.course_id, visit.kind) == (course_id, kind)), None)
    if other is None:
        return
    when = f"{spoken(other.local_date)} at {other.local_time:%H:%M}"
    if other.state == VisitState.PROPOSED:
        text = (
            f"{when} is proposed for this course. Nothing was booked. "
            "Wait for the answer, or take the question back."
        )
    else:
        noun = KIND_NOUNS[kind]
        text = f"This course already has a {noun} on {when}. Nothing was booked. Move that {noun} instead."
    raise BookingRefused("already_booked", text)


@dataclass(frozen=True, slots=True)
class Span:
    """A time in a provider's diary."""

    provider: Provider
    starts_at: datetime
    ends_at: datetime


def visit_row(change: Change, course: Course, kind: VisitKind, span: Span, **more: Any) -> Appointment:
    """A visit, unsaved; `more` are its state and what else its columns hold."""
    local = span.starts_at.astimezone(change.zone)
    values = {
        "uid": opaque_id(),
        "clinic_id": course.clinic_id,
        "patient_id": course.patient_id,
        "course_id": course.id,
        "provider_id": span.provider.id,
        "kind": kind,
        "local_date": local.date(),
        "local_time": local.time().replace(fold=0),
        "zone": change.zone.key,
        "starts_at": span.starts_at,
        "ends_at": span.ends_at,
        "created_at": change.now,
        "updated_at": change.now,
    }
    return Appointment(**(values | more))


def place(change: Change, appointment: Appointment, span: Span) -> None:
    """Set the visit's time and provider, with nothing asked; see move. Whoever had confirmed is asked again."""
    local = span.starts_at.astimezone(change.zone)
    appointment.provider_id = span.provider.id
    appointment.local_date, appointment.local_time = local.date(), local.time().replace(fold=0)
    appointment.starts_at = span.starts_at
    appointment.ends_at = span.ends_at
    appointment.zone = change.zone.key
    # It overlapped where it was, if at all.
    appointment.overbooked = False
    appointment.confirmed_at = appointment.confirmed_by = None


def set_overrides(session: Session, appointment: Appointment, rows: Sequence[VisitOverride]) -> None:
    """From now on just these are overridden for the visit."""
    kept = [row for row in appointment.overrides if row in rows]
    if len(kept) < len(appointment.overrides):
        appointment.overrides = kept
        # What goes leaves first: a name stands once a visit, and new rows would be written before.
        session.flush()
    appointment.overrides.extend(row for row in rows if row not in kept)


def keep_overrides(session: Session, appointment: Appointment, overrides: Iterable[VisitOverride]) -> None:
    """Add what is new, in place of what was decided under that name before.

    What nothing asks for just now stays: what it was given for may come back.
    """
    new = [row for row in overrides if row not in appointment.overrides]
    names = {row.name for row in new}
    set_overrides(
        session, appointment, [*(row for row in appointment.overrides if row.name not in names), *new]
    )


def publish(change: Change, appointment: Appointment, action: SuppressionReason) -> None:
    """Save a visit that is open again or elsewhere, with all that follows. Raises BookingRefused if it is taken."""
    published(appointment, change.now)
    flush_or_taken(change, appointment.starts_at)
    audit_visit(change, action, appointment)
    follow_up(change, appointment.course, action)


def close(
    change: Change,
    appointment: Appointment,
    state: VisitState,
    because: CancelReason | None = None,
    **details: str,
) -> Appointment:
    """The visit is over or off, `because` of one reason; the course goes back to the due list."""
    move_to(appointment, state, because)
    if because is not None:
        details["reason"] = because
    published(appointment, change.now)
    course = appointment.course
    if appointment.kind == VisitKind.INJECTION:
        # The cancelled event stays in calendars under its UID; the window that opens again is a new one.
        new_next_visit(course, change.now)
    audit_visit(change, state, appointment, **details)
    follow_up(change, course, SuppressionReason(state))
    return appointment


def published(appointment: Appointment, now: datetime) -> None:
    appointment.sequence += 1
    appointment.updated_at = now


def follow_up(
    change: Change,
    course: Course,
    because: SuppressionReason,
    history: PatientHistory | None = None,
    rules: ClinicRules | None = None,
    also: Sequence[Mapping[str, Any]] = (),
) -> None:
    """All the patient's courses are looked at anew, since a visit of one may stand in another's way.

    It moves no date of theirs (DD-9), so only its own course's reminders are planned again. `history` is the
    patient's as it is by now, all visits among it, where the change has just read it; `rules` and `also` as replan
    takes them.
    """
    refresh(change.session, [course.patient_id], change.today, change.now, known=history)
    known = Known(change.zone, rules, history, also)
    replan_known(change.session, [course], change.now, because, known)


def flush_or_taken(change: Change, starts_at: datetime) -> None:
    """The database has the last word on overlaps, whoever looked first."""
    try:
        change.session.flush()
    except IntegrityError as error:
        said = str(error.orig)
        if "overlap" in said:
            raise taken(starts_at, change.zone) from error
        # PostgreSQL names the index, SQLite the columns.
        if "uq_appointments_open_course" in said or "appointments.course_id" in said:
            raise BookingRefused(
                "already_booked",
                "This course already has a visit. Nothing was booked. Move that visit instead.",
            ) from error
        raise


def audit_visit(change: Change, action: str, appointment: Appointment, **details: Any) -> None:
    """The audit row of a change, with what was overridden for the visit and by whom."""
    if appointment.overrides:
        details["overridden"] = [written(row) for row in appointment.overrides]
    record(
        change,
        action,
        "appointments",
        appointment.id,
        patient_id=appointment.patient_id,
        starts_at=appointment.starts_at.isoformat(),
        provider_id=appointment.provider_id,
        **details,
    )


def copy_of(row: VisitOverride) -> VisitOverride:
    """The same decision for another visit."""
    return VisitOverride(
        name=row.name,
        reason=row.reason,
        note=row.note,
        decided_by_id=row.decided_by_id,
        decided_by=row.decided_by,
        decided_at=row.decided_at,
    )


def written(row: VisitOverride) -> dict[str, Any]:
    """An override as the audit keeps it; the free words stay with the visit."""
    return {
        "name": row.name,
        "reason": row.reason,
        "decided_by_id": row.decided_by_id,
        "decided_by": row.decided_by,
        "decided_at": row.decided_at.isoformat(),
    }
