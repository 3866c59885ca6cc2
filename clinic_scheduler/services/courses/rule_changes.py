"""What a new edition of the date rules changes of a course: kept as its dates are first computed by that edition.

Each course's row says by which edition its dates were computed, so whatever computes them first leaves the report's
row and nothing later does; services/courses/adoption.py sees to it that everybody's are.
"""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from clinic_scheduler.domain.forecast.blocks import Against
from clinic_scheduler.domain.forecast.rules_edition import RULES_EDITION
from clinic_scheduler.domain.forecast.values import Forecast
from clinic_scheduler.domain.visits.check_texts import objections
from clinic_scheduler.domain.visits.day_checks import CourseFacts, is_over_cap
from clinic_scheduler.models import Course, ForecastChange, VisitOverride
from clinic_scheduler.queries.courses.histories import PatientHistory
from clinic_scheduler.queries.courses.visits_of_courses import overridden_injections

_DATES = ("earliest_date", "due_date", "overdue_date", "lapse_date")
# What reminders are planned from.
_PLANNED_FROM = (*_DATES, "reference_on", "cycles_given")
Kept = dict[str, Any]


def is_behind(row: Course) -> bool:
    """Whether the dates on the row are an earlier edition's."""
    return row.rules_edition < RULES_EDITION


def kept(row: Course) -> Kept:
    """What the course's row says."""
    return {name: getattr(row, name) for name in (*_PLANNED_FROM, "booking", "booked_on", "blocks")}


def keep_change(
    session: Session, row: Course, before: Kept, forecast: Forecast, facts: CourseFacts, now: datetime
) -> None:
    """The row is of this edition from now on; what it says otherwise than `before` goes into the report.

    Where dates moved the worker plans the reminders again.
    """
    row.rules_edition = RULES_EDITION
    after = kept(row)
    if any(before[name] != after[name] for name in _PLANNED_FROM):
        row.reminders_planned_at = None
    was, reads = _told(before), _told(after)
    if all(was[name] == reads[name] for name in (*_DATES, "booking", "blocks")):
        return
    session.add(
        ForecastChange(
            clinic_id=row.clinic_id,
            patient_id=row.patient_id,
            course_id=row.id,
            edition=RULES_EDITION,
            made_at=now,
            before=was,
            after=reads,
            because=[*_why_dates(was, reads, forecast), *_why_booking(was, reads, forecast, facts)],
        )
    )


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


def carry_over_cap(session: Session, histories: Iterable[PatientHistory], today: date) -> bool:
    """One reason of a provider used to pass over both the day and the cap of what was given; now each is named.

    The migration knew the day alone. What other visits bring over the cap nobody decided, and it is not added.
    Returns whether anything was added.
    """
    facts: dict[int | str, CourseFacts] = {}
    for history in histories:
        behind = [row.id for row in history.course_rows if is_behind(row)]
        read = history.read(today) if behind else {}
        facts |= {key: read[key][1] for key in behind}
    added = False
    for visit in overridden_injections(session, [key for key in facts if isinstance(key, int)]):
        names = {row.name: row for row in visit.overrides}
        early = names.get(Against.TOO_EARLY)
        given_alone = facts[visit.course_id]._replace(others=())
        if early and Against.OVER_CAP not in names and is_over_cap(given_alone, visit.local_date):
            visit.overrides.append(_like(early, Against.OVER_CAP))
            added = True
    if added:
        session.flush()
    return added


def _like(row: VisitOverride, name: Against) -> VisitOverride:
    return VisitOverride(
        name=name,
        reason=row.reason,
        note=row.note,
        decided_by_id=row.decided_by_id,
        decided_by=row.decided_by,
        decided_at=row.decided_at,
    )
