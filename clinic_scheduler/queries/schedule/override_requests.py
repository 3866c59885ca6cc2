"""Questions to providers: what waits for whom, what waits about which course, and one of them with all it shows."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, Select, or_, select
from sqlalchemy.orm import Session, aliased, joinedload

from clinic_scheduler.domain.forecast.blocks import Against
from clinic_scheduler.domain.protocols.products import brand_of
from clinic_scheduler.domain.visits.check_texts import TITLES
from clinic_scheduler.domain.visits.kinds_and_states import AWAITING_ANSWER, VisitKind, VisitState
from clinic_scheduler.domain.visits.override_requests import RequestState, VisitSince, visit_since
from clinic_scheduler.models import Appointment, Course, OverrideRequest, Patient, Provider, Treatment
from clinic_scheduler.queries.lookups import row_in_clinic

_moving = aliased(Appointment)


@dataclass(frozen=True, slots=True)
class RequestView:
    """A question with the visit it is about and the provider it was put to.

    `moving`: the booked visit that would move to that time.
    """

    request: OverrideRequest
    visit: Appointment
    patient: Patient
    course: Course
    provider: Provider
    moving: Appointment | None

    @property
    def titles(self) -> list[str]:
        """What was asked to be allowed, in words."""
        return [TITLES[Against(name)] for name in self.request.names]

    @property
    def since(self) -> VisitSince:
        """What became of the visit: of the one that would have moved, where a move was asked about."""
        return since_asked(self.request, self.visit, self.moving)

    @property
    def is_proposed(self) -> bool:
        """Whether the time is held for the answer, rather than a booked visit asked about."""
        return self.visit.state in AWAITING_ANSWER


@dataclass(frozen=True, slots=True)
class Waiting:
    """What a list of courses says of a question about one: whose answer, until when, and of what time.

    `is_proposed`: the visit's time is only held for the answer; `moves_to`: it is booked, and would move there.
    """

    request_id: int
    provider_name: str
    expires_at: datetime
    is_proposed: bool
    moves_to: date | None


@dataclass(frozen=True, slots=True)
class GivenBefore:
    """A product the patient was given last, and how many days before the visit that was."""

    product: str
    given_on: date
    days: int


def since_asked(request: OverrideRequest, visit: Appointment, moving: Appointment | None) -> VisitSince:
    """What became of the `visit` asked about; where it only held a time, of the one `moving` there."""
    if moving is not None:
        return visit_since(moving.state, moving.cancel_reason, same_day=True)
    return visit_since(visit.state, visit.cancel_reason, same_day=visit.local_date == request.day)


def asked_in_clinic(session: Session, clinic_id: int, request_id: int) -> RequestView:
    """Raises NotFound for another clinic's question."""
    request = row_in_clinic(session, OverrideRequest, clinic_id, request_id)
    return _asked(session.execute(_with_all().where(OverrideRequest.id == request.id)).one())


def waiting_for_provider(session: Session, provider: Provider) -> list[RequestView]:
    """What the provider has been asked and nobody has answered yet, the soonest to end first."""
    rows = session.execute(
        _with_all()
        .where(
            OverrideRequest.clinic_id == provider.clinic_id,
            OverrideRequest.provider_id == provider.id,
            OverrideRequest.state == RequestState.WAITING,
        )
        .order_by(OverrideRequest.expires_at, OverrideRequest.id)
    )
    return [_asked(row) for row in rows]


def waiting_by_visit(session: Session, visit_ids: Sequence[int]) -> Mapping[int, Waiting]:
    """By visit, for those that are asked about where they stand or would move; one statement however many."""
    rows = session.execute(
        select(OverrideRequest.id, Provider.name, OverrideRequest.expires_at, Appointment)
        .join(Provider, Provider.id == OverrideRequest.provider_id)
        .join(Appointment, Appointment.id == OverrideRequest.appointment_id)
        .where(
            or_(Appointment.id.in_(visit_ids), Appointment.replaces_id.in_(visit_ids)),
            OverrideRequest.state == RequestState.WAITING,
        )
    )
    return waiting_of(rows)


def waiting_of(rows: Iterable[Any]) -> dict[int, Waiting]:
    """By visit, of rows of a question's id, its provider's name, when it ends, and the visit it was asked with."""
    found: dict[int, Waiting] = {}
    for request_id, provider_name, expires_at, visit in rows:
        waiting = Waiting(request_id, provider_name, expires_at, visit.state in AWAITING_ANSWER, None)
        found[visit.id] = waiting
        if visit.replaces_id is not None:
            found[visit.replaces_id] = replace(waiting, is_proposed=False, moves_to=visit.local_date)
    return found


def visit_replaced(session: Session, visit: Appointment) -> Appointment | None:
    """The visit that would move to this time, or would have."""
    return session.get(Appointment, visit.replaces_id) if visit.replaces_id is not None else None


def given_before(session: Session, patient_id: int, day: date) -> list[GivenBefore]:
    """The last injection of each product before a day, the newest first, wherever it was given."""
    rows = session.execute(
        select(Treatment.product, Treatment.given_on)
        .where(
            Treatment.patient_id == patient_id,
            Treatment.voided_at.is_(None),
            or_(Treatment.units.is_(None), Treatment.units > 0),
            Treatment.given_on < day,
        )
        .order_by(Treatment.given_on.desc(), Treatment.id.desc())
    )
    latest: dict[str | None, date] = {}
    for product, given_on in rows:
        latest.setdefault(product, given_on)
    return [
        GivenBefore(brand_of(product) if product else "Product not known", given_on, (day - given_on).days)
        for product, given_on in latest.items()
    ]


def proposed_courses() -> Select[int]:
    """Ids of courses whose next injection is only proposed."""
    return select(Appointment.course_id).where(
        Appointment.state == VisitState.PROPOSED, Appointment.kind == VisitKind.INJECTION
    )


def _with_all() -> Select[OverrideRequest, Appointment, Patient, Course, Provider, Appointment]:
    return (
        select(OverrideRequest, Appointment, Patient, Course, Provider, _moving)
        .join(Appointment, Appointment.id == OverrideRequest.appointment_id)
        .join(Patient, Patient.id == Appointment.patient_id)
        .join(Course, Course.id == Appointment.course_id)
        .join(Provider, Provider.id == OverrideRequest.provider_id)
        .outerjoin(_moving, _moving.id == Appointment.replaces_id)
        .options(joinedload(Appointment.provider), joinedload(_moving.provider))
    )


def _asked(row: Row[*tuple[Any, ...]]) -> RequestView:
    return RequestView(*row)
