"""How the SMTP sender keeps, renews, encrypts and signs in its connection."""

from pathlib import Path
from typing import Any

import pytest

from clinic_scheduler.senders.smtp import SmtpSender

from .certificates import serving, trusting
from .envelopes import PATIENT, SHORT, failure, kind, letter, yes
from .relay import Fault, Relay, only_the_right_password, running


def sender_to(relay: Relay, **options: Any) -> SmtpSender:
    settings: dict[str, Any] = {"security": "none", "from_address": "Riverside <clinic@example.org>"}
    settings |= {"timeout": 5.0, "local_hostname": "app.example.org"}
    return SmtpSender("127.0.0.1", relay.port, **settings | options)


def test_two_messages_share_one_connection() -> None:
    with running(Relay()) as relay:
        sender = sender_to(relay)
        sender.send(letter(), yes)
        sender.send(letter(to="ana.cruz@example.org"), yes)
        sender.close()
        assert [envelope.rcpt_tos for envelope in relay.received] == [[PATIENT], ["ana.cruz@example.org"]]
        assert [envelope.mail_from for envelope in relay.received] == ["clinic@example.org"] * 2
        assert relay.connections == 1
        assert relay.stages[-1] == "QUIT"


@pytest.mark.parametrize(
    ("stage", "fault"),
    [
        ("MAIL", Fault(cut=True, times=1)),
        ("MAIL", Fault("421 idle for too long", times=1)),
        ("MAIL", Fault(wait=30, times=1)),
    ],
)
def test_a_stale_connection_is_replaced_once(stage: str, fault: Fault) -> None:
    with running(Relay()) as relay:
        sender = sender_to(relay, timeout=SHORT if fault.wait else 5.0)
        sender.send(letter(), yes)
        relay.stages.remove("MAIL")
        relay.faults[stage] = fault
        sender.send(letter(), yes)
        sender.close()
        assert len(relay.received) == 2
        assert relay.connections == 2


@pytest.mark.parametrize("fault", [Fault(cut=True, times=1), Fault("452 enough messages", times=1)])
def test_a_kept_connection_that_fails_at_mail_is_replaced_once(fault: Fault) -> None:
    with running(Relay()) as relay:
        sender = sender_to(relay)
        sender.send(letter(), yes)
        relay.stages.clear()
        relay.faults["MAIL"] = fault
        sender.send(letter(), yes)
        sender.close()
        assert relay.stages[:4] == ["MAIL", "GREETING", "EHLO", "MAIL"]
        assert len(relay.received) == 2


def test_a_server_that_keeps_refusing_at_mail_is_asked_no_third_time() -> None:
    with running(Relay()) as relay:
        sender = sender_to(relay)
        sender.send(letter(), yes)
        relay.stages.clear()
        relay.faults["MAIL"] = Fault("451 later")
        assert kind(failure(sender, letter())) == "retryable"
        assert relay.stages == ["MAIL", "GREETING", "EHLO", "MAIL"]


@pytest.mark.parametrize("limit", [{"idle": -1.0}, {"most": 1}])
def test_a_connection_grown_old_or_much_used_is_left_politely(limit: dict[str, Any]) -> None:
    with running(Relay()) as relay:
        sender = sender_to(relay, **limit)
        sender.send(letter(), yes)
        sender.send(letter(), yes)
        sender.close()
        assert relay.connections == 2
        assert relay.stages.count("QUIT") == 2


def test_a_twin_has_a_connection_of_its_own() -> None:
    with running(Relay()) as relay:
        sender = sender_to(relay)
        sender.send(letter(), yes)
        twin = sender.twin()
        twin.send(letter(), yes)
        twin.close()
        sender.send(letter(), yes)
        sender.close()
        assert relay.connections == 2
        assert len(relay.received) == 3


def test_a_closed_sender_can_be_used_again() -> None:
    with running(Relay()) as relay:
        sender = sender_to(relay)
        sender.close()
        sender.send(letter(), yes)
        sender.close()
        sender.close()
        sender.send(letter(), yes)
        sender.close()
        assert len(relay.received) == 2


def test_starttls_with_a_trusted_certificate_delivers(certificate: Path) -> None:
    with running(Relay(), tls_context=serving(certificate), require_starttls=True) as relay:
        sender = sender_to(relay, security="starttls", ssl_context=trusting(certificate))
        sender.send(letter(), yes)
        sender.send(letter(), yes)
        sender.close()
        assert len(relay.received) == 2


def test_starttls_with_an_untrusted_certificate_sends_nothing(certificate: Path) -> None:
    with running(Relay(), tls_context=serving(certificate)) as relay:
        error = failure(sender_to(relay, security="starttls"), letter())
        assert kind(error) == "retryable"
        assert "certificate isn't trusted" in error.reason
        assert "MAIL" not in relay.stages


def test_a_certificate_for_another_host_sends_nothing(certificate: Path) -> None:
    with running(Relay(), tls_context=serving(certificate)) as relay:
        sender = SmtpSender(
            "localhost",
            relay.port,
            from_address="clinic@example.org",
            local_hostname="app.example.org",
            ssl_context=trusting(certificate),
        )
        assert "certificate isn't trusted" in failure(sender, letter()).reason
        assert "MAIL" not in relay.stages


def test_a_server_without_starttls_never_gets_the_message_in_the_clear() -> None:
    with running(Relay()) as relay:
        error = failure(sender_to(relay, security="starttls"), letter())
        assert kind(error) == "retryable"
        assert "encryption" in error.reason
        assert "MAIL" not in relay.stages


def test_tls_from_the_first_byte_delivers(certificate: Path) -> None:
    with running(Relay(), implicit_tls=serving(certificate)) as relay:
        sender = sender_to(relay, security="tls", ssl_context=trusting(certificate))
        sender.send(letter(), yes)
        sender.close()
        assert len(relay.received) == 1


def test_tls_from_the_first_byte_refuses_an_untrusted_certificate(certificate: Path) -> None:
    with running(Relay(), implicit_tls=serving(certificate)) as relay:
        assert "certificate isn't trusted" in failure(sender_to(relay, security="tls"), letter()).reason
        assert relay.received == []


@pytest.mark.parametrize("fault", [Fault(cut=True), Fault(cut=True, keep=True)])
def test_under_tls_too_a_connection_lost_after_the_dot_is_ambiguous(certificate: Path, fault: Fault) -> None:
    with running(Relay({"END": fault}), tls_context=serving(certificate)) as relay:
        sender = sender_to(relay, security="starttls", ssl_context=trusting(certificate))
        assert kind(failure(sender, letter())) == "ambiguous"


def signing_in(relay: Relay, certificate: Path, password: str) -> SmtpSender:
    return sender_to(
        relay,
        security="starttls",
        ssl_context=trusting(certificate),
        username="clinic",
        password=password,
    )


def test_the_right_password_delivers(certificate: Path) -> None:
    options: dict[str, Any] = {"tls_context": serving(certificate), "authenticator": only_the_right_password}
    with running(Relay(), auth_required=True, **options) as relay:
        sender = signing_in(relay, certificate, "right")
        sender.send(letter(), yes)
        sender.close()
        assert len(relay.received) == 1


def test_a_wrong_password_is_for_staff_to_mend_and_stays_out_of_the_reason(certificate: Path) -> None:
    options: dict[str, Any] = {"tls_context": serving(certificate), "authenticator": only_the_right_password}
    with running(Relay(), auth_required=True, **options) as relay:
        error = failure(signing_in(relay, certificate, "wrong-secret"), letter())
        assert kind(error) == "retryable"
        assert "sign-in (535): check the SMTP user name and password" in error.reason
        assert "wrong-secret" not in error.reason
        assert "MAIL" not in relay.stages


def test_a_server_that_wants_a_sign_in_we_lack_says_so(certificate: Path) -> None:
    options: dict[str, Any] = {"tls_context": serving(certificate), "authenticator": only_the_right_password}
    with running(Relay(), auth_required=True, **options) as relay:
        sender = sender_to(relay, security="starttls", ssl_context=trusting(certificate))
        error = failure(sender, letter())
    assert kind(error) == "retryable"
    assert "user name and password" in error.reason


def test_an_address_outside_ascii_needs_a_server_that_knows_them() -> None:
    with running(Relay(), enable_SMTPUTF8=False) as relay:
        error = failure(sender_to(relay), letter(to="josé@example.org"))
        assert kind(error) == "permanent"
        assert relay.stages == ["GREETING", "EHLO"]


def test_an_address_outside_ascii_is_delivered_where_the_server_knows_them() -> None:
    with running(Relay(), enable_SMTPUTF8=True) as relay:
        sender = sender_to(relay)
        sender.send(letter(to="josé@example.org"), yes)
        sender.send(letter(), yes)
        sender.close()
        assert [envelope.rcpt_tos for envelope in relay.received] == [["josé@example.org"], [PATIENT]]
        assert "SMTPUTF8" in relay.received[0].mail_options
        assert "SMTPUTF8" not in relay.received[1].mail_options
        assert "To: josé@example.org".encode() in relay.received[0].content


def test_a_password_is_never_sent_in_the_clear() -> None:
    with pytest.raises(ValueError, match="never sent unencrypted"):
        SmtpSender("127.0.0.1", 25, security="none", from_address="clinic@example.org", username="clinic")


def test_an_unknown_security_is_refused_instead_of_meaning_none() -> None:
    with pytest.raises(ValueError, match="starttls, tls or none"):
        SmtpSender("127.0.0.1", 25, security="ssl", from_address="clinic@example.org")  # type: ignore[arg-type]


def test_a_malformed_sender_address_fails_when_the_service_starts() -> None:
    with pytest.raises(ValueError, match="sender's address"):
        SmtpSender("127.0.0.1", 25, from_address="clinic at example.org")


def test_certificates_and_their_hosts_are_verified_unless_a_context_is_given(
    certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))  # what this machine trusts
    with running(Relay(), tls_context=serving(certificate)) as relay:
        known = sender_to(relay, security="starttls")
        known.send(letter(), yes)
        known.close()
        assert len(relay.received) == 1
        stranger = SmtpSender("localhost", relay.port, from_address="clinic@example.org")
        assert "certificate isn't trusted" in failure(stranger, letter()).reason
        assert len(relay.received) == 1
