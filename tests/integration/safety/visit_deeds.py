"""What staff do to visits, one deed a unit of work.

A deed returns the visit it put where it stands, which the guard must have let through, or None.
"""

from sqlalchemy.orm import Session

from clinic_scheduler.services.actors import Actor
from clinic_scheduler.services.change import Change
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
    visit = appointments.book(Change(session, who, world.now), wanted)
    return visit.id if visit.state == "booked" else None


def move(world: World, session: Session, pick: Pick) -> int | None:
    visit = one(pick, visits_in(session, OPEN))
    starts_at = a_time(world, session, pick, visit.course)
    how = (visit.id, pick(world.providers), starts_at, pick(((), EVERY_NAME)))
    return if_injection(appointments.move(Change(session, pick(world.staff), world.now), *how))


def cancel(world: World, session: Session, pick: Pick) -> int | None:
    appointments.cancel(
        Change(session, world.desk, world.now), one(pick, visits_in(session, OPEN)).id, "patient_asked"
    )
    return None


def no_show(world: World, session: Session, pick: Pick) -> int | None:
    appointments.no_show(Change(session, world.desk, world.now), one(pick, visits_in(session, OPEN)).id)
    return None


def arrive(world: World, session: Session, pick: Pick) -> int | None:
    visit = one(pick, visits_in(session, ("booked", "arrived")))
    entries = pick(((), EVERY_NAME))
    return if_injection(appointments.arrive(Change(session, pick(world.staff), world.now), visit.id, entries))


def unarrive(world: World, session: Session, pick: Pick) -> int | None:
    undo.unarrive(Change(session, world.desk, world.now), one(pick, visits_in(session, ("arrived",))).id)
    return None


def reopen(world: World, session: Session, pick: Pick) -> int | None:
    visit = one(pick, visits_in(session, ("cancelled", "noshow")))
    return if_injection(undo.reopen(Change(session, pick(world.staff), world.now), visit.id))


def move_back(world: World, session: Session, pick: Pick) -> int | None:
    visit = one(pick, visits_in(session, ("booked",)))
    return if_injection(undo.move_back(Change(session, pick(world.staff), world.now), visit.id))


def allow_visit(world: World, session: Session, pick: Pick) -> int | None:
    visit = one(pick, visits_in(session, ("booked", "arrived")))
    return if_injection(
        appointments.allow(Change(session, pick(world.staff), world.now), visit.id, EVERY_NAME)
    )


def ask_about(world: World, session: Session, pick: Pick) -> int | None:
    visit = one(pick, visits_in(session, ("booked", "arrived")))
    override_requests.ask_about(
        Change(session, world.desk, world.now), visit.id, Question(world.providers[0])
    )
    return None


def ask_to_move(world: World, session: Session, pick: Pick) -> int | None:
    visit = one(pick, visits_in(session, ("booked", "arrived")))
    starts_at = a_time(world, session, pick, visit.course)
    how = (visit.id, pick(world.providers), starts_at, EVERY_NAME, Question(world.providers[0]))
    made = appointments.move(Change(session, world.desk, world.now), *how)
    return if_injection(made) if made.state == "booked" else None


def allow_asked(world: World, session: Session, pick: Pick) -> int | None:
    visit = override_requests.allow(
        Change(session, world.provider, world.now),
        one(pick, all_asked(session)),
        pick((EVERY_NAME, ())),
    )
    return if_injection(visit) if visit.state in OPEN else None


def decline_asked(world: World, session: Session, pick: Pick) -> int | None:
    override_requests.decline(Change(session, world.provider, world.now), one(pick, all_asked(session)), "no")
    return None


def withdraw_asked(world: World, session: Session, pick: Pick) -> int | None:
    override_requests.withdraw(Change(session, world.desk, world.now), one(pick, all_asked(session)))
    return None


OF_VISITS: tuple[Deed, ...] = (
    *(book, book_overriding, book_asking, book_consultation, move, cancel, no_show, arrive, unarrive),
    *(reopen, move_back, allow_visit, ask_about, ask_to_move, allow_asked, decline_asked, withdraw_asked),
)
