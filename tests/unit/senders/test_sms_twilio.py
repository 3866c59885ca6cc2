"""Texts through Twilio's SDK, against its API on this machine: what it is asked, and what each failure means."""

import socket
import time
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest

from clinic_scheduler.senders.base import HandOverRefused, SendError, look_up_of
from clinic_scheduler.senders.sms_twilio import TwilioAccount, TwilioSender

from .certificates import serving, trusting
from .envelopes import PHONE, SHORT, failure, kind, no, text_message, yes
from .gateway import Answer, hang_up, status
from .twilio_api import ACCOUNT, PATH, TwilioApi, refused, serving_twilio

SINCE = datetime(2026, 11, 20, 17, 0, tzinfo=UTC)


def sender_to(api: TwilioApi, certificate: Path | None, timeout: float = 5.0, **account: str) -> TwilioSender:
    values = {"sid": ACCOUNT, "auth_token": "token", "messaging_service": "MG1", "from_": ""}
    values |= {"status_url": "https://clinic.example.org/hooks/twilio/status"}
    context = trusting(certificate) if certificate else None
    return TwilioSender(TwilioAccount(**values | account), timeout=timeout, api=api.url, ssl_context=context)


def cut_in_the_middle(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(201)
    handler.send_header("Content-Length", "500")
    handler.end_headers()
    handler.wfile.write(b'{"sid": "SM')
    handler.close_connection = True


def too_late(handler: BaseHTTPRequestHandler) -> None:
    time.sleep(2 * SHORT)


def test_a_text_is_created_with_its_service_and_callback(certificate: Path) -> None:
    with serving_twilio(TwilioApi(), serving(certificate)) as api:
        receipt = sender_to(api, certificate).send(text_message(), yes)
    ((path, headers, _),) = api.gateway.requests
    assert path == PATH
    assert headers["Authorization"].startswith("Basic ")
    assert api.posted == [
        {
            "To": PHONE,
            "Body": text_message().sms,
            "MessagingServiceSid": "MG1",
            "StatusCallback": "https://clinic.example.org/hooks/twilio/status",
        }
    ]
    assert receipt.provider_id == api.listed[0]["sid"]


def test_without_a_service_the_number_is_where_it_comes_from(certificate: Path) -> None:
    with serving_twilio(TwilioApi(), serving(certificate)) as api:
        sender_to(api, certificate, messaging_service="", from_="+16025550100").send(text_message(), yes)
    assert api.posted[0]["From"] == "+16025550100"
    assert "MessagingServiceSid" not in api.posted[0]


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (refused(20429, 429), "retryable"),
        (status(429, b"slow down"), "retryable"),
        (refused(20500, 500), "ambiguous"),
        (status(500, b"<html>"), "ambiguous"),
        (refused(20503, 503), "ambiguous"),
        (status(400, b"<html>a proxy's</html>"), "ambiguous"),
        (refused(21602), "permanent"),
        (refused(21610), "permanent"),
        (refused(21211), "permanent"),
        (refused(21614), "permanent"),
        (refused(30003), "permanent"),
        (refused(20003, 401), "retryable"),
        (refused(20404, 404), "retryable"),
        (refused(21611), "retryable"),
        (status(201, b"thanks"), "ambiguous"),
        (status(201, b"[]"), "ambiguous"),
        (status(201, b"{}"), "ambiguous"),
        (cut_in_the_middle, "ambiguous"),
        (hang_up, "ambiguous"),
        (too_late, "ambiguous"),
    ],
)
def test_an_answer_is_known_for_what_it_is(certificate: Path, answer: Answer, expected: str) -> None:
    asked: list[bool] = []
    with serving_twilio(TwilioApi(fails=answer), serving(certificate)) as api:
        sender = sender_to(api, certificate, timeout=SHORT if answer is too_late else 5.0)
        error = failure(sender, text_message(), lambda: asked.append(True) or True)
    assert kind(error) == expected, error.reason
    assert asked == [True]
    assert len(api.gateway.requests) == 1, "nothing is repeated in here"


def test_who_opted_out_is_named_so(certificate: Path) -> None:
    with serving_twilio(TwilioApi(fails=refused(21610)), serving(certificate)) as api:
        assert failure(sender_to(api, certificate), text_message()).reason == "opted_out"


@pytest.mark.parametrize("how", ["refused", "untrusted"])
def test_before_the_request_nothing_is_handed_over(certificate: Path, how: str) -> None:
    asked: list[bool] = []
    with serving_twilio(TwilioApi(), serving(certificate)) as api, socket.socket() as taken:
        if how == "refused":
            taken.bind(("127.0.0.1", 0))
            api.gateway.port = taken.getsockname()[1]
        sender = sender_to(api, certificate if how == "refused" else None)
        error = failure(sender, text_message(), lambda: asked.append(True) or True)
    assert kind(error) == "retryable"
    assert asked == []
    assert api.gateway.requests == []


def test_a_refused_hand_over_sends_nothing(certificate: Path) -> None:
    with serving_twilio(TwilioApi(), serving(certificate)) as api, pytest.raises(HandOverRefused):
        sender_to(api, certificate).send(text_message(), no)
    assert api.gateway.requests == []


def test_a_number_out_of_form_is_refused_before_connecting() -> None:
    sender = sender_to(TwilioApi(), None)
    assert kind(failure(sender, text_message(to="602-555-0123"))) == "permanent"


def test_a_text_whose_answer_was_lost_is_found_by_looking_it_up(certificate: Path) -> None:
    with serving_twilio(TwilioApi(fails=hang_up, keeps=True), serving(certificate)) as api:
        sender = sender_to(api, certificate)
        failure(sender, text_message())
        api.fails = None
        look_up = look_up_of(sender)
        assert look_up is not None
        found = look_up(text_message(), SINCE)
    assert found is not None
    assert found.provider_id == api.listed[0]["sid"]
    assert len(api.posted) == 1, "looking up sends nothing"


@pytest.mark.parametrize(
    "other",
    [
        None,
        {"to": "+16025550199"},
        {"direction": "inbound"},
        {"date_created": "Fri, 20 Nov 2026 16:30:00 +0000"},
    ],
)
def test_a_text_that_is_not_listed_was_not_taken(certificate: Path, other: dict[str, Any] | None) -> None:
    with serving_twilio(TwilioApi(), serving(certificate)) as api:
        if other:
            api.keep(**{"to": PHONE, "body": text_message().sms} | other)
        assert sender_to(api, certificate).look_up(text_message(), SINCE) is None


def test_another_text_to_the_same_number_proves_nothing(certificate: Path) -> None:
    with serving_twilio(TwilioApi(), serving(certificate)) as api:
        api.keep(PHONE, "Your visit is in 6 days.")
        with pytest.raises(SendError) as caught:
            sender_to(api, certificate).look_up(text_message(), SINCE)
    assert caught.value.ambiguous
    assert PHONE not in caught.value.reason


@pytest.mark.parametrize("answer", [refused(20500, 500), hang_up, status(200, b"[]"), refused(20003, 401)])
def test_a_look_up_that_fails_proves_nothing(certificate: Path, answer: Answer) -> None:
    with (
        serving_twilio(TwilioApi(fails=answer), serving(certificate)) as api,
        pytest.raises(SendError) as caught,
    ):
        sender_to(api, certificate).look_up(text_message(), SINCE + timedelta(minutes=1))
    assert caught.value.ambiguous


def test_a_sender_without_an_origin_is_refused_at_the_start() -> None:
    with pytest.raises(ValueError, match="messaging service or a number"):
        sender_to(TwilioApi(), None, messaging_service="")
