"""What other figures would do to the open courses they hold for: both forecasts, reckoned and compared."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from clinic_scheduler.domain.forecast.due_dates import forecast_all
from clinic_scheduler.domain.forecast.judgements import Timing
from clinic_scheduler.domain.forecast.values import Course as CourseValue
from clinic_scheduler.domain.forecast.values import Forecast
from clinic_scheduler.models import Course, Patient
from clinic_scheduler.queries.courses.histories import PatientHistory, patient_histories

_DATES = ("earliest_date", "due_date", "overdue_date", "lapse_date")
_BATCH = 500


@dataclass(frozen=True, slots=True)
class VisitAffected:
    """A booked visit that would no longer stand well. `becomes` is how it would stand: too_early, say."""

    patient_id: int
    family_name: str
    given_name: str
    booked_on: date
    becomes: str
    earliest_date: date
    overdue_date: date


@dataclass(slots=True)
class FiguresPreview:
    """What figures would do to open courses; `blocked` counts those that would be, `rejudged` treatments."""

    open_courses: int = 0
    dates_change: int = 0
    due_sooner: int = 0
    due_later: int = 0
    blocked: int = 0
    unblocked: int = 0
    reevaluated: int = 0
    visits: list[VisitAffected] = field(default_factory=list)


def figures_preview(
    session: Session,
    which: ColumnElement[bool],
    drafted: Callable[[CourseValue], CourseValue],
    today: date,
) -> FiguresPreview:
    """Of the open courses `which`, as they are and as `drafted` makes them; nothing is written.

    `drafted` is asked of every course of their patients, and returns those it does not concern as they are.
    """
    found = FiguresPreview()
    ids = session.scalars(select(Course.patient_id).where(which).distinct().order_by(Course.patient_id)).all()
    for start in range(0, len(ids), _BATCH):
        batch = ids[start : start + _BATCH]
        names = _names(session, batch)
        for patient_id, history in patient_histories(session, batch).items():
            for old, new in _compared(history, drafted, today):
                _count(found, old, new)
                if new.booked_on and new.booking not in ("ok", old.booking):
                    found.visits.append(_affected(patient_id, names[patient_id], new.booked_on, new))
    found.visits.sort(key=lambda visit: (visit.booked_on, visit.family_name, visit.given_name))
    return found


def _names(session: Session, ids: Sequence[int]) -> dict[int, tuple[str, str]]:
    rows = session.execute(
        select(Patient.id, Patient.family_name, Patient.given_name).where(Patient.id.in_(ids))
    )
    return {row.id: (row.family_name, row.given_name) for row in rows}


def _compared(
    history: PatientHistory, drafted: Callable[[CourseValue], CourseValue], today: date
) -> Iterator[tuple[Forecast, Forecast]]:
    courses = [drafted(course) for course in history.courses]
    before = forecast_all(history.patient, history.courses, history.sessions, today)
    after = forecast_all(history.patient, courses, history.sessions, today)
    for course, draft, old, new in zip(history.courses, courses, before, after, strict=True):
        if draft is not course and old.timing != Timing.CLOSED:
            yield old, new


def _count(found: FiguresPreview, old: Forecast, new: Forecast) -> None:
    found.open_courses += 1
    found.dates_change += any(getattr(old, name) != getattr(new, name) for name in _DATES)
    found.due_sooner += new.due_date < old.due_date
    found.due_later += new.due_date > old.due_date
    found.blocked += bool(set(new.blocks) - set(old.blocks))
    found.unblocked += bool(set(old.blocks) - set(new.blocks))
    found.reevaluated += sum(
        before.evaluation != after.evaluation
        for before, after in zip(old.sessions, new.sessions, strict=True)
    )


def _affected(patient_id: int, name: Sequence[str], booked_on: date, new: Forecast) -> VisitAffected:
    family_name, given_name = name
    return VisitAffected(
        patient_id, family_name, given_name, booked_on, new.booking, new.earliest_date, new.overdue_date
    )
