"""A record system's list of visits, applied: each row finds its patient, its provider and its visit here.

What does not say whose visit it is, or with whom, is left out and reported; nothing is guessed and nobody is added.
The writing is from_record_system.py's.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import DataError, IntegrityError
from sqlalchemy.orm import Session

from clinic_scheduler.domain.errors import BookingRefused, InvalidInput
from clinic_scheduler.domain.local_time import to_utc
from clinic_scheduler.domain.record_system import OutsideStatus, OutsideVisit
from clinic_scheduler.domain.visits.kinds_and_states import HELD_STATES, CancelReason, VisitState
from clinic_scheduler.models import Appointment, Patient, Provider
from clinic_scheduler.models.column_types import opaque_id
from clinic_scheduler.services.change import Change
from clinic_scheduler.services.imports.lookups import bare_name, patients_by_mrn, providers_by_name
from clinic_scheduler.services.locks import lock_providers
from clinic_scheduler.services.visits import appointments
from clinic_scheduler.services.visits.from_record_system import (
    ReportedVisit,
    RowLeft,
    add_outside,
    cancel_outside,
    match_outside,
    move_outside,
)


@dataclass(slots=True)
class OutsideApplied:
    """`counts`: rows by what became of them; `refused` is (line, reason).

    `strangers`: numbers of people whom nobody here knows and who have visits ahead; their rows are refused as well.
    """

    counts: Counter[str] = field(default_factory=Counter)
    refused: list[tuple[int, str]] = field(default_factory=list)
    strangers: Counter[str] = field(default_factory=Counter)

    def add(self, other: "OutsideApplied") -> None:
        self.counts += other.counts
        self.refused += other.refused
        self.strangers += other.strangers


class _Stranger(RowLeft):
    """Nobody here has the row's number."""


@dataclass(frozen=True, slots=True)
class _Known:
    patients: Mapping[str, Patient]
    providers: Mapping[str, Provider]


def apply_visits(change: Change, rows: Sequence[OutsideVisit]) -> OutsideApplied:
    """Bring the diary to what these rows of some patients say, each row whole or not at all."""
    applied = OutsideApplied()
    known = _known(change.session, change.clinic_id, rows)
    for row in _in_order(rows):
        try:
            with change.session.begin_nested():
                applied.counts[_apply(change, row, known)] += 1
        except _Stranger as error:
            applied.refused.append((row.line, str(error)))
            applied.strangers[row.mrn] += 1
        except (RowLeft, BookingRefused, InvalidInput) as error:
            applied.refused.append((row.line, str(error)))
        except (DataError, IntegrityError) as error:
            first = str(error.orig).splitlines()[0]
            applied.refused.append((row.line, f"the database does not take this visit: {first}"))
    return applied


def _known(session: Session, clinic_id: int, rows: Sequence[OutsideVisit]) -> _Known:
    """Whom and with whom, locked until the unit of work ends."""
    providers = providers_by_name(session, clinic_id)
    lock_providers(session, [provider.id for provider in providers.values()])
    patients = patients_by_mrn(session, clinic_id, {row.mrn for row in rows})
    return _Known(patients, providers)


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


def _apply(change: Change, row: OutsideVisit, known: _Known) -> str:
    """What became of the row, as a word for the counts. Raises RowLeft."""
    if row.status == OutsideStatus.OVER:
        return "over"  # what was given is the log's or the desk's to say
    starts_at = to_utc(row.on, row.at, change.zone)
    patient = known.patients.get(row.mrn)
    if patient is None:
        if row.status == OutsideStatus.BOOKED and starts_at > change.now:
            raise _Stranger(
                "no patient here has this MRN; add the patient or import the log, then this file again"
            )
        return "unknown"  # nothing of theirs is here to be changed
    told = ReportedVisit(row, patient, _provider(row, known), starts_at)
    visit = _visit_of(change.session, told)
    if row.status == OutsideStatus.BOOKED:
        return _booked(change, visit, told)
    if visit is None or visit.state not in HELD_STATES:
        return "known"
    if row.status == OutsideStatus.CANCELLED:
        cancel_outside(change, visit)
        return "cancelled"
    appointments.no_show(change, visit.id)
    return "missed"


def _booked(change: Change, visit: Appointment | None, told: ReportedVisit) -> str:
    if visit is not None and visit.state not in HELD_STATES:
        if not _booked_anew(visit, told, change.now):
            return "known"
        visit.idempotency_key = opaque_id()  # the number names the new visit from now on
        change.session.flush()
        visit = None
    if visit is None and told.starts_at <= change.now:
        return "past"
    if told.row.provider_name is not None and told.provider is None:
        raise RowLeft(
            f"no provider here is called {told.row.provider_name}; add them under Settings, Providers"
        )
    if visit is None:
        add_outside(change, told)
        return "booked"
    match_outside(change, visit, told)
    provider = told.provider or visit.provider
    if (visit.starts_at, visit.provider_id) == (told.starts_at, provider.id):
        return "known"
    move_outside(change, visit, provider, told)
    return "moved"


def _booked_anew(visit: Appointment, told: ReportedVisit, now: datetime) -> bool:
    """Whether a visit that is closed here has been booked again there. Raises RowLeft where the two disagree."""
    if told.starts_at <= now or visit.state == VisitState.FULFILLED:
        return False
    if told.starts_at == visit.starts_at and visit.cancel_reason != CancelReason.CANCELLED_ELSEWHERE:
        raise RowLeft(
            f"this visit is {visit.state} here; cancel it in the record system, or open it again here"
        )
    return True


def _provider(row: OutsideVisit, known: _Known) -> Provider | None:
    """None where the row names nobody who is known. Nobody is added: a record system lists rooms and devices too."""
    if row.provider_name is None:
        return None
    last, _, first = row.provider_name.partition(",")
    names = (bare_name(row.provider_name), bare_name(f"{first} {last}"))
    return next((known.providers[name] for name in names if name in known.providers), None)


def _visit_of(session: Session, told: ReportedVisit) -> Appointment | None:
    """The visit that the row is about: by its number outside, else the patient's own at that time."""
    visit = session.scalar(select(Appointment).where(Appointment.idempotency_key == told.key))
    if visit is not None:
        if visit.patient_id != told.patient.id:
            raise RowLeft("the visit with this number belongs to another patient here")
        return visit
    at_that_time = select(Appointment).where(
        Appointment.patient_id == told.patient.id,
        Appointment.starts_at == told.starts_at,
        Appointment.state.in_(HELD_STATES),
    )
    if told.provider is not None:
        at_that_time = at_that_time.where(Appointment.provider_id == told.provider.id)
    for each in session.scalars(at_that_time.order_by(Appointment.id)):
        if not (told.row.outside_id and each.idempotency_key.startswith(told.numbered)):
            return each
    return None
