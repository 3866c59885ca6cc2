"""Addresses that patients are given: what each token says, and that nobody else made it. No rows, no requests."""

import base64
import hashlib
import hmac
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from itsdangerous import BadSignature, URLSafeSerializer
from itsdangerous.signer import Signer

VISIT, OPT_OUT = "visit", "opt-out"
PURPOSES = (VISIT, OPT_OUT)
Kept = tuple[str, str, bool]
"""(purpose, key, whether it is only believed and signs no more)."""


def _none_kept() -> Sequence[Kept]:
    return ()


@dataclass(frozen=True, slots=True)
class VisitLink:
    """Leave to answer for one visit at one time; a visit that was moved since is another one."""

    appointment_id: int
    starts_at: datetime


@dataclass(frozen=True, slots=True)
class OptOutLink:
    """Leave to stop one purpose on one channel for one patient."""

    patient_id: int
    purpose: str
    channel: str


@dataclass(frozen=True)
class Links:
    """`keys` are the installation's SECRET_KEY and its fallbacks, the newest first.

    `kept` gives the keys that visit and opt-out links have for themselves, which no rotation touches: an opt-out link
    lives for ever. Without them, and for links made before there were any, SECRET_KEY signs.
    """

    base_url: str
    keys: Sequence[str] = field(repr=False)
    kept: Callable[[], Sequence[Kept]] = field(repr=False, default=_none_kept)

    def visit(self, link: VisitLink) -> str:
        """The page where a patient confirms, or asks to move; void once the visit has begun."""
        until = int(link.starts_at.timestamp())
        return f"{self.base_url}/v/{self._signed(VISIT, [link.appointment_id, until])}"

    def read_visit(self, token: str, now: datetime) -> VisitLink | None:
        """None for a forged token, or one whose hour has come."""
        read = self._read(VISIT, token)
        if read is None or read[1] <= now.timestamp():
            return None
        return VisitLink(read[0], datetime.fromtimestamp(read[1], UTC))

    def opt_out(self, link: OptOutLink) -> str:
        """The page, and the one-click address (RFC 8058), that stop such messages; it never expires."""
        said = [link.patient_id, link.purpose, link.channel]
        return f"{self.base_url}/u/{self._signed(OPT_OUT, said)}"

    def read_opt_out(self, token: str) -> OptOutLink | None:
        read = self._read(OPT_OUT, token)
        return None if read is None else OptOutLink(*read)

    def calendar_token(self, uid: str) -> str:
        """The calendar link's token: 256 bits made from its id and the newest key, so that it can be told again."""
        return _calendar_token(self.keys[0], uid)

    def calendar_tokens(self, uid: str) -> list[str]:
        """The token as it was under each key; which one was given, its stored hash says."""
        return [_calendar_token(key, uid) for key in self.keys]

    def subscribe_page(self, token: str) -> str:
        return f"{self.base_url}/c/{token}"

    def calendar(self, token: str) -> str:
        return f"{self.base_url}/calendar/{token}.ics"

    def _signed(self, purpose: str, said: list[Any]) -> str:
        return str(self._serializers(purpose)[0].dumps(said))

    def _read(self, purpose: str, token: str) -> list[Any] | None:
        for serializer in self._serializers(purpose):
            try:
                read: list[Any] = serializer.loads(token)
            except BadSignature:
                continue
            return read
        return None

    def _serializers(self, purpose: str) -> list[URLSafeSerializer]:
        """The one that signs, then all that are believed."""
        kept = [(key, is_former) for kept_for, key, is_former in self.kept() if kept_for == purpose]
        own = [_keyed(purpose, key) for key, is_former in kept if not is_former]
        former = [_keyed(purpose, bytes.fromhex(key), derived=True) for key, is_former in kept if is_former]
        return own + [_keyed(purpose, key) for key in self.keys] + former


def former_keys(keys: Sequence[str]) -> Mapping[str, Sequence[str]]:
    """What these secrets sign visit and opt-out links with, by purpose; the secrets cannot be had from it."""
    return {purpose: [Signer(key, salt=purpose).derive_key().hex() for key in keys] for purpose in PURPOSES}


def _keyed(purpose: str, key: str | bytes, *, derived: bool = False) -> URLSafeSerializer:
    how = {"key_derivation": "none"} if derived else {}
    return URLSafeSerializer(key, salt=purpose, signer_kwargs=how)


def _calendar_token(key: str, uid: str) -> str:
    digest = hmac.digest(key.encode(), b"calendar-link:" + uid.encode(), hashlib.sha256)
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
