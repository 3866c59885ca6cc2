"""What staff do about patients they try to reach, one deed a unit of work; none places a visit."""

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from clinic_scheduler.models import ContactAttempt
from clinic_scheduler.services import contact_attempts
from clinic_scheduler.services.change import Change
from tests.integration.safety.picks import Deed, Pick, all_courses, one
from tests.integration.safety.world import World


def try_to_reach(world: World, session: Session, pick: Pick) -> int | None:
    course, rests = one(pick, all_courses(session)), pick((None, 1, 7, 30))
    until = None if rests is None else world.today + timedelta(rests)
    said = pick((("phone", "no_answer"), ("text", "left_message")))
    contact_attempts.log(Change(session, world.desk, world.now), course.id, *said, hide_until=until)
    return None


def decide(world: World, session: Session, pick: Pick) -> int | None:
    course, decision = one(pick, all_courses(session)), pick(("try_later", "keep_on_list"))
    until = world.today + timedelta(14) if decision == "try_later" else None
    contact_attempts.decide(Change(session, world.desk, world.now), course.id, decision, hide_until=until)
    return None


def take_back(world: World, session: Session, pick: Pick) -> int | None:
    attempts = session.scalars(select(ContactAttempt.id).order_by(ContactAttempt.id.desc())).all()
    contact_attempts.take_back(Change(session, world.desk, world.now), one(pick, attempts))
    return None


OF_CONTACTS: tuple[Deed, ...] = (try_to_reach, decide, take_back)
