"""What staff do to treatments, courses, holds and patients, one deed a unit of work; none places a visit."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from clinic_scheduler.domain.protocols.indications import OTHER
from clinic_scheduler.importing.results import ImportedRow
from clinic_scheduler.models import (
    Hold,
    Patient,
    ProtocolVersion,
)
from clinic_scheduler.services.change import Change
from clinic_scheduler.services.courses import courses, elsewhere
from clinic_scheduler.services.courses.courses import CourseEntry, CoursePlan
from clinic_scheduler.services.courses.elsewhere import ElsewhereEntry
from clinic_scheduler.services.imports import applying
from clinic_scheduler.services.imports.unassigned_sessions import start_course_with_kept
from clinic_scheduler.services.patients import holds, merging, records, status, unmerging
from clinic_scheduler.services.patients.holds import HoldEntry
from clinic_scheduler.services.patients.records import entry_of
from clinic_scheduler.services.practice import closures, protocols
from clinic_scheduler.services.treatments import treatments, voiding
from clinic_scheduler.services.treatments.treatments import TreatmentEntry
from tests import factories
from tests.factories import ONABOT
from tests.integration.safety.picks import (
    AGO,
    INDICATIONS,
    PRODUCTS,
    TREATED_ELSEWHERE,
    UNITS,
    Deed,
    Pick,
    a_plan,
    all_courses,
    all_elsewhere,
    all_patients,
    all_treatments,
    one,
)
from tests.integration.safety.world import OTHER_TOXIN, World


def record(world: World, session: Session, pick: Pick) -> int | None:
    course = one(pick, all_courses(session))
    entry = TreatmentEntry(
        course.id,
        world.today - timedelta(pick(AGO)),
        Decimal(pick(UNITS)),
        pick((course.product, course.product, OTHER_TOXIN)),
        f"deed:{world.number()}",
        outcome=pick(("complete", "complete", "aborted")),
        kind=pick(("cycle", "cycle", "touch_up")),
        seen=factories.ACCEPTS_ALL,
    )
    treatments.record(Change(session, world.desk, world.now), entry)
    return None


def void(world: World, session: Session, pick: Pick) -> int | None:
    given = one(pick, all_treatments(session, voided=False))
    voiding.void(Change(session, world.provider, world.now), given, "wrong_details")
    return None


def undo_void(world: World, session: Session, pick: Pick) -> int | None:
    given = one(pick, all_treatments(session, voided=True))
    voiding.undo_void(Change(session, world.provider, world.now), given)
    return None


def add_elsewhere(world: World, session: Session, pick: Pick) -> int | None:
    """Of everything but the day and its source nothing may be known."""
    entry = ElsewhereEntry(
        one(pick, all_patients(session)),
        world.today - timedelta(pick(AGO)),
        "patient",
        f"elsewhere:{world.number()}",
        is_approximate=pick((False, True)),
        units=pick((None, Decimal(155), Decimal(300))),
        product=pick((None, ONABOT, OTHER_TOXIN)),
        indication=pick((None, OTHER, *INDICATIONS)),
    )
    elsewhere.record_elsewhere(Change(session, world.desk, world.now), entry)
    return None


def void_elsewhere(world: World, session: Session, pick: Pick) -> int | None:
    given = one(pick, all_elsewhere(session, voided=False))
    elsewhere.void_elsewhere(Change(session, world.provider, world.now), given, "wrong_details")
    return None


def undo_void_elsewhere(world: World, session: Session, pick: Pick) -> int | None:
    given = one(pick, all_elsewhere(session, voided=True))
    elsewhere.undo_void_elsewhere(Change(session, world.provider, world.now), given)
    return None


def bring_in(world: World, session: Session, pick: Pick) -> int | None:
    """A row of the clinic's old log, for a patient known or merged away, or a new one; under a course or none."""
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
        indication=pick((*INDICATIONS, *TREATED_ELSEWHERE)),
        icd10=None,
        product=pick((*PRODUCTS, None)),
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
    applying.apply(Change(session, world.desk, world.now), [[row]])
    return None


def open_course(world: World, session: Session, pick: Pick) -> int | None:
    entry = CourseEntry(
        one(pick, all_patients(session)),
        pick(INDICATIONS),
        pick(PRODUCTS),
        world.today - timedelta(pick((0, 7, 200))),
        planned_units=a_plan(pick),
        authorization_required=pick((False, False, True)),
    )
    how = pick((courses.start_course, start_course_with_kept))
    how(Change(session, world.desk, world.now), entry)
    return None


def stop(world: World, session: Session, pick: Pick) -> int | None:
    on = world.today + timedelta(pick((0, -1, 7)))
    courses.stop(Change(session, world.desk, world.now), one(pick, all_courses(session)).id, on, "no benefit")
    return None


def switch_product(world: World, session: Session, pick: Pick) -> int | None:
    course = one(pick, all_courses(session))
    other = OTHER_TOXIN if course.product == ONABOT else ONABOT
    courses.stop(Change(session, world.provider, world.now), course.id, world.today, "switched")
    entry = CourseEntry(course.patient_id, course.indication, other, world.today, planned_units=a_plan(pick))
    courses.start_course(Change(session, world.provider, world.now), entry)
    return None


def change_plan(world: World, session: Session, pick: Pick) -> int | None:
    plan = CoursePlan(
        planned_units=a_plan(pick),
        personal_interval=pick((None, "P14W", "P10W")),
        payer_minimum_interval=pick((None, "P90D", "P14W")),
        authorization_required=pick((False, True)),
    )
    courses.change_plan(Change(session, world.desk, world.now), one(pick, all_courses(session)).id, plan)
    return None


def authorize(world: World, session: Session, pick: Pick) -> int | None:
    starts_on = world.today + timedelta(pick((-30, 0, 14)))
    courses.authorize(
        Change(session, world.desk, world.now),
        one(pick, all_courses(session)).id,
        starts_on,
        starts_on + timedelta(pick((30, 180))),
        visits_left=pick((None, 1, 2)),
        units_left=pick((None, Decimal(155), Decimal(400))),
    )
    return None


def hold(world: World, session: Session, pick: Pick) -> int | None:
    """Of one indication, or of whatever is treated."""
    starts_on = world.today + timedelta(pick((0, -7, 14)))
    entry = HoldEntry(
        one(pick, all_patients(session)),
        pick((*INDICATIONS, None)),
        starts_on,
        pick((None, starts_on + timedelta(30), starts_on)),
        pick(("infection", "pregnancy")),
    )
    holds.hold(Change(session, pick(world.staff), world.now), entry)
    return None


def release(world: World, session: Session, pick: Pick) -> int | None:
    held = one(pick, session.scalars(select(Hold.id).order_by(Hold.id)).all())
    holds.release(Change(session, pick(world.staff), world.now), held, world.today + timedelta(pick((-1, 0))))
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
    protocols.new_version(Change(session, world.provider, world.now), indication, shared, newest.version)
    protocols.move_open_courses(Change(session, world.provider, world.now), indication, world.today)
    return None


def weigh(world: World, session: Session, pick: Pick) -> int | None:
    patient = session.get_one(Patient, one(pick, all_patients(session)))
    weight = pick((Decimal(30), Decimal(12), Decimal(70)))
    return _edited(world, session, patient, weight_kg=weight, weighed_on=world.today)


def correct_birth(world: World, session: Session, pick: Pick) -> int | None:
    patient = session.get_one(Patient, one(pick, all_patients(session)))
    return _edited(
        world, session, patient, birth_date=pick((date(2009, 1, 9), date(1978, 3, 14), date(2017, 5, 4)))
    )


def _edited(world: World, session: Session, patient: Patient, **values: Any) -> None:
    entry = replace(entry_of(patient), **values)
    records.edit_patient(Change(session, world.desk, world.now), patient.id, entry, patient.updated_at)


def gone(world: World, session: Session, pick: Pick) -> int | None:
    how = pick((status.mark_moved, status.mark_deceased))
    how(Change(session, world.desk, world.now), one(pick, all_patients(session)), world.today)
    return None


def back(world: World, session: Session, pick: Pick) -> int | None:
    how = pick((status.undo_moved, status.undo_deceased))
    how(Change(session, world.desk, world.now), one(pick, all_patients(session)))
    return None


def add_patient(world: World, session: Session, pick: Pick) -> int | None:
    born = pick((date(1978, 3, 14), date(2017, 5, 4), date(2009, 1, 9)))
    factories.person(session, world.desk, world.now, mrn=f"N-{world.number()}", birth_date=born)
    return None


def merge(world: World, session: Session, pick: Pick) -> int | None:
    here = all_patients(session)
    merging.merge(Change(session, world.provider, world.now), one(pick, here), one(pick, here))
    return None


def unmerge(world: World, session: Session, pick: Pick) -> int | None:
    merged = select(Patient.merged_into_id, Patient.id).where(Patient.merged_into_id.is_not(None))
    keep, lose = one(pick, [tuple(row) for row in session.execute(merged.order_by(Patient.id))])
    unmerging.unmerge(Change(session, world.provider, world.now), keep, lose)
    return None


def close_days(world: World, session: Session, pick: Pick) -> int | None:
    first = world.today + timedelta(pick((1, 7, 28)))
    closures.close_days(
        Change(session, world.provider, world.now), first, first + timedelta(pick((0, 2))), "away"
    )
    return None


OF_PATIENTS: tuple[Deed, ...] = (
    *(record, void, undo_void, bring_in, open_course, stop, switch_product, change_plan, authorize, hold),
    *(release, change_protocol, weigh, correct_birth, gone, back, add_patient, merge, unmerge),
    *(close_days, add_elsewhere, void_elsewhere, undo_void_elsewhere),
)
