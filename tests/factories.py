"""A small fixed cast to fill a database with, made by the services as the product would make it. All invented."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from argon2 import PasswordHasher
from sqlalchemy.orm import Session

from clinic_scheduler.domain.local_time import to_utc
from clinic_scheduler.domain.visits.override_reasons import SHIPPED
from clinic_scheduler.domain.visits.seen import ACCEPTS_ALL
from clinic_scheduler.models import Appointment, Course, Hold, Patient, User
from clinic_scheduler.services.actors import Actor
from clinic_scheduler.services.change import Change
from clinic_scheduler.services.courses.courses import CourseEntry, start_course
from clinic_scheduler.services.patients import holds
from clinic_scheduler.services.patients.holds import HoldEntry
from clinic_scheduler.services.patients.records import PatientEntry, add_patient
from clinic_scheduler.services.practice.clinics import ClinicEntry, add_provider, open_clinic
from clinic_scheduler.services.practice.staff import ROLES, create_user
from clinic_scheduler.services.treatments import treatments
from clinic_scheduler.services.treatments.treatments import TreatmentEntry
from clinic_scheduler.services.visits import appointments
from clinic_scheduler.services.visits.booking_rules import BookingRequest
from clinic_scheduler.services.visits.guard import OverrideEntry

ZONE = ZoneInfo("America/Los_Angeles")
PASSWORD = "correct horse battery"
# A real Argon2 hash, but a cheap one: hashes carry their own cost, and a suite signs in hundreds of times.
PASSWORD_HASH = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
ONABOT = "onabotulinumtoxinA"
MIGRAINE = "chronic_migraine"
# Whatever stands against a day: for tests in which a visit is there, not ones about whether it may be.
ANYWAY = tuple(
    OverrideEntry(name.value, next(iter(reasons)), seen=ACCEPTS_ALL) for name, reasons in SHIPPED.items()
)


def override(name: str, reason: str, note: str = "") -> OverrideEntry:
    """Decided at a glance at all there is, as by a program; pages say what they have shown."""
    return OverrideEntry(name, reason, note, ACCEPTS_ALL)


@dataclass(frozen=True)
class Cast:
    """Ids rather than rows: they outlive the session that made them."""

    clinic_id: int
    provider_id: int
    other_provider_id: int
    patient_id: int
    course_id: int
    actor: Actor


def cast(session: Session, now: datetime, *, clinic: str = "Harbor Neurology", prefix: str = "") -> Cast:
    """A clinic with two providers and one patient due today: last treated 84 days before `now`."""
    clinic_id = open_clinic(
        session,
        "test",
        ClinicEntry(clinic, ZONE.key, "+12065550100", "desk@example.org"),
        now,
    ).id
    actor = Actor("Test", clinic_id, None, frozenset({"admin"}))
    reid = add_provider(Change(session, actor, now), "Dr Amara Reid")
    sato = add_provider(Change(session, actor, now), "Dr Ben Sato")
    patient = person(session, actor, now, mrn=f"{prefix}A-100")
    course = migraine(session, actor, now, patient, provider_id=reid.id)
    treat(session, actor, now, course, local_day(now) - timedelta(84))
    return Cast(clinic_id, reid.id, sato.id, patient.id, course.id, actor)


def local_day(now: datetime) -> date:
    return now.astimezone(ZONE).date()


def person(
    session: Session,
    actor: Actor,
    now: datetime,
    *,
    mrn: str,
    family_name: str = "Okonkwo",
    given_name: str = "Adaeze",
    birth_date: date = date(1978, 3, 14),
) -> Patient:
    entry = PatientEntry(
        mrn,
        family_name,
        given_name,
        birth_date,
        phone="+12065550123",
        email=f"{given_name.replace(' ', '-').lower()}.{mrn.lower()}@example.org",
    )
    return add_patient(Change(session, actor, now), entry)


def migraine(
    session: Session,
    actor: Actor,
    now: datetime,
    patient: Patient,
    *,
    provider_id: int | None = None,
    started_on: date | None = None,
    authorization_required: bool = False,
) -> Course:
    entry = CourseEntry(
        patient.id,
        MIGRAINE,
        ONABOT,
        started_on or local_day(now) - timedelta(400),
        provider_id=provider_id,
        authorization_required=authorization_required,
    )
    return start_course(Change(session, actor, now), entry)


def treat(
    session: Session, actor: Actor, now: datetime, course: Course, given_on: date, units: int = 155
) -> None:
    entry = TreatmentEntry(
        course.id,
        given_on,
        Decimal(units),
        course.product,
        f"test:{course.id}:{given_on}",
        provider_id=course.provider_id,
        lot="C1234",
        seen=ACCEPTS_ALL,
    )
    treatments.record(Change(session, actor, now), entry)


def book(
    session: Session, actor: Actor, now: datetime, course_id: int, provider_id: int, day: date, at: time
) -> Appointment:
    return appointments.book(
        Change(session, actor, now), BookingRequest(course_id, provider_id, to_utc(day, at, ZONE))
    )


def hold(
    session: Session,
    actor: Actor,
    now: datetime,
    course_id: int,
    starts_on: date,
    ends_on: date | None = None,
    *,
    reason: str = "infection",
    every: bool = False,
) -> Hold:
    """Of what the course treats, or of `every` treatment of its patient."""
    course = session.get_one(Course, course_id)
    indication = None if every else course.indication
    entry = HoldEntry(course.patient_id, indication, starts_on, ends_on, reason)
    return holds.hold(Change(session, actor, now), entry)


def staff(session: Session, actor: Actor, now: datetime, role: str, *, prefix: str = "") -> User:
    """Signs in with <prefix><role>@example.org and PASSWORD."""
    return create_user(
        Change(session, actor, now),
        email=f"{prefix}{role}@example.org",
        name=ROLES[role].partition(":")[0],
        role=role,
        password_hash=PASSWORD_HASH,
    )
