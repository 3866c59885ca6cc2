"""A provider's weeks ahead and what waits for a decision: counts by week, lists, the review queue."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, joinedload

from clinic_scheduler.domain.errors import NotFound
from clinic_scheduler.domain.forecast.judgements import EvaluationStatus
from clinic_scheduler.domain.forecast.milestones import Milestone, milestones
from clinic_scheduler.domain.protocols.indications import INDICATIONS
from clinic_scheduler.domain.visits.kinds_and_states import AWAITING_ANSWER, OCCUPYING, OPEN_STATES
from clinic_scheduler.models import (
    Appointment,
    Closure,
    Course,
    Provider,
    ProviderHours,
    Treatment,
    User,
)
from clinic_scheduler.queries.courses.holds import HeldPatient, held_by_provider
from clinic_scheduler.queries.due.bucket_sql import held_courses, open_on
from clinic_scheduler.queries.due.rows import DuePage, due_page, tab_counts
from clinic_scheduler.queries.schedule.override_lines import override_lines, shown
from clinic_scheduler.queries.schedule.override_requests import (
    RequestView,
    proposed_courses,
    waiting_for_provider,
)

CHOICES = (4, 8, 12, 26)
TABS = ("overdue", "due_soon", "lapsed", "booking_problem")
SHOWN = 10
# A treatment given too soon longer ago than this is history rather than a decision that waits.
REVIEWED_FOR = timedelta(365)
# A response review opens and ends so many days after the session at most (domain/forecast/milestones.py).
_RESPONSE_REVIEW = "response_review"
_REVIEW_SPAN = timedelta(120)


@dataclass(frozen=True, slots=True)
class WeekLoad:
    """`unbooked` courses are due that week and have no visit; `room` is how many visits the hours hold."""

    monday: date
    booked: int
    unbooked: int
    room: int


@dataclass(frozen=True, slots=True)
class Review:
    """A course whose response should be looked at between two days."""

    course: Course
    milestone: Milestone


@dataclass(frozen=True, slots=True)
class ProviderHome:
    """Lists hold at most SHOWN rows, but for what the provider is asked; `tabs` are pages of the due list, by tab.

    `override_lines` are of the visits to come, by visit.
    """

    provider: Provider
    asked: list[RequestView]
    weeks: list[WeekLoad]
    tabs: dict[str, DuePage]
    too_soon: list[tuple[Treatment, Course]]
    reviews: list[Review]
    held: list[HeldPatient]
    upcoming: Sequence[Appointment]
    override_lines: Mapping[int, Sequence[str]]


def own_provider_id(session: Session, clinic_id: int, user_id: int | None) -> int | None:
    """The provider an account belongs to, if that is one of this clinic."""
    return session.scalar(
        select(Provider.id)
        .join(User, User.provider_id == Provider.id)
        .where(User.id == user_id, Provider.clinic_id == clinic_id)
    )


def provider_home(
    session: Session, clinic_id: int, provider_id: int, today: date, weeks: int
) -> ProviderHome:
    """Raises NotFound for another clinic's provider."""
    provider = session.get(Provider, provider_id)
    if provider is None or provider.clinic_id != clinic_id:
        raise NotFound("no such provider")
    last = _monday(today) + timedelta(7 * weeks - 1)
    upcoming = _upcoming(session, provider, today, last)
    counts = tab_counts(session, clinic_id, today, provider_id)
    return ProviderHome(
        provider=provider,
        asked=waiting_for_provider(session, provider),
        weeks=week_loads(session, provider, today, weeks),
        tabs={
            tab: due_page(
                session,
                clinic_id,
                today,
                bucket=tab,
                provider_id=provider_id,
                per_page=SHOWN,
                counts=counts,
            )
            for tab in TABS
        },
        too_soon=_too_soon(session, provider, today),
        reviews=_reviews(session, provider, today, last),
        held=held_by_provider(session, provider, today, SHOWN),
        upcoming=upcoming,
        override_lines=override_lines(session, clinic_id, shown(upcoming)),
    )


def week_loads(session: Session, provider: Provider, today: date, weeks: int) -> list[WeekLoad]:
    """This week and those after it. What was due before and is not booked counts for this week."""
    first = _monday(today)
    end = first + timedelta(7 * weeks)
    booked = _by_week(_booked_days(session, provider, first, end), first)
    unbooked = _by_week(_unbooked_days(session, provider, today, end), first)
    room = _room(session, provider, first, end)
    mondays = [first + timedelta(7 * n) for n in range(weeks)]
    return [WeekLoad(monday, booked[monday], unbooked[monday], room[monday]) for monday in mondays]


def _monday(day: date) -> date:
    return day - timedelta(day.weekday())


def _by_week(days: Iterable[date], first: date) -> Counter[date]:
    return Counter(max(_monday(day), first) for day in days)


def _booked_days(session: Session, provider: Provider, first: date, end: date) -> Iterable[date]:
    return session.scalars(
        select(Appointment.local_date).where(
            Appointment.provider_id == provider.id,
            Appointment.clinic_id == provider.clinic_id,
            Appointment.state.in_(OCCUPYING),
            Appointment.state.not_in(AWAITING_ANSWER),
            Appointment.local_date >= first,
            Appointment.local_date < end,
        )
    )


def _unbooked_days(session: Session, provider: Provider, today: date, end: date) -> Iterable[date]:
    """Due dates of the provider's courses without a booked visit that are neither lapsed nor on hold today."""
    return session.scalars(
        select(Course.due_date).where(
            Course.provider_id == provider.id,
            Course.clinic_id == provider.clinic_id,
            or_(Course.booking == "none", Course.id.in_(proposed_courses())),
            Course.due_date < end,
            Course.lapse_date > today,
            open_on(today),
            Course.id.not_in(held_courses(today)),
        )
    )


def _room(session: Session, provider: Provider, first: date, end: date) -> Counter[date]:
    """How many visits fit into the provider's hours, by week; none on days away."""
    fits: Counter[int] = Counter()
    for row in session.scalars(select(ProviderHours).where(ProviderHours.provider_id == provider.id)):
        fits[row.weekday] += (_minutes(row.ends_at) - _minutes(row.starts_at)) // provider.visit_minutes
    closures = session.scalars(
        select(Closure).where(
            Closure.clinic_id == provider.clinic_id,
            (Closure.provider_id == provider.id) | Closure.provider_id.is_(None),
            Closure.starts_on < end,
            Closure.ends_on >= first,
        )
    ).all()
    room: Counter[date] = Counter()
    for n in range((end - first).days):
        day = first + timedelta(n)
        if not any(closure.starts_on <= day <= closure.ends_on for closure in closures):
            room[_monday(day)] += fits[day.weekday()]
    return room


def _minutes(at: time) -> int:
    return at.hour * 60 + at.minute


def _too_soon(session: Session, provider: Provider, today: date) -> list[tuple[Treatment, Course]]:
    """Given too soon and not accepted yet, the newest first; of the provider's own courses or own hand."""
    found = session.execute(
        select(Treatment, Course)
        .join(Course, Treatment.course_id == Course.id)
        .where(
            Treatment.clinic_id == provider.clinic_id,
            Treatment.evaluation == EvaluationStatus.TOO_SOON,
            Treatment.voided_at.is_(None),
            Treatment.accepted_at.is_(None),
            Treatment.given_on > today - REVIEWED_FOR,
            (Course.provider_id == provider.id) | (Treatment.provider_id == provider.id),
        )
        .options(joinedload(Course.patient))
        .order_by(Treatment.given_on.desc(), Treatment.id.desc())
        .limit(SHOWN)
    )
    return [(row[0], row[1]) for row in found]


def _reviewed() -> list[str]:
    """Indications whose response is reviewed after some cycles."""
    return [
        code
        for code, indication in INDICATIONS.items()
        if any(span.kind == _RESPONSE_REVIEW for span in indication.milestones)
    ]


def _reviews(session: Session, provider: Provider, today: date, last: date) -> list[Review]:
    """Response reviews open within the weeks shown, the first to end first."""
    courses = session.scalars(
        select(Course)
        .where(
            Course.provider_id == provider.id,
            Course.clinic_id == provider.clinic_id,
            Course.indication.in_(_reviewed()),
            Course.reference_on > today - _REVIEW_SPAN,
            open_on(today),
        )
        .options(joinedload(Course.patient))
    )
    found = [
        Review(course, milestone)
        for course in courses
        if course.reference_on is not None
        for milestone in milestones(course.indication, course.reference_on, course.cycles_given)
        if milestone.kind == _RESPONSE_REVIEW and milestone.ends_on >= today and milestone.starts_on <= last
    ]
    return sorted(found, key=lambda review: (review.milestone.ends_on, review.course.id))[:SHOWN]


def _upcoming(session: Session, provider: Provider, today: date, last: date) -> Sequence[Appointment]:
    return session.scalars(
        select(Appointment)
        .where(
            Appointment.provider_id == provider.id,
            Appointment.clinic_id == provider.clinic_id,
            Appointment.state.in_(OPEN_STATES),
            Appointment.local_date >= today,
            Appointment.local_date <= last,
        )
        .options(joinedload(Appointment.patient), joinedload(Appointment.course))
        .order_by(Appointment.starts_at)
        .limit(SHOWN)
    ).all()
