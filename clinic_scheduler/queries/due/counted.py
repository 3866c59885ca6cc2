"""What the due list counts are kept from, and all that is kept. Reading them for a page is counts.py's."""

from collections import Counter
from collections.abc import Iterable
from datetime import date, timedelta
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, CompoundSelect, Select, bindparam, func, select, union_all
from sqlalchemy.orm import Session

from clinic_scheduler.domain.forecast.due_steps import Listing, Standing, Step, changes_of, steps_of
from clinic_scheduler.domain.forecast.values import Hold
from clinic_scheduler.models import ContactAttempt, Course, DueCount, DueCountChange
from clinic_scheduler.queries.due.contact_attempts import attempts_that_count

# Days so long past are one day in the counts: no clock is so slow that somebody still asks what stood before.
SETTLED = timedelta(7)


class Cell(NamedTuple):
    """What is counted together: courses of one provider, or of nobody, that come to stand so on one day."""

    provider_id: int
    starts_on: date
    standing: Standing


Cells = Counter[Cell]


class Counted(NamedTuple):
    """What a course's row says of how it is counted, and what else it is to be counted by."""

    counted: Any
    rests_until: date | None
    tries: int


def counted_columns() -> tuple[ColumnElement[Any], ...]:
    """The columns of Counted, for whoever selects courses. Read afresh, whatever a session knows of the row."""
    about = ContactAttempt.course_id == Course.id
    rests = select(func.max(ContactAttempt.hide_until)).where(about)
    tries = select(func.count()).where(about, *attempts_that_count())
    return (
        Course.counted.expression,
        rests.correlate(Course).scalar_subquery(),
        tries.correlate(Course).scalar_subquery(),
    )


def counted_now(session: Session, course_id: int) -> Counted:
    """Of one course alone."""
    return Counted(*session.execute(_counted(), {"id": course_id}).one())


@cache
def _counted() -> Select[*tuple[Any, ...]]:
    return select(*counted_columns()).where(Course.id == bindparam("id"))


def as_counted(row: Any, holds: Iterable[Hold], by: Counted) -> dict[str, Any]:
    """How a course is to be counted, as its row keeps it; `row` has the dates and the rest of Course's columns."""
    listing = Listing(
        earliest_date=row.earliest_date,
        due_date=row.due_date,
        overdue_date=row.overdue_date,
        lapse_date=row.lapse_date,
        closed_from=row.closed_from,
        booking=row.booking,
        blocked=bool(row.blocks),
        holds=[(hold.starts_on, hold.ends_on) for hold in holds],
        rests_until=by.rests_until,
        tries=by.tries,
    )
    steps = [[day.toordinal(), *(standing or ())] for day, standing in steps_of(listing)]
    return {"provider": row.provider_id or 0, "steps": steps}


def cells_of(counted: Any) -> Cells:
    """What a course that is counted so adds to the counts."""
    if not counted:
        return Counter()
    steps = [
        Step(date.fromordinal(day), Standing(*standing) if standing else None)
        for day, *standing in counted["steps"]
    ]
    return Counter({Cell(counted["provider"], *about): number for about, number in changes_of(steps).items()})


def settled(cell: Cell, horizon: date) -> Cell:
    """Days before the horizon are one day: whoever asks of a later one adds them all up anyway."""
    return cell if cell.starts_on >= horizon else cell._replace(starts_on=date.min)


def miscounted(session: Session, clinic_id: int, horizon: date) -> Cells:
    """By how much what is kept falls short of what the courses' rows say; there should be nothing.

    Asked in two statements, which must see one moment: in a transaction of REPEATABLE READ on PostgreSQL.
    """
    short: Cells = Counter()
    for counted in session.scalars(select(Course.counted).where(Course.clinic_id == clinic_id)):
        for cell, number in cells_of(counted).items():
            short[settled(cell, horizon)] += number
    for provider_id, starts_on, bucket, resting, tries, number in session.execute(_kept(clinic_id)):
        short[settled(Cell(provider_id, starts_on, Standing(bucket, resting, tries)), horizon)] -= number
    return Counter({cell: number for cell, number in short.items() if number})


def _kept(clinic_id: int) -> CompoundSelect[Any]:
    parts = (
        select(kind.provider_id, kind.starts_on, kind.bucket, kind.resting, kind.tries, kind.number).where(
            kind.clinic_id == clinic_id
        )
        for kind in (DueCount, DueCountChange)
    )
    return union_all(*parts)
