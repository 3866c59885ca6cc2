"""Undoing a merge: every row goes back to what it was, or nothing is changed and the reason is said."""

from datetime import datetime

from sqlalchemy import delete, insert, update
from sqlalchemy.orm import Session

from clinic_scheduler.domain.day_names import aloud
from clinic_scheduler.domain.errors import InvalidInput
from clinic_scheduler.models import Course, Patient, Reminder
from clinic_scheduler.queries.lookups import row_in_clinic
from clinic_scheduler.queries.patients.merge_record import (
    PLANNED,
    REVISED_AT,
    REVISION,
    TABLES,
    Merged,
    column_value,
    kept,
    newest_merge,
)
from clinic_scheduler.queries.patients.merge_since import since_then
from clinic_scheduler.services.audit import record
from clinic_scheduler.services.calendars.revision import raise_revision
from clinic_scheduler.services.change import Change
from clinic_scheduler.services.courses.forecasting import refresh
from clinic_scheduler.services.locks import lock_clinic, lock_patients
from clinic_scheduler.services.patients import search_keys
from clinic_scheduler.services.visits.guard import Unresolved, unresolved


def unmerge(change: Change, keep_id: int, lose_id: int) -> None:
    """Make two records of one again: of the newest merge into `keep`, which took over `lose`.

    Raises InvalidInput with everything that was done since and would be torn apart, or with what would come to
    stand against a visit ahead that only a provider may override (DD-11); NotFound.
    """
    session = change.session
    keep = row_in_clinic(session, Patient, change.clinic_id, keep_id)
    row_in_clinic(session, Patient, change.clinic_id, lose_id)
    lock_clinic(session, change.clinic_id)
    lock_patients(session, [keep_id, lose_id])
    session.flush()
    session.expire_all()
    merged = newest_merge(session, keep)
    if merged is None or merged.lose.id != lose_id:
        raise InvalidInput("this merge cannot be undone. Nothing was changed")
    reasons = since_then(session, merged)
    if reasons:
        raise InvalidInput("; ".join(reasons))
    today, both = change.today, [keep_id, lose_id]
    before = unresolved(session, both, today)
    _put_back(session, merged, change.now)
    session.expire_all()
    if _had_joined_courses(merged):
        raise_revision(session, change.clinic_id, change.now)  # staff's calendars call visits by their course
    search_keys.index(session, [merged.keep, merged.lose])
    _bring_in_line(change, merged)
    _require_visits_allowed(before, unresolved(session, both, today))
    for patient, other in ((merged.keep, merged.lose), (merged.lose, merged.keep)):
        record(
            change, "merge_undone", "patients", patient.id, patient_id=patient.id, other_patient_id=other.id
        )


def _put_back(session: Session, merged: Merged, now: datetime) -> None:
    """Reminders planned by the merge or since go; a course planned since then is left to the worker to plan."""
    newer = Reminder.id > merged.last["reminders"]
    session.execute(delete(Reminder).where(Reminder.patient_id.in_([merged.keep.id, merged.lose.id]), newer))
    _put_back_rows(session, merged)
    for model in TABLES.values():
        for key, columns in merged.changes.get(model.__tablename__, {}).items():
            row = session.get_one(model, int(key))
            before = {name: column_value(model.__table__.c[name], old) for name, (old, _) in columns.items()}
            if PLANNED in columns and kept(row.reminders_planned_at) != columns[PLANNED][1]:
                before[PLANNED] = None
            if REVISION in before:
                # Calendars that showed the merged course take no lower revision for news.
                before |= {REVISION: max(row.forecast_sequence, before[REVISION]) + 1, REVISED_AT: now}
            session.execute(
                update(model)
                .where(model.id == row.id)
                .values(before)
                .execution_options(synchronize_session=False)
            )


def _put_back_rows(session: Session, merged: Merged) -> None:
    """What the merge added goes, what it took away is there again: under its own key, unless another row has that.

    SQLite gives a key that is free again to the next row, perhaps another patient's.
    """
    for model in TABLES.values():
        table = model.__table__
        added = merged.added.get(table.name)
        if added:
            session.execute(delete(model).where(model.id.in_(added)))
        for row in merged.removed.get(table.name, ()):
            values = {name: column_value(table.c[name], value) for name, value in row.items()}
            if session.get(model, row["id"]) is not None:
                del values["id"]
            session.execute(insert(table).values(values))


def _require_visits_allowed(before: Unresolved, after: Unresolved) -> None:
    """What stood against a visit while the records were one is known; what did not would come about unseen."""
    reasons = [
        f"the visit on {aloud(visit.local_date)} at {visit.local_time:%H:%M} could not stay: "
        f"{each.title}. {each.text}".removesuffix(".")
        for visit, against in after.values()
        for each in against
        if each.name not in {known.name for known in before[visit.id][1]}
    ]
    if reasons:
        raise InvalidInput("; ".join([*reasons, "nothing was changed"]))


def _had_joined_courses(merged: Merged) -> bool:
    return any("course_id" in columns for rows in merged.changes.values() for columns in rows.values())


def _bring_in_line(change: Change, merged: Merged) -> None:
    """On the day itself all is as it was. Later, dates are looked at anew, and reminders are the worker's to plan."""
    today = change.today
    both = [merged.keep.id, merged.lose.id]
    refresh(change.session, both, today, change.now)
    if today != merged.at.astimezone(change.zone).date():
        change.session.execute(
            update(Course).where(Course.patient_id.in_(both)).values(reminders_planned_at=None)
        )
