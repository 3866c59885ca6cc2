"""A provider is asked to allow a visit: what is held meanwhile, every ending of it, and who comes first at once."""

from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from clinic_scheduler.domain.errors import ActionRefused, BookingRefused, InvalidInput, NotFound
from clinic_scheduler.models import (
    Appointment,
    Course,
    Message,
    OverrideRequest,
    Provider,
    Reminder,
    WorkItem,
)
from clinic_scheduler.queries.calendars import clinic_day_rows, due_window_rows, patient_feed_rows
from clinic_scheduler.queries.override_requests import waiting_for_provider
from clinic_scheduler.services import closures, courses, override_requests, patient_status
from clinic_scheduler.services.actors import Actor
from clinic_scheduler.services.booking_rules import Question
from clinic_scheduler.services.visit_guard import OverrideEntry
from tests.integration.contention import answer, together
from tests.integration.house import TODAY, House, at

EARLY = date(2026, 12, 15)
TRAVEL = OverrideEntry("too_early", "travel", "Back in March")
GONE_BY = OverrideEntry("on_hold", "reason_ended")


@pytest.fixture
def early(house: House) -> int:
    """A second patient's course that may not be booked before the end of January."""
    return house.another_course(treated_on=date(2026, 11, 2))


@pytest.fixture
def desk(house: House) -> Actor:
    return Actor("Dana Whitfield", house.cast.clinic_id, None, frozenset({"front_desk"}))


@pytest.fixture
def reid(house: House) -> Actor:
    return Actor("Dr. Amara Reid", house.cast.clinic_id, None, frozenset({"provider"}))


def question(house: House) -> Question:
    return Question(house.cast.provider_id, "Away from January on")


def ask(house: House, desk: Actor, course_id: int, day: date = EARLY) -> tuple[int, int]:
    """(visit, request) of a time the desk asks for."""
    visit = house.book(at(day, 9), by=desk, course_id=course_id, question=question(house))
    (request,) = house.rows(select(OverrideRequest.id).where(OverrideRequest.appointment_id == visit))
    return visit, request.id


def take(house: House) -> int:
    """Another patient's visit at the very time."""
    return house.book(at(EARLY, 9), overrides=(OverrideEntry("late", "no_earlier_time"),))


def allow(house: House, who: Actor, request: int, *entries: OverrideEntry) -> None:
    house.change(lambda s: override_requests.allow(s, who, request, entries, house.now).id)


def decline(house: House, who: Actor, request: int, note: str = "Wait for January") -> None:
    house.change(lambda s: override_requests.decline(s, who, request, note, house.now).id)


def withdraw(house: House, who: Actor, request: int) -> None:
    house.change(lambda s: override_requests.withdraw(s, who, request, house.now).id)


def state(house: House, visit: int) -> tuple[str, str | None]:
    row = house.row(Appointment, visit)
    return row["state"], row["cancel_reason"]


def items(house: House) -> list[tuple[str, str | None]]:
    """(kind, outcome) of what has been on the work list, the oldest first."""
    wanted = select(WorkItem.kind, WorkItem.outcome).order_by(WorkItem.id)
    return [tuple(row) for row in house.rows(wanted)]


def told(house: House, course_id: int) -> Sequence[Any]:
    """Whatever would be said of a visit of the course."""
    kinds = ("visit_booked", "visit_moved", "visit_cancelled", "visit_reminder")
    return house.rows(select(Reminder).where(Reminder.course_id == course_id, Reminder.kind.in_(kinds)))


def shown_outside(house: House, course_id: int) -> list[Any]:
    """What calendars of any kind show."""

    def read(session: Session) -> list[Any]:
        course = session.get_one(Course, course_id)
        return [
            sorted(map(repr, rows))
            for rows in (
                patient_feed_rows(session, course.patient_id, house.now, 3),
                clinic_day_rows(session, course.clinic_id, house.now),
                due_window_rows(session, course.clinic_id, house.now),
            )
        ]

    return house.look(read)


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
    house: House, desk: Actor, reid: Actor, early: int
) -> None:
    visit, request = ask(house, desk, early)
    allow(house, reid, request, TRAVEL)
    assert state(house, visit) == ("booked", None)
    assert house.course(early)["booking"] == "ok"
    assert items(house) == [("asks_to_allow", "allowed"), ("provider_answered", None)]
    assert {row[0].kind for row in told(house, early)} == {"visit_reminder"}
    # The answer stands: it is neither given twice nor taken back from the work list.
    with pytest.raises(ActionRefused):
        decline(house, reid, request)


@pytest.mark.parametrize(
    ("ending", "reason", "answered"),
    [
        ("decline", "not_allowed", True),
        ("withdraw", "question_withdrawn", False),
        ("expire", "nobody_answered", True),
    ],
)
def test_what_comes_to_nothing_was_never_a_visit(
    house: House, desk: Actor, reid: Actor, early: int, ending: str, reason: str, answered: bool
) -> None:
    before = shown_outside(house, early)
    visit, request = ask(house, desk, early)
    if ending == "expire":
        house.later(days=1)
        before = shown_outside(house, early)
        with pytest.raises(ActionRefused):
            allow(house, reid, request, TRAVEL)
        assert house.change(lambda s: override_requests.end_expired(s, house.cast.clinic_id, house.now)) == 1
    elif ending == "decline":
        decline(house, reid, request)
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
    house: House, desk: Actor, reid: Actor, early: int
) -> None:
    house.change(lambda s: courses.hold(s, desk, early, TODAY, None, "Infection", house.now).id)
    visit, request = ask(house, desk, early)
    assert house.row(OverrideRequest, request)["names"] == ["too_early", "on_hold"]
    with pytest.raises(InvalidInput):
        allow(house, reid, request)
    allow(house, reid, request, TRAVEL)
    assert state(house, visit) == ("proposed", None)
    assert house.row(OverrideRequest, request)["state"] == "waiting"
    assert house.row(OverrideRequest, request)["names"] == ["on_hold"]
    allow(house, reid, request, GONE_BY)
    assert state(house, visit) == ("booked", None)


def test_what_has_come_to_stand_since_is_asked_of_the_answer(
    house: House, desk: Actor, reid: Actor, early: int
) -> None:
    """Days that were closed meanwhile, and a time gone by."""
    visit, request = ask(house, desk, early)
    house.change(lambda s: closures.close_days(s, house.cast.actor, EARLY, EARLY, "Move", house.now))
    with pytest.raises(BookingRefused, match="closed"):
        allow(house, reid, request, TRAVEL)
    assert state(house, visit) == ("proposed", None)


def test_a_booked_visit_that_something_has_come_to_stand_against(
    house: House, desk: Actor, reid: Actor
) -> None:
    """It stays booked whatever the answer, and a move takes the question along to nowhere."""
    visit = house.book(at(TODAY + timedelta(2), 9))
    hold = house.change(
        lambda s: courses.hold(s, desk, house.cast.course_id, TODAY, None, "Infection", house.now).id
    )
    assert hold
    assert house.course()["booking"] == "blocked"

    def about() -> int:
        return house.change(
            lambda s: override_requests.ask_about(s, desk, visit, question(house), house.now).id
        )

    first = about()
    with pytest.raises(ActionRefused, match="already"):
        about()
    decline(house, reid, first)
    assert state(house, visit) == ("booked", None)
    second = about()
    allow(house, reid, second, GONE_BY)
    assert state(house, visit) == ("booked", None)
    assert house.course()["booking"] == "ok"
    with pytest.raises(ActionRefused, match="Nobody was asked"):
        about()


def test_a_patient_who_died_is_asked_about_no_more(house: House, desk: Actor, early: int) -> None:
    visit, request = ask(house, desk, early)
    patient = house.course(early)["patient_id"]
    house.change(lambda s: patient_status.mark_deceased(s, desk, patient, TODAY, house.now).id)
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


# Two providers at once, the desk taking it back meanwhile, and the day ending meanwhile.
ENDINGS = {
    "allowed": ("booked", None),
    "declined": ("cancelled", "not_allowed"),
    "withdrawn": ("cancelled", "question_withdrawn"),
    "expired": ("cancelled", "nobody_answered"),
}


@pytest.mark.parametrize(
    "ways",
    [
        ("allowed", "allowed", "declined", "declined"),
        ("allowed", "withdrawn", "allowed", "withdrawn"),
        ("allowed", "expired", "allowed", "expired"),
    ],
    ids=["two providers", "the desk", "the day"],
)
def test_of_all_who_answer_at_once_one_does(
    house: House, desk: Actor, reid: Actor, early: int, tmp_path: Path, ways: tuple[str, ...]
) -> None:
    visit, request = ask(house, desk, early)
    ends = house.now + timedelta(days=1)
    work = [
        (
            house.database_url,
            tmp_path / "data",
            way,
            reid if way in ("allowed", "declined") else desk,
            request,
            ends if way == "expired" else ends - timedelta(seconds=1),
        )
        for way in ways
    ]
    said = together(answer, work, 60)
    done = [word for word in said if word != "too late"]
    assert len(done) == 1, said
    assert done[0] in ENDINGS, said
    assert state(house, visit) == ENDINGS[done[0]]
    assert house.row(OverrideRequest, request)["state"] == done[0]
    assert house.course(early)["booking"] == ("ok" if done[0] == "allowed" else "none")
    answered = [row[0] for row in house.audit("override_requests")]
    assert answered == ["asked", done[0]]
