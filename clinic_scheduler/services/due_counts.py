"""Keeping the due list's counts true: in the transaction that changes a course, without waiting for anybody else's.

A course's row remembers what it is counted as; what is added is the difference between that and what it should be.
Differences may come in any order and at once, since only their sum counts. They are folded into few rows by the worker,
or by a page that finds many.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, delete, insert, select
from sqlalchemy.orm import Session

from clinic_scheduler.domain.forecast.due_steps import Standing
from clinic_scheduler.domain.forecast.judgements import Bucket
from clinic_scheduler.domain.forecast.values import Hold
from clinic_scheduler.models import Course, DueCount, DueCountChange
from clinic_scheduler.models import Hold as HoldRow
from clinic_scheduler.queries.courses.histories import PatientHistory
from clinic_scheduler.queries.courses.history_values import hold_value
from clinic_scheduler.queries.courses.holds import concerns
from clinic_scheduler.queries.due.counted import (
    SETTLED,
    Cell,
    Cells,
    as_counted,
    cells_of,
    counted_now,
    miscounted,
    settled,
)
from clinic_scheduler.services.inserts import insert_into

FOLDED_AT_ONCE = 5_000


def recount(session: Session, histories: Iterable[PatientHistory]) -> None:
    """Count these patients' courses as their rows are now. The patients are locked since before they were read."""
    clinics: dict[int, Cells] = {}
    for history in histories:
        for row, holds in with_holds(history):
            by = history.counted[row.id]
            after = as_counted(row, holds, by)
            if after != by.counted:
                history.counted[row.id] = by._replace(counted=after)  # whoever goes on with this history
                row.counted = after
                _add(clinics.setdefault(row.clinic_id, Counter()), cells_of(after), cells_of(by.counted))
    for clinic_id, cells in clinics.items():
        _write_changes(session, clinic_id, cells)


def begin_new_round(session: Session, history: PatientHistory, course_id: int) -> None:
    """The course was just booked or treated: attempts to reach the patient before that may count no more."""
    if history.counted[course_id].tries:
        history.counted[course_id] = counted_now(session, course_id)


def with_holds(history: PatientHistory) -> Iterator[tuple[Course, Sequence[Hold]]]:
    """Each course with the patient's holds and those of its indication."""
    for row, course in zip(history.course_rows, history.courses, strict=True):
        yield row, (*history.patient.holds, *course.holds)


def recount_course(session: Session, course: Course) -> None:
    """The same for one course whose attempts to reach the patient have changed; the patient is locked."""
    session.flush()
    wanted = select(HoldRow).join(Course, concerns(HoldRow, Course)).where(Course.id == course.id)
    by = counted_now(session, course.id)
    after = as_counted(course, map(hold_value, session.scalars(wanted)), by)
    if after != by.counted:
        course.counted = after
        cells: Cells = Counter()
        _add(cells, cells_of(after), cells_of(by.counted))
        _write_changes(session, course.clinic_id, cells)


def _add(cells: Cells, more: Mapping[Cell, int], fewer: Mapping[Cell, int]) -> None:
    cells.update(more)
    cells.subtract(fewer)


def _write_changes(session: Session, clinic_id: int, cells: Cells) -> None:
    rows = [_columns(clinic_id, cell, number) for cell, number in cells.items() if number]
    if rows:
        session.execute(insert(DueCountChange), rows)


def _columns(clinic_id: int, cell: Cell, number: int) -> dict[str, Any]:
    provider_id, starts_on, standing = cell
    return {
        "clinic_id": clinic_id,
        "provider_id": provider_id,
        "starts_on": starts_on,
        **standing._asdict(),
        "number": number,
    }


def fold(session: Session, clinic_id: int, today: date) -> int:
    """Put up to FOLDED_AT_ONCE changes, and days that are well past, into the counts; how many rows that took.

    Two who fold at once take different changes. Whoever adds some meanwhile waits for neither.
    """
    horizon = today - SETTLED
    oldest = (
        select(DueCountChange.id)
        .where(DueCountChange.clinic_id == clinic_id)
        .order_by(DueCountChange.id)
        .limit(FOLDED_AT_ONCE)
        .with_for_update(skip_locked=True)
    )
    past = DueCount.starts_on > date.min, DueCount.starts_on < horizon
    taken = [
        *_taken(session, DueCountChange, DueCountChange.id.in_(oldest)),
        *_taken(session, DueCount, DueCount.clinic_id == clinic_id, *past),
    ]
    cells: Cells = Counter()
    for cell, number in taken:
        cells[settled(cell, horizon)] += number
    add_counts(session, clinic_id, cells)
    return len(taken)


def _taken(
    session: Session, kind: type[DueCount | DueCountChange], *which: ColumnElement[bool]
) -> Iterator[tuple[Cell, int]]:
    """What these rows say, which are no longer there."""
    gone = (
        delete(kind)
        .where(*which)
        .returning(kind.provider_id, kind.starts_on, kind.bucket, kind.resting, kind.tries, kind.number)
        .execution_options(synchronize_session=False)
    )
    for provider_id, starts_on, bucket, resting, tries, number in session.execute(gone).all():
        yield Cell(provider_id, starts_on, Standing(Bucket(bucket), resting, tries)), number


def add_counts(session: Session, clinic_id: int, cells: Cells) -> None:
    """In one order whoever folds, so that none waits for one who waits for it. Sums that are nothing go."""
    rows = [_columns(clinic_id, cell, cells[cell]) for cell in sorted(cells) if cells[cell]]
    if not rows:
        return
    more = insert_into(session, DueCount)
    key = [column.name for column in DueCount.__mapper__.primary_key]
    sums = {"number": DueCount.number + more.excluded.number}
    added = more.on_conflict_do_update(index_elements=key, set_=sums)
    session.execute(added, rows)
    nothing = DueCount.clinic_id == clinic_id, DueCount.number == 0
    session.execute(delete(DueCount).where(*nothing).execution_options(synchronize_session=False))


def wrong_sums(session: Session, clinic_id: int, today: date) -> Iterator[str]:
    """What mend would add, in words. See miscounted."""
    short = miscounted(session, clinic_id, today - SETTLED)
    for (provider_id, starts_on, standing), number in sorted(short.items()):
        since = "" if starts_on == date.min else f" from {starts_on} on"
        yield (
            f"due list: {standing.bucket}{since} of provider {provider_id or 'nobody'} is kept as {abs(number)} "
            f"course{'s' if abs(number) != 1 else ''} too {'few' if number > 0 else 'many'}"
        )


def mend(session: Session, clinic_id: int, today: date) -> Cells:
    """Make what is kept the sum of what the courses' rows say; returns by how much it fell short. See miscounted.

    Others may change courses meanwhile: what is added is a difference like theirs.
    """
    short = miscounted(session, clinic_id, today - SETTLED)
    _write_changes(session, clinic_id, short)
    return short
