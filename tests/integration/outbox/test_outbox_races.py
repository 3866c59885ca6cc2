"""What happens between the claim and the hand-over, and what becomes of leases whose worker is gone."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from clinic_scheduler.domain.messaging.dispatch_rules import LEASE, Claimed
from clinic_scheduler.models import Message
from clinic_scheduler.senders.base import SendError
from clinic_scheduler.senders.memory import Failure, MemorySender
from clinic_scheduler.services.change import Change
from clinic_scheduler.services.messaging import outbox
from clinic_scheduler.services.messaging.outbox_outcomes import NotSent, Sent, record_not_sent, record_sent
from clinic_scheduler.services.patients import status
from tests import factories
from tests.integration.outbox.world import VISIT, Interrupting, World, local, queued

DUE = local(date(2026, 11, 24), 10)
SEVEN = local(date(2026, 11, 30), 10)
UNCLEAR = Failure(SendError("No clear answer.", permanent=False, ambiguous=True), after_hand_over=True)


def claimed(world: World) -> Claimed:
    """The next message, leased to a worker that will never come back."""
    found = world.change(lambda s: outbox.claim(s, world.clock.now()))
    assert found is not None
    return found


def test_a_lease_that_ran_out_before_the_hand_over_is_tried_again(world: World, mail: MemorySender) -> None:
    claimed(queued(world.at(DUE)))
    assert not any(world.at(DUE + LEASE).reconcile().values())
    assert world.at(DUE + LEASE * 2).reconcile()["again"] == 1
    assert world.messages() == [("pending", False, 0)]
    assert world.at(DUE + LEASE * 3).dispatch()["sent"] == 1


def test_a_lease_that_ran_out_after_the_hand_over_is_in_doubt(world: World, mail: MemorySender) -> None:
    for round_, state in ((1, "pending"), (2, "uncertain")):
        world.at(DUE + round_ * LEASE * 3)
        mine = claimed(queued(world))
        assert world.hand_over(mine, "peregrine0@example.org")
        world.at(world.clock.instant + LEASE * 2)
        assert world.reconcile()["in_doubt"] == 1
        assert world.messages() == [(state, True, round_)]


def test_a_try_again_does_not_forget_the_doubt(world: World, mail: MemorySender) -> None:
    mail.fail_next(UNCLEAR)
    world.at(DUE).dispatch()
    claimed(world.at(DUE + timedelta(minutes=5)))
    assert world.messages() == [("sending", True, 2)]
    world.at(world.clock.instant + LEASE * 3).reconcile()
    assert world.messages() == [("uncertain", True, 2)]


def test_a_late_worker_without_its_lease_is_refused_and_changes_nothing(
    world: World, mail: MemorySender
) -> None:
    late = claimed(queued(world.at(DUE)))
    world.at(DUE + LEASE * 2).reconcile()
    now = world.at(DUE + LEASE * 3).clock.now()
    new = claimed(world)
    assert not world.hand_over(late, "peregrine0@example.org")
    world.change(lambda s: record_not_sent(s, late, NotSent("permanent", "x"), now, lambda: 1.0))
    assert world.messages() == [("sending", False, 1)]
    assert world.hand_over(new, "peregrine0@example.org")


def test_late_proof_stops_the_second_try_at_its_hand_over(world: World, mail: MemorySender) -> None:
    late = claimed(queued(world.at(DUE)))
    world.at(DUE + LEASE * 2).reconcile()
    now = world.at(DUE + LEASE * 3).clock.now()
    new = claimed(world)
    world.change(lambda s: record_sent(s, [(late, Sent("77", "accepted", "Subject", "Body"))], now))
    assert not world.hand_over(new, "peregrine0@example.org")
    assert world.messages()[0][0] == "sent"


RACES: list[tuple[Callable[[World], object], str | None]] = [
    (lambda world: world.cancel(1), "cancelled"),
    (lambda world: world.move(1, VISIT + timedelta(days=1)), "moved"),
    (lambda world: world.set_patient(do_not_contact=True), "do_not_contact"),
    (
        lambda world: world.change(
            lambda s: (
                factories.hold(s, world.actor, world.clock.now(), world.course_of[1], date(2026, 11, 1)).id
            )
        ),
        "on_hold",
    ),
]


@pytest.mark.parametrize(("act", "reason"), RACES)
def test_what_changes_before_the_hand_over_stops_it(
    world: World, act: Callable[[World], object], reason: str
) -> None:
    world.book()
    sender = Interrupting(lambda: act(world))
    world.with_senders({"email": sender}).at(SEVEN).dispatch()
    assert sender.sent == []
    assert world.messages() == [("suppressed", False, 1)]
    assert world.read(select(Message.reason)) == [(reason,)]
    assert ("visit-7", "suppressed", reason) in world.reminders()
    assert world.attempts() == ["refused"]


def test_a_death_noted_before_the_hand_over_ends_everything(world: World, mail: MemorySender) -> None:
    """The visit is cancelled with it, and nobody is told of that either."""
    world.book()

    def note() -> None:
        patient, now = world.people[0], world.clock.now()
        world.change(
            lambda s: status.mark_deceased(Change(s, world.actor, now), patient, date(2026, 11, 29)).id
        )

    sender = Interrupting(note)
    world.with_senders({"email": sender}).at(SEVEN).dispatch()
    assert world.read(select(Message.state, Message.reason)) == [("suppressed", "deceased")]
    world.with_senders({"email": mail})
    for days in range(1, 60):
        world.at(SEVEN + timedelta(days)).dispatch()
    assert sender.sent == mail.sent == []


def test_a_booking_made_before_the_hand_over_stops_the_call_to_book(world: World) -> None:
    sender = Interrupting(lambda: world.book())
    world.with_senders({"email": sender}).at(DUE).dispatch()
    assert sender.sent == []
    assert ("time_to_book", "suppressed", "booked") in world.reminders()


def test_an_address_corrected_before_the_hand_over_gets_the_message(world: World) -> None:
    sender = Interrupting(lambda: world.set_patient(email="new@example.org"))
    world.with_senders({"email": sender}).at(DUE).dispatch()
    assert [envelope.to for envelope in sender.sent] == ["new@example.org"]
