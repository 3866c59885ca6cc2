"""What every sender takes, gives and raises; the ways of sending are in the modules beside this one."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Protocol

HandOver = Callable[[], bool]
"""Called once at the last moment that can be undone; False means: don't send this one after all."""


@dataclass(frozen=True)
class Attachment:
    """A file; `content_type` carries its parameters: `text/calendar; method=REQUEST; charset=utf-8`."""

    filename: str
    content_type: str
    content: bytes = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class Envelope:
    """One message ready for one recipient. Everything personal stays out of repr, so out of logs.

    `channel` is `email` or `sms`; `to` a bare e-mail address or an E.164 number. `from_` and `reply_to` may
    carry a display name.
    `message_id` (`<...@host>`) and `date` stay the same when the same message is tried again.
    """

    channel: str
    to: str = field(repr=False)
    message_id: str
    date: datetime
    from_: str | None = None
    reply_to: str | None = None
    subject: str = field(default="", repr=False)
    text: str = field(default="", repr=False)
    html: str | None = field(default=None, repr=False)
    sms: str | None = field(default=None, repr=False)
    attachments: tuple[Attachment, ...] = ()
    headers: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}), repr=False)

    def __post_init__(self) -> None:
        if self.date.tzinfo is None:
            raise ValueError("An envelope's date needs its time zone; pass an aware UTC datetime.")


@dataclass(frozen=True)
class Receipt:
    """Proof of hand-over: the provider's own id where it gave one, and its answer without personal data.

    `sender` is the name of whoever took it; empty: the very sender that was asked.
    """

    provider_id: str | None
    detail: str
    sender: str = ""


class SendError(Exception):
    """Not sent, or perhaps sent. `reason` is for staff and logs, so it never holds an address or a text.

    permanent: trying again can't help this recipient on this channel.
    ambiguous: it may have been handed over.
    Neither: it was surely not handed over, and may be tried again.
    """

    def __init__(self, reason: str, *, permanent: bool, ambiguous: bool = False) -> None:
        if permanent and ambiguous:
            raise ValueError("A failure is either certain for good or uncertain, not both.")
        super().__init__(reason)
        self.reason = reason
        self.permanent = permanent
        self.ambiguous = ambiguous

    @property
    def retryable(self) -> bool:
        return not self.permanent and not self.ambiguous


class HandOverRefused(Exception):
    """`hand_over` said no: the sender stopped cleanly and nothing was handed over."""

    def __init__(self) -> None:
        super().__init__("The hand-over was refused at the last moment. Nothing was sent.")


class Sender(Protocol):
    """One way out. An instance is used by one thread at a time.

    `idempotent`: the receiver knows `message_id` again, so an ambiguous hand-over may be repeated safely.
    What only some can do is asked of `look_up_of` and `twin_of` below.
    """

    channel: str
    name: str
    idempotent: bool

    def send(self, envelope: Envelope, hand_over: HandOver) -> Receipt:
        """Hand one message over; raises SendError or HandOverRefused, and nothing else by design."""
        ...

    def close(self) -> None:
        """Let go of any connection; never raises, and the sender may be used again."""
        ...


LookUp = Callable[[Envelope, datetime], Receipt | None]


def look_up_of(sender: Sender) -> LookUp | None:
    """How to ask this provider whether it took an envelope since an instant, where it can be asked.

    A receipt proves that it did, None that it did not; a SendError means that it cannot be said now.
    """
    found: LookUp | None = getattr(sender, "look_up", None)
    return found


def twin_of(sender: Sender) -> Sender | None:
    """Another of the same with a connection of its own, for another thread; None where there is no such thing."""
    make: Callable[[], Sender] | None = getattr(sender, "twin", None)
    return make() if make else None


@dataclass(frozen=True)
class CalendarAnswer:
    """What a calendar's server said: its bytes, or none where they are those that `etag` was given for."""

    content: bytes | None = field(repr=False)
    etag: str | None


class CalendarNotFetched(Exception):
    """The calendar could not be had. The words are for staff and never hold the address, which is a secret."""


FetchCalendar = Callable[[str, str | None], CalendarAnswer]
"""(address, etag of what is known, if any) -> answer; raises CalendarNotFetched, and nothing else by design."""
