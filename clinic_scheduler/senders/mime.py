"""From an Envelope to the bytes and addresses SMTP needs; every refusal here comes before any connection."""

import re
from dataclasses import dataclass, field
from email.headerregistry import Address, ContentTypeHeader, HeaderRegistry
from email.message import EmailMessage
from email.policy import EmailPolicy
from functools import lru_cache
from typing import Any, cast

from .base import Attachment, Envelope, SendError

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_ADDRESS = re.compile(r"[^\s<>@,;:\"\\()\[\]]{1,64}@[^\s<>@,;:\"\\()\[\]]{1,253}")
# A bare address, or one in angles after a name that is quoted where it holds punctuation.
_MAILBOX = re.compile(r'(?P<name>"[^"\\]*"|[^"<>@,;:\\()\[\]]*?)\s*<(?P<angled>[^<>]*)>|(?P<bare>[^<>]*)')
_MESSAGE_ID = re.compile(r"<[^\s<>@]+@[^\s<>@]+>")
# What a caller may add. Anything else is either set here or could readdress the message.
_FREE_HEADER = re.compile(r"(List|X)-[A-Za-z0-9-]{1,60}|In-Reply-To|References", re.IGNORECASE)

_LONGEST_LINE = 998  # RFC 5322 2.1.1


class _WholeLines(EmailPolicy):
    """Leaves ASCII header lines whole: folding would turn long links into encoded words no client reads."""

    def fold_binary(self, name: str, value: str) -> bytes:
        line = f"{name}: {value}"
        if line.isascii() and len(line) <= _LONGEST_LINE:
            return f"{line}\r\n".encode("ascii")
        return super().fold_binary(name, value)


# The same in every message of a clinic, and about no patient: parsed once, as parsing is most of the work.
_PARSED_ONCE = frozenset(
    {
        "auto-submitted",
        "content-disposition",
        "content-transfer-encoding",
        "content-type",
        "from",
        "mime-version",
    }
)


class _Headers(HeaderRegistry):
    """The library's reading of headers, which remembers those that come again and again."""

    def __init__(self) -> None:
        super().__init__()
        self._remembered = lru_cache(maxsize=256)(super().__call__)

    def __call__(self, name: str, value: Any) -> Any:
        # Only plain strings compare by all they say.
        plain = name.lower() in _PARSED_ONCE and type(value) is str
        return self._remembered(name, value) if plain else super().__call__(name, value)


# Bodies travel in 7 bits, so no server needs to offer 8BITMIME.
_POLICY = _WholeLines(linesep="\r\n", cte_type="7bit", raise_on_defect=False, header_factory=_Headers())
_UTF8 = _POLICY.clone(utf8=True)


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
    if not found or _CONTROL.search(value) or not address.isascii() or not _ADDRESS.fullmatch(address):
        raise _UnwritableError(f"{what} isn't one valid e-mail address.")
    username, _, domain = address.rpartition("@")
    return Address((found["name"] or "").strip('"'), username, domain)


def outgoing(envelope: Envelope, from_address: str) -> Outgoing:
    """Compile `envelope`; `from_address` gets the bounces and is the From line unless the envelope has one.

    Raises a permanent SendError for what no retry can mend: a malformed address, a line break in a header.
    """
    try:
        sender = mailbox(from_address, "The sender's address").addr_spec
        message = _message(envelope, from_address)
        utf8 = not envelope.to.isascii()
        content = message.as_bytes(policy=_UTF8 if utf8 else _POLICY)
    except _UnwritableError as error:
        raise SendError(f"{error} Nothing was sent.", permanent=True) from None
    except Exception:
        # The library's header parser gives up on malformed input in many ways, AttributeError and TypeError
        # among them. One bad row must not stop the others, and a trace could quote what is personal.
        reason = "The message can't be written as an e-mail. Nothing was sent."
        raise SendError(reason, permanent=True) from None
    return Outgoing(sender=sender, recipient=envelope.to, content=content)


def _message(envelope: Envelope, from_address: str) -> EmailMessage:
    message = EmailMessage(_POLICY)
    for name, value in _headers(envelope, from_address).items():
        message[name] = value
    _write_bodies(message, envelope)
    for attachment in envelope.attachments:
        _attach(message, attachment)
    for part in message.walk():
        for value in part.values():  # as parsed: an encoded word can bring a line break of its own
            _one_line(str(value), "A header")
    return message


def _headers(envelope: Envelope, from_address: str) -> dict[str, object]:
    if not _ADDRESS.fullmatch(envelope.to) or _CONTROL.search(envelope.to) or len(envelope.to) > 254:
        raise _UnwritableError("The recipient's address isn't a valid e-mail address.")
    if not _MESSAGE_ID.fullmatch(envelope.message_id) or not envelope.message_id.isascii():
        raise _UnwritableError("The message id isn't of the form <id@host>.")
    headers: dict[str, object] = {
        "From": mailbox(envelope.from_ or from_address, "The From address"),
        "To": envelope.to,
        "Subject": _one_line(envelope.subject, "The subject"),
        "Date": envelope.date,
        "Message-ID": envelope.message_id,
        "Auto-Submitted": "auto-generated",  # RFC 3834: other machines don't answer
    }
    if envelope.reply_to:
        headers["Reply-To"] = mailbox(envelope.reply_to, "The Reply-To address")
    return headers | {name: _free_header(name, value) for name, value in envelope.headers.items()}


def _free_header(name: str, value: str) -> str:
    if not _FREE_HEADER.fullmatch(name):
        raise _UnwritableError("Only List-, X-, In-Reply-To and References headers can be added.")
    if not value.isascii() or len(name) + len(value) + 2 > _LONGEST_LINE:
        raise _UnwritableError("An added header is too long or holds more than plain ASCII.")
    return _one_line(value, "An added header")


def _one_line(value: str, what: str) -> str:
    if _CONTROL.search(value):
        raise _UnwritableError(f"{what} holds a line break or a control character.")
    return value


def _write_bodies(message: EmailMessage, envelope: Envelope) -> None:
    """Plain text, then HTML, then the invitation: clients show the last alternative they understand."""
    message.set_content(envelope.text)
    if envelope.html is not None:
        message.add_alternative(envelope.html, subtype="html")
    invitation = next((a for a in envelope.attachments if _content_type(a)[2].get("method")), None)
    if invitation:
        _, _, params = _content_type(invitation)
        message.add_alternative(
            invitation.content, maintype="text", subtype="calendar", cte="base64", params=params
        )


def _attach(message: EmailMessage, attachment: Attachment) -> None:
    """Add the file. An invitation's copy goes as application/ics, or clients would show it twice."""
    maintype, subtype, params = _content_type(attachment)
    if params.get("method"):
        maintype, subtype, params = "application", "ics", {}
    filename = _one_line(attachment.filename, "An attachment's name")
    if not filename or "/" in filename or "\\" in filename:
        raise _UnwritableError("An attachment's name is empty or holds a path.")
    message.add_attachment(
        attachment.content, maintype=maintype, subtype=subtype, cte="base64", params=params, filename=filename
    )


def _content_type(attachment: Attachment) -> tuple[str, str, dict[str, str]]:
    """(maintype, subtype, parameters) of an attachment; `method` counts on text/calendar alone (RFC 6047)."""
    declared = _one_line(attachment.content_type, "An attachment's type")
    parsed = HeaderRegistry()("content-type", declared)
    header = cast(ContentTypeHeader, parsed)
    if parsed.defects or header.maintype in ("multipart", "message"):
        raise _UnwritableError("An attachment's type isn't a valid content type.")
    params = dict(header.params)
    if header.content_type != "text/calendar":
        params.pop("method", None)
    return header.maintype, header.subtype, params
