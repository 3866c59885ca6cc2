"""Milestones after each course's last session as calendars show them, and reviews counted by week."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from hashlib import sha256

from sqlalchemy import select
from sqlalchemy.orm import Session

from clinic_scheduler.domain.calendars.values import Milestone, ReviewWeek
from clinic_scheduler.domain.forecast.milestones import REVIEWS, milestones
from clinic_scheduler.models import Course, Treatment

# What staff's calendars call a course by: so much of its random id.
REFERENCE_LENGTH = 8
# Milestones of a session matter until its cycle ends.
MILESTONES_BEHIND = timedelta(days=120)


def is_review(milestone: Milestone) -> bool:
    return milestone.kind in REVIEWS


def by_week(reviews: Iterable[Milestone]) -> Iterator[ReviewWeek]:
    """Each week's reviews, in the week in which their days begin."""
    weeks: defaultdict[date, list[Milestone]] = defaultdict(list)
    for review in reviews:
        weeks[review.starts_on - timedelta(days=review.starts_on.weekday())].append(review)
    for monday, found in sorted(weeks.items()):
        named = ":".join([monday.isoformat(), *sorted(review.id for review in found)])
        yield ReviewWeek(
            id=sha256(named.encode()).hexdigest()[:32],
            monday=monday,
            reviews=len(found),
            updated_at=max(review.updated_at for review in found),
        )


def course_milestones(session: Session, courses: Sequence[Course], now: datetime) -> Iterator[Milestone]:
    """Milestones after each course's latest satisfying session (its reference), while its cycle runs."""
    by_reference = {(course.id, course.reference_on): course for course in courses if course.reference_on}
    treatments = session.scalars(
        select(Treatment)
        .where(
            Treatment.course_id.in_([course.id for course in courses]),
            Treatment.voided_at.is_(None),
            Treatment.given_on > now.date() - MILESTONES_BEHIND,
        )
        .order_by(Treatment.id)
    )
    shown = {}
    for treatment in treatments:
        course = by_reference.get((treatment.course_id or 0, treatment.given_on))
        if course is not None:
            shown[course.id] = treatment
    for course in courses:
        if course.id in shown:
            yield from _milestones_after(course, shown[course.id])


def _milestones_after(course: Course, treatment: Treatment) -> Iterator[Milestone]:
    for milestone in milestones(course.indication, treatment.given_on, course.cycles_given):
        yield Milestone(
            id=f"{treatment.uid}-{milestone.kind}"[:64],
            kind=milestone.kind,
            starts_on=milestone.starts_on,
            ends_on=milestone.ends_on,
            sequence=0,
            updated_at=treatment.recorded_at,
            reference=course.uid[:REFERENCE_LENGTH],
        )
