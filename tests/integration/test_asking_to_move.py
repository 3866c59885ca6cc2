"""A provider is asked about moving a visit: the time is held, the visit stays, and every ending of the question."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from clinic_scheduler.domain.errors import ActionRefused, BookingRefused
from clinic_scheduler.models import Appointment, Course, OverrideRequest, Reminder, VisitOverride, WorkItem
from clinic_scheduler.services.actors import Actor
from clinic_scheduler.services.change import Change
from clinic_scheduler.services.visits import appointments, kind_changes, override_requests, undo
from tests import factories
from tests.integration.asking import (
    EARLY,
    TRAVEL,
    allow,
    decline,
    question,
    shown_outside,
    state,
    take,
    withdraw,
)
from tests.integration.house import House, at

ALLOWED_DAY = date(2027, 1, 25)
EARLIER = at(EARLY, 9)


@pytest.fixture
def booked(house: House, desk: Actor, early: int) -> int:
    """A visit on a day the rules allow; its patient would rather come before the earliest day."""
    return house.book(at(ALLOWED_DAY, 10), by=desk, course_id=early)


def ask_to_move(house: House, desk: Actor, visit: int) -> tuple[int, int]:
    """(the row that holds the time, request)."""
    how = (visit, house.cast.provider_id, EARLIER)
    held = house.change(
        lambda s: appointments.move(Change(s, desk, house.now), *how, question=question(house)).id
    )
    (request,) = house.rows(select(OverrideRequest.id).where(OverrideRequest.appointment_id == held))
    return held, request.id


def where(house: House, visit: int) -> tuple[str, date]:
    row = house.row(Appointment, visit)
    return row["state"], row["local_date"]


def told_of_a_move(house: House) -> int:
    return len(house.rows(select(Reminder.id).where(Reminder.kind == "visit_moved")))


def test_the_time_is_held_and_the_visit_stays(house: House, desk: Actor, early: int, booked: int) -> None:
    before, shown = house.row(Appointment, booked), shown_outside(house, early)
    held, _request = ask_to_move(house, desk, booked)
    assert house.row(Appointment, booked) == before
    assert shown_outside(house, early) == shown
    assert where(house, held) == ("pending", EARLY)
    assert house.course(early)["booked_on"] == ALLOWED_DAY
    assert house.course(early)["booking"] == "ok"
    assert told_of_a_move(house) == 0
    with pytest.raises(BookingRefused, match="is taken"):
        take(house)
    how = (booked, house.cast.provider_id, at(EARLY, 14))
    with pytest.raises(ActionRefused, match="asked about already"):
        house.change(
            lambda s: appointments.move(Change(s, desk, house.now), *how, question=question(house)).id
        )


def test_allowing_moves_the_visit_with_its_reason_and_tells_the_patient(
    house: House, desk: Actor, provider: Actor, early: int, booked: int
) -> None:
    uid = house.row(Appointment, booked)["uid"]
    held, request = ask_to_move(house, desk, booked)
    allow(house, provider, request, TRAVEL)
    assert where(house, booked) == ("booked", EARLY)
    assert house.row(Appointment, booked)["uid"] == uid
    assert house.row(Appointment, booked)["sequence"] == 2
    assert state(house, held) == ("cancelled", "moved_here")
    assert house.course(early)["booking"] == "ok"
    overridden = house.rows(select(VisitOverride).where(VisitOverride.appointment_id == booked))
    assert [(row[0].name, row[0].reason, row[0].decided_by) for row in overridden] == [
        ("too_early", "travel", provider.name)
    ]
    answer = house.row(OverrideRequest, request)
    assert (answer["state"], answer["appointment_id"]) == ("allowed", booked)
    # It is a move like any other, which goes back where it came from.
    house.change(lambda s: undo.move_back(Change(s, desk, house.now), booked).id)
    assert where(house, booked) == ("booked", ALLOWED_DAY)


@pytest.mark.parametrize(
    ("ending", "reason"),
    [("decline", "not_allowed"), ("withdraw", "question_withdrawn"), ("expire", "nobody_answered")],
)
def test_where_it_comes_to_nothing_the_visit_is_as_before(
    house: House, desk: Actor, provider: Actor, early: int, booked: int, ending: str, reason: str
) -> None:
    before, shown = house.row(Appointment, booked), shown_outside(house, early)
    held, request = ask_to_move(house, desk, booked)
    if ending == "expire":
        house.later(days=1)
        assert house.change(lambda s: override_requests.end_expired(s, house.cast.clinic_id, house.now)) == 1
    elif ending == "decline":
        decline(house, provider, request)
    else:
        withdraw(house, desk, request)
    assert state(house, held) == ("cancelled", reason)
    assert house.row(Appointment, booked) == before
    assert house.course(early)["booking"] == "ok"
    assert told_of_a_move(house) == 0
    assert shown_outside(house, early) == shown
    # The question may be asked again.
    ask_to_move(house, desk, booked)


@pytest.mark.parametrize("what", ["moved", "cancelled", "arrived", "treated", "consultation"])
def test_whatever_else_becomes_of_the_visit_takes_the_question_back(
    house: House, desk: Actor, early: int, booked: int, what: str
) -> None:
    held, request = ask_to_move(house, desk, booked)
    # Nobody has ended the question when the visit's day comes: what was asked has no bearing on it any more.
    if what in ("arrived", "treated"):
        house.later(days=(ALLOWED_DAY - house.now.date()).days)
    deeds: dict[str, Callable[[Session], object]] = {
        "moved": lambda s: (
            appointments.move(
                Change(s, desk, house.now), booked, house.cast.provider_id, at(ALLOWED_DAY, 14)
            ).id
        ),
        "cancelled": lambda s: appointments.cancel(Change(s, desk, house.now), booked, "patient_asked").id,
        "arrived": lambda s: appointments.arrive(Change(s, desk, house.now), booked).id,
        "treated": lambda s: factories.treat(s, desk, house.now, s.get_one(Course, early), ALLOWED_DAY),
        "consultation": lambda s: (
            kind_changes.change_kind(Change(s, desk, house.now), booked, "consultation").id
        ),
    }
    house.change(deeds[what])
    assert state(house, held) == ("cancelled", "question_withdrawn")
    assert house.row(OverrideRequest, request)["state"] == "withdrawn"
    waiting = house.rows(select(WorkItem.kind).where(WorkItem.closed_at.is_(None)))
    assert "asks_to_allow" not in [row.kind for row in waiting]


def test_who_stays_away_is_told_so_though_a_move_was_asked_for(
    house: House, desk: Actor, early: int, booked: int
) -> None:
    ask_to_move(house, desk, booked)
    house.later(days=(ALLOWED_DAY - house.now.date()).days, hours=3)
    house.change(lambda s: appointments.no_show(Change(s, desk, house.now), booked).id)
    planned = select(Reminder.kind).where(Reminder.course_id == early, Reminder.state == "pending")
    assert "missed_visit" in [row.kind for row in house.rows(planned)]


def test_a_day_that_needs_no_provider_is_simply_moved_to(house: House, desk: Actor, booked: int) -> None:
    how = (booked, house.cast.provider_id, at(ALLOWED_DAY + timedelta(1), 9))
    moved = house.change(
        lambda s: appointments.move(Change(s, desk, house.now), *how, question=question(house)).id
    )
    assert moved == booked
    assert where(house, booked) == ("booked", ALLOWED_DAY + timedelta(1))
    assert house.rows(select(OverrideRequest.id)) == []


def test_what_has_come_to_stand_against_it_meanwhile_is_asked_too(
    house: House, desk: Actor, provider: Actor, early: int, booked: int
) -> None:
    held, request = ask_to_move(house, desk, booked)
    house.change(lambda s: factories.hold(s, desk, house.now, early, EARLY).id)
    allow(house, provider, request, TRAVEL)
    assert where(house, booked) == ("booked", ALLOWED_DAY)
    assert where(house, held) == ("pending", EARLY)
    assert house.row(OverrideRequest, request)["names"] == ["on_hold"]
    allow(house, provider, request, factories.override("on_hold", "reason_ended"))
    assert where(house, booked) == ("booked", EARLY)
    names = house.rows(select(VisitOverride.name).where(VisitOverride.appointment_id == booked))
    assert sorted(row.name for row in names) == ["on_hold", "too_early"]


def test_a_held_time_is_nobodys_visit(house: House, desk: Actor, booked: int) -> None:
    held, _request = ask_to_move(house, desk, booked)
    for deed in (
        lambda s: appointments.cancel(Change(s, desk, house.now), held, "patient_asked").id,
        lambda s: appointments.arrive(Change(s, desk, house.now), held).id,
        lambda s: (
            appointments.move(Change(s, desk, house.now), held, house.cast.provider_id, at(EARLY, 14)).id
        ),
    ):
        with pytest.raises(BookingRefused, match="only proposed"):
            house.change(deed)
