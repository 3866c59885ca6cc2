"""Texts through Twilio's SDK; its callbacks are in callbacks.py. Imported only where Twilio is chosen.

Twilio knows no idempotency key for messages: whether an unclear one was taken is found by looking it up.
"""

import base64
import http.client
import json
import logging
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode, urlsplit

from twilio.base.exceptions import TwilioRestException  # type: ignore[import-untyped]
from twilio.http import HttpClient  # type: ignore[import-untyped]
from twilio.http.response import Response  # type: ignore[import-untyped]
from twilio.rest import Client  # type: ignore[import-untyped]

from .base import Envelope, HandOver, HandOverRefused, Receipt, SendError
from .twilio_codes import refusal, unclear
from .webhook import connect, require_text

API = "https://api.twilio.com"
# Twilio's clock and ours, and the seconds a request may lie about before it is on Twilio's list.
_CLOCKS_APART = timedelta(minutes=5)
_NEWEST = 100
_LONGEST_ANSWER = 4 * 1024 * 1024


@dataclass(frozen=True)
class TwilioAccount:
    """Texts come from `messaging_service`, or else from the number `from_`; `status_url` hears what became of them."""

    sid: str
    auth_token: str = field(repr=False)
    messaging_service: str
    from_: str
    status_url: str


class TwilioSender:
    """One connection a message, its certificate verified. `api` and `ssl_context` are for tests' own servers."""

    channel = "sms"
    name = "twilio"
    idempotent = False

    def __init__(
        self,
        account: TwilioAccount,
        *,
        timeout: float = 20.0,
        api: str = API,
        ssl_context: ssl.SSLContext | None = None,
    ) -> None:
        if not account.messaging_service and not account.from_:
            raise ValueError("Twilio needs a messaging service or a number to send from.")
        self._account, self._timeout, self._api = account, timeout, api
        self._context = ssl_context or ssl.create_default_context()
        self._http = _Http(api, timeout, self._context)
        self._client = Client(account.sid, account.auth_token, http_client=self._http)

    def twin(self) -> "TwilioSender":
        """The same account for another thread."""
        return TwilioSender(self._account, timeout=self._timeout, api=self._api, ssl_context=self._context)

    def send(self, envelope: Envelope, hand_over: HandOver) -> Receipt:
        """Create the message; `hand_over` is asked once the connection stands, right before the request."""
        text = require_text(envelope)
        account = self._account
        origin = (
            {"messaging_service_sid": account.messaging_service}
            if account.messaging_service
            else {"from_": account.from_}
        )
        with self._http.asking(hand_over):
            try:
                made = self._client.messages.create(
                    to=envelope.to, body=text, status_callback=account.status_url, **origin
                )
            except (SendError, HandOverRefused):
                raise
            except TwilioRestException as error:
                raise refusal(error.status, self._http.error_code) from None
            except Exception:
                # Whatever the SDK makes of an answer it cannot read: it had been asked by then.
                if self._http.written:
                    raise unclear("unreadable") from None
                raise
        if not made.sid:
            raise unclear("without a reference")
        return Receipt(str(made.sid), "accepted by Twilio")

    def look_up(self, envelope: Envelope, since: datetime) -> Receipt | None:
        """What Twilio lists as sent to this number since `since`: this text, nothing at all, or it can't be told."""
        earliest = since - _CLOCKS_APART
        try:
            listed = self._client.messages.list(to=envelope.to, limit=_NEWEST)
        except SendError:
            raise
        except Exception:
            raise _cannot_tell("Twilio could not be asked") from None
        recent = [
            each
            for each in listed
            if str(each.direction).startswith("outbound")
            and (each.date_created is None or each.date_created >= earliest)
        ]
        for each in recent:
            if each.body == envelope.sms:
                return Receipt(str(each.sid), "found in Twilio's list")
        if recent:
            # A text whose words were put differently in the meantime must not pass for one never sent.
            raise _cannot_tell("Twilio lists other texts to this number since")
        return None

    def close(self) -> None:
        """Each message has its own connection, so nothing is held open."""


def _cannot_tell(why: str) -> SendError:
    return SendError(
        f"{why}; whether this one was taken isn't known. Nothing was sent now.",
        permanent=False,
        ambiguous=True,
    )


class _Asking:
    """Holds the question for the length of one send."""

    def __init__(self, http: "_Http", hand_over: HandOver) -> None:
        self._http, self._hand_over = http, hand_over

    def __enter__(self) -> None:
        self._http.hand_over, self._http.written, self._http.error_code = self._hand_over, False, None

    def __exit__(self, *_error: object) -> None:
        self._http.hand_over = None


class _Http(HttpClient):  # type: ignore[misc]
    """The SDK's way to the network, in two steps so that a question fits between; it logs nothing.

    `written`: the request has begun to leave. `error_code`: Twilio's own code of a refusal, None where the
    answer was not Twilio's JSON.
    """

    def __init__(self, api: str, timeout: float, context: ssl.SSLContext) -> None:
        super().__init__(logging.getLogger(__name__), is_async=False, timeout=timeout)
        self._parts, self._context = urlsplit(api), context
        self.hand_over: HandOver | None = None
        self.written = False
        self.error_code: int | None = None

    def asking(self, hand_over: HandOver) -> _Asking:
        return _Asking(self, hand_over)

    def request(
        self,
        method: str,
        uri: str,
        params: Mapping[str, object] | None = None,
        data: Mapping[str, object] | None = None,
        headers: Mapping[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        timeout: float | None = None,
        allow_redirects: bool = False,
    ) -> Response:
        connection = http.client.HTTPSConnection(
            self._parts.hostname or "", self._parts.port or 443, timeout=self.timeout, context=self._context
        )
        try:
            connect(connection, "Twilio")
            if self.hand_over is not None and not self.hand_over():
                raise HandOverRefused
            return self._exchange(connection, method, uri, params, data, headers, auth)
        finally:
            connection.close()

    def _exchange(
        self,
        connection: http.client.HTTPSConnection,
        method: str,
        uri: str,
        params: Mapping[str, object] | None,
        data: Mapping[str, object] | None,
        headers: Mapping[str, str] | None,
        auth: tuple[str, str] | None,
    ) -> Response:
        target = urlsplit(uri)
        query = urlencode(params or {}, doseq=True) or target.query
        path = f"{target.path}?{query}" if query else target.path
        body = urlencode(data, doseq=True).encode() if data else None
        self.written = True
        try:
            connection.request(method, path, body, {**(headers or {}), **_basic(auth)})
            answer = connection.getresponse()
            with answer:
                text = answer.read(_LONGEST_ANSWER).decode()
        except (OSError, http.client.HTTPException, UnicodeDecodeError) as error:
            raise unclear("lost") from error
        self.error_code = _code_in(text)
        return Response(answer.status, text, dict(answer.headers))


def _basic(auth: tuple[str, str] | None) -> dict[str, str]:
    if auth is None:
        return {}
    token = base64.b64encode(":".join(auth).encode()).decode()
    return {"Authorization": f"Basic {token}"}


def _code_in(text: str) -> int | None:
    """Twilio's error code in an answer; None where it is not Twilio that speaks."""
    try:
        answer: Any = json.loads(text)
    except ValueError:
        return None
    code = answer.get("code") if isinstance(answer, dict) else None
    return code if isinstance(code, int) else None
