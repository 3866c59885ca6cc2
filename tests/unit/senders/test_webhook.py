"""The signed webhook for texts, against a real HTTPS server."""

import hashlib
import hmac
import json
import socket
import ssl
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from clinic_scheduler.senders.base import HandOverRefused
from clinic_scheduler.senders.webhook import WebhookSender

from .certificates import serving, trusting
from .envelopes import PHONE, SHORT, failure, kind, no, text_message, yes
from .gateway import Gateway, hang_up, running, status

NOW = datetime(2026, 11, 20, 17, 0, tzinfo=UTC)


def sender_to(gateway: Gateway, context: ssl.SSLContext | None, timeout: float = 5.0) -> WebhookSender:
    return WebhookSender(
        f"https://127.0.0.1:{gateway.port}/texts?desk=1",
        "shared-secret",
        now=lambda: NOW,
        timeout=timeout,
        ssl_context=context,
    )


def test_the_text_arrives_signed_and_with_its_key(certificate: Path) -> None:
    with running(Gateway(status(202, b'{"id": "SM-7"}')), serving(certificate)) as gateway:
        receipt = sender_to(gateway, trusting(certificate)).send(text_message(), yes)
    (path, headers, body) = gateway.requests[0]
    assert receipt.provider_id == "SM-7"
    assert path == "/texts?desk=1"
    assert json.loads(body) == {
        "message_id": "<m1@clinic.example.org>",
        "to": PHONE,
        "from": "+16025550100",
        "text": text_message().sms,
    }
    assert headers["Content-Type"] == "application/json"
    assert headers["Idempotency-Key"] == "<m1@clinic.example.org>"
    assert headers["X-Timestamp"] == "1795194000"
    signed = hmac.digest(b"shared-secret", b"1795194000." + body, hashlib.sha256).hex()
    assert headers["X-Signature"] == f"sha256={signed}"
    assert PHONE not in path


@pytest.mark.parametrize("body", [b"", b"thanks", b"[1]", b'{"id": 7}', b'{"id": ""}', b"\xff"])
def test_an_answer_without_an_id_is_a_receipt_all_the_same(certificate: Path, body: bytes) -> None:
    with running(Gateway(status(200, body)), serving(certificate)) as gateway:
        assert sender_to(gateway, trusting(certificate)).send(text_message(), yes).provider_id is None


@pytest.mark.parametrize(
    ("code", "expected"),
    [(400, "permanent"), (401, "permanent"), (404, "permanent"), (422, "permanent")]
    + [(code, "retryable") for code in (408, 425, 429, 301, 307)]
    + [(code, "ambiguous") for code in (500, 502, 503)],
)
def test_a_refusal_is_known_for_what_it_is(certificate: Path, code: int, expected: str) -> None:
    answer = status(code, Location="https://127.0.0.1:9/elsewhere")
    with running(Gateway(answer), serving(certificate)) as gateway:
        error = failure(sender_to(gateway, trusting(certificate)), text_message())
    assert kind(error) == expected
    assert str(code) in error.reason
    assert len(gateway.requests) == 1, "redirects aren't followed, refusals not repeated here"


def test_a_hung_up_answer_is_ambiguous_and_the_sender_idempotent(certificate: Path) -> None:
    with running(Gateway(hang_up), serving(certificate)) as gateway:
        sender = sender_to(gateway, trusting(certificate))
        assert kind(failure(sender, text_message())) == "ambiguous"
    assert sender.idempotent
    assert len(gateway.requests) == 1


def test_an_answer_that_takes_too_long_is_ambiguous(certificate: Path) -> None:
    with running(Gateway(lambda handler: time.sleep(2 * SHORT)), serving(certificate)) as gateway:
        sender = sender_to(gateway, trusting(certificate), timeout=SHORT)
        assert kind(failure(sender, text_message())) == "ambiguous"


def test_a_refused_connection_can_be_tried_again_and_nothing_was_handed_over(certificate: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        gateway = Gateway(status(200), port=taken.getsockname()[1])
        asked: list[bool] = []
        error = failure(
            sender_to(gateway, trusting(certificate)), text_message(), lambda: asked.append(True) or True
        )
    assert kind(error) == "retryable"
    assert asked == []


def test_an_untrusted_certificate_gets_nothing(certificate: Path) -> None:
    with running(Gateway(status(200)), serving(certificate)) as gateway:
        error = failure(sender_to(gateway, None), text_message())
    assert kind(error) == "retryable"
    assert "certificate isn't trusted" in error.reason
    assert gateway.requests == []


def test_a_refused_hand_over_sends_nothing(certificate: Path) -> None:
    with running(Gateway(status(200)), serving(certificate)) as gateway:
        sender = sender_to(gateway, trusting(certificate))
        with pytest.raises(HandOverRefused):
            sender.send(text_message(), no)
        sender.close()
    assert gateway.requests == []


@pytest.mark.parametrize(
    "to", ["", "602-555-0123", "+1602555", "+1602555012x", "+16025550123\r\nX: y", "+0123456789"]
)
def test_a_number_out_of_form_is_refused_before_connecting(to: str) -> None:
    sender = sender_to(Gateway(status(200), port=9), None)
    if to == "+1602555":  # seven digits: short, but a possible number, so it is left to the gateway
        assert kind(failure(sender, text_message(to=to))) == "retryable"
    else:
        with pytest.raises(Exception, match="international form"):
            sender.send(text_message(to=to), yes)


@pytest.mark.parametrize(
    "changes", [{"sms": None}, {"sms": ""}, {"message_id": "<a@b>\r\nX: y"}, {"message_id": ""}]
)
def test_what_cannot_be_sent_is_refused_before_connecting(changes: dict[str, str | None]) -> None:
    assert (
        kind(failure(sender_to(Gateway(status(200), port=9), None), text_message(**changes))) == "permanent"
    )


@pytest.mark.parametrize(
    "url", ["http://sms.example.org/", "https://u:p@sms.example.org/", "https:///x", "sms", "https://é.org/"]
)
def test_only_a_plain_https_address_will_do(url: str) -> None:
    with pytest.raises(ValueError, match="https address"):
        WebhookSender(url, "secret", now=lambda: NOW)


def test_a_webhook_without_a_secret_is_refused() -> None:
    with pytest.raises(ValueError, match="shared secret"):
        WebhookSender("https://sms.example.org/", "", now=lambda: NOW)
