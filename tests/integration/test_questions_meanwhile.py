"""What happens around a question while it waits, and what becomes of its answer once the visit goes elsewhere."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from clinic_scheduler.domain.errors import ActionRefused, BookingRefused, InvalidInput
from clinic_scheduler.domain.visits.seen import NOTHING_SEEN
from clinic_scheduler.models import Appointment, Hold, OverrideRequest, WorkItem
from clinic_scheduler.queries.schedule.closed_days import count_on_closed_days, visits_on_closed_days
from clinic_scheduler.queries.work_list import open_page
from clinic_scheduler.services.actors import Actor
from clinic_scheduler.services.change import Change
from clinic_scheduler.services.messaging import visit_answers
from clinic_scheduler.services.patients import holds, merging, status, unmerging
from clinic_scheduler.services.practice import closures, providers
from clinic_scheduler.services.practice.providers import ProviderEntry
from clinic_scheduler.services.visits import appointments, override_requests, undo
from clinic_scheduler.services.visits.booking_rules import Question
from clinic_scheduler.services.visits.guard import OverrideEntry
from tests import factories
from tests.integration.asking import EARLY, TRAVEL, allow, ask, decline, question, state
from tests.integration.house import TODAY, House, at

ALLOWED_DAY = date(2027, 1, 25)
EARLIER = at(EARLY, 9)


@pytest.fixture
def booked(house: House, desk: Actor, early: int) -> int:
    """A visit on a day the rules allow; its patient would rather come before the earliest day."""
    return house.book(at(ALLOWED_DAY, 10), by=desk, course_id=early)


def move(house: House, who: Actor, visit: int, *entries: OverrideEntry, asking: bool = False) -> int:
    """To EARLIER; the id of the row that is there now."""
    how = (visit, house.cast.provider_id, EARLIER, entries)
    asked = question(house) if asking else None
    return house.change(lambda s: appointments.move(Change(s, who, house.now), *how, asked).id)


def requests(house: House) -> list[tuple[int, str]]:
    return [tuple(row) for row in house.rows(select(OverrideRequest.id, OverrideRequest.state))]


def ask_to_move(house: House, desk: Actor, visit: int) -> tuple[int, int]:
    """(the row that holds the time, request)."""
    held = move(house, desk, visit, asking=True)
    return held, requests(house)[-1][0]


def answers_open(house: House) -> list[tuple[str, date]]:
    """(what became of the visit, the day asked about) of answers that wait for the desk."""

    def read(session: Session) -> list[tuple[str, date]]:
        rows = open_page(session, house.cast.clinic_id, "provider_answered").rows
        return [(str(row.since), row.request.day) for row in rows if row.request is not None]

    return house.look(read)


def test_nothing_is_allowed_that_was_not_seen(house: House, desk: Actor, provider: Actor, early: int) -> None:
    visit, request = ask(house, desk, early)
    with pytest.raises(BookingRefused, match=r"had not shown .* Too early\. .* Nothing was booked"):
        allow(house, provider, request, replace(TRAVEL, seen=NOTHING_SEEN))
    assert state(house, visit) == ("proposed", None)


@pytest.mark.parametrize("what", ["cancelled", "moved back", "moved on", "treated"])
def test_an_answer_is_settled_once_its_visit_goes_elsewhere(
    house: House, desk: Actor, provider: Actor, early: int, booked: int, what: str
) -> None:
    _held, request = ask_to_move(house, desk, booked)
    allow(house, provider, request, TRAVEL)
    assert answers_open(house) == [("stands", EARLY)]
    later = at(date(2027, 1, 26), 10)
    if what == "treated":
        house.later(days=(EARLY - TODAY).days)
    deeds: dict[str, Callable[[Session], object]] = {
        "cancelled": lambda s: appointments.cancel(Change(s, desk, house.now), booked, "patient_asked").id,
        "moved back": lambda s: undo.move_back(Change(s, desk, house.now), booked).id,
        "moved on": lambda s: (
            appointments.move(Change(s, desk, house.now), booked, house.cast.provider_id, later).id
        ),
        "treated": lambda s: factories.treat(
            s, desk, house.now, s.get_one(Appointment, booked).course, EARLY
        ),
    }
    house.change(deeds[what])
    assert answers_open(house) == []
    closed = house.rows(select(WorkItem.outcome).where(WorkItem.kind == "provider_answered"))
    assert [row.outcome for row in closed] == ["visit_changed"]
    # The answer keeps the day it was about.
    assert house.row(OverrideRequest, request)["day"] == EARLY


def test_a_declined_move_is_settled_once_the_visit_is_off(
    house: House, desk: Actor, provider: Actor, booked: int
) -> None:
    _held, request = ask_to_move(house, desk, booked)
    decline(house, provider, request)
    assert answers_open(house) == [("stands", EARLY)]
    house.cancel(booked)
    assert answers_open(house) == []


def test_the_same_question_sent_twice_is_asked_once(house: House, desk: Actor, booked: int) -> None:
    held, _request = ask_to_move(house, desk, booked)
    assert move(house, desk, booked, asking=True) == held
    assert len(requests(house)) == 1
    # To somebody else, or about another time, it is another question.
    other = Question(house.cast.other_provider_id)
    how = (booked, house.cast.provider_id, EARLIER)
    with pytest.raises(ActionRefused, match="asked about already"):
        house.change(lambda s: appointments.move(Change(s, desk, house.now), *how, question=other).id)


def test_a_provider_moves_the_visit_to_the_held_time_herself(
    house: House, desk: Actor, provider: Actor, booked: int
) -> None:
    held, request = ask_to_move(house, desk, booked)
    assert move(house, provider, booked, TRAVEL) == booked
    assert house.row(Appointment, booked)["local_date"] == EARLY
    assert state(house, held) == ("cancelled", "moved_here")
    answer = house.row(OverrideRequest, request)
    assert (answer["state"], answer["answered_by"]) == ("allowed", provider.name)
    assert answers_open(house) == [("stands", EARLY)]


def test_a_move_beside_the_held_time_takes_the_question_back(
    house: House, desk: Actor, provider: Actor, booked: int
) -> None:
    """The time that is held for the visit itself is in nobody's way but others'."""
    held, request = ask_to_move(house, desk, booked)
    how = (booked, house.cast.provider_id, at(EARLY, 9, 10), (TRAVEL,))
    house.change(lambda s: appointments.move(Change(s, provider, house.now), *how).id)
    assert state(house, held) == ("cancelled", "question_withdrawn")
    assert requests(house) == [(request, "withdrawn")]


@pytest.mark.parametrize("what", ["booking", "move"])
def test_a_held_time_on_a_closed_day_is_listed_and_not_allowed(
    house: House, desk: Actor, provider: Actor, early: int, what: str
) -> None:
    if what == "move":
        visit = house.book(at(ALLOWED_DAY, 10), by=desk, course_id=early)
        held, request = ask_to_move(house, desk, visit)
    else:
        held, request = ask(house, desk, early)
    house.change(lambda s: closures.close_days(Change(s, desk, house.now), EARLY, EARLY, "Training").id)
    clinic = house.cast.clinic_id
    found = house.look(lambda s: [visit.id for visit, _ in visits_on_closed_days(s, clinic, TODAY)])
    assert found == [held]
    assert house.look(lambda s: count_on_closed_days(s, clinic, TODAY)) == 1
    done = "moved" if what == "move" else "booked"
    with pytest.raises(BookingRefused, match=rf"is closed \(Training\)\. Nothing was {done}"):
        allow(house, provider, request, TRAVEL)


def test_what_was_allowed_of_a_held_time_keeps_no_merge_from_being_undone(
    house: House, desk: Actor, provider: Actor, early: int
) -> None:
    visit, request = ask(house, desk, early)
    house.change(lambda s: factories.hold(s, desk, house.now, early, EARLY).id)
    patient = house.course(early)["patient_id"]
    house.later(minutes=1)
    house.change(
        lambda s: merging.merge(Change(s, house.cast.actor, house.now), house.cast.patient_id, patient)
    )
    house.later(minutes=1)
    allow(house, provider, request, TRAVEL)
    assert house.row(OverrideRequest, request)["names"] == ["on_hold"]
    house.change(
        lambda s: unmerging.unmerge(Change(s, house.cast.actor, house.now), house.cast.patient_id, patient)
    )
    assert house.row(Appointment, visit)["patient_id"] == patient
    assert house.overrides(visit) == [("too_early", "travel", provider.name)]
    allow(house, provider, request, factories.override("on_hold", "reason_ended"))
    assert state(house, visit) == ("booked", None)


def test_who_dies_is_asked_about_no_more(house: House, desk: Actor, early: int, booked: int) -> None:
    held, request = ask_to_move(house, desk, booked)
    patient = house.course(early)["patient_id"]
    house.change(lambda s: status.mark_deceased(Change(s, desk, house.now), patient, TODAY).id)
    assert state(house, held) == ("cancelled", "question_withdrawn")
    assert state(house, booked) == ("cancelled", "patient_deceased")
    assert requests(house) == [(request, "withdrawn")]
    assert house.rows(select(WorkItem.id).where(WorkItem.closed_at.is_(None))) == []


def test_of_a_provider_who_leaves_a_question_ends_in_words(
    house: House, desk: Actor, provider: Actor, booked: int
) -> None:
    held, request = ask_to_move(house, desk, booked)
    gone = ProviderEntry("Dr Amara Reid", None, 20, (), is_active=False)
    house.change(
        lambda s: providers.edit(Change(s, house.cast.actor, house.now), house.cast.provider_id, gone).id
    )
    with pytest.raises(BookingRefused, match=r"takes no bookings\. Nothing was moved"):
        allow(house, provider, request, TRAVEL)
    decline(house, provider, request, "She has left")
    assert state(house, held) == ("cancelled", "not_allowed")
    assert state(house, booked) == ("booked", None)
    how = (booked, house.cast.other_provider_id, EARLIER)
    asked = question(house)
    with pytest.raises(ActionRefused, match="is not here any more"):
        house.change(lambda s: appointments.move(Change(s, desk, house.now), *how, question=asked).id)


def test_the_patient_answers_about_the_visit_and_not_about_the_held_time(
    house: House, desk: Actor, provider: Actor, booked: int
) -> None:
    held, request = ask_to_move(house, desk, booked)
    stands = at(ALLOWED_DAY, 10)
    assert house.change(lambda s: visit_answers.confirm(s, booked, stands, "link", house.now))
    assert not house.change(lambda s: visit_answers.confirm(s, held, EARLIER, "link", house.now))
    assert not house.change(lambda s: visit_answers.ask_to_move_by_link(s, held, EARLIER, "No", house.now))
    allow(house, provider, request, TRAVEL)
    # Who had confirmed another time is asked again, and the old link moves nothing.
    assert house.row(Appointment, booked)["confirmed_at"] is None
    assert not house.change(lambda s: visit_answers.confirm(s, booked, stands, "text", house.now))
    assert house.change(lambda s: visit_answers.confirm(s, booked, EARLIER, "text", house.now))


def ask_about_today(house: House, desk: Actor) -> tuple[int, int]:
    """(a visit of today that came to be on hold, the question about it)."""
    visit = house.book(at(TODAY, 11))
    since = TODAY - timedelta(1)
    house.change(lambda s: factories.hold(s, desk, house.now, house.cast.course_id, since).id)
    asked = house.change(
        lambda s: override_requests.ask_about(Change(s, desk, house.now), visit, question(house)).id
    )
    return visit, asked


def test_who_stays_away_while_a_question_waits_ends_it(house: House, desk: Actor) -> None:
    visit, request = ask_about_today(house, desk)
    house.later(hours=3)
    house.change(lambda s: appointments.no_show(Change(s, desk, house.now), visit).id)
    assert requests(house) == [(request, "withdrawn")]
    assert house.rows(select(WorkItem.id).where(WorkItem.closed_at.is_(None))) == []


def test_who_comes_while_a_question_waits_is_let_in_by_the_provider(
    house: House, desk: Actor, provider: Actor
) -> None:
    visit, request = ask_about_today(house, desk)
    with pytest.raises(BookingRefused, match="Nothing was checked in"):
        house.change(lambda s: appointments.arrive(Change(s, desk, house.now), visit).id)
    ended = (factories.override("on_hold", "reason_ended"),)
    house.change(lambda s: appointments.arrive(Change(s, provider, house.now), visit, ended).id)
    assert state(house, visit) == ("arrived", None)
    assert requests(house) == [(request, "allowed")]


def test_who_comes_once_nothing_stands_is_asked_about_no_more(house: House, desk: Actor) -> None:
    visit, request = ask_about_today(house, desk)
    ((hold,),) = house.rows(select(Hold.id))
    house.change(lambda s: holds.release(Change(s, desk, house.now), hold, TODAY - timedelta(1)).id)
    house.change(lambda s: appointments.arrive(Change(s, desk, house.now), visit).id)
    assert requests(house) == [(request, "withdrawn")]


@pytest.mark.parametrize("nobody", [0, 99999])
def test_a_question_to_nobody_is_refused_in_words(
    house: House, desk: Actor, booked: int, nobody: int
) -> None:
    asked = replace(question(house), provider_id=nobody)
    how = (booked, house.cast.provider_id, EARLIER)
    with pytest.raises(InvalidInput, match="choose the provider"):
        house.change(lambda s: appointments.move(Change(s, desk, house.now), *how, question=asked).id)
    assert requests(house) == []
