"""A patient's courses: opening, changing, authorizing and stopping them."""

from dataclasses import asdict, dataclass
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from clinic_scheduler.domain.day_names import aloud
from clinic_scheduler.domain.errors import ActionRefused, InvalidInput
from clinic_scheduler.domain.forecast.blocks import Against
from clinic_scheduler.domain.forecast.intervals import add, single_interval, spoken
from clinic_scheduler.domain.messaging.suppression_reasons import SuppressionReason
from clinic_scheduler.domain.protocols.indications import indication_named
from clinic_scheduler.domain.protocols.products import product_named
from clinic_scheduler.domain.roles import StaffRole
from clinic_scheduler.domain.visits.day_checks import other_toxin
from clinic_scheduler.models import Authorization, Clinic, Course, ProtocolVersion, Provider, StandingDecision
from clinic_scheduler.queries.courses.histories import patient_history
from clinic_scheduler.queries.lookups import row_in_clinic
from clinic_scheduler.queries.schedule.availability import clinic_zone
from clinic_scheduler.services.audit import record
from clinic_scheduler.services.change import Change
from clinic_scheduler.services.courses.forecasting import refresh
from clinic_scheduler.services.locks import lock_course
from clinic_scheduler.services.messaging.reminder_planning import replan
from clinic_scheduler.services.patients.records import patient_to_change
from clinic_scheduler.services.practice.clinics import current_protocol, not_offered


@dataclass(frozen=True, slots=True)
class CoursePlan:
    """What may be changed of an open course; intervals are ISO 8601 texts."""

    provider_id: int | None = None
    planned_units: Decimal | None = None
    personal_interval: str | None = None
    payer_minimum_interval: str | None = None
    authorization_required: bool = False


@dataclass(frozen=True, slots=True)
class CourseEntry:
    """Patient x indication x product; intervals are ISO 8601 texts."""

    patient_id: int
    indication: str
    product: str
    started_on: date
    provider_id: int | None = None
    planned_units: Decimal | None = None
    personal_interval: str | None = None
    payer_minimum_interval: str | None = None
    authorization_required: bool = False


def open_course(change: Change, entry: CourseEntry) -> Course:
    """A course under the clinic's newest protocol edition. Its dates are right once settled; see start_course.

    Raises NotFound for another clinic's patient or provider, InvalidInput where such a course is open already.
    """
    session = change.session
    patient_to_change(change, entry.patient_id)
    if entry.provider_id is not None:
        row_in_clinic(session, Provider, change.clinic_id, entry.provider_id)
    _require_none_open(session, entry)
    product_named(entry.product)
    _require_offered(session, change.clinic_id, entry.indication)
    course = course_row(entry, current_protocol(session, change.clinic_id, entry.indication), change.now)
    session.add(course)
    session.flush()
    record(change, "opened", "courses", course.id, patient_id=course.patient_id)
    if StaffRole.PROVIDER in change.actor.roles:
        _decide_other_toxin(change, course)
    return course


def _require_offered(session: Session, clinic_id: int, indication: str) -> None:
    indication_named(indication)
    if indication not in session.get_one(Clinic, clinic_id).indications:
        raise not_offered(indication)


def _decide_other_toxin(change: Change, course: Course) -> None:
    """A provider who orders another product than was given decides by that that it may follow (DD-9)."""
    session = change.session
    today = change.today
    _, facts = patient_history(session, course.patient_id).read(today)[course.id]
    given = other_toxin(facts.course, facts.exposures, today)
    if given is None:
        return
    until = add(given.given_on, facts.course.protocol.other_product_review)
    session.add(
        StandingDecision(
            course_id=course.id,
            block=Against.OTHER_TOXIN_REVIEW.value,
            until=until,
            reason="product_switched",
            decided_by_id=change.actor.user_id,
            decided_by=change.actor.name,
            decided_at=change.now,
        )
    )
    session.flush()
    session.expire(course, ["decisions"])
    record(
        change,
        "decided",
        "courses",
        course.id,
        patient_id=course.patient_id,
        block=Against.OTHER_TOXIN_REVIEW.value,
        until=until.isoformat(),
    )


def course_row(entry: CourseEntry, protocol: ProtocolVersion, now: datetime) -> Course:
    """The row for an entry, unsaved. Raises InvalidInput for an interval that is none."""
    _require_intervals(entry)
    day = entry.started_on
    return Course(
        clinic_id=protocol.clinic_id,
        patient_id=entry.patient_id,
        provider_id=entry.provider_id,
        protocol_version=protocol,
        indication=entry.indication,
        product=entry.product,
        started_on=day,
        planned_units=entry.planned_units,
        personal_interval=entry.personal_interval,
        payer_minimum_interval=entry.payer_minimum_interval,
        authorization_required=entry.authorization_required,
        created_at=now,
        # Stand-ins until the forecast is written in the same transaction.
        earliest_date=day,
        due_date=day,
        overdue_date=day,
        lapse_date=day,
        forecast_changed_at=now,
    )


def _require_intervals(plan: CourseEntry | CoursePlan, course: Course | None = None) -> None:
    """What `course` has already stands as it is: a sum of parts could be entered once."""
    for name in ("personal_interval", "payer_minimum_interval"):
        interval = getattr(plan, name)
        if interval is not None and interval != getattr(course, name, None):
            single_interval(interval)


def _require_none_open(session: Session, entry: CourseEntry) -> None:
    twin = session.scalar(
        select(Course.id).where(
            Course.patient_id == entry.patient_id,
            Course.indication == entry.indication,
            Course.product == entry.product,
            Course.stopped_on.is_(None),
        )
    )
    if twin is not None:
        raise InvalidInput("this patient already has an open course of this indication and product")


def start_course(change: Change, entry: CourseEntry) -> Course:
    """Open a course with its dates and its first telling planned."""
    course = open_course(change, entry)
    settle(change.session, course, change.now, SuppressionReason.OPENED)
    return course


def change_plan(change: Change, course_id: int, plan: CoursePlan) -> Course:
    """Give an open course another plan; its dates follow. Raises InvalidInput, NotFound."""
    course = _course_to_change(change, course_id)
    if course.stopped_on is not None:
        raise InvalidInput(f"this course was stopped on {spoken(course.stopped_on)}")
    _require_intervals(plan, course)
    if plan.provider_id is not None:
        row_in_clinic(change.session, Provider, change.clinic_id, plan.provider_id)
    changed = [name for name, value in asdict(plan).items() if getattr(course, name) != value]
    if changed:
        for name in changed:
            setattr(course, name, getattr(plan, name))
        record(change, "edited", "courses", course.id, patient_id=course.patient_id, fields=changed)
        settle(change.session, course, change.now, SuppressionReason.COURSE_EDITED)
    return course


def authorize(
    change: Change,
    course_id: int,
    starts_on: date,
    ends_on: date,
    *,
    visits_left: int | None = None,
    units_left: Decimal | None = None,
    number: str | None = None,
) -> Authorization:
    """Record a payer's authorization for the course."""
    course = _course_to_change(change, course_id)
    row = Authorization(
        starts_on=starts_on, ends_on=ends_on, visits_left=visits_left, units_left=units_left, number=number
    )
    course.authorizations.append(row)
    change.session.flush()
    record(change, "authorized", "courses", course.id, patient_id=course.patient_id)
    settle(change.session, course, change.now, SuppressionReason.AUTHORIZED)
    return row


def stop(change: Change, course_id: int, stopped_on: date, reason: str) -> Course:
    """Close a course; a switch of product closes one and opens another.

    Raises ActionRefused where it is closed already: an old page must not write over why and when. A day
    still to come may be changed.
    """
    course = _course_to_change(change, course_id)
    if course.stopped_on is not None and course.stopped_on <= change.today:
        raise ActionRefused(
            f"This course was stopped on {aloud(course.stopped_on)} already. Nothing was changed."
        )
    course.stopped_on, course.stop_reason = stopped_on, reason
    record(change, "stopped", "courses", course.id, patient_id=course.patient_id)
    settle(change.session, course, change.now, SuppressionReason.COURSE_STOPPED)
    return course


def _course_to_change(change: Change, course_id: int) -> Course:
    course = row_in_clinic(change.session, Course, change.clinic_id, course_id)
    lock_course(change.session, course)
    return course


def settle(session: Session, course: Course, now: datetime, because: SuppressionReason) -> None:
    """Bring the patient's dates and the course's reminders in line after a change."""
    zone: ZoneInfo = clinic_zone(session, course.clinic_id)
    refresh(session, [course.patient_id], now.astimezone(zone).date(), now)
    replan(session, course, now, because, zone=zone)
