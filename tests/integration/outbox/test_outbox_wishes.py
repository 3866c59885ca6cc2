"""What a patient says later than their first word: a yes after a no, and a no that only the text service heard."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from clinic_scheduler.jobs.plan import plan
from clinic_scheduler.models import Consent
from clinic_scheduler.senders.base import SendError
from clinic_scheduler.senders.memory import Failure, MemorySender
from clinic_scheduler.services.change import Change
from clinic_scheduler.services.messaging import consents
from tests.integration.outbox.world import World, local

SEVEN = local(date(2026, 11, 30), 10)
ALL = ("visits", "booking", "follow_up")


@pytest.fixture
def texts(senders: dict[str, MemorySender]) -> MemorySender:
    return senders["sms"]


def say(world: World, what: Callable[..., Any], *purposes: str) -> None:
    """About e-mail, at the desk."""
    person, now = world.people[0], world.clock.now()
    world.change(lambda s: what(Change(s, world.actor, now), person, purposes, "email", "desk"))


def planned(world: World) -> None:
    with world.app.app_context():
        plan(world.tools)


def test_a_stop_only_the_text_service_heard_of_counts_for_all_texts(
    world: World, mail: MemorySender, texts: MemorySender
) -> None:
    world.set_patient(preferred_channel="sms", fallback_channel="email")
    world.book()
    texts.fail_next(Failure(SendError("opted_out", permanent=True)))
    world.at(SEVEN).dispatch()
    said = world.read(select(Consent.purpose, Consent.channel, Consent.given, Consent.how))
    assert sorted(said) == [(purpose, "sms", False, "provider") for purpose in sorted(ALL)]
    world.dispatch()
    world.at(local(date(2026, 12, 4), 10)).dispatch()
    world.dispatch()
    assert texts.sent == []
    assert len(mail.sent) == 2


def test_a_yes_after_a_no_brings_back_what_is_still_ahead(world: World, mail: MemorySender) -> None:
    """The call to book was held back when its hour came, and the week's reminder too: that one's day is over."""
    say(world, consents.withdraw, *ALL)
    world.at(local(date(2026, 11, 24), 10)).dispatch()
    assert world.reminders() == [("time_to_book", "suppressed", "opted_out")]
    say(world, consents.give, *ALL)
    planned(world)
    world.at(local(date(2026, 11, 25), 10)).dispatch()
    assert [envelope.subject for envelope in mail.sent] == ["Time to book your next visit"]
    world.book()
    planned(world)
    say(world, consents.withdraw, "visits")
    world.at(SEVEN).dispatch()
    say(world, consents.give, "visits")
    planned(world)
    for day in (3, 1):
        world.at(local(date(2026, 12, 7) - timedelta(day), 10)).dispatch()
    assert len(mail.sent) == 3
    steps = {step: (state, why) for step, state, why in world.reminders()}
    assert steps["visit-7"] == ("suppressed", "opted_out")


def test_a_yes_after_a_no_does_not_repeat_what_was_told_the_other_way(
    world: World, mail: MemorySender, texts: MemorySender
) -> None:
    world.set_patient(fallback_channel="sms")
    say(world, consents.withdraw, *ALL)
    world.at(local(date(2026, 11, 24), 10)).dispatch()
    world.dispatch()
    assert len(texts.sent) == 1
    say(world, consents.give, *ALL)
    planned(world)
    world.at(local(date(2026, 11, 26), 10)).dispatch()
    assert mail.sent == []
