"""What staff do, one deed a unit of work: every decision is a pick from what there is.

A deed returns the visit it put where it stands, which the guard must have let through, or None.
"""

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Protocol, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from clinic_scheduler.domain.blocks import Against
from clinic_scheduler.domain.override_reasons import SHIPPED
from clinic_scheduler.importing.results import ImportedRow
from clinic_scheduler.models import (
    Appointment,
    Course,
    Hold,
    OverrideRequest,
    Patient,
    ProtocolVersion,
    Treatment,
)
from clinic_scheduler.services import (
    appointment_undo,
    appointments,
    closures,
    courses,
    imports,
    override_requests,
    patient_merge,
    patient_status,
    patient_unmerge,
    patients,
    protocols,
    treatment_void,
    treatments,
)
from clinic_scheduler.services.actors import Actor
from clinic_scheduler.services.booking_rules import BookingRequest, Question
from clinic_scheduler.services.courses import CourseEntry, CoursePlan
from clinic_scheduler.services.patients import entry_of
from clinic_scheduler.services.treatments import TreatmentEntry
from clinic_scheduler.services.visit_guard import OverrideEntry
from tests import factories
from tests.factories import MIGRAINE, ONABOT
from tests.integration.safety.world import LOWER_LIMB, OTHER_TOXIN, UPPER_LIMB, World, instant

T = TypeVar("T")
INDICATIONS = (MIGRAINE, UPPER_LIMB, LOWER_LIMB)
PRODUCTS = (ONABOT, ONABOT, OTHER_TOXIN)
UNITS = (155, 300, 100, 245, 50, 0)
PLANS = (None, 155, 300, 100, 400, 401)
AGO = (0, 1, 7, 83, 84, 85, 112, 200)
EVERY_NAME = tuple(OverrideEntry(name, next(iter(SHIPPED[name]))) for name in Against)
OPEN = ("proposed", "booked", "arrived")


class Nothing(Exception):
    """There is nothing to do this to."""


class Pick(Protocol):
    def __call__(self, options: Sequence[T], /) -> T: ...


Deed = Callable[[World, Session, Pick], int | None]


def one(pick: Pick, options: Sequence[T]) -> T:
    if not options:
        raise Nothing
    return pick(options)


# --- visits -----------------------------------------------------------------------------------------------


def book(world: World, session: Session, pick: Pick) -> int | None:
    return _booked(world, session, pick, world.desk, ())


def book_overriding(world: World, session: Session, pick: Pick) -> int | None:
    return _booked(world, session, pick, pick((world.provider, world.desk)), EVERY_NAME)


def book_asking(world: World, session: Session, pick: Pick) -> int | None:
    _booked(world, session, pick, world.desk, EVERY_NAME, Question(world.providers[0], "please"))
    return None


def book_consultation(world: World, session: Session, pick: Pick) -> int | None:
    _booked(world, session, pick, world.desk, (), kind="consultation")
    return None


def _booked(
    world: World,
    session: Session,
    pick: Pick,
    who: Actor,
    entries: tuple[OverrideEntry, ...],
    question: Question | None = None,
    kind: str = "injection",
) -> int | None:
    course = one(pick, _courses(session))
    wanted = BookingRequest(
        course.id,
        pick(world.providers),
        _time(world, session, pick, course),
        entries,
        kind=kind,
        question=question,
    )
    visit = appointments.book(session, who, wanted, world.now)
    return visit.id if visit.state == "booked" else None


def move(world: World, session: Session, pick: Pick) -> int | None:
    visit = one(pick, _visits(session, OPEN))
    starts_at = _time(world, session, pick, visit.course)
    how = (visit.id, pick(world.providers), starts_at, world.now, pick(((), EVERY_NAME)))
    return _if_injection(appointments.move(session, pick(world.staff), *how))


def cancel(world: World, session: Session, pick: Pick) -> int | None:
    appointments.cancel(session, world.desk, one(pick, _visits(session, OPEN)).id, "patient_asked", world.now)
    return None


def no_show(world: World, session: Session, pick: Pick) -> int | None:
    appointments.no_show(session, world.desk, one(pick, _visits(session, OPEN)).id, world.now)
    return None


def arrive(world: World, session: Session, pick: Pick) -> int | None:
    visit = one(pick, _visits(session, ("booked", "arrived")))
    entries = pick(((), EVERY_NAME))
    return _if_injection(appointments.arrive(session, pick(world.staff), visit.id, world.now, entries))


def unarrive(world: World, session: Session, pick: Pick) -> int | None:
    appointment_undo.unarrive(session, world.desk, one(pick, _visits(session, ("arrived",))).id, world.now)
    return None


def reopen(world: World, session: Session, pick: Pick) -> int | None:
    visit = one(pick, _visits(session, ("cancelled", "noshow")))
    return _if_injection(appointment_undo.reopen(session, pick(world.staff), visit.id, world.now))


def move_back(world: World, session: Session, pick: Pick) -> int | None:
    visit = one(pick, _visits(session, ("booked",)))
    return _if_injection(appointment_undo.move_back(session, pick(world.staff), visit.id, world.now))


def allow_visit(world: World, session: Session, pick: Pick) -> int | None:
    visit = one(pick, _visits(session, ("booked", "arrived")))
    return _if_injection(appointments.allow(session, pick(world.staff), visit.id, EVERY_NAME, world.now))


def ask_about(world: World, session: Session, pick: Pick) -> int | None:
    visit = one(pick, _visits(session, ("booked", "arrived")))
    override_requests.ask_about(session, world.desk, visit.id, Question(world.providers[0]), world.now)
    return None


def allow_asked(world: World, session: Session, pick: Pick) -> int | None:
    visit = override_requests.allow(
        session, world.provider, one(pick, _asked(session)), pick((EVERY_NAME, ())), world.now
    )
    return _if_injection(visit) if visit.state in OPEN else None


def decline_asked(world: World, session: Session, pick: Pick) -> int | None:
    override_requests.decline(session, world.provider, one(pick, _asked(session)), "no", world.now)
    return None


def withdraw_asked(world: World, session: Session, pick: Pick) -> int | None:
    override_requests.withdraw(session, world.desk, one(pick, _asked(session)), world.now)
    return None


# --- treatments -------------------------------------------------------------------------------------------


def record(world: World, session: Session, pick: Pick) -> int | None:
    course = one(pick, _courses(session))
    entry = TreatmentEntry(
        course.id,
        world.today - timedelta(pick(AGO)),
        Decimal(pick(UNITS)),
        pick((course.product, course.product, OTHER_TOXIN)),
        f"deed:{world.number()}",
        outcome=pick(("complete", "complete", "aborted")),
        kind=pick(("cycle", "cycle", "touch_up")),
    )
    treatments.record(session, world.desk, entry, world.now)
    return None


def void(world: World, session: Session, pick: Pick) -> int | None:
    given = one(pick, _treatments(session, voided=False))
    treatment_void.void(session, world.provider, given, "wrong_details", world.now)
    return None


def undo_void(world: World, session: Session, pick: Pick) -> int | None:
    given = one(pick, _treatments(session, voided=True))
    treatment_void.undo_void(session, world.provider, given, world.now)
    return None


def bring_in(world: World, session: Session, pick: Pick) -> int | None:
    """A row of the clinic's old log, for a patient known or merged away, or a new one."""
    known = session.scalars(select(Patient).order_by(Patient.id)).all()
    patient = pick((*known, None))
    number = world.number()
    row = ImportedRow(
        line=number,
        mrn=patient.mrn if patient else f"L-{number}",
        family_name="Okonkwo",
        given_name="Ada",
        birth_date=patient.birth_date if patient else date(1980, 5, 1),
        phone=None,
        phone_raw="",
        email=None,
        indication=pick(INDICATIONS),
        icd10=None,
        product=pick(PRODUCTS),
        given_on=world.today - timedelta(pick(AGO)),
        units=pick(UNITS),
        units_wasted=None,
        lot=None,
        lot_expires_on=None,
        outcome="complete",
        kind="cycle",
        provider_name=None,
        location=None,
        notes="",
        weight_kg=pick((None, 30.0)),
        fingerprint=f"log:{number}",
    )
    imports.apply(session, world.desk, [[row]], world.now)
    return None


# --- courses, holds, patients -----------------------------------------------------------------------------


def open_course(world: World, session: Session, pick: Pick) -> int | None:
    entry = CourseEntry(
        one(pick, _patients(session)),
        pick(INDICATIONS),
        pick(PRODUCTS),
        world.today - timedelta(pick((0, 7, 200))),
        planned_units=_plan(pick),
        authorization_required=pick((False, False, True)),
    )
    courses.start_course(session, world.desk, entry, world.now)
    return None


def stop(world: World, session: Session, pick: Pick) -> int | None:
    on = world.today + timedelta(pick((0, -1, 7)))
    courses.stop(session, world.desk, one(pick, _courses(session)).id, on, "no benefit", world.now)
    return None


def switch_product(world: World, session: Session, pick: Pick) -> int | None:
    course = one(pick, _courses(session))
    other = OTHER_TOXIN if course.product == ONABOT else ONABOT
    courses.stop(session, world.provider, course.id, world.today, "switched", world.now)
    entry = CourseEntry(course.patient_id, course.indication, other, world.today, planned_units=_plan(pick))
    courses.start_course(session, world.provider, entry, world.now)
    return None


def change_plan(world: World, session: Session, pick: Pick) -> int | None:
    plan = CoursePlan(
        planned_units=_plan(pick),
        personal_interval=pick((None, "P14W", "P10W")),
        payer_minimum_interval=pick((None, "P90D", "P14W")),
        authorization_required=pick((False, True)),
    )
    courses.change_plan(session, world.desk, one(pick, _courses(session)).id, plan, world.now)
    return None


def authorize(world: World, session: Session, pick: Pick) -> int | None:
    starts_on = world.today + timedelta(pick((-30, 0, 14)))
    courses.authorize(
        session,
        world.desk,
        one(pick, _courses(session)).id,
        starts_on,
        starts_on + timedelta(pick((30, 180))),
        world.now,
        visits_left=pick((None, 1, 2)),
        units_left=pick((None, Decimal(155), Decimal(400))),
    )
    return None


def hold(world: World, session: Session, pick: Pick) -> int | None:
    starts_on = world.today + timedelta(pick((0, -7, 14)))
    ends_on = pick((None, starts_on + timedelta(30), starts_on))
    course = one(pick, _courses(session))
    courses.hold(session, world.provider, course.id, starts_on, ends_on, "infection", world.now)
    return None


def release(world: World, session: Session, pick: Pick) -> int | None:
    course = one(pick, _courses(session))
    courses.release(session, world.provider, course.id, world.today + timedelta(pick((-1, 0))), world.now)
    return None


def hold_patient(world: World, session: Session, pick: Pick) -> int | None:
    """Straight into the table, and its patient brought in line, as whoever holds a patient does."""
    patient = session.get_one(Patient, one(pick, _patients(session)))
    starts_on = world.today + timedelta(pick((0, 7)))
    ends_on = pick((None, starts_on + timedelta(30)))
    session.add(Hold(patient_id=patient.id, starts_on=starts_on, ends_on=ends_on, reason="pregnancy"))
    patients.bring_in_line(session, patient, world.now, "on_hold")
    return None


def change_protocol(world: World, session: Session, pick: Pick) -> int | None:
    """The floor shared with other indications, on or off; open courses follow."""
    indication = pick(INDICATIONS)
    newest = session.scalars(
        select(ProtocolVersion)
        .where(ProtocolVersion.clinic_id == world.clinic_id, ProtocolVersion.indication == indication)
        .order_by(ProtocolVersion.version.desc())
    ).first()
    assert newest is not None
    shared = (
        {} if newest.overrides else {"shared_minimum_interval": {"value": "P84D", "source": "the clinic"}}
    )
    protocols.new_version(session, world.provider, indication, shared, newest.version, world.now)
    protocols.move_open_courses(session, world.provider, indication, world.today, world.now)
    return None


def weigh(world: World, session: Session, pick: Pick) -> int | None:
    patient = session.get_one(Patient, one(pick, _patients(session)))
    weight = pick((Decimal(30), Decimal(12), Decimal(70)))
    return _edited(world, session, patient, weight_kg=weight, weighed_on=world.today)


def correct_birth(world: World, session: Session, pick: Pick) -> int | None:
    patient = session.get_one(Patient, one(pick, _patients(session)))
    return _edited(
        world, session, patient, birth_date=pick((date(2009, 1, 9), date(1978, 3, 14), date(2017, 5, 4)))
    )


def _edited(world: World, session: Session, patient: Patient, **values: Any) -> None:
    from dataclasses import replace

    entry = replace(entry_of(patient), **values)
    patients.edit_patient(session, world.desk, patient.id, entry, world.now, patient.updated_at)


def gone(world: World, session: Session, pick: Pick) -> int | None:
    how = pick((patient_status.mark_moved, patient_status.mark_deceased))
    how(session, world.desk, one(pick, _patients(session)), world.today, world.now)
    return None


def back(world: World, session: Session, pick: Pick) -> int | None:
    how = pick((patient_status.undo_moved, patient_status.undo_deceased))
    how(session, world.desk, one(pick, _patients(session)), world.now)
    return None


def add_patient(world: World, session: Session, pick: Pick) -> int | None:
    born = pick((date(1978, 3, 14), date(2017, 5, 4), date(2009, 1, 9)))
    factories.person(session, world.desk, world.now, mrn=f"N-{world.number()}", birth_date=born)
    return None


def merge(world: World, session: Session, pick: Pick) -> int | None:
    here = _patients(session)
    patient_merge.merge(session, world.provider, one(pick, here), one(pick, here), world.now)
    return None


def unmerge(world: World, session: Session, pick: Pick) -> int | None:
    merged = select(Patient.merged_into_id, Patient.id).where(Patient.merged_into_id.is_not(None))
    keep, lose = one(pick, [tuple(row) for row in session.execute(merged.order_by(Patient.id))])
    patient_unmerge.unmerge(session, world.provider, keep, lose, world.now)
    return None


def close_days(world: World, session: Session, pick: Pick) -> int | None:
    first = world.today + timedelta(pick((1, 7, 28)))
    closures.close_days(session, world.provider, first, first + timedelta(pick((0, 2))), "away", world.now)
    return None


# --- what there is ----------------------------------------------------------------------------------------


def _courses(session: Session) -> Sequence[Course]:
    return session.scalars(select(Course).order_by(Course.id)).all()


def _patients(session: Session) -> Sequence[int]:
    return session.scalars(select(Patient.id).order_by(Patient.id)).all()


def _visits(session: Session, states: Sequence[str]) -> Sequence[Appointment]:
    return session.scalars(
        select(Appointment).where(Appointment.state.in_(states)).order_by(Appointment.id)
    ).all()


def _treatments(session: Session, *, voided: bool) -> Sequence[int]:
    which = Treatment.voided_at.is_not(None) if voided else Treatment.voided_at.is_(None)
    return session.scalars(select(Treatment.id).where(which).order_by(Treatment.id)).all()


def _asked(session: Session) -> Sequence[int]:
    waiting = select(OverrideRequest.id).where(OverrideRequest.state == "waiting")
    return session.scalars(waiting.order_by(OverrideRequest.id)).all()


def _plan(pick: Pick) -> Decimal | None:
    units = pick(PLANS)
    return None if units is None else Decimal(units)


def _time(world: World, session: Session, pick: Pick, course: Course) -> Any:
    """Around the course's own dates, today, or another visit of the patient: where the guard's answer turns."""
    others = select(Appointment.local_date).where(
        Appointment.patient_id == course.patient_id, Appointment.state.in_(OPEN)
    )
    days = [course.earliest_date + timedelta(n) for n in (0, 1, -1, 20, 84)]
    days += [course.overdue_date, world.today, world.today + timedelta(1)]
    days += [day + timedelta(n) for day in session.scalars(others) for n in (0, 1, 83, 84, -84)]
    ahead = sorted({day for day in days if day >= world.today})
    return instant(pick(ahead), pick((9, 10, 11, 15)))


def _if_injection(visit: Appointment) -> int | None:
    return visit.id if visit.kind == "injection" else None


OF_VISITS: tuple[Deed, ...] = (
    *(book, book_overriding, book_asking, book_consultation, move, cancel, no_show, arrive, unarrive),
    *(reopen, move_back, allow_visit, ask_about, allow_asked, decline_asked, withdraw_asked),
)
OF_PATIENTS: tuple[Deed, ...] = (
    *(record, void, undo_void, bring_in, open_course, stop, switch_product, change_plan, authorize, hold),
    *(release, hold_patient, change_protocol, weigh, correct_birth, gone, back, add_patient, merge, unmerge),
    close_days,
)
DEEDS = (*OF_VISITS, *OF_PATIENTS)
