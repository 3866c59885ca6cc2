"""Several connections of one worker, what is claimed together, and doubts that the provider can settle."""

from datetime import date, datetime, timedelta

from flask import Flask
from sqlalchemy import func, select, update

from clinic_scheduler.models import Message
from clinic_scheduler.senders.base import Envelope, HandOver, HandOverRefused, Receipt, SendError
from clinic_scheduler.senders.memory import Failure, MemorySender
from tests.integration.outbox.world import World, crowd, local, open_world, queued

DUE = local(date(2026, 11, 24), 10)
UNCLEAR = SendError("No clear answer.", permanent=False, ambiguous=True)


class Twins:
    """One provider with as many connections as it is asked for; `refuse` turns one recipient away."""

    channel, name, idempotent = "email", "twins", False

    def __init__(self, sent: list[str], refuse: str = "") -> None:
        self.sent, self.refuse, self.closed = sent, refuse, 0

    def twin(self) -> "Twins":
        return Twins(self.sent, self.refuse)

    def send(self, envelope: Envelope, hand_over: HandOver) -> Receipt:
        if envelope.to == self.refuse:
            raise SendError("No such mailbox.", permanent=True)
        if not hand_over():
            raise HandOverRefused
        self.sent.append(envelope.to)
        return Receipt(None, "taken")

    def close(self) -> None:
        self.closed += 1


def states(world: World) -> dict[str, int]:
    return dict(world.read(select(Message.state, func.count()).group_by(Message.state)))


def test_several_lanes_send_everything_once_and_one_refusal_stops_no_other(app: Flask) -> None:
    world = open_world(app)
    crowd(world, 59)
    twins = Twins([], refuse="crowd1007@example.org")
    counts = world.with_senders({"email": twins}).at(DUE).dispatch()
    assert (counts["sent"], counts["failed"]) == (59, 1)
    assert len(twins.sent) == len(set(twins.sent)) == 59
    assert states(world) == {"sent": 59, "failed": 1}
    assert world.read(select(Message.sender).where(Message.state == "sent").distinct()) == [("twins",)]
    assert twins.closed >= 1


def test_asked_to_stop_a_worker_gives_back_what_it_has_not_tried(app: Flask, mail: MemorySender) -> None:
    world = open_world(app, people=5)
    stop: list[bool] = []
    taken = mail.send

    def and_stop(envelope: Envelope, hand_over: HandOver) -> Receipt:
        stop.append(True)
        return taken(envelope, hand_over)

    mail.send = and_stop  # type: ignore[method-assign]
    queued(world.at(DUE))
    object.__setattr__(world.tools, "stopping", lambda: bool(stop))
    assert world.dispatch()["sent"] == 1
    assert sorted(world.messages()) == [("pending", False, 0)] * 4 + [("sent", False, 1)]
    object.__setattr__(world.tools, "stopping", lambda: False)
    assert world.dispatch()["sent"] == 4


class Listing(MemorySender):
    """Can be asked what it took; `silent` while it cannot."""

    silent = False

    def look_up(self, envelope: Envelope, since: datetime) -> Receipt | None:
        if self.silent:
            raise UNCLEAR
        return next((Receipt("found-1", "listed") for each in self.sent if each.to == envelope.to), None)


def doubtful(world: World, *, delivered: bool) -> Listing:
    """A message whose hand-over stayed unclear, and the provider that can tell."""
    sender = Listing("email", "listing")
    sender.fail_next(Failure(UNCLEAR, after_hand_over=True, delivered=delivered))
    world.with_senders({"email": sender}).at(DUE).dispatch()
    assert world.messages() == [("pending", True, 1)]
    return sender


def test_a_text_that_was_taken_is_found_and_not_sent_again(world: World) -> None:
    sender = doubtful(world, delivered=True)
    assert world.at(DUE + timedelta(minutes=1)).dispatch() == {}, "too early to prove anything"
    assert world.at(DUE + timedelta(minutes=2)).dispatch()["sent"] == 1
    assert len(sender.sent) == 1
    assert world.messages() == [("sent", False, 2)]
    assert world.read(select(Message.sender, Message.provider_reference)) == [("listing", "found-1")]


def test_a_text_that_was_not_taken_is_sent_and_the_doubt_is_gone(world: World) -> None:
    sender = doubtful(world, delivered=False)
    world.at(DUE + timedelta(minutes=2)).dispatch()
    assert len(sender.sent) == 1
    assert world.messages() == [("sent", False, 2)]


def test_while_the_provider_cannot_tell_nothing_is_sent_and_the_doubt_stays(world: World) -> None:
    sender = doubtful(world, delivered=False)
    sender.silent = True
    for hour in range(1, 4):
        world.at(DUE + timedelta(hours=hour)).dispatch()
    assert sender.sent == []
    assert world.messages() == [("pending", True, 4)]
    world.change(lambda s: s.execute(update(Message).values(expires_at=DUE + timedelta(hours=5))))
    world.at(DUE + timedelta(hours=6)).expire()
    assert world.messages()[0][0] == "uncertain"
