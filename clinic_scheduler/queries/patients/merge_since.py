"""What was done since two records were made one, and keeps that from being undone.

Undoing gives rows back as they were, so whatever people did with them meanwhile must not be lost by it: something
added or sent, a visit changed in any way, or a change to what the merge itself had changed. What the product works out
from the rest (dates, judgements, reminders that wait) is worked out anew, and stands in nobody's way. Another change
to a row that goes back goes with it.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from clinic_scheduler.domain.messaging.kinds import KINDS
from clinic_scheduler.domain.messaging.states import NOT_YET_TOLD
from clinic_scheduler.domain.messaging.suppression_reasons import SuppressionReason
from clinic_scheduler.domain.visits.kinds_and_states import AWAITING_ANSWER
from clinic_scheduler.models import Appointment, ForecastChange, Reminder, VisitOverride
from clinic_scheduler.queries.patients.merge_record import FROM_OTHER, TABLES, Merged, Rows, kept, rows_of

# Table -> columns that are worked out from other rows, on any day and by the worker too.
WORKED_OUT: Mapping[str, frozenset[str]] = {
    "courses": frozenset(
        {
            "rules_edition",
            "cycles_given",
            "reference_on",
            "earliest_date",
            "due_date",
            "overdue_date",
            "lapse_date",
            "closed_from",
            "blocks",
            "booked_on",
            "booking",
            "exposed_on",
            "turns_on",
            "counted",
            "next_visit_uid",
            "forecast_sequence",
            "forecast_changed_at",
            "reminders_planned_at",
        }
    ),
    "treatments": frozenset({"evaluation", "days_late", "payer_too_soon"}),
    "reminders": frozenset({"state", "suppressed_reason", "due_at", "expires_at", "updated_at"}),
}


def since_then(session: Session, merged: Merged) -> list[str]:
    """In words; none means that the merge can be undone exactly."""
    now = rows_of(session, [merged.keep.id, merged.lose.id])
    reasons = []
    for words, model in TABLES.items():
        table = model.__tablename__
        rows = [row for row in now[table].values() if not _only_for_a_held_time(model, row, now)]
        if any(_somebody_added(model, merged, row) for row in rows):
            reasons.append(f"{words} was added or sent since")
        elif _changed(merged, table, now[table]) or (model is Appointment and _touched(merged, now[table])):
            reasons.append(f"{words} was changed since")
    return reasons


def _somebody_added(model: Any, merged: Merged, row: Mapping[str, Any]) -> bool:
    """What is only planned is planned again; what was sent has been said, and what somebody did is to be told."""
    table = model.__tablename__
    last = merged.last.get(table)  # none of a table that former merges did not look at
    # SQLite gives the key of a row that was taken away to the next one.
    reused = {gone["id"] for gone in merged.removed.get(table, ())}
    if last is None or (row["id"] <= last and row["id"] not in reused) or model is ForecastChange:
        return False
    mergers = row["id"] in merged.added.get(table, ())
    if model is not Reminder:
        return not mergers
    return not _waits(row) or (not KINDS[row["kind"]].is_planned and not mergers)


def _only_for_a_held_time(model: Any, row: Mapping[str, Any], now: Rows) -> bool:
    """What a provider has allowed of a time that waits on: it goes with that time, to whoever asked for it."""
    if model is not VisitOverride:
        return False
    visit = now[Appointment.__tablename__].get(str(row["appointment_id"]))
    return visit is not None and visit["state"] in AWAITING_ANSWER


def _waits(row: Mapping[str, Any]) -> bool:
    return row["state"] in NOT_YET_TOLD and row["suppressed_reason"] != SuppressionReason.STOPPED_BY_STAFF


def _touched(merged: Merged, rows: Mapping[str, Any]) -> bool:
    return any(row["updated_at"] > kept(merged.at) for row in rows.values())


def _changed(merged: Merged, table: str, rows: Mapping[str, Any]) -> bool:
    """Whether a row that the merge changed is gone, or no longer as the merge left it."""
    return any(
        key not in rows or not _as_left(merged, table, rows[key], column, after)
        for key, columns in merged.changes.get(table, {}).items()
        for column, (_, after) in columns.items()
    )


def _as_left(merged: Merged, table: str, row: Mapping[str, Any], column: str, after: Any) -> bool:
    # A reminder that no longer waits was sent, or stopped by somebody.
    if column in WORKED_OUT.get(table, ()) and (table != Reminder.__tablename__ or _waits(row)):
        return True
    return bool(row[column] == (getattr(merged.lose, column) if after == FROM_OTHER else after))
