"""Whether anything a calendar is made from has changed, in one statement and without making its rows."""

from collections.abc import Hashable, Iterable
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Engine,
    Select,
    String,
    bindparam,
    case,
    func,
    literal_column,
    select,
    true,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from clinic_scheduler.domain.calendars.links import CLINIC_DAY, DUE_WINDOWS, PATIENT
from clinic_scheduler.models import (
    Appointment,
    CalendarFeed,
    Clinic,
    Course,
    LabelVersion,
    Patient,
    ProtocolVersion,
    Treatment,
)
from clinic_scheduler.queries.calendars.milestones import MILESTONES_BEHIND
from clinic_scheduler.queries.calendars.rows import BEHIND, CLINIC_BEHIND, Besides, Subject
from clinic_scheduler.queries.compiled_statement import CompiledStatement
from clinic_scheduler.queries.workplaces import Workplace, same_person

# What rows.py reads of each table. A test changes every column there is and watches rows and stamp.
# For a visit its sequence stands, which rises with whatever of it is published; for names the clinic's revision.
_COURSE = (
    *("id", "uid", "next_visit_uid", "earliest_date", "overdue_date", "lapse_date", "booked_on"),
    *("forecast_sequence", "forecast_changed_at", "indication", "cycles_given", "reference_on"),
)
_PROJECTED = ("due_date", "personal_interval", "payer_minimum_interval", "protocol_version_id")
_TREATMENT = ("uid", "course_id", "given_on", "recorded_at", "voided_at")
# When a link was last used is noted for staff and shows in no calendar.
_LINK = tuple(column.key for column in CalendarFeed.__table__.columns if column.key != "last_used_at")
_CLINIC = ("name", "phone", "address", "zone", "calendar_revision", "calendar_revised_at")


class Stamp(NamedTuple):
    """`made_from` equal to an earlier one: the calendar is as it was then. Else it may have changed.

    `long_unused`: the link was not used since the instant that was asked about, or never.
    """

    long_unused: bool
    made_from: Hashable


def calendar_stamp(
    engine: Engine, token_hash: str, subject: Subject, now: datetime, used_since: datetime
) -> Stamp | None:
    """What the link with this hash and its subject's calendar are made from; None where there is no such link.

    The database counts visits and puts the other rows into a few texts, far less work than making them here.
    """
    asked = _asked(subject.kind, subject.besides)
    given = {
        "hash": token_hash,
        "now": now,
        "since": now - (CLINIC_BEHIND if subject.kind == CLINIC_DAY else BEHIND),
        "given_since": now.date() - MILESTONES_BEHIND,
        "used_since": used_since,
    }
    found = []
    for place, key in _people(engine, subject):
        row = asked.row(engine, {**given, "key": key})
        if row is None:
            return None
        found.append((place, row))
    (_, (long_unused, *_)), *_ = found
    return Stamp(bool(long_unused), (now.date(), *((place, row[1:]) for place, row in found)))


def _people(engine: Engine, subject: Subject) -> list[tuple[Workplace | None, int]]:
    """(place, key) of each whose rows the calendar shows; one, but for a provider's over several clinics."""
    if subject.all_clinics and subject.provider_id is not None:
        with engine.connect() as connection:
            places = same_person(connection, subject.provider_id, subject.clinic_id, subject.by_user_id)
        return [(place, place.provider_id) for place in places]
    return [(None, subject.patient_id or subject.provider_id or subject.clinic_id)]


@cache
def _asked(kind: str, besides: Besides) -> CompiledStatement:
    """Made once: to build it anew takes longer than to run it."""
    projected, looks = besides.cycles_ahead > 0, besides.milestones or besides.reviews
    visits, courses = _whose(kind)
    parts = []
    if kind == DUE_WINDOWS or besides != Besides():
        parts.append(_courses(courses, (*_COURSE, *_PROJECTED) if projected else _COURSE))
    if looks:
        parts.append(_treatments(kind, courses))
    if projected:
        parts += [_protocols(courses), _labels()]
    unused = func.coalesce(CalendarFeed.last_used_at <= bindparam("used_since"), literal_column("1=1"))
    link = [*_columns(CalendarFeed, _LINK), *_columns(Clinic, _CLINIC)]
    found = select(unused, *link).join(Clinic, Clinic.id == CalendarFeed.clinic_id)
    if kind != DUE_WINDOWS:
        counted = _visits(visits).subquery()
        found = found.add_columns(*counted.c).join(counted, true())
    found = found.add_columns(*(part.scalar_subquery() for part in parts))
    return CompiledStatement(found.where(CalendarFeed.token_sha256 == bindparam("hash")))


def _whose(kind: str) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    key: BindParameter[Any] = bindparam("key")
    if kind == PATIENT:
        return Appointment.patient_id == key, Course.patient_id == key
    if kind in (CLINIC_DAY, DUE_WINDOWS):
        return Appointment.clinic_id == key, Course.clinic_id == key
    return Appointment.provider_id == key, Course.provider_id == key


def _visits(of: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    # A visit that was called off leaves the calendar once its time is over.
    over = func.sum(
        case((Appointment.ends_at <= bindparam("now"), literal_column("1")), else_=literal_column("0"))
    )
    return select(
        func.count().label("visits"),
        func.sum(Appointment.sequence).label("changes"),
        func.max(Appointment.updated_at).label("changed_at"),
        over.label("over"),
    ).where(of, Appointment.ends_at > bindparam("since"))


def _courses(of: ColumnElement[bool], names: Iterable[str]) -> Select[Any]:
    values = [*_columns(Course, names), Patient.birth_date, Patient.deceased_on, Patient.moved_on]
    patient = Patient.id == Course.patient_id
    return _as_text(Course, values).join(Patient, patient).where(of, Course.stopped_on.is_(None))


def _treatments(kind: str, of: ColumnElement[bool]) -> Select[Any]:
    rows = _as_text(Treatment, _columns(Treatment, _TREATMENT)).where(
        Treatment.given_on > bindparam("given_since")
    )
    if kind == PATIENT:
        return rows.where(Treatment.patient_id == bindparam("key"))
    return rows.join(Course, Course.id == Treatment.course_id).where(of)


def _protocols(of: ColumnElement[bool]) -> Select[Any]:
    version = Course.protocol_version_id == ProtocolVersion.id
    return (
        _as_text(Course, [ProtocolVersion.indication, ProtocolVersion.overrides])
        .join(ProtocolVersion, version)
        .where(of)
    )


def _labels() -> Select[Any]:
    """An edition is never changed, so the newest says which ones hold; of whichever clinic, they are few."""
    return select(func.max(LabelVersion.id))


def _columns(table: Any, names: Iterable[str]) -> list[Any]:
    return [getattr(table, name) for name in names]


def _as_text(table: Any, values: Iterable[Any]) -> Select[Any]:
    return select(func.aggregate_strings(_RowText(*values), "\x1e")).select_from(table)


class _RowText(FunctionElement[str]):
    """Several values in one text, in which no value can be taken for the end of another."""

    type = String()
    inherit_cache = True


@compiles(_RowText, "postgresql")
def _on_postgresql(element: _RowText, compiler: Any, **how: Any) -> str:
    return f"CAST(ROW({compiler.process(element.clauses, **how)}) AS VARCHAR)"


@compiles(_RowText, "sqlite")
def _on_sqlite(element: _RowText, compiler: Any, **how: Any) -> str:
    return f"json_array({compiler.process(element.clauses, **how)})"
