"""An override stands for what was known when it was decided: a hold or an injection entered since is asked about anew.

Otherwise a provider's word about a cold would pass over a pregnancy, and one day too early over two months.
"""

from collections.abc import Iterable
from datetime import date, datetime

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from clinic_scheduler.domain.forecast.blocks import Against
from clinic_scheduler.domain.forecast.earliest_date import minimum_after
from clinic_scheduler.domain.forecast.intervals import add
from clinic_scheduler.domain.forecast.values import Course as CourseValue
from clinic_scheduler.models import Appointment, Course, Hold, Treatment, VisitOverride
from clinic_scheduler.queries.courses.histories import PatientHistory, patient_history
from clinic_scheduler.queries.courses.history_values import patient_value
from clinic_scheduler.queries.courses.visits_of_courses import overridden_injections
from clinic_scheduler.services.actors import Actor
from clinic_scheduler.services.audit import record
from clinic_scheduler.services.change import Change

_BY_NEWS = "news since it was decided"


def outdated(
    session: Session, course: Course, value: CourseValue, day: date, rows: Iterable[VisitOverride]
) -> list[VisitOverride]:
    """Those of `rows`, decided for a visit of `course` on `day`, that were decided before something new was entered."""
    kinds = {
        Against.ON_HOLD: _held_since,
        Against.TOO_EARLY: _injected_since,
        Against.OTHER_TOXIN_REVIEW: _other_toxin_since,
    }
    found = []
    for row in rows:
        since = kinds.get(Against(row.name))
        if since is not None and since(session, course, value, day, row.decided_at):
            found.append(row)
    return found


def outdated_for(session: Session, visit: Appointment, today: date) -> list[VisitOverride]:
    """The same of what a visit has, or a time that is held for one: that keeps it until it is decided anew."""
    if not visit.overrides:
        return []
    _dates, facts = patient_history(session, visit.patient_id).read(today)[visit.course_id]
    return outdated(session, visit.course, facts.course, visit.local_date, visit.overrides)


def _held_since(session: Session, course: Course, value: CourseValue, day: date, decided: datetime) -> bool:
    """Whether another hold covers the day."""
    held = select(Hold.id).where(
        Hold.patient_id == course.patient_id,
        or_(Hold.indication.is_(None), Hold.indication == course.indication),
        Hold.starts_on <= day,
        or_(Hold.ends_on.is_(None), Hold.ends_on >= day),
        Hold.created_at > decided,
    )
    return session.scalar(held.limit(1)) is not None


def _injected_since(
    session: Session, course: Course, value: CourseValue, day: date, decided: datetime
) -> bool:
    """Whether an injection for the same indication, or for nobody knows what, by itself makes the day too early."""
    elsewhere = and_(
        Treatment.course_id.is_(None),
        or_(Treatment.indication.is_(None), Treatment.indication == course.indication),
    )
    of_indication = or_(Course.indication == course.indication, elsewhere)
    given = _last_given_since(session, course, day, decided, of_indication)
    if given is None:
        return False
    return minimum_after(patient_value(course.patient), value, given).ends_on > day


def _other_toxin_since(
    session: Session, course: Course, value: CourseValue, day: date, decided: datetime
) -> bool:
    """Whether another product was given that nobody has looked at."""
    another = or_(Treatment.product.is_(None), Treatment.product != course.product)
    given = _last_given_since(session, course, day, decided, another)
    return given is not None and add(given, value.protocol.other_product_review) > day


def _last_given_since(
    session: Session, course: Course, day: date, decided: datetime, which: ColumnElement[bool]
) -> date | None:
    """The latest day before `day` of an injection that was recorded after the decision."""
    return session.scalar(
        select(Treatment.given_on)
        .outerjoin(Course, Course.id == Treatment.course_id)
        .where(
            Treatment.patient_id == course.patient_id,
            Treatment.voided_at.is_(None),
            or_(Treatment.units.is_(None), Treatment.units > 0),
            Treatment.given_on < day,
            Treatment.recorded_at > decided,
            which,
        )
        .order_by(Treatment.given_on.desc())
        .limit(1)
    )


def drop_outdated(session: Session, histories: Iterable[PatientHistory], now: datetime) -> bool:
    """Take what is outdated off open visits, so that they stand under Booking problems. Returns whether any was."""
    values = {
        row.id: value for each in histories for row, value in zip(each.course_rows, each.courses, strict=True)
    }
    overridden = [key for key, value in values.items() if value.booked_override]
    dropped = False
    for visit in overridden_injections(session, overridden):
        gone = outdated(session, visit.course, values[visit.course_id], visit.local_date, visit.overrides)
        if not gone:
            continue
        visit.overrides = [row for row in visit.overrides if row not in gone]
        record(
            Change(session, Actor(_BY_NEWS, visit.clinic_id), now),
            "override_outdated",
            "appointments",
            visit.id,
            patient_id=visit.patient_id,
            names=[row.name for row in gone],
        )
        dropped = True
    if dropped:
        session.flush()
    return dropped
