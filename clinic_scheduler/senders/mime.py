"""From an Envelope to the bytes and addresses SMTP needs; every refusal here comes before any connection."""

import re
from dataclasses import dataclass, field
from datetime import datetime
from email.headerregistry import Address, ContentTypeHeader, HeaderRegistry
from email.utils import format_datetime
from functools import lru_cache
from typing import cast

from .base import Attachment, Envelope, SendError
from .mime_writing import (
    CONTROL,
    LONGEST_LINE,
    ContentType,
    file_part,
    is_plain,
    line_of,
    parts,
    read,
    text_part,
)

_ADDRESS = re.compile(r"[^\s<>@,;:\"\\()\[\]]{1,64}@[^\s<>@,;:\"\\()\[\]]{1,253}")
# A bare address, or one in angles after a name that is quoted where it holds punctuation.
_MAILBOX = re.compile(r'(?P<name>"[^"\\]*"|[^"<>@,;:\\()\[\]]*?)\s*<(?P<angled>[^<>]*)>|(?P<bare>[^<>]*)')
_MESSAGE_ID = re.compile(r"<[^\s<>@]+@[^\s<>@]+>")
# What a caller may add. Anything else is either set here or could readdress the message.
_FREE_HEADER = re.compile(r"(List|X)-[A-Za-z0-9-]{1,60}|In-Reply-To|References", re.IGNORECASE)


class _UnwritableError(ValueError):
    """A refusal in our own words; other ValueErrors come from the library and may quote what they refuse."""


@dataclass(frozen=True)
class Outgoing:
    """A message ready for the wire: bare addresses; content with CRLF line ends, dots not yet doubled."""

    sender: str
    recipient: str = field(repr=False)
    content: bytes = field(repr=False)

    @property
    def needs_smtputf8(self) -> bool:
        return not self.recipient.isascii()


def mailbox(value: str, what: str) -> Address:
    """The one ASCII mailbox in `value`, with or without a display name; raises a ValueError naming `what`."""
    found = _MAILBOX.fullmatch(value)
    address = found["angled"] or found["bare"] if found else ""
    if not found or CONTROL.search(value) or not address.isascii() or not _ADDRESS.fullmatch(address):
        raise _UnwritableError(f"{what} isn't one valid e-mail address.")
    username, _, domain = address.rpartition("@")
    return Address((found["name"] or "").strip('"'), username, domain)


# The clinic's own addresses, the same in each of its messages.
_mailbox = lru_cache(maxsize=64)(mailbox)


def outgoing(envelope: Envelope, from_address: str) -> Outgoing:
    """Compile `envelope`; `from_address` gets the bounces and is the From line unless the envelope has one.

    Raises a permanent SendError for what no retry can mend: a malformed address, a line break in a header.
    """
    try:
        sender = _mailbox(from_address, "The sender's address").addr_spec
        content = _message(envelope, from_address)
    except _UnwritableError as error:
        raise SendError(f"{error} Nothing was sent.", permanent=True) from None
    except Exception:
        # The library's header parser gives up on malformed input in many ways, AttributeError and TypeError
        # among them. One bad row must not stop the others, and a trace could quote what is personal.
        reason = "The message can't be written as an e-mail. Nothing was sent."
        raise SendError(reason, permanent=True) from None
    return Outgoing(sender=sender, recipient=envelope.to, content=content)


def _message(envelope: Envelope, from_address: str) -> bytes:
    utf8 = not envelope.to.isascii()
    headers = [
        line_of(name, value if is_plain(value, name) else _read(name, value), utf8)
        for name, value in _headers(envelope, from_address).items()
    ]
    return b"".join((*headers, b"MIME-Version: 1.0\r\n", _bodies(envelope)))


def _read(name: str, value: object) -> str:
    parsed = read(name, value)
    _one_line(str(parsed), "A header")
    return parsed


def _headers(envelope: Envelope, from_address: str) -> dict[str, object]:
    if not _ADDRESS.fullmatch(envelope.to) or CONTROL.search(envelope.to) or len(envelope.to) > 254:
        raise _UnwritableError("The recipient's address isn't a valid e-mail address.")
    if not _MESSAGE_ID.fullmatch(envelope.message_id) or not envelope.message_id.isascii():
        raise _UnwritableError("The message id isn't of the form <id@host>.")
    headers: dict[str, object] = {
        "From": _mailbox(envelope.from_ or from_address, "The From address"),
        "To": envelope.to,
        "Subject": _one_line(envelope.subject, "The subject"),
        "Date": _date(envelope.date),
        "Message-ID": envelope.message_id,
        "Auto-Submitted": "auto-generated",  # RFC 3834: other machines don't answer
    }
    if envelope.reply_to:
        headers["Reply-To"] = _mailbox(envelope.reply_to, "The Reply-To address")
    return headers | {name: _free_header(name, value) for name, value in envelope.headers.items()}


def _free_header(name: str, value: str) -> str:
    if not _FREE_HEADER.fullmatch(name):
        raise _UnwritableError("Only List-, X-, In-Reply-To and References headers can be added.")
    if not value.isascii() or len(name) + len(value) + 2 > LONGEST_LINE:
        raise _UnwritableError("An added header is too long or holds more than plain ASCII.")
    return _one_line(value, "An added header")


def _one_line(value: str, what: str) -> str:
    if CONTROL.search(value):
        raise _UnwritableError(f"{what} holds a line break or a control character.")
    return value


def _date(moment: datetime) -> str:
    if moment.tzinfo is None:
        raise _UnwritableError("The message's date has no time zone.")
    return format_datetime(moment)


def _bodies(envelope: Envelope) -> bytes:
    """Plain text, then HTML, then the invitation: clients show the last alternative they understand."""
    shown = [text_part("plain", envelope.text or "")]
    if envelope.html is not None:
        shown.append(text_part("html", envelope.html))
    invitation = next((a for a in envelope.attachments if "method" in dict(_content_type(a)[2])), None)
    if invitation:
        shown.append(file_part(invitation.content, _content_type(invitation), None))
    body = parts("alternative", shown) if len(shown) > 1 else shown[0]
    return parts("mixed", [body, *map(_attached, envelope.attachments)]) if envelope.attachments else body


def _attached(attachment: Attachment) -> bytes:
    """The file. An invitation's copy goes as application/ics, or clients would show it twice."""
    kind = _content_type(attachment)
    filename = _one_line(attachment.filename, "An attachment's name")
    if not filename or "/" in filename or "\\" in filename:
        raise _UnwritableError("An attachment's name is empty or holds a path.")
    for_others = ("application", "ics", ()) if "method" in dict(kind[2]) else kind
    return file_part(attachment.content, for_others, filename)


def _content_type(attachment: Attachment) -> ContentType:
    return _read_type(_one_line(attachment.content_type, "An attachment's type"))


@lru_cache(maxsize=64)
def _read_type(declared: str) -> ContentType:
    """What an attachment is declared to be; `method` counts on text/calendar alone (RFC 6047)."""
    parsed = HeaderRegistry()("content-type", declared)
    header = cast(ContentTypeHeader, parsed)
    if parsed.defects or header.maintype in ("multipart", "message"):
        raise _UnwritableError("An attachment's type isn't a valid content type.")
    params = dict(header.params)
    if header.content_type != "text/calendar":
        params.pop("method", None)
    for value in params.values():
        _one_line(value, "An attachment's type")
    return header.maintype, header.subtype, tuple(params.items())
