"""One line for each overridden visit, saying why it stands: "Booked on day 80: Travel (Dr. Amara Reid)"."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from clinic_scheduler.domain.visits.check_texts import override_line
from clinic_scheduler.domain.visits.override_reasons import ALREADY_OVERDUE
from clinic_scheduler.models import Appointment, VisitOverride
from clinic_scheduler.queries.schedule.override_reasons import reason_words


class ShownVisit(NamedTuple):
    """A visit somewhere on a page; `exposed_on` is when its course's patient was last exposed."""

    id: int
    local_date: date
    exposed_on: date | None


def shown(visits: Iterable[Appointment]) -> list[ShownVisit]:
    return [ShownVisit(visit.id, visit.local_date, visit.course.exposed_on) for visit in visits]


def override_lines(
    session: Session, clinic_id: int, visits: Iterable[ShownVisit]
) -> Mapping[int, Sequence[str]]:
    """Lines by visit id, none for those that nothing was overridden for.

    That a course was overdue already is no one's decision, so it is not said.
    """
    by_id = {visit.id: visit for visit in visits}
    rows = session.scalars(
        select(VisitOverride)
        .where(VisitOverride.appointment_id.in_(by_id), VisitOverride.reason != ALREADY_OVERDUE)
        .order_by(VisitOverride.id)
    ).all()
    if not rows:
        return {}
    words = reason_words(session, clinic_id)
    lines: dict[int, list[str]] = {}
    for row in rows:
        visit = by_id[row.appointment_id]
        day_number = (visit.local_date - visit.exposed_on).days if visit.exposed_on else None
        said = words.get((row.name, row.reason), row.reason)
        lines.setdefault(visit.id, []).append(
            override_line(row.name, said, row.note, row.decided_by, day_number)
        )
    return lines
