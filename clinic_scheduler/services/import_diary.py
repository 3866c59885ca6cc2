"""Booked visits as a record system tells them: added, moved, cancelled or missed here as they are there.

They are facts, so the guard refuses none: what stands against an injection visit puts it under Booking problems in
the same unit of work (DD-11, DD-18). What does not say whose visit it is, or with whom, is left out and reported;
nothing is guessed. The patient has been told there: no message of ours says it again, but reminders are planned.
"""

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import or_, select
from sqlalchemy.exc import DataError, IntegrityError
from sqlalchemy.orm import Session

from clinic_scheduler.domain.booking import CANCELLED_ELSEWHERE
from clinic_scheduler.domain.errors import BookingRefused, InvalidInput
from clinic_scheduler.domain.intervals import spoken
from clinic_scheduler.domain.local_time import to_utc
from clinic_scheduler.domain.outside import OutsideStatus, OutsideVisit
from clinic_scheduler.domain.telling_kinds import VISIT_CANCELLED, VISIT_MOVED
from clinic_scheduler.domain.visits import HELD_STATES, KIND_NOUNS, OCCUPYING, OPEN_STATES
from clinic_scheduler.models import Appointment, Course, Patient, Provider
from clinic_scheduler.models.columns import opaque_id
from clinic_scheduler.queries.availability import clinic_zone
from clinic_scheduler.services import appointments, request_endings
from clinic_scheduler.services.actors import Actor
from clinic_scheduler.services.booking_rules import BookingRequest
from clinic_scheduler.services.import_lookups import bare_name, patients_by_mrn, providers_by_name
from clinic_scheduler.services.locks import lock_providers
from clinic_scheduler.services.visit_changes import (
    audit_visit,
    close,
    follow_up,
    open_visit,
    place,
    published,
    set_overrides,
)
from clinic_scheduler.services.visit_guard import Passed
from clinic_scheduler.services.visit_tellings import told_elsewhere

# How audit rows say where a change came from.
_OUTSIDE = {"outside": "true"}


@dataclass(slots=True)
class OutsideApplied:
    """`counts`: rows by what became of them; `refused` is (line, reason)."""

    counts: Counter[str] = field(default_factory=Counter)
    refused: list[tuple[int, str]] = field(default_factory=list)

    def add(self, other: "OutsideApplied") -> None:
        self.counts += other.counts
        self.refused += other.refused


class RowLeft(Exception):
    """A row that cannot be applied as it stands; the message says why. Nothing was changed by it."""


def apply_visits(
    session: Session, actor: Actor, rows: Sequence[OutsideVisit], now: datetime
) -> OutsideApplied:
    """Bring the diary to what these rows of some patients say, each row whole or not at all."""
    applied = OutsideApplied()
    known = _known(session, actor.clinic_id, rows)
    for row in _in_order(rows):
        try:
            with session.begin_nested():
                applied.counts[_apply(session, actor, row, known, now)] += 1
        except (RowLeft, BookingRefused, InvalidInput) as error:
            applied.refused.append((row.line, str(error)))
        except (DataError, IntegrityError) as error:
            first = str(error.orig).splitlines()[0]
            applied.refused.append((row.line, f"the database does not take this visit: {first}"))
    return applied


@dataclass(frozen=True, slots=True)
class _Known:
    patients: Mapping[str, Patient]
    providers: Mapping[str, Provider]
    zone: ZoneInfo


def _known(session: Session, clinic_id: int, rows: Sequence[OutsideVisit]) -> _Known:
    """Whom and with whom, locked until the unit of work ends."""
    providers = providers_by_name(session, clinic_id)
    lock_providers(session, [provider.id for provider in providers.values()])
    patients = patients_by_mrn(session, clinic_id, {row.mrn for row in rows})
    return _Known(patients, providers, clinic_zone(session, clinic_id))


def _in_order(rows: Sequence[OutsideVisit]) -> list[OutsideVisit]:
    """What is off comes first, so that its course may take another visit.

    An hour that is booked again is not off, where no number tells one visit from the other.
    """
    booked = {(row.mrn, row.on, row.at) for row in rows if row.status == OutsideStatus.BOOKED}
    stands = [
        row
        for row in rows
        if row.status == OutsideStatus.BOOKED or row.outside_id or (row.mrn, row.on, row.at) not in booked
    ]
    return sorted(stands, key=lambda row: (row.status == OutsideStatus.BOOKED, row.line))


def _apply(session: Session, actor: Actor, row: OutsideVisit, known: _Known, now: datetime) -> str:
    """What became of the row, as a word for the counts. Raises RowLeft."""
    patient = known.patients.get(row.mrn)
    if patient is None:
        raise RowLeft("no patient here has this MRN; add the patient or import the log, and the file again")
    if row.status == OutsideStatus.OVER:
        return "over"  # what was given is the log's or the desk's to say
    starts_at = to_utc(row.on, row.at, known.zone)
    key = outside_key(actor.clinic_id, patient, row, starts_at)
    provider = _provider(row, known)
    visit = _visit_of(session, patient, row, key, starts_at, provider)
    if row.status == OutsideStatus.CANCELLED:
        return _cancelled(session, actor, visit, now)
    if row.status == OutsideStatus.MISSED:
        if visit is None or visit.state not in OPEN_STATES:
            return "known"
        appointments.no_show(session, actor, visit.id, now)
        return "missed"
    if visit is not None and visit.state not in HELD_STATES:
        if not _booked_anew(visit, starts_at, now):
            return "known"
        visit.idempotency_key = opaque_id()  # the number names the new visit from now on
        session.flush()
        visit = None
    if visit is None:
        return _added(session, actor, patient, row, key, starts_at, provider, known, now)
    return _stands(session, actor, visit, row, key, starts_at, provider or visit.provider, known, now)


def outside_key(clinic_id: int, patient: Patient, row: OutsideVisit, starts_at: datetime) -> str:
    """By which a visit is known again: the number it has outside, or whose it is and when."""
    if row.outside_id:
        return f"{_numbered(clinic_id)}{_digest(row.outside_id)}"
    return f"outside:{clinic_id}:at:{_digest(f'{patient.id} {row.kind} {starts_at.isoformat()}')}"


def _numbered(clinic_id: int) -> str:
    return f"outside:{clinic_id}:id:"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _provider(row: OutsideVisit, known: _Known) -> Provider | None:
    """None where the row names nobody. Nobody is added: a record system lists rooms and devices as well."""
    if row.provider_name is None:
        return None
    found = known.providers.get(bare_name(row.provider_name))
    if found is None and row.status == OutsideStatus.BOOKED:
        raise RowLeft(f"no provider here is called {row.provider_name}; add them under Settings, Providers")
    return found


def _visit_of(
    session: Session,
    patient: Patient,
    row: OutsideVisit,
    key: str,
    starts_at: datetime,
    provider: Provider | None,
) -> Appointment | None:
    """The visit that the row is about: by its number outside, else the patient's own at that time."""
    visit = session.scalar(select(Appointment).where(Appointment.idempotency_key == key))
    if visit is not None:
        if visit.patient_id != patient.id:
            raise RowLeft("the visit with this number belongs to another patient here")
        return visit
    at_that_time = select(Appointment).where(
        Appointment.patient_id == patient.id,
        Appointment.starts_at == starts_at,
        Appointment.state.in_(HELD_STATES),
    )
    if provider is not None:
        at_that_time = at_that_time.where(Appointment.provider_id == provider.id)
    numbered = _numbered(patient.clinic_id)
    for each in session.scalars(at_that_time.order_by(Appointment.id)):
        if not (row.outside_id and each.idempotency_key.startswith(numbered)):
            return each
    return None


def _cancelled(session: Session, actor: Actor, visit: Appointment | None, now: datetime) -> str:
    if visit is None or visit.state not in HELD_STATES:
        return "known"
    visit = open_visit(session, actor, visit.id)
    visit.cancel_reason = CANCELLED_ELSEWHERE
    request_endings.withdraw_open(session, actor, visit, now)
    close(session, actor, visit, "cancelled", now, reason=CANCELLED_ELSEWHERE, **_OUTSIDE)
    told_elsewhere(session, visit, VISIT_CANCELLED, "cancelled", now)
    return "cancelled"


def _booked_anew(visit: Appointment, starts_at: datetime, now: datetime) -> bool:
    """Whether a visit that is closed here has been booked again there. Raises RowLeft where the two disagree."""
    if starts_at <= now or visit.state == "fulfilled":
        return False
    if starts_at == visit.starts_at and visit.cancel_reason != CANCELLED_ELSEWHERE:
        raise RowLeft(
            f"this visit is {visit.state} here; cancel it in the record system, or open it again here"
        )
    return True


def _added(
    session: Session,
    actor: Actor,
    patient: Patient,
    row: OutsideVisit,
    key: str,
    starts_at: datetime,
    provider: Provider | None,
    known: _Known,
    now: datetime,
) -> str:
    if starts_at <= now:
        return "past"
    course = _course(session, patient, row)
    provider = provider or (session.get(Provider, course.provider_id) if course.provider_id else None)
    if provider is None:
        raise RowLeft("names no provider, and the course has none of its own")
    if not provider.is_active:
        raise RowLeft(f"{provider.name} takes no bookings here any more")
    _require_none_other(session, course, row)
    request = BookingRequest(course.id, provider.id, starts_at, idempotency_key=key, kind=row.kind)
    visit = appointments.new_visit(session, course, provider, request, Passed([], []), known.zone, now)
    visit.overbooked = _overlaps(session, visit)
    session.add(visit)
    session.flush()
    audit_visit(session, actor, now, "booked", visit, **_OUTSIDE)
    follow_up(session, course, known.zone, now, "booked")
    return "booked"


def _course(session: Session, patient: Patient, row: OutsideVisit) -> Course:
    """The patient's only course that takes such a visit. Raises RowLeft."""
    courses = session.scalars(select(Course).where(Course.patient_id == patient.id).order_by(Course.id)).all()
    is_open = [each for each in courses if each.closed_from is None or each.closed_from > row.on]
    fitting = [each for each in is_open if row.indication in (None, each.indication)]
    if len(fitting) == 1:
        return fitting[0]
    if fitting:
        raise RowLeft("the patient has several open courses, and the row does not say which it is for")
    what = "no open course" if row.indication is None or not is_open else "no open course for this diagnosis"
    raise RowLeft(f"the patient has {what} here")


def _require_none_other(session: Session, course: Course, row: OutsideVisit) -> None:
    other = session.scalar(
        select(Appointment).where(
            Appointment.course_id == course.id,
            Appointment.kind == row.kind,
            Appointment.state.in_(HELD_STATES),
        )
    )
    if other is not None:
        raise RowLeft(
            f"the course has a {KIND_NOUNS[row.kind]} on {spoken(other.local_date)} at {other.local_time:%H:%M} here, "
            f"and this one is on {spoken(row.on)} at {row.at:%H:%M}; move or cancel the one that is wrong"
        )


def _stands(
    session: Session,
    actor: Actor,
    visit: Appointment,
    row: OutsideVisit,
    key: str,
    starts_at: datetime,
    provider: Provider,
    known: _Known,
    now: datetime,
) -> str:
    """A visit that is open in both: moved here where it was moved there."""
    if visit.idempotency_key != key and row.outside_id:
        visit.idempotency_key = key
        audit_visit(session, actor, now, "matched", visit, **_OUTSIDE)
    if (visit.starts_at, visit.provider_id) == (starts_at, provider.id):
        return "known"
    visit = open_visit(session, actor, visit.id)
    if row.on != visit.local_date:
        # What was overridden or asked about was another day.
        request_endings.withdraw_open(session, actor, visit, now)
    previous = appointments.where_it_was(visit)
    set_overrides(session, visit, visit.overrides if row.on == visit.local_date else [])
    with session.no_autoflush:
        place(session, visit, provider, starts_at, known.zone)
        visit.overbooked = _overlaps(session, visit)
    visit.state, visit.arrived_at = "booked", None
    published(visit, now)
    session.flush()
    audit_visit(session, actor, now, "moved", visit, **previous, **_OUTSIDE)
    follow_up(session, visit.course, known.zone, now, "moved")
    told_elsewhere(session, visit, VISIT_MOVED, "moved", now)
    return "moved"


def _overlaps(session: Session, visit: Appointment) -> bool:
    """Whether somebody is in the provider's room then, or the patient in another: both stand, as they do there."""
    other = select(Appointment.id).where(
        Appointment.state.in_(OCCUPYING),
        ~Appointment.overbooked,
        or_(Appointment.provider_id == visit.provider_id, Appointment.patient_id == visit.patient_id),
        Appointment.starts_at < visit.ends_at,
        Appointment.ends_at > visit.starts_at,
    )
    if visit.id is not None:
        other = other.where(Appointment.id != visit.id)
    return session.scalar(other.limit(1)) is not None
