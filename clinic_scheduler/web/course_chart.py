"""A course's view as the values its chart and table show; drawing is charts.py's."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from clinic_scheduler.queries.course_view import CourseView
from clinic_scheduler.web.charts import Dose, DoseChart
from clinic_scheduler.web.formats import product, words

# More bars than this have no room for their dates; older ones stay in the table.
MOST_BARS = 10


@dataclass(frozen=True, slots=True)
class DoseRow:
    """One line of the table: `interval` in days since the treatment before, `due_on` when its cycle was due."""

    given_on: date
    units: float
    interval: int | None
    due_on: date | None
    days_late: int | None
    evaluation: str


def dose_rows(view: CourseView) -> list[DoseRow]:
    """The course's treatments, the oldest first."""
    cycles = {cycle.given_on: cycle for cycle in view.adherence.cycles}
    rows: list[DoseRow] = []
    for row, judged in reversed(view.treatments):
        cycle = cycles.get(judged.given_on) if judged.satisfies else None
        before = rows[-1].given_on if rows else None
        rows.append(
            DoseRow(
                given_on=judged.given_on,
                units=float(row.units or 0),
                interval=(judged.given_on - before).days if before else None,
                due_on=judged.given_on - timedelta(cycle.days_late) if cycle else None,
                days_late=cycle.days_late if cycle else None,
                evaluation=judged.evaluation,
            )
        )
    return rows


def dose_chart_of(view: CourseView) -> DoseChart:
    """The newest MOST_BARS treatments, the cap as of today, and when each cycle was due."""
    rows: Sequence[DoseRow] = dose_rows(view)[-MOST_BARS:]
    satisfies = {judged.given_on for _, judged in view.treatments if judged.satisfies}
    going_on = view.forecast.timing != "closed"
    first = rows[0].given_on if rows else date.max
    return DoseChart(
        key=f"course-{view.course.id}",
        title=f"Doses and intervals: {words(view.course.indication)}, {product(view.course.product)}",
        doses=[Dose(row.given_on, row.units, row.given_on in satisfies) for row in rows],
        cap=view.cap,
        due=[row.due_on for row in rows if row.due_on is not None and row.due_on >= first],
        next_due=view.forecast.due_date if going_on else None,
    )
