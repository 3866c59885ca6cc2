"""What a treatment takes off an authorization and gives back: one visit for all rows of a day, units for each."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from sqlalchemy.orm import Session

from clinic_scheduler.models import Authorization, Course, Treatment
from clinic_scheduler.queries.courses.treatment_result import rows_of_the_visit


def use_authorization(course: Course, row: Treatment, beside: Sequence[Treatment]) -> None:
    """Take the visit and its units off the first authorization that covers the day; the row keeps what was taken.

    A second row of a day is the same visit: it is counted on the same authorization, by its units alone. `beside`
    are the other rows of the visit.
    """
    before = _counted_with(beside)
    leave = _leave_of(course, row, before)
    # Under a course units are always known.
    units = row.units or Decimal(0)
    if units <= 0 or leave is None:
        row.authorization_id = row.authorization_visits = row.authorization_units = None
        return
    row.authorization_id = leave.id
    row.authorization_visits = 0 if leave.visits_left is None or before is not None else 1
    row.authorization_units = Decimal(0) if leave.units_left is None else min(leave.units_left, units)
    if leave.visits_left is not None:
        leave.visits_left -= row.authorization_visits
    if leave.units_left is not None:
        leave.units_left -= row.authorization_units


def give_back(session: Session, row: Treatment) -> dict[str, object]:
    """What the row took goes back, the visit only with the last row of its day. The row keeps what it was."""
    if row.authorization_id is None:
        return {}
    leave = session.get_one(Authorization, row.authorization_id)
    heir = next((r for r in rows_of_the_visit(session, row) if _may_inherit(r, row)), None)
    if heir is not None:
        heir.authorization_visits, row.authorization_visits = row.authorization_visits, 0
    if leave.visits_left is not None:
        leave.visits_left += row.authorization_visits or 0
    if leave.units_left is not None:
        leave.units_left += row.authorization_units or 0
    return authorization_used(row)


def authorization_used(row: Treatment) -> dict[str, object]:
    """What recording took, as the audit keeps it."""
    if row.authorization_id is None:
        return {}
    return {"authorization_id": row.authorization_id, "authorization_units": str(row.authorization_units)}


def _leave_of(course: Course, row: Treatment, before: Treatment | None) -> Authorization | None:
    if before is not None:
        return next((a for a in course.authorizations if a.id == before.authorization_id), None)
    covering = [a for a in course.authorizations if a.starts_on <= row.given_on <= a.ends_on]
    usable = [a for a in covering if a.visits_left is None or a.visits_left > 0]
    return min(usable, key=_fewest_left_first, default=None)


def _counted_with(rows: Sequence[Treatment]) -> Treatment | None:
    """The row of the same day that an authorization pays for already; the one its visit was taken for, if any."""
    paid = [row for row in rows if row.authorization_id is not None]
    return max(paid, key=lambda row: row.authorization_visits or 0, default=None)


def _may_inherit(heir: Treatment, row: Treatment) -> bool:
    """Whether `heir` stands for the visit that `row` was counted with."""
    return heir.authorization_id == row.authorization_id and not heir.authorization_visits


def _fewest_left_first(row: Authorization) -> tuple[date, int]:
    return row.ends_on, row.id
