"""What a record system does to visits without asking anybody; it may leave a visit under Booking problems."""

from datetime import time

from sqlalchemy.orm import Session

from clinic_scheduler.domain.record_system import OutsideStatus, OutsideVisit
from clinic_scheduler.services.actors import Actor
from clinic_scheduler.services.change import Change
from clinic_scheduler.services.imports.diary import apply_visits
from tests.factories import ZONE
from tests.integration.safety.picks import Deed, Pick, a_time, all_courses, one
from tests.integration.safety.world import World

NUMBERS = ("V-1", "V-2", "V-3", None)


def told_outside(world: World, session: Session, pick: Pick) -> None:
    """Booked, or moved where the number is known; at times of a patient whom the number does not belong to."""
    _told(world, session, pick, OutsideStatus.BOOKED)


def off_outside(world: World, session: Session, pick: Pick) -> None:
    _told(world, session, pick, pick((OutsideStatus.CANCELLED, OutsideStatus.MISSED)))


def _told(world: World, session: Session, pick: Pick, status: OutsideStatus) -> None:
    course = one(pick, all_courses(session))
    local = a_time(world, session, pick, course).astimezone(ZONE)
    row = OutsideVisit(
        1,
        course.patient.mrn,
        local.date(),
        time(local.hour),
        status,
        indication=course.indication,
        provider_name=pick(("Dr Amara Reid", "Dr Ben Sato")),
        outside_id=pick(NUMBERS),
    )
    apply_visits(Change(session, Actor("import folder", world.clinic_id), world.now), [row])


OF_OUTSIDE: tuple[Deed, ...] = (told_outside, off_outside)
