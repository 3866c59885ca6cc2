"""What providers tell us later, receipts and replies: whether it is really they, and what they say. No rows here.

A reader has `name` (the sender it belongs to), `verify` and two ways to read a body that was verified.
The generic gateway's contract, both ways signed as in webhook.py:

- POST to /hooks/sms of JSON `{"type": "receipt", "id": …, "state": "sent|delivered|failed", "code": …}`, or
  `{"type": "reply", "id": …, "from": "+1…", "text": …}`. A receipt's `id` is the one given at the hand-over,
  a reply's is its own; the same `id` told twice counts once.
"""

import hashlib
import hmac
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl

WINDOW = timedelta(minutes=5)
_REFERENCE = re.compile(r"[\x21-\x7e]{1,120}")
_CODE = re.compile(r"[A-Za-z0-9_.-]{1,40}")
# A NUL, or half of a surrogate pair, which JSON can spell and no database keeps.
_UNKEPT = re.compile("[\x00\ud800-\udfff]")
_NUMBER = re.compile(r"\+?[0-9]{3,15}")


@dataclass(frozen=True, slots=True)
class DeliveryReport:
    """What became of a message; `detail` is the provider's code at most."""

    reference: str
    state: str
    detail: str | None


@dataclass(frozen=True, slots=True)
class Replied:
    """What somebody wrote back."""

    reference: str
    from_address: str = field(repr=False)
    body: str = field(repr=False)


class TwilioCallbacks:
    """Forms signed by Twilio over the address they were sent to; the former auth token holds while it is rotated."""

    name = "twilio"

    def __init__(self, base_url: str, tokens: Sequence[str]) -> None:
        # Here, so that who does not use Twilio need not have its SDK.
        from twilio.request_validator import RequestValidator  # type: ignore[import-untyped]

        self._base_url = base_url
        self._validators = [RequestValidator(token) for token in tokens if token]

    def verify(self, path: str, headers: Mapping[str, str], body: bytes, now: datetime) -> bool:
        """`path` with its query as it was asked for. Twilio signs no time: a replay repeats what is known."""
        signature = headers.get("X-Twilio-Signature", "")
        form = _form(body)
        if not signature.isascii() or form is None:
            return False
        url = f"{self._base_url}{path}"
        return any(validator.validate(url, form, signature) for validator in self._validators)

    def read_receipt(self, body: bytes) -> DeliveryReport | None:
        """None for a state on the way, such as queued, and for what is no receipt."""
        form = _form(body) or {}
        state = _TWILIO_STATES.get(form.get("MessageStatus", ""))
        code = form.get("ErrorCode", "")
        return _told(form.get("MessageSid"), state, code)

    def read_reply(self, body: bytes) -> Replied | None:
        form = _form(body) or {}
        if "MessageStatus" in form:
            return None
        return _replied(form.get("MessageSid"), form.get("From"), form.get("Body"))


_TWILIO_STATES = {
    "sent": "sent",
    "delivered": "delivered",
    "read": "delivered",
    "undelivered": "failed",
    "failed": "failed",
}


class WebhookCallbacks:
    """Signed JSON; a timestamp more than five minutes off is refused, either way."""

    name = "webhook"

    def __init__(self, secret: str) -> None:
        self._secret = secret.encode()

    def verify(self, path: str, headers: Mapping[str, str], body: bytes, now: datetime) -> bool:
        stamp, signature = headers.get("X-Timestamp", ""), headers.get("X-Signature", "")
        if not re.fullmatch(r"[0-9]{1,12}", stamp) or not signature.isascii():
            return False
        if abs(now.timestamp() - int(stamp)) > WINDOW.total_seconds():
            return False
        digest = hmac.new(self._secret, stamp.encode() + b"." + body, hashlib.sha256).hexdigest()
        return hmac.compare_digest(f"sha256={digest}", signature)

    def read_receipt(self, body: bytes) -> DeliveryReport | None:
        said = _json(body)
        if said.get("type") != "receipt" or said.get("state") not in ("sent", "delivered", "failed"):
            return None
        return _told(said.get("id"), said.get("state"), said.get("code"))

    def read_reply(self, body: bytes) -> Replied | None:
        said = _json(body)
        if said.get("type") != "reply":
            return None
        return _replied(said.get("id"), said.get("from"), said.get("text"))


def _told(reference: Any, state: Any, code: Any) -> DeliveryReport | None:
    if not isinstance(reference, str) or not _REFERENCE.fullmatch(reference) or not state:
        return None
    # Anything longer or freer than a code could be about a patient.
    return DeliveryReport(reference, state, code if isinstance(code, str) and _CODE.fullmatch(code) else None)


def _replied(reference: Any, sender: Any, text: Any) -> Replied | None:
    if not isinstance(reference, str) or not _REFERENCE.fullmatch(reference):
        return None
    if not isinstance(sender, str) or not _NUMBER.fullmatch(sender) or not isinstance(text, str):
        return None
    return Replied(reference, sender, _UNKEPT.sub("", text))


def _form(body: bytes) -> dict[str, str] | None:
    """None where a name comes twice, which none of Twilio's does: which of the two was signed would be unclear."""
    try:
        pairs = parse_qsl(body.decode(), keep_blank_values=True, strict_parsing=True, max_num_fields=100)
    except ValueError:
        return None
    form = dict(pairs)
    return form if len(form) == len(pairs) else None


def _json(body: bytes) -> Mapping[str, Any]:
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}
