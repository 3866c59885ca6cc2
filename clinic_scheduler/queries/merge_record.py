"""What a merge of two records changed, row by row, and what happened since that keeps it from being undone.

Only reads: services/patient_merge.py keeps what is found here in the audit record, services/patient_unmerge.py
puts it back.
"""

from collections.abc import Collection, Iterator, Mapping
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
    WorkItem,
)

# Every table with rows of a patient or a course, and what they are called where they stand in the way.
TABLES: dict[str, Any] = {
    "the record": Patient,
    "a course": Course,
    "a visit": Appointment,
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
# How to reach somebody stays out of the audit record: a merge only fills these where they are blank.
_PERSONAL = frozenset({"phone", "email"})
# Written by the worker whenever it has planned; nothing that somebody did.
PLANNED = "reminders_planned_at"
# What calendars tell a change by; undoing is one more change.
REVISION, REVISED_AT = "forecast_sequence", "forecast_changed_at"
FROM_OTHER = "from the other record"

# Table -> key -> column -> value, as JSON keeps it.
Rows = dict[str, dict[str, dict[str, Any]]]


@dataclass(frozen=True, slots=True)
class Merged:
    """The newest merge into a record that is not undone: `changes` of rows, and the `last` keys before it."""

    keep: Patient
    lose: Patient
    at: datetime
    changes: Mapping[str, Any]
    last: Mapping[str, int]


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
        if model is Patient:
            mine += [Patient.id.in_(patient_ids), Patient.merged_into_id.in_(patient_ids)]
        rows = session.execute(select(table).where(or_(*mine))).mappings()
        found[table.name] = {str(row["id"]): {name: kept(row[name]) for name in row} for row in rows}
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
            changes, last = event.details.get("changes"), event.details.get("last")
            # One made before these were kept has neither.
            return Merged(keep, lose, event.at, changes, last) if changes and last else None
    return None


def since_then(session: Session, merged: Merged) -> list[str]:
    """What was done with either record after the merge, in words; none means that it can be undone exactly."""
    now = rows_of(session, [merged.keep.id, merged.lose.id])
    reasons = []
    for words, model in TABLES.items():
        rows = now[model.__tablename__]
        new = [row for row in rows.values() if row["id"] > merged.last[model.__tablename__]]
        if model is Reminder:
            # What is only planned is planned again; what was sent has been said.
            new = [row for row in new if row["state"] not in ("pending", "suppressed")]
        elif model is ForecastChange:
            new = []  # nothing that somebody did
        if new:
            reasons.append(f"{words} was added or sent since")
        elif not all(_unchanged(merged, rows, *each) for each in _columns(merged, model.__tablename__)):
            reasons.append(f"{words} was changed since")
    return reasons


def kept(value: Any) -> Any:
    """As JSON keeps it."""
    if isinstance(value, date | datetime | time):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value


def column_value(column: Any, kept: Any) -> Any:
    """What JSON kept of a column, as the column takes it."""
    kind = getattr(column.type, "impl", column.type).python_type  # of instants, what they are stored as
    if kept is None or kind in (str, int, bool):
        return kept
    return Decimal(kept) if kind is Decimal else kind.fromisoformat(kept)


def _columns(merged: Merged, table: str) -> Iterator[tuple[str, str, Any]]:
    """(key, column, value after the merge)."""
    for key, columns in merged.changes.get(table, {}).items():
        for column, (_, after) in columns.items():
            if column != PLANNED:
                yield key, column, after


def _unchanged(merged: Merged, rows: Mapping[str, Any], key: str, column: str, after: Any) -> bool:
    if key not in rows:
        return False
    expected = getattr(merged.lose, column) if after == FROM_OTHER else after
    return bool(rows[key][column] == expected)


def _difference(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, list[Any]]:
    return {
        name: [before[name], FROM_OTHER if name in _PERSONAL else after[name]]
        for name in after
        if before[name] != after[name]
    }
