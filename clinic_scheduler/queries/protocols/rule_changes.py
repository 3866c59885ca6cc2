"""What a new edition of the date rules changed, course by course: what was kept, what is now, and why."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from clinic_scheduler.models import Course, ForecastChange, Patient

PAGE = 50
DATES = ("earliest_date", "due_date", "overdue_date", "lapse_date")


@dataclass(frozen=True, slots=True)
class Changed:
    """One thing that reads otherwise: a date by its name, 'booking' by its code, or 'blocks' by theirs.

    `why` are sentences' parts in words, none where the rules say nothing of it.
    """

    about: str
    before: Any
    after: Any
    why: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RuleChange:
    """A course and all that changed of it. `booked_on` is the day of its visit, if it had one then."""

    id: int
    made_at: datetime
    patient_id: int
    mrn: str
    family_name: str
    given_name: str
    indication: str
    product: str
    booked_on: date | None
    changed: tuple[Changed, ...]


@dataclass(frozen=True, slots=True)
class RuleChangePage:
    """The newest first; `older_than` opens the next page, if there is one."""

    rows: Sequence[RuleChange]
    older_than: int | None


def rule_change_page(session: Session, clinic_id: int, older_than: int | None = None) -> RuleChangePage:
    query = _of_clinic(clinic_id).order_by(ForecastChange.id.desc()).limit(PAGE + 1)
    if older_than is not None:
        query = query.where(ForecastChange.id < older_than)
    found = [_change(row, course, patient) for row, course, patient in session.execute(query)]
    return RuleChangePage(found[:PAGE], found[PAGE - 1].id if len(found) > PAGE else None)


def rule_changes(session: Session, clinic_id: int) -> Iterator[RuleChange]:
    """All of them, the newest first."""
    query = _of_clinic(clinic_id).order_by(ForecastChange.id.desc())
    rows = session.execute(query.execution_options(yield_per=500))
    return (_change(row, course, patient) for row, course, patient in rows)


def _of_clinic(clinic_id: int) -> Select[ForecastChange, Course, Patient]:
    """With the patient whose the course is now: records may have been merged since."""
    return (
        select(ForecastChange, Course, Patient)
        .join(Course, Course.id == ForecastChange.course_id)
        .join(Patient, Patient.id == Course.patient_id)
        .where(ForecastChange.clinic_id == clinic_id)
    )


def _change(row: ForecastChange, course: Course, patient: Patient) -> RuleChange:
    booked_on = row.after["booked_on"] or row.before["booked_on"]
    return RuleChange(
        id=row.id,
        made_at=row.made_at,
        patient_id=patient.id,
        mrn=patient.mrn,
        family_name=patient.family_name,
        given_name=patient.given_name,
        indication=course.indication,
        product=course.product,
        booked_on=date.fromisoformat(booked_on) if booked_on else None,
        changed=tuple(_changed(row)),
    )


def _changed(row: ForecastChange) -> Iterator[Changed]:
    for about in (*DATES, "booking", "blocks"):
        before, after = row.before[about], row.after[about]
        if before == after:
            continue
        if about in DATES:
            before, after = date.fromisoformat(before), date.fromisoformat(after)
        yield Changed(
            about, before, after, tuple(why["text"] for why in row.because if why["about"] == about)
        )
