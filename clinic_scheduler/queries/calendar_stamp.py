"""Whether anything a calendar is made from has changed, in one statement and without making its rows."""

from collections.abc import Iterable
from datetime import datetime
from functools import cache, reduce
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Select,
    String,
    bindparam,
    case,
    cast,
    func,
    literal_column,
    select,
)
from sqlalchemy.orm import Session

from clinic_scheduler.domain.calendar_links import CLINIC_DAY, DUE_WINDOWS, PATIENT
from clinic_scheduler.models import (
    Appointment,
    Course,
    Patient,
    ProtocolVersion,
    Provider,
    Treatment,
)
from clinic_scheduler.queries.calendars import (
    BEHIND,
    CLINIC_BEHIND,
    MILESTONES_BEHIND,
    Subject,
)
from clinic_scheduler.queries.workplaces import Workplace, same_person

# What calendars.py reads of each table. A test changes every column there is and watches rows and stamp.
_VISIT = ("uid", "starts_at", "ends_at", "zone", "state", "sequence", "updated_at")
_COURSE = (
    *("id", "uid", "next_visit_uid", "earliest_date", "overdue_date", "lapse_date", "booked_on"),
    *("forecast_sequence", "forecast_changed_at", "indication", "cycles_given", "reference_on"),
)
_PROJECTED = ("due_date", "personal_interval", "payer_minimum_interval", "protocol_version_id")
_TREATMENT = ("uid", "course_id", "given_on", "recorded_at", "voided_at")
# Constants in the statement's own text: as parameters they would be bound one by one, each time.
_NOTHING, _NEXT_VALUE = literal_column("''", String), literal_column("'\x1f'", String)


def calendar_stamp(session: Session, subject: Subject, now: datetime) -> tuple[object, ...]:
    """Every value that calendar_rows reads for this subject, as the database writes it, and the day.

    The database puts all of it into one text, a tenth of the work of making the rows here. Nothing is summed
    up or left to a counter that somebody must remember to raise: equal stamps are equal rows.
    """
    keys: list[tuple[Workplace | None, int]]
    if subject.all_clinics and subject.provider_id is not None:
        places = same_person(session, subject.provider_id, subject.clinic_id, subject.by_user_id)
        keys = [(place, place.provider_id) for place in places]
    else:
        keys = [(None, subject.patient_id or subject.provider_id or subject.clinic_id)]
    statement = _statement(subject.kind, subject.cycles_ahead > 0)
    behind = CLINIC_BEHIND if subject.kind == CLINIC_DAY else BEHIND
    given = {"now": now, "since": now - behind, "given_since": now.date() - MILESTONES_BEHIND}
    connection = session.connection()
    return (
        now.date(),
        subject,
        *((place, tuple(connection.execute(statement, {**given, "key": key}).one())) for place, key in keys),
    )


@cache
def _statement(kind: str, projected: bool) -> Select[Any]:
    """Made once: to build it anew takes longer than to run it."""
    visits, courses = _whose(kind)
    parts = []
    if kind != DUE_WINDOWS:
        parts.append(_visits(visits))
    if kind != CLINIC_DAY:
        parts.append(_courses(courses, (*_COURSE, *_PROJECTED) if projected else _COURSE))
    if kind not in (CLINIC_DAY, DUE_WINDOWS):
        parts.append(_treatments(courses))
    if projected:
        parts.append(_protocols(courses))
    return select(*(part.scalar_subquery() for part in parts))


def _whose(kind: str) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    key: BindParameter[Any] = bindparam("key")
    if kind == PATIENT:
        return Appointment.patient_id == key, Course.patient_id == key
    if kind in (CLINIC_DAY, DUE_WINDOWS):
        return Appointment.clinic_id == key, Course.clinic_id == key
    return Appointment.provider_id == key, Course.provider_id == key


def _visits(of: ColumnElement[bool]) -> Select[Any]:
    # A visit that was called off leaves the calendar once its time is over.
    over = case((Appointment.ends_at <= bindparam("now"), literal_column("'over'")), else_=_NOTHING)
    return (
        _as_text(Appointment, [*_columns(Appointment, _VISIT), Provider.name, Course.uid, over])
        .join(Provider, Provider.id == Appointment.provider_id)
        .join(Course, Course.id == Appointment.course_id)
        .where(of, Appointment.ends_at > bindparam("since"))
    )


def _courses(of: ColumnElement[bool], names: Iterable[str]) -> Select[Any]:
    values = [*_columns(Course, names), Patient.deceased_on, Patient.moved_on]
    patient = Patient.id == Course.patient_id
    return _as_text(Course, values).join(Patient, patient).where(of, Course.stopped_on.is_(None))


def _treatments(of: ColumnElement[bool]) -> Select[Any]:
    given = Treatment.given_on > bindparam("given_since")
    course = Course.id == Treatment.course_id
    return _as_text(Treatment, _columns(Treatment, _TREATMENT)).join(Course, course).where(of, given)


def _protocols(of: ColumnElement[bool]) -> Select[Any]:
    version = Course.protocol_version_id == ProtocolVersion.id
    return (
        _as_text(Course, [ProtocolVersion.indication, ProtocolVersion.overrides])
        .join(ProtocolVersion, version)
        .where(of)
    )


def _columns(table: Any, names: Iterable[str]) -> list[Any]:
    return [getattr(table, name) for name in names]


def _as_text(table: Any, values: Iterable[Any]) -> Select[Any]:
    texts: list[ColumnElement[str]] = [func.coalesce(cast(value, String), _NOTHING) for value in values]
    row = reduce(lambda before, text: before + _NEXT_VALUE + text, texts)
    return select(func.aggregate_strings(row, "\x1e")).select_from(table)
