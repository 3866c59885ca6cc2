"""A course's view as the values its chart and table show; drawing is charts.py's."""

from collections.abc import Container, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from clinic_scheduler.domain.forecast.judgements import EvaluationStatus, Timing
from clinic_scheduler.queries.courses.course_view import CourseView
from clinic_scheduler.web.charts import Dose, DoseChart
from clinic_scheduler.web.formats import GivenElsewhere, product, words

# More marks than this have no room for their dates; older ones stay in the table.
MOST_BARS = 10
# What was given elsewhere longer than this before the first bar would press the bars together.
BEFORE_THE_FIRST = timedelta(365)


@dataclass(frozen=True, slots=True)
class DoseRow:
    """One line of the table: `interval` in days since the treatment before, `due_on` when its cycle was due.

    With `elsewhere` it is what was given elsewhere, which no course judges.
    """

    given_on: date
    units: float | None
    interval: int | None = None
    due_on: date | None = None
    days_late: int | None = None
    evaluation: EvaluationStatus | None = None
    elsewhere: GivenElsewhere | None = None


def dose_rows(view: CourseView) -> list[DoseRow]:
    """The course's treatments and what was given elsewhere, the oldest first."""
    elsewhere = (
        DoseRow(row.given_on, None if row.units is None else float(row.units), elsewhere=row)
        for row in view.elsewhere
    )
    return sorted([*_own_rows(view), *elsewhere], key=lambda row: row.given_on)


def _own_rows(view: CourseView) -> list[DoseRow]:
    cycles = {cycle.given_on: cycle for cycle in view.adherence.cycles}
    rows: list[DoseRow] = []
    for row, evaluated in reversed(view.treatments):
        cycle = cycles.get(evaluated.given_on) if evaluated.satisfies else None
        before = rows[-1].given_on if rows else None
        rows.append(
            DoseRow(
                given_on=evaluated.given_on,
                units=float(row.units or 0),
                interval=(evaluated.given_on - before).days if before else None,
                due_on=evaluated.given_on - timedelta(cycle.days_late) if cycle else None,
                days_late=cycle.days_late if cycle else None,
                evaluation=evaluated.evaluation,
            )
        )
    return rows


def dose_chart_of(view: CourseView) -> DoseChart:
    """The newest MOST_BARS treatments, the cap as of today, and when each cycle was due."""
    rows = _charted(dose_rows(view))
    satisfies = {evaluated.given_on for _, evaluated in view.treatments if evaluated.satisfies}
    going_on = view.forecast.timing != Timing.CLOSED
    first = rows[0].given_on if rows else date.max
    return DoseChart(
        key=f"course-{view.course.id}",
        title=f"Doses and intervals: {words(view.course.indication)}, {product(view.course.product)}",
        doses=[_dose(row, satisfies) for row in rows],
        cap=view.cap,
        due=[row.due_on for row in rows if row.due_on is not None and row.due_on >= first],
        next_due=view.forecast.due_date if going_on else None,
    )


def _charted(rows: Sequence[DoseRow]) -> Sequence[DoseRow]:
    newest = rows[-MOST_BARS:]
    since = min((row.given_on for row in newest if row.elsewhere is None), default=date.max)
    return [row for row in newest if row.elsewhere is None or row.given_on + BEFORE_THE_FIRST >= since]


def _dose(row: DoseRow, satisfies: Container[date]) -> Dose:
    if row.elsewhere is not None:
        rough = row.elsewhere.is_approximate
        return Dose(row.given_on, row.units, counts=False, elsewhere=True, is_approximate=rough)
    return Dose(row.given_on, row.units, row.given_on in satisfies)
