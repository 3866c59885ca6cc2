"""Handing texts to a clinic's own SMS gateway as signed JSON over HTTPS; no provider's API is spoken here.

The contract with the receiver:

- POST of `{"message_id", "to", "from", "text"}` as UTF-8 JSON.
- `X-Timestamp` is Unix seconds; `X-Signature` is `sha256=` and the hex HMAC-SHA256, under the shared secret,
  of the timestamp, a dot and the body. Refuse a wrong signature and a timestamp more than five minutes off.
- `Idempotency-Key` is the message id. A key seen before must be answered 2xx again without another text:
  this is what makes it safe to repeat a hand-over whose answer was lost.
- Any 2xx means taken; a JSON answer with a string `id` gives the provider's id.
"""

import hashlib
import hmac
import http.client
import json
import re
import ssl
from collections.abc import Callable
from datetime import datetime
from urllib.parse import urlsplit

from .base import Envelope, HandOver, HandOverRefused, Receipt, SendError

_E164 = re.compile(r"\+[1-9][0-9]{6,14}")
_HEADER_VALUE = re.compile(r"[\x21-\x7e]{1,250}")
_TRY_AGAIN = frozenset({408, 425, 429})
_LONGEST_ANSWER = 65_536


class WebhookSender:
    """One request a message. The certificate is always verified; redirects are not followed.

    `now` gives the aware instant of the signature (the service's clock). A lost answer is `ambiguous`;
    because the receiver keeps Idempotency-Key, `idempotent` says that such a one may be sent again.
    """

    channel = "sms"
    name = "webhook"
    idempotent = True

    def __init__(
        self,
        url: str,
        secret: str,
        *,
        now: Callable[[], datetime],
        timeout: float = 20.0,
        ssl_context: ssl.SSLContext | None = None,
    ) -> None:
        parts = urlsplit(url)
        if parts.scheme != "https" or not parts.hostname or parts.username or not url.isascii():
            raise ValueError("The SMS webhook must be an https address without a user name in it.")
        if not secret:
            raise ValueError("The SMS webhook needs a shared secret to sign with.")
        self._host, self._port = parts.hostname, parts.port or 443
        self._path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        self._secret, self._now, self._timeout = secret.encode(), now, timeout
        self._context = ssl_context or ssl.create_default_context()

    def twin(self) -> "WebhookSender":
        """Itself: it keeps nothing between two messages, nor during one."""
        return self

    def send(self, envelope: Envelope, hand_over: HandOver) -> Receipt:
        body = _body(envelope)
        connection = http.client.HTTPSConnection(
            self._host, self._port, timeout=self._timeout, context=self._context
        )
        try:
            connect(connection, "The SMS gateway")
            if not hand_over():
                raise HandOverRefused
            return self._post(connection, envelope.message_id, body)
        finally:
            connection.close()

    def close(self) -> None:
        """Each message has its own connection, so nothing is held open."""

    def _post(self, connection: http.client.HTTPSConnection, message_id: str, body: bytes) -> Receipt:
        try:
            connection.request("POST", self._path, body, self._headers(message_id, body))
            response = connection.getresponse()
        except (OSError, http.client.HTTPException) as error:
            raise SendError(
                "The SMS gateway's answer was lost. The text may have been taken; "
                "repeating it under the same key is safe.",
                permanent=False,
                ambiguous=True,
            ) from error
        with response:  # closing the connection alone leaves an unread answer open
            if not 200 <= response.status <= 299:
                raise _refusal(response.status)
            return Receipt(_provider_id(response), f"accepted by the SMS gateway ({response.status})")

    def _headers(self, message_id: str, body: bytes) -> dict[str, str]:
        timestamp = str(int(self._now().timestamp()))
        signature = hmac.new(self._secret, timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()
        return {
            "Content-Type": "application/json",
            "Idempotency-Key": message_id,
            "X-Timestamp": timestamp,
            "X-Signature": f"sha256={signature}",
        }


def require_text(envelope: Envelope) -> str:
    """The text; raises a permanent SendError for what any provider could only refuse."""
    if not _E164.fullmatch(envelope.to):
        raise SendError("The phone number isn't in international form. Nothing was sent.", permanent=True)
    if not envelope.sms:
        raise SendError("There is no text to send. Nothing was sent.", permanent=True)
    return envelope.sms


def _body(envelope: Envelope) -> bytes:
    """The request's JSON; raises a permanent SendError for what the gateway could only refuse."""
    text = require_text(envelope)
    if not _HEADER_VALUE.fullmatch(envelope.message_id):
        raise SendError("The message id can't be sent as a key. Nothing was sent.", permanent=True)
    fields = {
        "message_id": envelope.message_id,
        "to": envelope.to,
        "from": envelope.from_,
        "text": text,
    }
    return json.dumps(fields, ensure_ascii=False).encode()


def connect(connection: http.client.HTTPSConnection, whose: str) -> None:
    """Open it, certificate checked; raises a retryable SendError, as nothing has been said yet."""
    try:
        connection.connect()
    except (OSError, UnicodeError) as error:  # UnicodeError: a host name IDNA can't encode
        untrusted = isinstance(error, ssl.SSLCertVerificationError)
        unreachable = f"server can't be reached ({type(error).__name__})"
        why = "certificate isn't trusted" if untrusted else unreachable
        raise SendError(
            f"{whose}'s {why}. Nothing was sent; it can be tried again.", permanent=False
        ) from error


def _refusal(status: int) -> SendError:
    if status in _TRY_AGAIN:
        return SendError(f"The SMS gateway put the text off ({status}). Try again later.", permanent=False)
    if status >= 500:
        # It had the whole request, and may have failed after passing it on.
        return SendError(
            f"The SMS gateway failed ({status}). The text may have been taken; "
            "repeating it under the same key is safe.",
            permanent=False,
            ambiguous=True,
        )
    if 400 <= status <= 499:
        return SendError(f"The SMS gateway refused the text ({status}). Nothing was sent.", permanent=True)
    return SendError(
        f"The SMS gateway answered {status}, which isn't followed: check the webhook's address. "
        "It can be tried again.",
        permanent=False,
    )


def _provider_id(response: http.client.HTTPResponse) -> str | None:
    """The answer's `id`; the text is already taken, so an unreadable answer is no failure."""
    try:
        answer = json.loads(response.read(_LONGEST_ANSWER))
    except (OSError, http.client.HTTPException, ValueError):
        return None
    found = answer.get("id") if isinstance(answer, dict) else None
    return found[:200] if isinstance(found, str) and found else None
