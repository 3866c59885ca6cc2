"""Why visits stand where the rules would not have them, one line each: "Booked on day 80: Travel (Dr. Amara Reid)"."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Protocol

from sqlalchemy import select
from sqlalchemy.orm import Session

from clinic_scheduler.domain.override_reasons import ALREADY_OVERDUE
from clinic_scheduler.domain.visit_words import override_line
from clinic_scheduler.models import VisitOverride
from clinic_scheduler.queries.override_reasons import reason_words


class Shown(Protocol):
    """A visit as a list or a table has it; `exposed_on` is when its course's patient was last exposed."""

    @property
    def id(self) -> int: ...
    @property
    def local_date(self) -> date: ...
    @property
    def exposed_on(self) -> date | None: ...


def override_lines(session: Session, clinic_id: int, visits: Iterable[Shown]) -> dict[int, Sequence[str]]:
    """Lines by visit id, none for those that nothing was overridden for.

    That a course was overdue already is no one's decision, so it is not said.
    """
    shown = {visit.id: visit for visit in visits}
    rows = session.scalars(
        select(VisitOverride)
        .where(VisitOverride.appointment_id.in_(shown), VisitOverride.reason != ALREADY_OVERDUE)
        .order_by(VisitOverride.id)
    ).all()
    if not rows:
        return {}
    words = reason_words(session, clinic_id)
    lines: dict[int, list[str]] = {}
    for row in rows:
        visit = shown[row.appointment_id]
        day_number = (visit.local_date - visit.exposed_on).days if visit.exposed_on else None
        said = words.get((row.name, row.reason), row.reason)
        lines.setdefault(visit.id, []).append(
            override_line(row.name, said, row.note, row.decided_by, day_number)
        )
    return dict(lines)
