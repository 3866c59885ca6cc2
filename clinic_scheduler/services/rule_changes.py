"""Keeping what a new edition of the date rules changes of a course, as its dates are computed anew."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from clinic_scheduler.domain.rules_edition import RULES_EDITION
from clinic_scheduler.domain.values import Forecast
from clinic_scheduler.domain.visit_day import CourseFacts
from clinic_scheduler.domain.visit_words import objections
from clinic_scheduler.models import Clinic, Course, ForecastChange, Patient

_DATES = ("earliest_date", "due_date", "overdue_date", "lapse_date")
# What reminders are planned from.
_PLANNED_FROM = (*_DATES, "reference_on", "cycles_given")
Kept = dict[str, Any]


def patients_behind(session: Session, patient_ids: Sequence[int]) -> set[int]:
    """Those whose kept dates may still be of an earlier edition, since not all of their clinic's are of this one."""
    return set(
        session.scalars(
            select(Patient.id)
            .join(Clinic, Clinic.id == Patient.clinic_id)
            .where(Patient.id.in_(patient_ids), Clinic.rules_edition < RULES_EDITION)
        )
    )


def kept(row: Course) -> Kept | None:
    """What the course's row says now; None where nothing was computed for it yet."""
    if len({getattr(row, name) for name in _DATES}) == 1:
        return None  # stand-ins of a course just opened: no rule gives such dates (DD-16)
    return {name: getattr(row, name) for name in (*_PLANNED_FROM, "booking", "booked_on", "blocks")}


def keep_change(
    session: Session, row: Course, before: Kept | None, forecast: Forecast, facts: CourseFacts, now: datetime
) -> None:
    """Write down how the course reads otherwise than `before`, once an edition however often it is computed.

    The former reading stays that of the earlier edition, so that an adoption may be broken off and go on.
    Where dates moved the worker plans the reminders again.
    """
    if before is None:
        return
    if any(before[name] != getattr(row, name) for name in _PLANNED_FROM):
        row.reminders_planned_at = None
    known = session.scalar(
        select(ForecastChange).where(
            ForecastChange.course_id == row.id, ForecastChange.edition == RULES_EDITION
        )
    )
    after = kept(row)
    assert after is not None
    was, reads = known.before if known else _told(before), _told(after)
    if was == reads:
        if known is not None:
            session.delete(known)
        return
    if known is None:
        known = ForecastChange(
            clinic_id=row.clinic_id, patient_id=row.patient_id, course_id=row.id, edition=RULES_EDITION
        )
        session.add(known)
    elif known.after == reads:
        return
    known.made_at, known.before, known.after = now, was, reads
    known.because = [*_why_dates(was, reads, forecast), *_why_booking(was, reads, forecast, facts)]


def _told(values: Kept) -> dict[str, Any]:
    dates = {name: values[name].isoformat() for name in _DATES}
    return dates | {
        "booking": values["booking"],
        "booked_on": values["booked_on"].isoformat() if values["booked_on"] else None,
        "blocks": values["blocks"].split(),
    }


def _why_dates(was: dict[str, Any], reads: dict[str, Any], forecast: Forecast) -> list[dict[str, str]]:
    return [
        {"about": reason.date, "rule": reason.rule, "text": reason.text}
        for reason in forecast.because
        if was[reason.date] != reads[reason.date]
    ]


def _why_booking(
    was: dict[str, Any], reads: dict[str, Any], forecast: Forecast, facts: CourseFacts
) -> list[dict[str, str]]:
    """What stands against the booked visit and was not overridden, where it stands otherwise than before."""
    if was["booking"] == reads["booking"] or forecast.booked_on is None:
        return []
    return [
        {"about": "booking", "rule": found.name.value, "text": f"{found.title}. {found.text}"}
        for found in objections(facts, forecast.booked_on, forecast.because[0])
        if found.name not in facts.course.booked_override
    ]
