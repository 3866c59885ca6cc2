"""What staff do to visits, one deed a unit of work.

A deed returns the visit it put where it stands, which the guard must have let through, or None.
"""

from sqlalchemy.orm import Session

from clinic_scheduler.services.actors import Actor
from clinic_scheduler.services.visits import appointments, override_requests, undo
from clinic_scheduler.services.visits.booking_rules import BookingRequest, Question
from clinic_scheduler.services.visits.guard import OverrideEntry
from tests.integration.safety.picks import (
    EVERY_NAME,
    OPEN,
    Deed,
    Pick,
    a_time,
    all_asked,
    all_courses,
    if_injection,
    one,
    visits_in,
)
from tests.integration.safety.world import World


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
    course = one(pick, all_courses(session))
    wanted = BookingRequest(
        course.id,
        pick(world.providers),
        a_time(world, session, pick, course),
        entries,
        kind=kind,
        question=question,
    )
    visit = appointments.book(session, who, wanted, world.now)
    return visit.id if visit.state == "booked" else None


def move(world: World, session: Session, pick: Pick) -> int | None:
    visit = one(pick, visits_in(session, OPEN))
    starts_at = a_time(world, session, pick, visit.course)
    how = (visit.id, pick(world.providers), starts_at, world.now, pick(((), EVERY_NAME)))
    return if_injection(appointments.move(session, pick(world.staff), *how))


def cancel(world: World, session: Session, pick: Pick) -> int | None:
    appointments.cancel(
        session, world.desk, one(pick, visits_in(session, OPEN)).id, "patient_asked", world.now
    )
    return None


def no_show(world: World, session: Session, pick: Pick) -> int | None:
    appointments.no_show(session, world.desk, one(pick, visits_in(session, OPEN)).id, world.now)
    return None


def arrive(world: World, session: Session, pick: Pick) -> int | None:
    visit = one(pick, visits_in(session, ("booked", "arrived")))
    entries = pick(((), EVERY_NAME))
    return if_injection(appointments.arrive(session, pick(world.staff), visit.id, world.now, entries))


def unarrive(world: World, session: Session, pick: Pick) -> int | None:
    undo.unarrive(session, world.desk, one(pick, visits_in(session, ("arrived",))).id, world.now)
    return None


def reopen(world: World, session: Session, pick: Pick) -> int | None:
    visit = one(pick, visits_in(session, ("cancelled", "noshow")))
    return if_injection(undo.reopen(session, pick(world.staff), visit.id, world.now))


def move_back(world: World, session: Session, pick: Pick) -> int | None:
    visit = one(pick, visits_in(session, ("booked",)))
    return if_injection(undo.move_back(session, pick(world.staff), visit.id, world.now))


def allow_visit(world: World, session: Session, pick: Pick) -> int | None:
    visit = one(pick, visits_in(session, ("booked", "arrived")))
    return if_injection(appointments.allow(session, pick(world.staff), visit.id, EVERY_NAME, world.now))


def ask_about(world: World, session: Session, pick: Pick) -> int | None:
    visit = one(pick, visits_in(session, ("booked", "arrived")))
    override_requests.ask_about(session, world.desk, visit.id, Question(world.providers[0]), world.now)
    return None


def ask_to_move(world: World, session: Session, pick: Pick) -> int | None:
    visit = one(pick, visits_in(session, ("booked", "arrived")))
    starts_at = a_time(world, session, pick, visit.course)
    how = (visit.id, pick(world.providers), starts_at, world.now, EVERY_NAME, Question(world.providers[0]))
    made = appointments.move(session, world.desk, *how)
    return if_injection(made) if made.state == "booked" else None


def allow_asked(world: World, session: Session, pick: Pick) -> int | None:
    visit = override_requests.allow(
        session, world.provider, one(pick, all_asked(session)), pick((EVERY_NAME, ())), world.now
    )
    return if_injection(visit) if visit.state in OPEN else None


def decline_asked(world: World, session: Session, pick: Pick) -> int | None:
    override_requests.decline(session, world.provider, one(pick, all_asked(session)), "no", world.now)
    return None


def withdraw_asked(world: World, session: Session, pick: Pick) -> int | None:
    override_requests.withdraw(session, world.desk, one(pick, all_asked(session)), world.now)
    return None


OF_VISITS: tuple[Deed, ...] = (
    *(book, book_overriding, book_asking, book_consultation, move, cancel, no_show, arrive, unarrive),
    *(reopen, move_back, allow_visit, ask_about, ask_to_move, allow_asked, decline_asked, withdraw_asked),
)
