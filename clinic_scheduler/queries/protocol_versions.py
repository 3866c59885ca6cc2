"""A clinic's protocol editions, which open courses follow which, and what another edition would do to them."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from clinic_scheduler.domain.due_dates import forecast_all
from clinic_scheduler.domain.errors import NotFound
from clinic_scheduler.domain.protocols import Protocol
from clinic_scheduler.domain.values import Forecast
from clinic_scheduler.models import Course, Patient, ProtocolVersion, User
from clinic_scheduler.queries.due_status import open_on
from clinic_scheduler.queries.histories import PatientHistory, patient_histories

_DATES = ("earliest_date", "due_date", "overdue_date", "lapse_date")
_BATCH = 500


@dataclass(frozen=True, slots=True)
class Edition:
    """One version with who made it (None: the service, at the clinic's opening) and its open courses."""

    row: ProtocolVersion
    made_by: str | None
    open_courses: int


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
class ProtocolPreview:
    """What an edition would do to the open courses of its indication; `rejudged` counts treatments."""

    open_courses: int = 0
    dates_change: int = 0
    due_sooner: int = 0
    due_later: int = 0
    rejudged: int = 0
    visits: list[VisitAffected] = field(default_factory=list)


def editions(session: Session, clinic_id: int, indication: str, today: date) -> list[Edition]:
    """The newest first; the first of them is current. Raises NotFound for an indication there is none of."""
    rows = session.execute(
        select(ProtocolVersion, User.name)
        .outerjoin(User, User.id == ProtocolVersion.created_by_id)
        .where(ProtocolVersion.clinic_id == clinic_id, ProtocolVersion.indication == indication)
        .order_by(ProtocolVersion.version.desc())
    ).all()
    if not rows:
        raise NotFound("no such protocol")
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
) -> ProtocolPreview:
    """Both forecasts of every open course, reckoned and compared; nothing is written."""
    found = ProtocolPreview()
    ids = session.scalars(
        select(Course.patient_id)
        .where(_open(clinic_id, indication, today))
        .distinct()
        .order_by(Course.patient_id)
    ).all()
    names = {
        row.id: (row.family_name, row.given_name)
        for row in session.execute(
            select(Patient.id, Patient.family_name, Patient.given_name).where(Patient.clinic_id == clinic_id)
        )
    }
    for start in range(0, len(ids), _BATCH):
        batch = ids[start : start + _BATCH]
        for patient_id, history in patient_histories(session, batch).items():
            for old, new in _compared(history, indication, protocol, today):
                _count(found, old, new)
                if new.booked_on and new.booking not in ("ok", old.booking):
                    found.visits.append(_affected(patient_id, names[patient_id], new.booked_on, new))
    found.visits.sort(key=lambda visit: (visit.booked_on, visit.family_name, visit.given_name))
    return found


def _compared(
    history: PatientHistory, indication: str, protocol: Protocol, today: date
) -> Iterator[tuple[Forecast, Forecast]]:
    drafted = [
        value._replace(protocol=protocol) if value.indication == indication else value
        for value in history.courses
    ]
    before = forecast_all(history.patient, history.courses, history.sessions, today)
    after = forecast_all(history.patient, drafted, history.sessions, today)
    for value, old, new in zip(history.courses, before, after, strict=True):
        if value.indication == indication and old.timing != "closed":
            yield old, new


def _count(found: ProtocolPreview, old: Forecast, new: Forecast) -> None:
    found.open_courses += 1
    found.dates_change += any(getattr(old, name) != getattr(new, name) for name in _DATES)
    found.due_sooner += new.due_date < old.due_date
    found.due_later += new.due_date > old.due_date
    found.rejudged += sum(
        before.evaluation != after.evaluation
        for before, after in zip(old.sessions, new.sessions, strict=True)
    )


def _affected(patient_id: int, name: Sequence[str], booked_on: date, new: Forecast) -> VisitAffected:
    family_name, given_name = name
    return VisitAffected(
        patient_id, family_name, given_name, booked_on, new.booking, new.earliest_date, new.overdue_date
    )
