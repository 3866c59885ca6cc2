"""What making two records one would move, what stands in its way, and what to look at; nothing is changed here."""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import product
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from clinic_scheduler.domain.forecast.intervals import spoken
from clinic_scheduler.domain.protocols.indications import words_of
from clinic_scheduler.domain.search.name_matching import similar_parts
from clinic_scheduler.domain.visits.kinds_and_states import HELD_STATES, KIND_NOUNS, OCCUPYING, VisitKind
from clinic_scheduler.models import (
    Appointment,
    CalendarFeed,
    ContactAttempt,
    Course,
    Message,
    Patient,
    Reminder,
    Treatment,
)
from clinic_scheduler.queries.lookups import row_in_clinic
from clinic_scheduler.queries.patients.merge_gone import gone_against, spoken_visit
from clinic_scheduler.queries.patients.merge_outcome import MergeOutcome, merge_outcome

# What is counted and said, in this order.
_COUNTED: tuple[tuple[str, Any], ...] = (
    ("courses", Course),
    ("treatments", Treatment),
    ("visits", Appointment),
    ("reminders", Reminder),
    ("messages", Message),
    ("calendar_links", CalendarFeed),
)


@dataclass(frozen=True, slots=True)
class MergePreview:
    """`moves` counts what goes over. `in_the_way` are whole reasons not to; `to_check` is worth a look afterwards.

    `outcome` has the values that stay. `courses_joined` are (course that goes on, course that is stopped).
    """

    keep: Patient
    lose: Patient
    outcome: MergeOutcome
    moves: dict[str, int]
    courses_joined: list[tuple[Course, Course]]
    in_the_way: list[str]
    to_check: list[str]

    @property
    def version(self) -> str:
        """Another one as soon as other values, courses or doubts are shown. What is merely counted may change."""
        joined = [(kept.id, other.id) for kept, other in self.courses_joined]
        settled = sorted(
            (column, str(each.value), str(getattr(self.keep, column)), str(getattr(self.lose, column)))
            for column, each in self.outcome.columns.items()
        )
        shown = (self.keep.id, self.lose.id, settled, list(self.outcome.refusals), joined, self.to_check)
        return sha256(repr(shown).encode()).hexdigest()[:16]


def preview(session: Session, clinic_id: int, keep_id: int, lose_id: int) -> MergePreview:
    """Raises NotFound for another clinic's patient."""
    keep = row_in_clinic(session, Patient, clinic_id, keep_id)
    lose = row_in_clinic(session, Patient, clinic_id, lose_id)
    joined = _joined(session, keep_id, lose_id)
    outcome = merge_outcome(session, keep, lose)
    return MergePreview(
        keep=keep,
        lose=lose,
        outcome=outcome,
        moves=_moves(session, lose_id),
        courses_joined=joined,
        in_the_way=[
            *_states(keep, lose),
            *gone_against(session, outcome, keep, lose),
            *_visits(session, keep_id, lose_id, joined),
        ],
        to_check=[*_differences(keep, lose), *_twice_treated(session, keep_id, lose_id)],
    )


def _moves(session: Session, lose_id: int) -> dict[str, int]:
    counts = {
        name: session.scalar(select(func.count()).select_from(table).where(table.patient_id == lose_id)) or 0
        for name, table in _COUNTED
    }
    contacts = (
        select(func.count()).select_from(ContactAttempt).join(Course, Course.id == ContactAttempt.course_id)
    )
    return counts | {"contacts": session.scalar(contacts.where(Course.patient_id == lose_id)) or 0}


def _joined(session: Session, keep_id: int, lose_id: int) -> list[tuple[Course, Course]]:
    """Open courses of one indication and product on both sides."""
    kept = {(row.indication, row.product): row for row in _open_courses(session, keep_id)}
    return [
        (kept[row.indication, row.product], row)
        for row in _open_courses(session, lose_id)
        if (row.indication, row.product) in kept
    ]


def _open_courses(session: Session, patient_id: int) -> Sequence[Course]:
    return session.scalars(
        select(Course).where(Course.patient_id == patient_id, Course.stopped_on.is_(None)).order_by(Course.id)
    ).all()


def _states(keep: Patient, lose: Patient) -> list[str]:
    if keep.id == lose.id:
        return ["a record cannot be merged with itself"]
    return [
        f"the record with the MRN {row.mrn} was merged before"
        for row in (keep, lose)
        if row.merged_into_id is not None
    ]


def _visits(
    session: Session, keep_id: int, lose_id: int, joined: Sequence[tuple[Course, Course]]
) -> list[str]:
    """Nobody is in two places at once, and a course has one visit of a kind ahead."""
    mine, theirs = _occupying(session, keep_id), _occupying(session, lose_id)
    reasons = [
        f"both have a visit at that time: {spoken_visit(one)} and {spoken_visit(other)}; cancel one of them first"
        for one in mine
        for other in theirs
        if one.starts_at < other.ends_at and other.starts_at < one.ends_at
        if not (one.overbooked or other.overbooked)
    ]
    ahead = {(visit.course_id, visit.kind): visit for visit in [*mine, *theirs] if visit.state in HELD_STATES}
    for kind, (kept, other_course) in product(VisitKind, joined):
        one, other = ahead.get((kept.id, kind)), ahead.get((other_course.id, kind))
        if one is not None and other is not None:
            reasons.append(
                f"both have a {KIND_NOUNS[kind]} booked for {words_of(kept.indication).lower()}: "
                f"{spoken_visit(one)} and {spoken_visit(other)}; cancel one of them first"
            )
    return reasons


def _occupying(session: Session, patient_id: int) -> Sequence[Appointment]:
    return session.scalars(
        select(Appointment)
        .where(Appointment.patient_id == patient_id, Appointment.state.in_(OCCUPYING))
        .order_by(Appointment.starts_at)
    ).all()


def _differences(keep: Patient, lose: Patient) -> list[str]:
    found = []
    if not _alike(keep, lose):
        found.append("the names differ; make sure that this is one person")
    if keep.birth_date != lose.birth_date:
        found.append(
            f"the dates of birth differ: {spoken(keep.birth_date)} is kept, "
            f"{spoken(lose.birth_date)} is not; make sure that this is one person"
        )
    return found


def _alike(keep: Patient, lose: Patient) -> bool:
    """Similar names, family and given perhaps the other way round."""
    same = similar_parts(keep.family_name, lose.family_name) and similar_parts(
        keep.given_name, lose.given_name
    )
    swapped = similar_parts(keep.family_name, lose.given_name) and similar_parts(
        keep.given_name, lose.family_name
    )
    return same or swapped


def _twice_treated(session: Session, keep_id: int, lose_id: int) -> list[str]:
    """The same injection recorded on both sides counts twice once they are one."""
    days = [
        set(
            session.scalars(
                select(Treatment.given_on).where(
                    Treatment.patient_id == patient_id, Treatment.voided_at.is_(None)
                )
            )
        )
        for patient_id in (keep_id, lose_id)
    ]
    return [
        f"both have a treatment on {spoken(day)}; if it was one, void one of the two afterwards"
        for day in sorted(days[0] & days[1])
    ]
