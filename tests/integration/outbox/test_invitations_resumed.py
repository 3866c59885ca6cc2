"""Whoever may be written to again is sent what their calendar has missed, once, and nothing else."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from clinic_scheduler.senders.memory import MemorySender
from clinic_scheduler.services.change import Change
from clinic_scheduler.services.messaging import consents
from clinic_scheduler.services.patients import status
from tests.integration.outbox.test_invitations import LATER, invited, only, read, told
from tests.integration.outbox.world import VISIT, World

__all__ = ["invited"]
Silence = Callable[[World, bool], None]


def by_consent(world: World, silent: bool) -> None:
    change = consents.withdraw if silent else consents.give
    asked = (world.people[0], ["visits"], "email", "desk")
    world.change(lambda s: change(Change(s, world.actor, world.clock.now()), *asked))


def by_record(world: World, silent: bool) -> None:
    world.change(
        lambda s: status.set_do_not_contact(
            Change(s, world.actor, world.clock.now()), world.people[0], silent
        )
    )


@pytest.fixture(params=[by_consent, by_record])
def silence(request: pytest.FixtureRequest) -> Silence:
    found: Silence = request.param
    return found


def test_what_was_booked_meanwhile_is_sent_once(invited: World, mail: MemorySender, silence: Silence) -> None:
    silence(invited, True)
    invited.book()
    assert told(invited, mail) == []
    silence(invited, False)
    request = only(told(invited, mail))
    assert (request.method, request.start) == ("REQUEST", VISIT)
    silence(invited, True)
    silence(invited, False)
    assert told(invited, mail) == [], "their calendar has it already"


def test_an_entry_moved_or_cancelled_meanwhile_is_put_right(
    invited: World, mail: MemorySender, silence: Silence
) -> None:
    visit = invited.book()
    booked = only(told(invited, mail))
    silence(invited, True)
    invited.move(visit, LATER)
    assert [read(envelope) for envelope in told(invited, mail)] in ([], [None]), "by text, if at all"
    silence(invited, False)
    moved = only(told(invited, mail))
    assert (moved.method, moved.uid, moved.start) == ("REQUEST", booked.uid, LATER)
    silence(invited, True)
    invited.cancel(visit)
    told(invited, mail)
    silence(invited, False)
    cancelled = only(told(invited, mail))
    assert (cancelled.method, cancelled.uid) == ("CANCEL", booked.uid)
    assert booked.sequence < moved.sequence < cancelled.sequence
    silence(invited, True)
    silence(invited, False)
    assert told(invited, mail) == []


def test_what_is_over_is_left_alone(invited: World, mail: MemorySender, silence: Silence) -> None:
    visit = invited.book()
    told(invited, mail)
    silence(invited, True)
    invited.move(visit, LATER)
    told(invited, mail)
    invited.at(LATER + timedelta(minutes=1))
    silence(invited, False)
    assert told(invited, mail) == []


def test_by_feed_nothing_is_sent(world: World, mail: MemorySender, silence: Silence) -> None:
    silence(world, True)
    world.book()
    silence(world, False)
    assert told(world, mail) == []
