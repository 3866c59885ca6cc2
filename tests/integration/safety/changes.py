"""Changes that make an open visit a problem in the commit that makes them, and where each is written down."""

from collections.abc import Callable
from datetime import date, time, timedelta
from decimal import Decimal

from sqlalchemy.orm import Session

from clinic_scheduler.domain.record_system import OutsideVisit
from clinic_scheduler.importing.results import ImportedRow
from clinic_scheduler.models import ProtocolVersion
from clinic_scheduler.services.change import Change
from clinic_scheduler.services.courses import courses, elsewhere
from clinic_scheduler.services.imports import applying, diary
from clinic_scheduler.services.patients import merging, status
from clinic_scheduler.services.practice import protocols
from clinic_scheduler.services.treatments import voiding
from clinic_scheduler.services.visits import appointments
from clinic_scheduler.services.visits.booking_rules import BookingRequest
from tests.factories import MIGRAINE, ONABOT
from tests.integration.safety.picks import EVERY_NAME
from tests.integration.safety.scripts import (
    TOMORROW,
    book,
    give_elsewhere,
    hold,
    plan,
    start,
    treat,
    weigh,
)
from tests.integration.safety.world import TODAY, UPPER_LIMB, World, instant

Act = Callable[[World], None]


def recorded(world: World) -> None:
    book(world, world.courses[0], TOMORROW)
    treat(world, world.courses[0], TODAY - timedelta(1))


def voided(world: World) -> None:
    """Without its last treatment the course was due long ago: the visit is late."""
    given = treat(world, world.courses[0], TODAY - timedelta(7))
    book(world, world.courses[0], TODAY + timedelta(77))
    world.change(lambda s: voiding.void(Change(s, world.provider, world.now), given, "wrong_details").id)


def given_elsewhere(world: World) -> None:
    book(world, world.courses[0], TOMORROW)
    give_elsewhere(world, TODAY - timedelta(7), units=Decimal(155), product=ONABOT)


def voided_elsewhere(world: World) -> None:
    """Without it the course is overdue in four days: the visit is late."""
    given = give_elsewhere(world, TODAY - timedelta(7), units=Decimal(155), product=ONABOT)
    book(world, world.courses[0], TODAY + timedelta(77))
    what = (given, "wrong_details")
    world.change(lambda s: elsewhere.void_elsewhere(Change(s, world.provider, world.now), *what).id)


def imported(world: World) -> None:
    book(world, world.courses[0], TOMORROW)
    row = ImportedRow(
        line=1,
        mrn="A-100",
        family_name="Okonkwo",
        given_name="Adaeze",
        birth_date=date(1978, 3, 14),
        phone=None,
        phone_raw="",
        email=None,
        indication=MIGRAINE,
        icd10=None,
        product=ONABOT,
        given_on=TODAY - timedelta(3),
        units=155,
        units_wasted=None,
        lot=None,
        lot_expires_on=None,
        outcome="complete",
        kind="cycle",
        provider_name=None,
        location=None,
        notes="",
        weight_kg=None,
        fingerprint="change",
    )
    world.change(lambda s: applying.apply(Change(s, world.desk, world.now), [[row]]).treatments)


def held(world: World) -> None:
    book(world, world.courses[0], TOMORROW)
    hold(world, TODAY)


def stopped(world: World) -> None:
    book(world, world.courses[0], TOMORROW)
    gone = (world.courses[0], TODAY, "no benefit")
    world.change(lambda s: courses.stop(Change(s, world.desk, world.now), *gone).id)


def planned(world: World) -> None:
    book(world, world.courses[0], TOMORROW)
    plan(world, planned_units=Decimal(401))


def weighed(world: World) -> None:
    weigh(world, world.patients[2], Decimal(34))
    book(world, world.courses[2], TOMORROW)
    weigh(world, world.patients[2], Decimal(9))


def merged(world: World) -> None:
    """The other record's 200 U for the arm were 88 days ago; a second visit makes the two too much together."""
    book(world, world.courses[0], TOMORROW)
    book(
        world, start(world, world.patients[1], "spasticity_lower_limb", ONABOT, 300), TOMORROW + timedelta(1)
    )
    keep, lose = world.patients[:2]
    world.change(lambda s: merging.merge(Change(s, world.desk, world.now), keep, lose).id)


def moved_away_with_a_visit_begun(world: World) -> None:
    """A visit that has begun is not called off with those ahead; it stands open under a closed course."""
    book(world, world.courses[0], TODAY)
    world.now += timedelta(hours=10)
    patient = world.patients[0]
    world.change(lambda s: status.mark_moved(Change(s, world.desk, world.now), patient, TODAY).id)


def another_visit(world: World) -> None:
    """A provider allows one over the cap; the visit booked before it is too much with it as well."""
    book(world, world.courses[0], TOMORROW + timedelta(1))
    other = start(world, world.patients[0], UPPER_LIMB, ONABOT, 300)
    wanted = BookingRequest(other, world.providers[1], instant(TOMORROW, 9), EVERY_NAME)
    world.change(lambda s: appointments.book(Change(s, world.provider, world.now), wanted).id)


def booked_outside(world: World) -> None:
    """A record system asks no guard: twelve weeks too early is a fact."""
    treat(world, world.courses[0], TODAY - timedelta(7))
    row = OutsideVisit(1, "A-100", TOMORROW, time(9), provider_name="Dr Amara Reid", indication=MIGRAINE)
    told = world.change(lambda s: dict(diary.apply_visits(Change(s, world.desk, world.now), [row]).counts))
    assert told == {"booked": 1}


def protocol_changed(world: World) -> None:
    """From now on 84 days lie between treatments of different indications."""
    other = start(world, world.patients[0], UPPER_LIMB, ONABOT, 100)
    treat(world, other, TODAY - timedelta(20))
    book(world, world.courses[0], TOMORROW)

    def work(session: Session) -> None:
        shared = {"shared_minimum_interval": {"value": "P84D", "source": "the clinic"}}
        made: ProtocolVersion = protocols.new_version(
            Change(session, world.provider, world.now), MIGRAINE, shared, 1
        )
        assert made.version == 2
        protocols.move_open_courses(Change(session, world.provider, world.now), MIGRAINE, TODAY)

    world.change(work)


CHANGES: list[tuple[Act, str]] = [
    (recorded, "treatments.treatments"),
    (voided, "treatments.voiding"),
    (given_elsewhere, "courses.elsewhere"),
    (voided_elsewhere, "courses.elsewhere"),
    (imported, "imports.applying"),
    (held, "patients.records"),
    (stopped, "courses.courses"),
    (planned, "courses.courses"),
    (weighed, "patients.records"),
    (merged, "patients.records"),
    (moved_away_with_a_visit_begun, "patients.records"),
    (another_visit, "visits.changes"),
    (booked_outside, "visits.changes"),
    (protocol_changed, "practice.protocols"),
]
