"""One line for each overridden visit, saying why it stands: "Booked on day 80: Travel (Dr. Amara Reid)"."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from clinic_scheduler.domain.visits.check_texts import override_line
from clinic_scheduler.domain.visits.override_reasons import ALREADY_OVERDUE
from clinic_scheduler.models import Appointment, Treatment, VisitOverride
from clinic_scheduler.queries.schedule.override_reasons import reason_words


class ShownVisit(NamedTuple):
    """A visit somewhere on a page."""

    id: int
    local_date: date


def shown(visits: Iterable[Appointment]) -> list[ShownVisit]:
    return [ShownVisit(visit.id, visit.local_date) for visit in visits]


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
    exposed = _exposed_before(session, [row.id for row in rows])
    lines: dict[int, list[str]] = {}
    for row in rows:
        visit = by_id[row.appointment_id]
        before = exposed.get(row.id)
        day_number = (visit.local_date - before).days if before else None
        said = words.get((row.name, row.reason), row.reason)
        lines.setdefault(visit.id, []).append(
            override_line(row.name, said, row.note, row.decided_by, day_number)
        )
    return lines


def _exposed_before(session: Session, overrides: Sequence[int]) -> Mapping[int, date]:
    """By override, the patient's last exposure before the visit as whoever decided knew it.

    What was given or heard of since, on the visit itself for one, changes nothing about what was decided.
    """
    rows = session.execute(
        select(VisitOverride.id, func.max(Treatment.given_on).label("exposed_on"))
        .join(Appointment, Appointment.id == VisitOverride.appointment_id)
        .join(Treatment, Treatment.patient_id == Appointment.patient_id)
        .where(
            VisitOverride.id.in_(overrides),
            Treatment.voided_at.is_(None),
            Treatment.given_on < Appointment.local_date,
            Treatment.recorded_at <= VisitOverride.decided_at,
        )
        .group_by(VisitOverride.id)
    )
    return {row.id: row.exposed_on for row in rows}
