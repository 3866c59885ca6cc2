"""What providers post back: forged or stale is refused, unknown providers are not there, nothing is logged."""

import hashlib
import hmac
import json
import logging
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from twilio.request_validator import RequestValidator

from clinic_scheduler.db import unit_of_work
from clinic_scheduler.models import DeliveryReceipt, InboundMessage
from clinic_scheduler.senders.callbacks import TwilioCallbacks, WebhookCallbacks
from tests.conftest import FrozenClock

BASE = "http://localhost"
STATUS = {"MessageSid": "SM1", "MessageStatus": "delivered", "To": "+16025550123"}
REPLY = {"MessageSid": "SM2", "From": "+16025550123", "Body": "Can I come later? Señor"}


@pytest.fixture
def hooks(app: Flask, client: FlaskClient) -> FlaskClient:
    """A clinic that uses Twilio, whose token is being rotated, and a gateway of its own."""
    callbacks = {
        "twilio": TwilioCallbacks(BASE, ("new-token", "old-token")),
        "webhook": WebhookCallbacks("shared-secret"),
    }
    app.extensions["clinic"] = replace(app.extensions["clinic"], callbacks=callbacks)
    return client


def by_twilio(path: str, form: Mapping[str, str], token: str = "new-token") -> dict[str, Any]:
    signature = RequestValidator(token).compute_signature(f"{BASE}{path}", form)
    return {"data": form, "headers": {"X-Twilio-Signature": signature}}


def by_gateway(clock: FrozenClock, said: Any, age: timedelta = timedelta(0)) -> dict[str, Any]:
    body = json.dumps(said).encode()
    stamp = str(int((clock.now() - age).timestamp()))
    digest = hmac.new(b"shared-secret", stamp.encode() + b"." + body, hashlib.sha256).hexdigest()
    return {"data": body, "headers": {"X-Timestamp": stamp, "X-Signature": f"sha256={digest}"}}


def receipts(app: Flask) -> list[tuple[str, str, str, str | None]]:
    columns = (
        DeliveryReceipt.sender,
        DeliveryReceipt.provider_reference,
        DeliveryReceipt.state,
        DeliveryReceipt.detail,
    )
    with app.app_context(), unit_of_work() as session:
        return [tuple(row) for row in session.execute(select(*columns).order_by(DeliveryReceipt.id))]


def replies(app: Flask) -> list[tuple[str, str, str]]:
    columns = (InboundMessage.sender, InboundMessage.provider_reference, InboundMessage.body)
    with app.app_context(), unit_of_work() as session:
        return [tuple(row) for row in session.execute(select(*columns))]


@pytest.mark.parametrize("token", ["new-token", "old-token"])
def test_twilio_tells_what_became_of_a_text(hooks: FlaskClient, app: Flask, token: str) -> None:
    answer = hooks.post("/hooks/twilio/status", **by_twilio("/hooks/twilio/status", STATUS, token))
    assert (answer.status_code, answer.data) == (204, b"")
    failed = STATUS | {"MessageStatus": "undelivered", "ErrorCode": "30005", "MessageSid": "SM9"}
    hooks.post("/hooks/twilio/status", **by_twilio("/hooks/twilio/status", failed, token))
    queued = STATUS | {"MessageStatus": "queued"}
    assert hooks.post("/hooks/twilio/status", **by_twilio("/hooks/twilio/status", queued)).status_code == 204
    assert receipts(app) == [("twilio", "SM1", "delivered", None), ("twilio", "SM9", "failed", "30005")]


def test_twilio_passes_a_reply_on_once_and_gets_no_answer_to_send(hooks: FlaskClient, app: Flask) -> None:
    for _ in range(2):
        answer = hooks.post("/hooks/twilio/inbound", **by_twilio("/hooks/twilio/inbound", REPLY))
        assert answer.status_code == 200
        assert answer.mimetype == "text/xml"
        assert answer.text.endswith("<Response/>")
    assert replies(app) == [("twilio", "SM2", REPLY["Body"])]


def test_the_signed_address_may_have_a_query(hooks: FlaskClient, app: Flask) -> None:
    path = "/hooks/twilio/status?from=service"
    assert hooks.post(path, **by_twilio(path, STATUS)).status_code == 204
    assert len(receipts(app)) == 1


@pytest.mark.parametrize("path", ["/hooks/twilio/status", "/hooks/twilio/inbound"])
@pytest.mark.parametrize("how", ["unsigned", "other token", "other form", "other path", "twice", "not ascii"])
def test_what_twilio_did_not_sign_is_refused(hooks: FlaskClient, app: Flask, path: str, how: str) -> None:
    form = STATUS if path.endswith("status") else REPLY
    posted = by_twilio(path, form, "a guess" if how == "other token" else "new-token")
    match how:
        case "unsigned":
            posted["headers"] = {}
        case "other form":
            posted["data"] = form | {"MessageSid": "SM7"}
        case "other path":
            posted = by_twilio("/hooks/elsewhere", form)
        case "twice":
            posted["data"] = form | {"MessageSid": [form["MessageSid"]] * 2}
        case "not ascii":
            posted["headers"] = {"X-Twilio-Signature": "é"}
    assert hooks.post(path, **posted).status_code == 403
    assert receipts(app) == []
    assert replies(app) == []


def test_a_gateway_tells_receipts_and_replies(hooks: FlaskClient, app: Flask, clock: FrozenClock) -> None:
    said = [
        {"type": "receipt", "id": "7", "state": "failed", "code": "no_such_number"},
        {"type": "reply", "id": "8", "from": "+16025550123", "text": "Hello"},
        {"type": "reply", "id": "8", "from": "+16025550123", "text": "Hello"},
    ]
    assert [hooks.post("/hooks/sms", **by_gateway(clock, each)).status_code for each in said] == [204] * 3
    assert receipts(app) == [("webhook", "7", "failed", "no_such_number")]
    assert replies(app) == [("webhook", "8", "Hello")]


@pytest.mark.parametrize(
    ("age", "status"),
    [
        (timedelta(minutes=5), 204),
        (timedelta(minutes=5, seconds=1), 403),
        (timedelta(minutes=-5), 204),
        (timedelta(minutes=-5, seconds=-1), 403),
    ],
)
def test_a_gateways_word_holds_for_five_minutes(
    hooks: FlaskClient, clock: FrozenClock, age: timedelta, status: int
) -> None:
    said = {"type": "receipt", "id": "7", "state": "sent"}
    assert hooks.post("/hooks/sms", **by_gateway(clock, said, age)).status_code == status


@pytest.mark.parametrize("change", ["body", "stamp", "signature"])
def test_what_the_gateway_did_not_sign_is_refused(
    hooks: FlaskClient, app: Flask, clock: FrozenClock, change: str
) -> None:
    posted = by_gateway(clock, {"type": "receipt", "id": "7", "state": "sent"})
    if change == "body":
        posted["data"] = posted["data"].replace(b"7", b"8")
    elif change == "stamp":
        posted["headers"]["X-Timestamp"] = "+" + posted["headers"]["X-Timestamp"]
    else:
        posted["headers"].pop("X-Signature")
    assert hooks.post("/hooks/sms", **posted).status_code == 403
    assert receipts(app) == []


@pytest.mark.parametrize(
    "said",
    [
        None,
        [],
        {},
        {"type": "receipt", "id": "7", "state": "read"},
        {"type": "receipt", "id": 7, "state": "sent"},
        {"type": "reply", "id": "8", "from": "Pat", "text": "Hello"},
        {"type": "reply", "id": "8 9", "from": "+16025550123", "text": "Hello"},
    ],
)
def test_a_signed_word_that_makes_no_sense_is_answered_so(
    hooks: FlaskClient, app: Flask, clock: FrozenClock, said: Any
) -> None:
    assert hooks.post("/hooks/sms", **by_gateway(clock, said)).status_code == 400
    assert receipts(app) == []


def test_too_long_a_body_is_not_read(hooks: FlaskClient) -> None:
    assert hooks.post("/hooks/sms", data=b"x" * 70_000).status_code == 413
    # In chunks no length is declared; the server sees to the body's end.
    chunked = {"wsgi.input_terminated": True}
    answer = hooks.post("/hooks/sms", input_stream=BytesIO(b"x" * 70_000), environ_overrides=chunked)
    assert answer.status_code == 413


@pytest.mark.parametrize("path", ["/hooks/twilio/status", "/hooks/twilio/inbound", "/hooks/sms"])
def test_a_provider_that_is_not_used_is_not_there(client: FlaskClient, path: str) -> None:
    assert client.post(path, data=STATUS).status_code == 404


def test_nothing_that_is_said_reaches_the_log(hooks: FlaskClient, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    hooks.post("/hooks/twilio/inbound", **by_twilio("/hooks/twilio/inbound", REPLY))
    hooks.post("/hooks/twilio/inbound", data=REPLY)
    ours = [record.getMessage() for record in caplog.records if not record.name.startswith("sqlalchemy")]
    assert not [line for line in ours if "6025550123" in line or "later" in line]
