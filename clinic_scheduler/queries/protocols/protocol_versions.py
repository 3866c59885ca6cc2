"""A clinic's protocol editions, which open courses follow which, and what another edition would do to them."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from clinic_scheduler.domain.protocols.protocol import Protocol
from clinic_scheduler.models import Course, ProtocolVersion, User
from clinic_scheduler.queries.due.bucket_sql import open_on
from clinic_scheduler.queries.protocols.figures_preview import FiguresPreview, figures_preview


@dataclass(frozen=True, slots=True)
class Edition:
    """One version with who made it (None: the service, at the clinic's opening) and its open courses."""

    row: ProtocolVersion
    made_by: str | None
    open_courses: int


def editions(session: Session, clinic_id: int, indication: str, today: date) -> list[Edition]:
    """The newest first; the first of them is current: version 0, as shipped, where the clinic never had one."""
    rows = session.execute(
        select(ProtocolVersion, User.name)
        .outerjoin(User, User.id == ProtocolVersion.created_by_id)
        .where(ProtocolVersion.clinic_id == clinic_id, ProtocolVersion.indication == indication)
        .order_by(ProtocolVersion.version.desc())
    ).all()
    if not rows:
        shipped = ProtocolVersion(
            clinic_id=clinic_id, indication=indication, version=0, overrides={}, former_doses={}
        )
        return [Edition(shipped, None, 0)]
    counts = _open_by_version(session, clinic_id, indication, today)
    return [Edition(row, made_by, counts[row.id]) for row, made_by in rows]


def _open_by_version(session: Session, clinic_id: int, indication: str, today: date) -> Counter[int]:
    counted = session.execute(
        select(Course.protocol_version_id, func.count())
        .where(_open(clinic_id, indication, today))
        .group_by(Course.protocol_version_id)
    )
    return Counter({row[0]: row[1] for row in counted})


def _open(clinic_id: int, indication: str, today: date) -> ColumnElement[bool]:
    """Courses of the indication that may still be booked: not stopped, the patient alive and not moved away."""
    here = (Course.clinic_id == clinic_id) & (Course.indication == indication)
    return here & open_on(today)


def courses_behind(
    session: Session, version: ProtocolVersion, today: date, limit: int
) -> Sequence[tuple[int, int]]:
    """(course id, patient id) of open courses that follow another edition than `version`."""
    rows = session.execute(
        select(Course.id, Course.patient_id)
        .where(_open(version.clinic_id, version.indication, today), Course.protocol_version_id != version.id)
        .order_by(Course.patient_id, Course.id)
        .limit(limit)
    )
    return [(row.id, row.patient_id) for row in rows]


def protocol_preview(
    session: Session, clinic_id: int, indication: str, protocol: Protocol, today: date
) -> FiguresPreview:
    """What the edition would do to every open course of the indication."""
    return figures_preview(
        session,
        _open(clinic_id, indication, today),
        lambda course: course._replace(protocol=protocol) if course.indication == indication else course,
        today,
    )
