"""What an SMTP server's answer means for the message at hand; the conversation itself is in smtp.py."""

import re
from dataclasses import dataclass
from enum import Enum

from .base import SendError

LOST = 0
# 530, 534, 535, 538: sign in first, or differently. RFC 5321 4.5.3.1.10 has 552 at RCPT treated as 452.
_SIGN_IN = frozenset({530, 534, 535, 538})
_TOO_LARGE = 552


class Stage(Enum):
    """Where in the conversation an answer came; the value is how staff read it."""

    MAIL = "MAIL"
    RCPT = "RCPT"
    DATA = "DATA"
    BODY = "the message's end"


@dataclass(frozen=True)
class Reply:
    """A server's answer; code LOST (0) where none came or could be read. `text` may name the recipient."""

    code: int
    text: str = ""

    @property
    def accepted(self) -> bool:
        return 200 <= self.code <= 299

    @property
    def label(self) -> str:
        """The code and the enhanced status (RFC 3463), without the words: those may repeat an address."""
        status = re.match(r"[245]\.\d{1,3}\.\d{1,3}\b", self.text)
        return f"{self.code} {status[0]}" if status else str(self.code)

    @property
    def queue_id(self) -> str | None:
        """The server's own name for an accepted message, where it says one in the usual words."""
        found = re.search(r"\b(?:queued as|id=)\s*([A-Za-z0-9._-]{1,64})", self.text)
        return found[1] if found else None


def refusal(stage: Stage, reply: Reply) -> SendError:
    """The error for an answer that doesn't let the message go on."""
    if stage is Stage.BODY:
        return _after_the_body(reply)
    if reply.code == LOST:
        return SendError(
            f"The mail server gave no answer at {stage.value}: it came late, unreadable or not at all. "
            "Nothing was sent; it can be tried again.",
            permanent=False,
        )
    refused = f"The mail server refused at {stage.value} ({reply.label})."
    if reply.code in _SIGN_IN:
        return SendError(
            f"{refused} It wants another sign-in: check the SMTP user name and password. Nothing was sent.",
            permanent=False,
        )
    if stage is Stage.MAIL and reply.code == _TOO_LARGE:
        return SendError(f"{refused} The message is too large. Nothing was sent.", permanent=True)
    if not 500 <= reply.code <= 599 or (stage is Stage.RCPT and reply.code == _TOO_LARGE):
        return SendError(f"{refused} Nothing was sent; it can be tried again.", permanent=False)
    return _hard_refusal(stage, refused)


def _hard_refusal(stage: Stage, refused: str) -> SendError:
    """A 5xx. At RCPT and DATA it speaks of the patient's address; before that, of our own side."""
    if stage in (Stage.RCPT, Stage.DATA):
        return SendError(f"{refused} It takes no mail for this recipient. Nothing was sent.", permanent=True)
    return SendError(
        f"{refused} This is about the clinic's sending address, not the recipient's: "
        "check the mail settings. Nothing was sent; it can be tried again.",
        permanent=False,
    )


def _after_the_body(reply: Reply) -> SendError:
    """Once the final dot is out, only a clear 4xx or 5xx proves that the message wasn't taken."""
    if 400 <= reply.code <= 499:
        return SendError(
            f"The mail server put the message off ({reply.label}). Nothing was sent; it can be tried again.",
            permanent=False,
        )
    if 500 <= reply.code <= 599:
        return SendError(
            f"The mail server refused the message ({reply.label}). Nothing was sent.", permanent=True
        )
    return SendError(
        "The mail server gave no clear answer after it had the whole message. It may have been sent; "
        "check before sending it again.",
        permanent=False,
        ambiguous=True,
    )
