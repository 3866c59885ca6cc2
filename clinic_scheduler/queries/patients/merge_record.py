"""What a merge of two records changed, row by row. What happened since is queries/patients/merge_since.py's.

Only reads: services/patients/merging.py keeps what is found here in the audit record, services/patients/unmerging.py
puts it back.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, false, func, or_, select
from sqlalchemy.orm import Session

from clinic_scheduler.models import (
    Appointment,
    AuditEvent,
    Authorization,
    CalendarFeed,
    Consent,
    ContactAttempt,
    Course,
    ForecastChange,
    Hold,
    InboundMessage,
    Message,
    OverrideRequest,
    Patient,
    Reminder,
    StandingDecision,
    Treatment,
    VisitOverride,
    WorkItem,
)

# Every table with rows that merging may change, and what they are called where they stand in the way of undoing.
TABLES: dict[str, Any] = {
    "the record": Patient,
    "a course": Course,
    "a visit": Appointment,
    "an override": VisitOverride,
    "a treatment": Treatment,
    "a contact": ContactAttempt,
    "a hold": Hold,
    "an authorization": Authorization,
    "a message": Message,
    "a reminder": Reminder,
    "a calendar link": CalendarFeed,
    "a consent": Consent,
    "a reply": InboundMessage,
    "a task": WorkItem,
    "a request": OverrideRequest,
    "a decision": StandingDecision,
    "what new rules changed": ForecastChange,
}
# How to reach somebody stays out of the audit record: a merge only fills these where they are empty.
_PERSONAL = frozenset({"phone", "email"})
# What of a course is in the due list's counts stays true by itself, and must not be put back without them.
_COUNTED = frozenset({Course.counted.key})
# Written by the worker whenever it has planned.
PLANNED = "reminders_planned_at"
# What calendars tell a change by; undoing is one more change.
REVISION, REVISED_AT = "forecast_sequence", "forecast_changed_at"
FROM_OTHER = "from the other record"

# Taken away by the merge, or added by it, where a row was not merely changed: table -> rows, table -> keys.
Removed = Mapping[str, Sequence[Mapping[str, Any]]]
Added = Mapping[str, Sequence[int]]
# Table -> key -> column -> value, as JSON keeps it.
Rows = dict[str, dict[str, dict[str, Any]]]


@dataclass(frozen=True, slots=True)
class Merged:
    """The newest merge into a record that is not undone: `changes` of rows, and the `last` keys before it.

    `removed` are rows it took away, whole; `added` the keys of the statements and reminders it wrote.
    """

    keep: Patient
    lose: Patient
    at: datetime
    changes: Mapping[str, Any]
    last: Mapping[str, int]
    removed: Removed
    added: Added


def rows_of(session: Session, patient_ids: Collection[int]) -> Rows:
    """All rows of these patients and their courses."""
    courses = select(Course.id).where(Course.patient_id.in_(patient_ids)).scalar_subquery()
    found: Rows = {}
    for model in TABLES.values():
        table = model.__table__
        mine: list[ColumnElement[bool]] = [false()]
        if "patient_id" in table.c:
            mine.append(table.c.patient_id.in_(patient_ids))
        if "course_id" in table.c:
            mine.append(table.c.course_id.in_(courses))
        if model is VisitOverride:
            visits = select(Appointment.id).where(Appointment.patient_id.in_(patient_ids))
            mine.append(VisitOverride.appointment_id.in_(visits))
        if model is Patient:
            mine += [Patient.id.in_(patient_ids), Patient.merged_into_id.in_(patient_ids)]
        rows = session.execute(select(table).where(or_(*mine))).mappings()
        found[table.name] = {
            str(row["id"]): {name: kept(row[name]) for name in row if name not in _COUNTED} for row in rows
        }
    return found


def last_keys(session: Session) -> dict[str, int]:
    """The newest row of each table: what comes after it was not there before."""
    return {model.__tablename__: session.scalar(select(func.max(model.id))) or 0 for model in TABLES.values()}


def changes_between(before: Rows, after: Rows) -> dict[str, Any]:
    """Table -> key -> column -> [before, after], of the rows there were before."""
    changed: dict[str, Any] = {}
    for name, rows in after.items():
        for key, row in rows.items():
            if key in before[name] and before[name][key] != row:
                changed.setdefault(name, {})[key] = _difference(before[name][key], row)
    return changed


def removed_between(before: Rows, after: Rows) -> dict[str, Any]:
    """Table -> rows that were there before and are not any more: overrides that the other record's news outdated."""
    gone = {
        name: [row for key, row in rows.items() if key not in after[name]] for name, rows in before.items()
    }
    return {name: rows for name, rows in gone.items() if rows}


def added_between(before: Rows, after: Rows) -> dict[str, list[int]]:
    """Table -> keys of rows that were not there before."""
    new = {
        name: [row["id"] for key, row in rows.items() if key not in before[name]]
        for name, rows in after.items()
    }
    return {name: keys for name, keys in new.items() if keys}


def newest_merge(session: Session, keep: Patient) -> Merged | None:
    """None where nothing was merged into the record, or all of it is undone."""
    events = session.scalars(
        select(AuditEvent)
        .where(AuditEvent.patient_id == keep.id, AuditEvent.action == "merged")
        .order_by(AuditEvent.id.desc())
    )
    for event in events:
        lose = session.get(Patient, event.details.get("other_patient_id", 0))
        if lose is not None and lose.merged_into_id == keep.id:
            told = event.details
            # One made before these were kept has neither.
            if not told.get("changes") or not told.get("last"):
                return None
            removed, added = told.get("removed", {}), told.get("added", {})
            return Merged(keep, lose, event.at, told["changes"], told["last"], removed, added)
    return None


def kept(value: Any) -> Any:
    """As JSON keeps it."""
    if isinstance(value, date | datetime | time):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value


def column_value(column: Any, kept: Any) -> Any:
    """What JSON kept of a column, as the column takes it."""
    kind = getattr(column.type, "impl", column.type).python_type  # of instants, what they are stored as
    if kept is None or kind in (str, int, bool, dict):
        return kept
    return Decimal(kept) if kind is Decimal else kind.fromisoformat(kept)


def _difference(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, list[Any]]:
    return {
        name: [before[name], FROM_OTHER if name in _PERSONAL else after[name]]
        for name in after
        if before[name] != after[name]
    }
