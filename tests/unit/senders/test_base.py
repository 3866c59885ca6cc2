"""The error type, and the two senders that need no network."""

import io

import pytest

from clinic_scheduler.senders.base import HandOverRefused, Sender, SendError
from clinic_scheduler.senders.console import ConsoleSender
from clinic_scheduler.senders.failover import FailoverSender
from clinic_scheduler.senders.memory import Failure, MemorySender
from clinic_scheduler.senders.sms_twilio import TwilioSender
from clinic_scheduler.senders.smtp import SmtpSender
from clinic_scheduler.senders.webhook import WebhookSender

from .envelopes import PATIENT, PHONE, failure, kind, letter, no, text_message, yes

LATER = SendError("busy", permanent=False)
LOST = SendError("no answer", permanent=False, ambiguous=True)
NEVER = SendError("no such address", permanent=True)


@pytest.mark.parametrize(("error", "retryable"), [(LATER, True), (LOST, False), (NEVER, False)])
def test_only_a_certain_passing_failure_is_retryable(error: SendError, retryable: bool) -> None:
    assert error.retryable is retryable
    assert str(error) == error.reason


def test_a_failure_is_not_both_certain_and_uncertain() -> None:
    with pytest.raises(ValueError, match="not both"):
        SendError("?", permanent=True, ambiguous=True)


def test_memory_keeps_what_it_is_given() -> None:
    sender: Sender = MemorySender("email")
    receipt = sender.send(letter(), yes)
    sender.close()
    assert isinstance(sender, MemorySender)
    assert sender.sent == [letter()]
    assert receipt.provider_id == "memory-1"
    assert (sender.channel, sender.name) == ("email", "memory")


def test_memory_fails_as_scripted_and_then_works_again() -> None:
    asked: list[str] = []

    def hand_over() -> bool:
        asked.append("asked")
        return True

    sender = MemorySender("email")
    sender.fail_next(
        Failure(LATER),
        Failure(LOST, after_hand_over=True),
        None,
        Failure(LOST, after_hand_over=True, delivered=True),
    )
    assert kind(failure(sender, letter(), hand_over)) == "retryable"
    assert (asked, sender.sent) == ([], [])
    assert kind(failure(sender, letter(), hand_over)) == "ambiguous"
    assert (len(asked), len(sender.sent)) == (1, 0)
    sender.send(letter(), hand_over)
    assert kind(failure(sender, letter(), hand_over)) == "ambiguous"
    assert len(sender.sent) == 2
    sender.send(letter(), hand_over)
    assert len(sender.sent) == 3


def test_memory_delivers_nothing_when_the_hand_over_is_refused() -> None:
    sender = MemorySender("sms")
    with pytest.raises(HandOverRefused, match="Nothing was sent"):
        sender.send(text_message(), no)
    assert sender.sent == []


def test_a_message_cannot_be_delivered_before_its_hand_over() -> None:
    with pytest.raises(ValueError, match="before it is handed over"):
        Failure(LOST, delivered=True)


def test_console_prints_the_letter_without_the_recipient() -> None:
    stream = io.StringIO()
    sender = ConsoleSender("email", stream)
    assert sender.send(letter(), yes).detail == "printed"
    sender.close()
    shown = stream.getvalue()
    assert shown.splitlines()[0] == "--- email <m1@clinic.example.org> (printed, not sent)"
    assert "Reminder of your visit" in shown
    assert "Café at 9:00 am" in shown
    assert PATIENT not in shown


def test_console_prints_the_text_alone_for_sms_and_cannot_steer_the_terminal() -> None:
    stream = io.StringIO()
    ConsoleSender("sms", stream).send(text_message(sms="Riverside: \x1b[2Jsee you"), yes)
    assert "Riverside: [2Jsee you\n" in stream.getvalue()
    assert PHONE not in stream.getvalue()


def test_console_prints_nothing_when_the_hand_over_is_refused() -> None:
    stream = io.StringIO()
    with pytest.raises(HandOverRefused):
        ConsoleSender("email", stream).send(letter(), no)
    assert stream.getvalue() == ""


def test_console_says_so_when_it_cannot_print() -> None:
    stream = io.StringIO()
    stream.close()
    assert kind(failure(ConsoleSender("email", stream), letter())) == "retryable"


def test_only_the_webhook_promises_that_repeating_is_safe() -> None:
    promising = [
        kind
        for kind in (ConsoleSender, FailoverSender, MemorySender, SmtpSender, TwilioSender, WebhookSender)
        if kind.idempotent
    ]
    assert promising == [WebhookSender]
