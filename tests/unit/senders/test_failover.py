"""A second provider: asked only where the first surely did not take the message, and the first left alone a while."""

from datetime import UTC, datetime, timedelta

import pytest

from clinic_scheduler.senders.base import Envelope, HandOver, HandOverRefused, Receipt, SendError, look_up_of
from clinic_scheduler.senders.failover import FailoverSender
from clinic_scheduler.senders.memory import Failure, MemorySender

from .envelopes import failure, kind, letter, no, text_message, yes
from .relay import Fault, Relay, running
from .test_smtp_failures import sender_to

LATER = Failure(SendError("busy", permanent=False))
LATER_AFTER = Failure(SendError("429", permanent=False), after_hand_over=True)
NEVER = Failure(SendError("no such number", permanent=True))
UNCLEAR = Failure(SendError("lost", permanent=False, ambiguous=True), after_hand_over=True)


class Pair:
    """Two providers that fail as told, and a clock."""

    def __init__(self) -> None:
        self.first, self.second = MemorySender("sms", "first"), MemorySender("sms", "second")
        self.now = datetime(2026, 11, 20, 17, tzinfo=UTC)
        self.sender = FailoverSender(
            self.first, self.second, now=lambda: self.now, failures=2, pause=timedelta(minutes=5)
        )

    def took(self) -> tuple[int, int]:
        return len(self.first.sent), len(self.second.sent)


@pytest.fixture
def pair() -> Pair:
    return Pair()


def test_the_first_takes_it_while_it_can(pair: Pair) -> None:
    assert pair.sender.send(text_message(), yes).sender == "first"
    assert pair.took() == (1, 0)


@pytest.mark.parametrize("failing", [LATER, LATER_AFTER])
def test_what_the_first_surely_did_not_take_goes_to_the_second(pair: Pair, failing: Failure) -> None:
    pair.first.fail_next(failing)
    assert pair.sender.send(text_message(), yes).sender == "second"
    assert pair.took() == (0, 1)


@pytest.mark.parametrize(("failing", "expected"), [(UNCLEAR, "ambiguous"), (NEVER, "permanent")])
def test_an_unclear_or_final_answer_never_goes_to_the_second(
    pair: Pair, failing: Failure, expected: str
) -> None:
    pair.first.fail_next(failing)
    assert kind(failure(pair.sender, text_message())) == expected
    assert pair.took() == (0, 0)


def test_a_refused_hand_over_is_refused_for_both(pair: Pair) -> None:
    with pytest.raises(HandOverRefused):
        pair.sender.send(text_message(), no)
    assert pair.took() == (0, 0)


def test_the_second_asks_anew_before_it_hands_over(pair: Pair) -> None:
    pair.first.fail_next(LATER_AFTER)
    answers = iter([True, False])
    with pytest.raises(HandOverRefused):
        pair.sender.send(text_message(), lambda: next(answers))
    assert pair.took() == (0, 0)


def test_the_first_is_left_alone_after_failing_in_a_row_and_tried_again_later(pair: Pair) -> None:
    pair.first.fail_next(LATER, LATER)
    for _ in range(4):
        pair.sender.send(text_message(), yes)
    assert pair.took() == (0, 4), "the last two never asked the first, which would have taken them"
    pair.now += timedelta(minutes=5)
    pair.sender.send(text_message(), yes)
    assert pair.took() == (1, 4)


def test_one_failure_between_successes_does_not_count(pair: Pair) -> None:
    pair.first.fail_next(LATER, None, LATER, None)
    for _ in range(4):
        pair.sender.send(text_message(), yes)
    assert pair.took() == (2, 2)


class Listing(MemorySender):
    """Can be asked what it took."""

    def look_up(self, envelope: Envelope, since: datetime) -> Receipt | None:
        return Receipt("found", "listed", self.name) if envelope in self.sent else None


def test_doubts_can_be_settled_only_where_both_can_be_asked(pair: Pair) -> None:
    assert look_up_of(pair.sender) is None
    first, second = Listing("sms", "first"), Listing("sms", "second")
    sender = FailoverSender(first, second, now=lambda: pair.now)
    look_up = look_up_of(sender)
    assert look_up is not None
    assert look_up(text_message(), pair.now) is None
    second.sent.append(text_message())
    assert look_up(text_message(), pair.now) == Receipt("found", "listed", "second")


def test_two_channels_make_no_pair() -> None:
    with pytest.raises(ValueError, match="same channel"):
        FailoverSender(MemorySender("sms"), MemorySender("email"), now=lambda: datetime.now(UTC))


@pytest.mark.parametrize(
    ("stage", "fault"),
    [("GREETING", Fault("554 no")), ("GREETING", Fault("421 busy")), ("MAIL", Fault("421 closing"))],
)
def test_a_second_mail_server_takes_what_the_first_turns_away(stage: str, fault: Fault) -> None:
    with running(Relay({stage: fault})) as busy, running(Relay()) as free:
        sender = FailoverSender(sender_to(busy), sender_to(free), now=lambda: datetime.now(UTC))
        sender.send(letter(), yes)
        sender.close()
        assert (len(busy.received), len(free.received)) == (0, 1)


def test_a_mail_whose_answer_was_lost_stays_with_the_first_server() -> None:
    asked: list[HandOver] = []
    with running(Relay({"END": Fault(cut=True, keep=True)})) as lost, running(Relay()) as free:
        sender = FailoverSender(sender_to(lost), sender_to(free), now=lambda: datetime.now(UTC))
        assert kind(failure(sender, letter(), lambda: asked.append(yes) or True)) == "ambiguous"
        sender.close()
        assert (len(lost.received), len(free.received), len(asked)) == (1, 0, 1)
