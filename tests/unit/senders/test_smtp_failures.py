"""Every way an SMTP server can fail, each on a real server, and what it means for the message."""

import socket
import threading
import time
from dataclasses import replace

import pytest

from clinic_scheduler.senders.base import HandOverRefused
from clinic_scheduler.senders.smtp import SmtpSender
from clinic_scheduler.senders.smtp_patience import Patience

from .envelopes import SHORT, failure, kind, letter, no, yes
from .relay import Fault, Relay, running

NO_SUCH_PATIENT = "550 5.1.1 <pat.jones@example.org> unknown"


def sender_to(relay: Relay, timeout: float | None = 5.0, patience: Patience | None = None) -> SmtpSender:
    return SmtpSender(
        "127.0.0.1",
        relay.port,
        security="none",
        from_address="clinic@example.org",
        timeout=None if patience else timeout,
        patience=patience or Patience(),
        local_hostname="app.example.org",
    )


# A second each in which nothing happens.
WAITS = pytest.mark.thorough


@pytest.mark.parametrize("pipelining", [False, True])
@pytest.mark.parametrize(
    ("stage", "fault", "expected"),
    [
        ("GREETING", Fault("554 5.3.2 not today"), "retryable"),
        ("GREETING", Fault("421 busy"), "retryable"),
        ("GREETING", Fault(cut=True), "retryable"),
        pytest.param("GREETING", Fault(wait=30), "retryable", marks=WAITS),
        pytest.param("EHLO", Fault(wait=30), "retryable", marks=WAITS),
        ("EHLO", Fault(cut=True), "retryable"),
        ("MAIL", Fault("421 4.3.2 closing"), "retryable"),
        ("MAIL", Fault("450 later"), "retryable"),
        ("MAIL", Fault("451 later"), "retryable"),
        ("MAIL", Fault("452 full"), "retryable"),
        ("MAIL", Fault("530 5.7.0 sign in first"), "retryable"),
        ("MAIL", Fault("550 5.7.1 sender refused"), "retryable"),  # our address, not the patient's
        ("MAIL", Fault("552 5.3.4 too large"), "permanent"),
        ("MAIL", Fault(cut=True), "retryable"),
        pytest.param("MAIL", Fault(wait=30), "retryable", marks=WAITS),
        ("RCPT", Fault("421 closing"), "retryable"),
        ("RCPT", Fault("450 4.2.1 greylisted"), "retryable"),
        ("RCPT", Fault("451 later"), "retryable"),
        ("RCPT", Fault("452 4.2.2 full"), "retryable"),
        ("RCPT", Fault("552 too many recipients"), "retryable"),  # RFC 5321 4.5.3.1.10
        ("RCPT", Fault(NO_SUCH_PATIENT), "permanent"),
        ("RCPT", Fault("551 moved"), "permanent"),
        ("RCPT", Fault("553 bad name"), "permanent"),
        ("RCPT", Fault("501 bad syntax"), "permanent"),
        ("RCPT", Fault(cut=True), "retryable"),
        pytest.param("RCPT", Fault(wait=30), "retryable", marks=WAITS),
        ("RCPT", Fault("nonsense"), "retryable"),
        ("DATA", Fault("451 later"), "retryable"),
        ("DATA", Fault("554 no valid recipients"), "permanent"),
        ("DATA", Fault("250 what?"), "retryable"),
        ("DATA", Fault(cut=True), "retryable"),
        ("END", Fault("421 closing"), "retryable"),
        ("END", Fault("451 4.7.1 later"), "retryable"),
        ("END", Fault("554 5.7.1 refused"), "permanent"),
        ("END", Fault("250" + "x" * 70_000), "ambiguous"),  # smtplib makes a 500 of this
        ("END", Fault("nonsense"), "ambiguous"),
        ("END", Fault("354 go on"), "ambiguous"),
        ("END", Fault(cut=True), "ambiguous"),
        ("END", Fault(cut=True, keep=True), "ambiguous"),
        pytest.param("END", Fault(wait=30), "ambiguous", marks=WAITS),
        pytest.param("END", Fault(wait=30, keep=True), "ambiguous", marks=WAITS),
    ],
)
def test_a_failing_server_is_known_for_what_it_is(
    stage: str, fault: Fault, expected: str, pipelining: bool
) -> None:
    asked = []

    def hand_over() -> bool:
        asked.append(True)
        return True

    with running(Relay({stage: fault}, pipelining=pipelining)) as relay:
        sender = sender_to(relay, timeout=SHORT if fault.wait else 5.0)
        error = failure(sender, letter(), hand_over)
        assert kind(error) == expected, error.reason
        assert len(asked) == (1 if stage == "END" else 0), "handed over too early, too late or twice"
        assert len(relay.received) == (1 if fault.keep else 0)
        relay.faults.clear()
        assert sender.send(letter(), yes).provider_id == "4Bx7Q", "the sender must recover"
        sender.close()


def test_refused_connection_can_be_tried_again() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound but not listening: connections are refused
        error = failure(sender_to(Relay(port=taken.getsockname()[1])), letter())
    assert kind(error) == "retryable"


def test_a_host_name_that_cannot_exist_can_be_tried_again_once_mended() -> None:
    sender = SmtpSender(f"{'x' * 70}.", 25, security="none", from_address="clinic@example.org")
    # The name is refused while it is encoded, before anything is looked up.
    assert kind(failure(sender, letter())) == "retryable"


def test_a_refused_greeting_says_that_it_is_not_about_the_patient() -> None:
    with running(Relay({"GREETING": Fault("554 go away")})) as relay:
        assert "not the recipient" in failure(sender_to(relay), letter()).reason


def test_a_reason_carries_the_codes_but_never_the_servers_words() -> None:
    with running(Relay({"RCPT": Fault(NO_SUCH_PATIENT)})) as relay:
        reason = failure(sender_to(relay), letter()).reason
    assert "RCPT (550 5.1.1)" in reason


@pytest.mark.parametrize("fault", [Fault("nonsense"), Fault(cut=True), Fault("25"), Fault("999 what")])
def test_an_answer_that_is_none_is_called_none(fault: Fault) -> None:
    with running(Relay({"RCPT": fault})) as relay:
        assert "no answer at RCPT" in failure(sender_to(relay), letter()).reason


def test_a_slow_but_answering_server_gets_the_message() -> None:
    waits = {stage: Fault(wait=0.05) for stage in ("GREETING", "MAIL", "RCPT", "DATA")}
    with running(Relay(waits)) as relay:
        sender = sender_to(relay, timeout=2)
        sender.send(letter(), yes)
        sender.close()
        assert len(relay.received) == 1


@pytest.mark.parametrize("fault", [Fault("500 no"), Fault(cut=True), Fault(wait=30)])
def test_a_server_that_fails_after_its_250_has_the_message(fault: Fault) -> None:
    with running(Relay({"QUIT": fault})) as relay:
        sender = sender_to(relay, timeout=SHORT if fault.wait else 5.0)
        assert sender.send(letter(), yes).detail.startswith("accepted")
        sender.close()
        assert len(relay.received) == 1


def test_a_hand_over_refused_at_the_last_moment_delivers_nothing() -> None:
    with running(Relay()) as relay:
        sender = sender_to(relay)
        with pytest.raises(HandOverRefused):
            sender.send(letter(), no)
        sender.send(letter(message_id="<m2@clinic.example.org>"), yes)
        sender.close()
        assert [b"<m2@" in envelope.content for envelope in relay.received] == [True]
        assert relay.connections == 2, "after 354 only hanging up is a clean no"


def test_an_error_inside_the_hand_over_delivers_nothing_and_comes_through() -> None:
    def broken() -> bool:
        raise LookupError("the row is gone")

    with running(Relay()) as relay:
        sender = sender_to(relay)
        with pytest.raises(LookupError):
            sender.send(letter(), broken)
        assert relay.received == []
        assert relay.stages[-1] == "DATA"


def test_the_hand_over_comes_after_the_354() -> None:
    with running(Relay()) as relay:
        sender = sender_to(relay)
        seen: list[list[str]] = []

        def hand_over() -> bool:
            seen.append(list(relay.stages))
            return True

        sender.send(letter(), hand_over)
        sender.close()
    assert seen == [["GREETING", "EHLO", "MAIL", "RCPT", "DATA"]]


def test_a_server_that_hangs_up_during_the_hand_over_has_nothing() -> None:
    with running(Relay()) as relay:
        sender = sender_to(relay)

        def hand_over() -> bool:
            connection = relay.live[0]
            connection.loop.call_soon_threadsafe(connection.transport.abort)
            deadline = time.monotonic() + 2
            while connection.transport is not None and time.monotonic() < deadline:
                time.sleep(0.005)
            return True

        assert kind(failure(sender, letter(), hand_over)) == "retryable"
        assert relay.received == []


def test_a_server_that_hangs_up_in_a_long_body_has_nothing() -> None:
    with running(Relay(), data_size_limit=None) as relay:
        body = "A line of the body.\n" * 500_000

        def hang_up() -> None:
            deadline = time.monotonic() + 60
            while "DATA" not in relay.stages and time.monotonic() < deadline:
                time.sleep(0.001)
            connection = relay.live[0]
            connection.loop.call_soon_threadsafe(connection.loop.call_later, 0.01, connection.transport.abort)

        hanging_up = threading.Thread(target=hang_up)
        hanging_up.start()
        assert kind(failure(sender_to(relay), letter(text=body), never_asked)) == "retryable"
        hanging_up.join()
        assert relay.received == []


def never_asked() -> bool:
    raise AssertionError("the words had not left yet")


def test_after_the_dot_a_server_has_a_time_of_its_own() -> None:
    steps = Patience().at_most(SHORT)
    slow = Relay({"END": Fault(wait=2 * SHORT, keep=True)})
    with running(slow) as relay:
        hurried = sender_to(relay, patience=steps)
        assert kind(failure(hurried, letter(), yes)) == "ambiguous"
        patient = sender_to(relay, patience=replace(steps, dot=30.0))
        assert patient.send(letter(), yes).provider_id == "4Bx7Q"
        patient.close()


def test_a_message_over_the_servers_limit_is_refused_before_its_body() -> None:
    with running(Relay(), data_size_limit=2_000) as relay:
        error = failure(sender_to(relay), letter(text="long\n" * 1_000))
    assert kind(error) == "permanent"
    assert "too large" in error.reason
