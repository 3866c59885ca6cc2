"""The check can fail: with any clause of the rules, any question of the guard or any writing down left out, it does.

Each story of scripts.py is played twice: as it is, which leaves nothing wrong, and with a part left out.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from importlib import import_module
from typing import Any

import pytest
from sqlalchemy import select

from clinic_scheduler.domain.forecast.blocks import Against
from clinic_scheduler.domain.visits import day_checks
from clinic_scheduler.domain.visits.kinds_and_states import HELD_STATES
from clinic_scheduler.domain.visits.seen import NOTHING_SEEN
from clinic_scheduler.models import Appointment
from clinic_scheduler.queries.due import tabs
from clinic_scheduler.services.change import Change
from clinic_scheduler.services.messaging import reminder_rows
from clinic_scheduler.services.visits import appointments, guard, request_endings
from clinic_scheduler.services.visits.booking_rules import BookingRequest, Question
from clinic_scheduler.services.visits.guard import Passed
from tests import factories
from tests.functional.web.conftest import Visitor
from tests.integration.safety import scripts
from tests.integration.safety.changes import CHANGES
from tests.integration.safety.scripts import AGAINST, IN_TWO_DAYS, TODAY, TOMORROW, Script
from tests.integration.safety.world import World, is_told

Patch = pytest.MonkeyPatch
SERVICES = "clinic_scheduler.services"
CLAUSES = [(name, story) for name, stories in AGAINST.items() for story in stories]
# Where each way in asks the guard.
WAYS = [
    (scripts.by_booking, "visits.appointments"),
    (scripts.by_moving, "visits.appointments"),
    (scripts.by_check_in, "visits.appointments"),
    (scripts.by_reopening, "visits.undo"),
    (scripts.by_moving_back, "visits.undo"),
    (scripts.by_an_answer, "visits.override_requests"),
    (scripts.by_an_answered_move, "visits.override_requests"),
    (scripts.by_voiding, "treatments.voiding"),
]


def caught(world: World, visit: int | None) -> bool:
    """Whether the machine would have stopped here."""
    open_ones = world.standings()
    return bool(world.faults()) or open_ones.get(visit or 0, "ok") != "ok"


def played(world: World, story: Script) -> bool:
    """The story as it is: told in words or done, and nothing is wrong. Returns whether it was refused."""
    visits: list[int | None] = []
    refusal = is_told(lambda: visits.append(story(world)))
    assert not caught(world, visits[0] if visits else None), world.faults()
    return refusal is not None


def test_each_name_has_a_story() -> None:
    assert set(AGAINST) == set(Against)


@pytest.mark.parametrize(("name", "story"), CLAUSES)
def test_each_story_is_refused_for_its_name(world: World, name: Against, story: Script) -> None:
    with pytest.raises(guard.BookingRefused) as refused:
        story(world)
    assert refused.value.rule == name
    assert world.faults() == []


@pytest.mark.parametrize(("name", "story"), CLAUSES)
def test_a_clause_the_rules_forget(world: World, monkeypatch: Patch, name: Against, story: Script) -> None:
    """The engine then says the visit is fine; the naive reading does not."""
    real = day_checks.against

    def against(facts: Any, day: Any) -> Any:
        return (each for each in real(facts, day) if each != name)

    monkeypatch.setattr("clinic_scheduler.domain.visits.day_checks.against", against)
    monkeypatch.setattr("clinic_scheduler.domain.visits.check_texts.against", against)
    assert caught(world, story(world))


@pytest.mark.parametrize(("name", "story"), CLAUSES)
def test_a_clause_the_guard_forgets(world: World, monkeypatch: Patch, name: Against, story: Script) -> None:
    """The visit is then on the list of problems from the first; but somebody has just put it there."""
    real = guard.objections

    def objections(*asked: Any) -> Any:
        return [each for each in real(*asked) if each.name != name]

    monkeypatch.setattr(guard, "objections", objections)
    assert caught(world, story(world))


@pytest.mark.parametrize(("story", "module"), WAYS)
def test_a_way_in_that_does_not_ask(world: World, monkeypatch: Patch, story: Script, module: str) -> None:
    def let_through(*_: Any, kept: Any = (), **__: Any) -> Passed:
        return Passed(list(kept), [])

    def let_stand(_change: Any, appointment: Appointment, *_: Any, **__: Any) -> Passed:
        return Passed(list(appointment.overrides), [])

    asks = import_module(f"{SERVICES}.{module}")
    unguarded = {"pass_guard": let_through, "pass_as_it_stands": let_stand}
    asked = unguarded.keys() & vars(asks)
    assert asked
    for name in asked:
        monkeypatch.setattr(asks, name, unguarded[name])
    assert caught(world, story(world))


@pytest.mark.parametrize("story", [story for story, _ in WAYS if story is not scripts.by_an_answer])
def test_each_way_in_asks(world: World, story: Script) -> None:
    assert played(world, story) or story is scripts.by_voiding  # voided it is; its visit stays attended


def test_an_answer_about_one_thing_leaves_the_other_standing(world: World) -> None:
    visit = scripts.by_an_answer(world)
    assert world.faults() == []
    assert world.standings()[visit] == "blocked"
    state = select(Appointment.state).where(Appointment.id == visit)
    assert world.change(lambda session: session.scalar(state)) == "proposed"


def test_undoing_a_merge_asks(world: World) -> None:
    assert played(world, scripts.by_unmerging)


def test_undoing_a_merge_without_asking(world: World, monkeypatch: Patch) -> None:
    monkeypatch.setattr(f"{SERVICES}.patients.unmerging.unresolved", lambda *_: {})
    assert caught(world, scripts.by_unmerging(world))


def by_slot(world: World) -> int | None:
    """A press on a free time of the schedule."""
    scripts.hold(world, TODAY)
    desk = Visitor(world.app.test_client())
    desk.sign_in()
    desk.post(
        f"/courses/{world.courses[0]}/book-slot",
        slot=f"{world.providers[0]}_{TOMORROW.isoformat()}_10:00:00",
        view="day",
    )
    return next(iter(world.standings()), None)


def by_command(world: World) -> int | None:
    """The terminal."""
    scripts.hold(world, TODAY)
    arguments = [
        "book",
        "--patient",
        "A-100",
        "--at",
        f"{TOMORROW} 10:00",
        "--indication",
        "chronic_migraine",
    ]
    world.app.test_cli_runner().invoke(args=arguments)
    return next(iter(world.standings()), None)


@pytest.mark.parametrize("story", [by_slot, by_command])
def test_a_door_that_asks(world: World, monkeypatch: Patch, story: Script) -> None:
    """The page and the command come to the same guard; where it is left out, the check fails."""
    assert story(world) is None
    monkeypatch.setattr(appointments, "pass_guard", lambda *_, **__: Passed([], []))
    visit = story(world)
    assert visit is not None
    assert caught(world, visit)


@pytest.mark.parametrize(("change", "module"), CHANGES)
def test_a_change_that_is_not_written_down(
    world: World, monkeypatch: Patch, change: Callable[[World], None], module: str
) -> None:
    """Without it the visit would stand as it did until somebody looks at it anew."""
    monkeypatch.setattr(f"{SERVICES}.{module}.refresh", lambda *_, **__: {})
    change(world)
    assert world.faults()


@pytest.mark.parametrize(("change", "_module"), CHANGES)
def test_a_change_is_written_down(world: World, change: Callable[[World], None], _module: str) -> None:
    change(world)
    assert world.faults() == []
    assert set(world.standings().values()) - {"ok"}


def test_a_list_that_leaves_problems_out(world: World, monkeypatch: Patch) -> None:
    scripts.book(world, world.courses[0], TOMORROW)
    scripts.hold(world, TODAY)
    assert world.faults() == []
    monkeypatch.setattr(tabs, "PROBLEMS", ("too_early", "late", "outside_authorization"))
    assert world.faults()


def test_a_desk_that_overrides_what_it_may_not(world: World, monkeypatch: Patch) -> None:
    monkeypatch.setattr(guard, "_may_decide", lambda *_: True)
    visit = scripts.book(world, world.courses[0], TOMORROW)
    scripts.hold(world, TODAY)
    assert world.faults() == []
    everything = scripts.EVERY_NAME
    world.change(lambda s: appointments.allow(Change(s, world.desk, world.now), visit, everything).id)
    assert "who may not" in world.faults()[0]


def test_a_reason_given_before_others_recorded_something(world: World, monkeypatch: Patch) -> None:
    """From a page without the treatment: with what it has shown left out, the visit stands as if it were known."""
    visit = scripts.book(world, world.courses[0], TOMORROW)
    before = tuple(replace(entry, seen=NOTHING_SEEN) for entry in scripts.EVERY_NAME)
    scripts.treat(world, world.courses[0], TODAY - timedelta(1))

    def allow() -> None:
        world.change(lambda s: appointments.allow(Change(s, world.provider, world.now), visit, before).id)

    refused = is_told(allow)
    assert refused is not None
    assert "had not shown" in str(refused)
    assert world.standings()[visit] != "ok"
    monkeypatch.setattr(guard, "_require_seen", lambda *_: None)
    allow()
    assert world.standings()[visit] == "ok"


def test_a_time_held_for_a_visit_that_is_off(world: World, monkeypatch: Patch) -> None:
    visit = scripts.book(world, world.courses[0], TOMORROW)
    scripts.hold(world, IN_TWO_DAYS, IN_TWO_DAYS)
    how = (visit, world.providers[0], scripts.instant(IN_TWO_DAYS, 10))
    asked = Question(world.providers[0])
    world.change(lambda s: appointments.move(Change(s, world.desk, world.now), *how, question=asked).id)
    assert world.faults() == []
    monkeypatch.setattr(request_endings, "withdraw_move", lambda *_: None)
    world.change(lambda s: appointments.cancel(Change(s, world.desk, world.now), visit, "illness").id)
    assert "which is cancelled" in world.faults()[0]


def test_a_message_about_a_time_that_is_only_proposed(world: World, monkeypatch: Patch) -> None:
    scripts.hold(world, TODAY + timedelta(10), TODAY + timedelta(10))
    asked = Question(world.providers[0])
    late = (factories.override(Against.LATE, "patient_wish"),)
    wanted = (world.courses[0], world.providers[0], scripts.instant(TODAY + timedelta(10), 9), late)
    monkeypatch.setattr(reminder_rows, "OPEN_STATES", HELD_STATES)
    monkeypatch.setattr(reminder_rows, "AWAITING_ANSWER", ())
    world.change(
        lambda s: (
            appointments.book(Change(s, world.desk, world.now), BookingRequest(*wanted, question=asked)).id
        )
    )
    assert "is proposed" in world.faults()[0]
