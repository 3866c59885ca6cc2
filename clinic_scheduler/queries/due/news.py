"""What is checked before the due list is shown, in one statement: news of the day, of rules, of work and of sending."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, Exists, ScalarSelect, func, or_, select
from sqlalchemy.orm import Session

from clinic_scheduler.models import Course, DueCount, DueCountChange, ForecastChange
from clinic_scheduler.queries.due.counted import SETTLED
from clinic_scheduler.queries.health import dispatch_times
from clinic_scheduler.queries.work_list import open_number

# So long the due list points to the report of what new date rules changed.
FRESH = timedelta(14)
# With more changes, or more days well past, than this, summing up takes pages longer than folding would.
MANY_CHANGES = 2_000


@dataclass(frozen=True, slots=True)
class DueNews:
    """`turned`: a course reads otherwise than is kept, since a day has begun. `unfolded`: see MANY_CHANGES.

    `last_dispatch` is health.last_dispatch, `open_work` is work_list.open_count.
    """

    turned: bool
    unfolded: bool
    rules_changed: bool
    last_dispatch: datetime | None
    open_work: int


def due_news(session: Session, clinic_id: int, today: date, now: datetime) -> DueNews:
    """All of it in one short statement, which every page of the list asks."""
    newest = select(ForecastChange.made_at).where(ForecastChange.clinic_id == clinic_id)
    last = newest.order_by(ForecastChange.id.desc()).limit(1).scalar_subquery()
    changes = _one_of_many(DueCountChange, DueCountChange.clinic_id == clinic_id)
    many = func.coalesce(changes, _one_of_many(DueCount, *_past(clinic_id, today)))
    asked = _turned(clinic_id, today), many, last, *dispatch_times(), open_number(clinic_id)
    turned, unfolded, made_at, begun, ended, work = session.execute(select(*asked)).one()
    return DueNews(
        turned=bool(turned),
        unfolded=unfolded is not None,
        rules_changed=made_at is not None and made_at > now - FRESH,
        last_dispatch=max((at for at in (begun, ended) if at), default=None),
        open_work=work,
    )


@dataclass(frozen=True, slots=True)
class ToDo:
    """What a worker finds to do for a clinic. `to_fold`: counts have changed, or days of them are well past."""

    turned: bool
    to_fold: bool


def to_do(session: Session, clinic_id: int, today: date) -> ToDo:
    """In one statement, since it is asked every minute."""
    changed = select(DueCountChange.id).where(DueCountChange.clinic_id == clinic_id).exists()
    passed = select(DueCount.number).where(*_past(clinic_id, today)).exists()
    turned, to_fold = session.execute(select(_turned(clinic_id, today), or_(changed, passed))).one()
    return ToDo(bool(turned), bool(to_fold))


def _turned(clinic_id: int, today: date) -> Exists:
    return select(Course.id).where(Course.clinic_id == clinic_id, Course.turns_on <= today).exists()


def _past(clinic_id: int, today: date) -> tuple[ColumnElement[bool], ...]:
    """Of counts: those of days that folding would make one."""
    days = DueCount.starts_on > date.min, DueCount.starts_on < today - SETTLED
    return DueCount.clinic_id == clinic_id, *days


def _one_of_many(kind: type[DueCount | DueCountChange], *which: ColumnElement[bool]) -> ScalarSelect[int]:
    """None unless there are MANY_CHANGES."""
    return select(kind.clinic_id).where(*which).offset(MANY_CHANGES).limit(1).scalar_subquery()
