"""Short stories, one for each thing that stands against a visit and one for each way in.

In each the guard refuses a visit, or a change makes one a problem; test_mutants.py plays them with a part left out.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from clinic_scheduler.domain.forecast.blocks import Against
from clinic_scheduler.domain.protocols.indications import OTHER
from clinic_scheduler.models import OverrideRequest, Patient
from clinic_scheduler.services.change import Change
from clinic_scheduler.services.courses import courses
from clinic_scheduler.services.courses.courses import CourseEntry, CoursePlan
from clinic_scheduler.services.courses.elsewhere import ElsewhereEntry, record_elsewhere
from clinic_scheduler.services.patients import holds, merging, records, unmerging
from clinic_scheduler.services.patients.holds import HoldEntry
from clinic_scheduler.services.patients.records import entry_of
from clinic_scheduler.services.treatments import treatments, voiding
from clinic_scheduler.services.treatments.treatments import TreatmentEntry
from clinic_scheduler.services.visits import appointments, override_requests, undo
from clinic_scheduler.services.visits.booking_rules import BookingRequest, Question
from tests import factories
from tests.factories import MIGRAINE, ONABOT
from tests.integration.safety.picks import EVERY_NAME
from tests.integration.safety.world import OTHER_TOXIN, TODAY, UPPER_LIMB, World, instant

Script = Callable[[World], int | None]
TOMORROW, IN_TWO_DAYS = TODAY + timedelta(1), TODAY + timedelta(2)


# --- what stands against a visit: the last act books it ------------------------------------------------------


def too_early(world: World) -> int:
    treat(world, world.courses[0], TODAY - timedelta(1))
    return book(world, world.courses[0], TOMORROW)


def too_close(world: World) -> int:
    """Two open courses of one indication, nothing given yet under either."""
    patient = world.change(lambda s: factories.person(s, world.desk, world.now, mrn="K-3").id)
    one, other = (start(world, patient, MIGRAINE, product, 100) for product in (ONABOT, OTHER_TOXIN))
    book(world, one, TOMORROW)
    return book(world, other, IN_TWO_DAYS)


def over_cap(world: World) -> int:
    other = start(world, world.patients[0], UPPER_LIMB, ONABOT, 300)
    book(world, world.courses[0], TOMORROW)
    return book(world, other, IN_TWO_DAYS)


def on_hold(world: World) -> int:
    hold(world, TODAY)
    return book(world, world.courses[0], TOMORROW)


def consultation_needed(world: World) -> int:
    world.later(days=120)
    return book(world, world.courses[0], world.today + timedelta(1))


def cap_exceeded(world: World) -> int:
    plan(world, planned_units=Decimal(401))
    return book(world, world.courses[0], TOMORROW)


def plan_missing(world: World) -> int:
    """A course begun without units, of a product whose label says nothing of migraine."""
    patient = world.change(lambda s: factories.person(s, world.desk, world.now, mrn="K-4").id)
    return book(world, start(world, patient, MIGRAINE, OTHER_TOXIN, None), TOMORROW)


def cap_unknown(world: World) -> int:
    """Botox for the forehead, and nobody knows how much."""
    give_elsewhere(world, TODAY - timedelta(20), product=ONABOT, indication=OTHER)
    return book(world, world.courses[0], TOMORROW)


def weight_missing(world: World) -> int:
    return book(world, world.courses[2], TOMORROW)


def age_not_covered(world: World) -> int:
    weigh(world, world.patients[2], Decimal(34))
    return book(world, start(world, world.patients[2], MIGRAINE, ONABOT, 155), TOMORROW)


def other_toxin_review(world: World) -> int:
    treat(world, start(world, world.patients[0], UPPER_LIMB, OTHER_TOXIN, 300), TODAY - timedelta(20))
    return book(world, world.courses[0], TOMORROW)


def late(world: World) -> int:
    return book(world, world.courses[0], TODAY + timedelta(30))


def outside_authorization(world: World) -> int:
    plan(world, authorization_required=True)
    return book(world, world.courses[0], TOMORROW)


AGAINST: dict[Against, tuple[Script, ...]] = {
    Against.TOO_EARLY: (too_early, too_close),
    Against.OVER_CAP: (over_cap,),
    Against.ON_HOLD: (on_hold,),
    Against.CONSULTATION_NEEDED: (consultation_needed,),
    Against.CAP_EXCEEDED: (cap_exceeded,),
    Against.PLAN_MISSING: (plan_missing,),
    Against.CAP_UNKNOWN: (cap_unknown,),
    Against.WEIGHT_MISSING: (weight_missing,),
    Against.AGE_NOT_COVERED: (age_not_covered,),
    Against.OTHER_TOXIN_REVIEW: (other_toxin_review,),
    Against.LATE: (late,),
    Against.OUTSIDE_AUTHORIZATION: (outside_authorization,),
}


# --- ways in: the last act puts a visit on a day that is on hold by then -----------------------------------


def by_booking(world: World) -> int:
    return on_hold(world)


def by_moving(world: World) -> int:
    visit = book(world, world.courses[0], TOMORROW)
    hold(world, IN_TWO_DAYS)
    return move(world, visit, IN_TWO_DAYS)


def by_reopening(world: World) -> int:
    visit = book(world, world.courses[0], TOMORROW)
    world.change(lambda s: appointments.cancel(Change(s, world.desk, world.now), visit, "illness").id)
    hold(world, TODAY)
    return world.change(lambda s: undo.reopen(Change(s, world.desk, world.now), visit).id)


def by_moving_back(world: World) -> int:
    visit = move(world, book(world, world.courses[0], TOMORROW), IN_TWO_DAYS)
    hold(world, TOMORROW, TOMORROW)
    return world.change(lambda s: undo.move_back(Change(s, world.desk, world.now), visit).id)


def by_check_in(world: World) -> int:
    visit = book(world, world.courses[0], TODAY)
    hold(world, TODAY)
    return world.change(lambda s: appointments.arrive(Change(s, world.desk, world.now), visit).id)


def by_an_answer(world: World) -> int:
    """Asked about one thing, while another came to stand against it."""
    treat(world, world.courses[0], TODAY - timedelta(1))
    asked = Question(world.providers[0])
    visit = book(world, world.courses[0], TOMORROW, question=asked)
    hold(world, TODAY)
    early = tuple(entry for entry in EVERY_NAME if entry.name == Against.TOO_EARLY)

    def answer(session: Session) -> int:
        request = session.scalars(select(OverrideRequest.id).where(OverrideRequest.appointment_id == visit))
        return override_requests.allow(Change(session, world.provider, world.now), request.one(), early).id

    return world.change(answer)


def by_an_answered_move(world: World) -> int:
    """The provider names no reason, so the visit stays on its own day."""
    visit = book(world, world.courses[0], TOMORROW)
    hold(world, IN_TWO_DAYS)
    how = (visit, world.providers[0], instant(IN_TWO_DAYS, 10))
    question = Question(world.providers[0])
    world.change(lambda s: appointments.move(Change(s, world.desk, world.now), *how, question=question).id)

    def answer(session: Session) -> int:
        (request,) = session.scalars(select(OverrideRequest.id))
        return override_requests.allow(Change(session, world.provider, world.now), request, ()).id

    return world.change(answer)


def by_voiding(world: World) -> int:
    """The visit a treatment had fulfilled, open again though the patient is on hold since."""
    visit = book(world, world.courses[0], TODAY)
    given = treat(world, world.courses[0], TODAY, visit=visit)
    hold(world, TODAY)
    world.change(lambda s: voiding.void(Change(s, world.provider, world.now), given, "was_not_given").id)
    return visit


def by_unmerging(world: World) -> int:
    """The weight that only the other record knew is gone from a child's visit; it was one by then."""
    weigh(world, world.patients[2], Decimal(34))
    visit = book(world, world.courses[2], TOMORROW)
    weigh(world, world.patients[2], None)
    other = world.change(lambda s: factories.person(s, world.desk, world.now, mrn="K-2").id)
    weigh(world, other, Decimal(34))
    keep, now = world.patients[2], world.now + timedelta(minutes=1)
    world.change(lambda s: merging.merge(Change(s, world.desk, now), keep, other).id)
    assert world.standing(visit) == "ok"
    world.change(lambda s: unmerging.unmerge(Change(s, world.desk, now), keep, other))
    return visit


# --- the acts ----------------------------------------------------------------------------------------------


def book(world: World, course_id: int, day: date, *, question: Question | None = None) -> int:
    hour = 9 + world.number() % 9
    wanted = BookingRequest(course_id, world.providers[0], instant(day, hour), question=question)
    return world.change(lambda s: appointments.book(Change(s, world.desk, world.now), wanted).id)


def move(world: World, visit: int, day: date) -> int:
    where = (visit, world.providers[0], instant(day, 15))
    return world.change(lambda s: appointments.move(Change(s, world.desk, world.now), *where).id)


def treat(world: World, course_id: int, day: date, *, visit: int | None = None) -> int:
    product = world.look(lambda s: s.get_one(courses.Course, course_id).product)
    entry = TreatmentEntry(
        course_id,
        day,
        Decimal(155),
        product,
        f"script:{world.number()}",
        appointment_id=visit,
        seen=factories.ACCEPTS_ALL,
    )
    return world.change(lambda s: treatments.record(Change(s, world.desk, world.now), entry).id)


def give_elsewhere(world: World, day: date, **known: Any) -> int:
    entry = ElsewhereEntry(world.patients[0], day, "patient", f"script:{world.number()}", **known)
    return world.change(lambda s: record_elsewhere(Change(s, world.desk, world.now), entry).id)


def start(world: World, patient_id: int, indication: str, product: str, units: int | None) -> int:
    planned = None if units is None else Decimal(units)
    entry = CourseEntry(patient_id, indication, product, TODAY, planned_units=planned)
    return world.change(lambda s: courses.start_course(Change(s, world.desk, world.now), entry).id)


def plan(world: World, **changes: object) -> None:
    wanted = CoursePlan(**changes)  # type: ignore[arg-type]
    world.change(lambda s: courses.change_plan(Change(s, world.desk, world.now), world.courses[0], wanted).id)


def hold(world: World, starts_on: date, ends_on: date | None = None) -> None:
    entry = HoldEntry(world.patients[0], MIGRAINE, starts_on, ends_on, "infection")
    world.change(lambda s: holds.hold(Change(s, world.provider, world.now), entry).id)


def weigh(world: World, patient_id: int, weight: Decimal | None) -> None:
    def work(session: Session) -> None:
        row = session.get_one(Patient, patient_id)
        entry = replace(entry_of(row), weight_kg=weight)
        records.edit_patient(Change(session, world.desk, world.now), row.id, entry, row.updated_at)

    world.change(work)
