"""A provider is asked to allow a visit: what is held meanwhile, every ending of it, and who comes first at once."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from clinic_scheduler.domain.errors import ActionRefused, BookingRefused, InvalidInput, NotFound
from clinic_scheduler.models import (
    Message,
    OverrideRequest,
    Provider,
    Reminder,
    WorkItem,
)
from clinic_scheduler.queries.schedule.override_requests import waiting_for_provider
from clinic_scheduler.services.actors import Actor
from clinic_scheduler.services.change import Change
from clinic_scheduler.services.patients import status
from clinic_scheduler.services.practice import closures
from clinic_scheduler.services.visits import override_requests
from clinic_scheduler.services.visits.booking_rules import Question
from tests import factories
from tests.integration.asking import (
    EARLY,
    TRAVEL,
    allow,
    ask,
    decline,
    question,
    shown_outside,
    state,
    take,
    withdraw,
)
from tests.integration.house import TODAY, House, at

GONE_BY = factories.override("on_hold", "reason_ended")


def on_hold(house: House, by: Actor, course_id: int) -> None:
    house.change(lambda s: factories.hold(s, by, house.now, course_id, TODAY).id)


def items(house: House) -> list[tuple[str, str | None]]:
    """(kind, outcome) of what has been on the work list, the oldest first."""
    wanted = select(WorkItem.kind, WorkItem.outcome).order_by(WorkItem.id)
    return [tuple(row) for row in house.rows(wanted)]


def told(house: House, course_id: int) -> Sequence[Any]:
    """Whatever would be said of a visit of the course."""
    kinds = ("visit_booked", "visit_moved", "visit_cancelled", "visit_reminder")
    return house.rows(select(Reminder).where(Reminder.course_id == course_id, Reminder.kind.in_(kinds)))


def test_asking_holds_the_time_and_says_nothing_outside(house: House, desk: Actor, early: int) -> None:
    before = shown_outside(house, early)
    visit, _request = ask(house, desk, early)
    assert state(house, visit) == ("proposed", None)
    assert items(house) == [("asks_to_allow", None)]
    assert told(house, early) == []
    assert shown_outside(house, early) == before
    # The time is held, and the course has one visit.
    with pytest.raises(BookingRefused, match="is taken"):
        take(house)
    with pytest.raises(BookingRefused, match="is proposed for this course"):
        ask(house, desk, early, EARLY + timedelta(1))


def test_allowing_books_the_visit_with_its_reason_and_tells_the_patient(
    house: House, desk: Actor, provider: Actor, early: int
) -> None:
    visit, request = ask(house, desk, early)
    allow(house, provider, request, TRAVEL)
    assert state(house, visit) == ("booked", None)
    assert house.course(early)["booking"] == "ok"
    assert items(house) == [("asks_to_allow", "allowed"), ("provider_answered", None)]
    assert {row[0].kind for row in told(house, early)} == {"visit_reminder"}
    # The answer stands: it is neither given twice nor taken back from the work list.
    with pytest.raises(ActionRefused):
        decline(house, provider, request)


@pytest.mark.parametrize(
    ("ending", "reason", "answered"),
    [
        ("decline", "not_allowed", True),
        ("withdraw", "question_withdrawn", False),
        ("expire", "nobody_answered", True),
    ],
)
def test_what_comes_to_nothing_was_never_a_visit(
    house: House, desk: Actor, provider: Actor, early: int, ending: str, reason: str, answered: bool
) -> None:
    before = shown_outside(house, early)
    visit, request = ask(house, desk, early)
    if ending == "expire":
        house.later(days=1)
        before = shown_outside(house, early)
        with pytest.raises(ActionRefused):
            allow(house, provider, request, TRAVEL)
        assert house.change(lambda s: override_requests.end_expired(s, house.cast.clinic_id, house.now)) == 1
    elif ending == "decline":
        decline(house, provider, request)
    else:
        withdraw(house, desk, request)
    assert state(house, visit) == ("cancelled", reason)
    assert house.course(early)["booking"] == "none"
    assert told(house, early) == [] == house.rows(select(Message))
    assert shown_outside(house, early) == before
    assert [kind for kind, outcome in items(house) if outcome is None] == ["provider_answered"] * answered
    # The time is another's now.
    take(house)


def test_only_who_may_override_answers_and_only_in_the_own_clinic(
    house: House, desk: Actor, early: int
) -> None:
    _, request = ask(house, desk, early)
    for who in (desk, Actor("Dr. Else", house.cast.clinic_id + 1, None, frozenset({"provider"}))):
        with pytest.raises(NotFound):
            allow(house, who, request, TRAVEL)
        with pytest.raises(NotFound):
            decline(house, who, request)


def test_allowing_one_block_leaves_the_other_standing(
    house: House, desk: Actor, provider: Actor, early: int
) -> None:
    on_hold(house, desk, early)
    visit, request = ask(house, desk, early)
    assert house.row(OverrideRequest, request)["names"] == ["too_early", "on_hold"]
    with pytest.raises(InvalidInput):
        allow(house, provider, request)
    allow(house, provider, request, TRAVEL)
    assert state(house, visit) == ("proposed", None)
    assert house.row(OverrideRequest, request)["state"] == "waiting"
    assert house.row(OverrideRequest, request)["names"] == ["on_hold"]
    allow(house, provider, request, GONE_BY)
    assert state(house, visit) == ("booked", None)


def test_what_has_come_to_stand_since_is_asked_of_the_answer(
    house: House, desk: Actor, provider: Actor, early: int
) -> None:
    """Days that were closed meanwhile, and a time gone by."""
    visit, request = ask(house, desk, early)
    house.change(lambda s: closures.close_days(Change(s, house.cast.actor, house.now), EARLY, EARLY, "Move"))
    with pytest.raises(BookingRefused, match="closed"):
        allow(house, provider, request, TRAVEL)
    assert state(house, visit) == ("proposed", None)


def test_a_booked_visit_that_something_has_come_to_stand_against(
    house: House, desk: Actor, provider: Actor
) -> None:
    """It stays booked whatever the answer, and a move takes the question along to nowhere."""
    visit = house.book(at(TODAY + timedelta(2), 9))
    on_hold(house, desk, house.cast.course_id)
    assert house.course()["booking"] == "blocked"

    def about() -> int:
        return house.change(
            lambda s: override_requests.ask_about(Change(s, desk, house.now), visit, question(house)).id
        )

    first = about()
    with pytest.raises(ActionRefused, match="already"):
        about()
    decline(house, provider, first)
    assert state(house, visit) == ("booked", None)
    second = about()
    allow(house, provider, second, GONE_BY)
    assert state(house, visit) == ("booked", None)
    assert house.course()["booking"] == "ok"
    with pytest.raises(ActionRefused, match="Nobody was asked"):
        about()


def test_nobody_is_asked_who_is_not_here_any_more(house: House, desk: Actor, early: int) -> None:
    """A page that was opened before the provider left: nobody would answer."""
    house.set(Provider, house.cast.other_provider_id, is_active=False)
    with pytest.raises(ActionRefused, match="is not here any more"):
        house.book(
            at(EARLY, 9), by=desk, course_id=early, question=Question(house.cast.other_provider_id, "Away")
        )
    assert items(house) == []


def test_a_patient_who_died_is_asked_about_no_more(house: House, desk: Actor, early: int) -> None:
    visit, request = ask(house, desk, early)
    patient = house.course(early)["patient_id"]
    house.change(lambda s: status.mark_deceased(Change(s, desk, house.now), patient, TODAY).id)
    assert state(house, visit)[0] == "cancelled"
    assert house.row(OverrideRequest, request)["state"] == "withdrawn"


def test_the_soonest_to_end_comes_first(house: House, desk: Actor, early: int) -> None:
    _, first = ask(house, desk, early)
    house.later(hours=2)
    other = house.another_course("A-300", treated_on=date(2026, 11, 3))
    _, second = ask(house, desk, other, EARLY + timedelta(1))

    def waiting(session: Session) -> list[int]:
        provider = session.get_one(Provider, house.cast.provider_id)
        return [asked.request.id for asked in waiting_for_provider(session, provider)]

    assert house.look(waiting) == [first, second]
