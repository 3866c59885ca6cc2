"""What may be told on which channel, given what the patient has said; pure. Reading a reply is reply_meaning.py's.

Where a patient has said nothing, e-mail and texts about their own visits, booking and follow-up are taken as
agreed to: they gave the clinic the address so that it can be used for their care, and each message says how
to stop. Nothing else is ever sent here, so nothing needs more. What they say later always goes before that.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from clinic_scheduler.domain.codes import Labelled
from clinic_scheduler.domain.messaging.kinds import CHANNELS, PURPOSES
from clinic_scheduler.domain.messaging.suppression_reasons import SuppressionReason


class ConsentWay(Labelled):
    """How a statement reached the clinic; staff choose among the first three."""

    DESK = "desk", "In person"
    PAPER = "paper", "On paper"
    PHONE = "phone", "By phone"
    TEXT_REPLY = "text_reply", "Reply by text"
    UNSUBSCRIBE_LINK = "unsubscribe_link", "Link in a message"
    PATIENT_PAGE = "patient_page", "Page of the patient"
    IMPORT = "import", "Import"
    PROVIDER = "provider", "Told by the text service"
    # A no of another record of the same person, said again as the two were made one.
    MERGED_RECORD = "merged_record", "Another record of the patient"


BY_STAFF = (ConsentWay.DESK, ConsentWay.PAPER, ConsentWay.PHONE)
TEXT_REPLY, UNSUBSCRIBE_LINK = ConsentWay.TEXT_REPLY, ConsentWay.UNSUBSCRIBE_LINK
PROVIDER, MERGED_RECORD = ConsentWay.PROVIDER, ConsentWay.MERGED_RECORD


@dataclass(frozen=True, slots=True)
class Statement:
    """One thing said, once: that messages for `purpose` on `channel` are wanted, or not."""

    purpose: str
    channel: str
    given: bool
    at: datetime
    how: str


Standing = Mapping[tuple[str, str], Statement | None]
"""(purpose, channel) -> the last word on it; None where nothing was said."""


def standing(statements: Iterable[Statement]) -> Standing:
    """Every purpose on every channel, from statements in the order they were made."""
    last: dict[tuple[str, str], Statement | None] = {
        (purpose, channel): None for purpose in PURPOSES for channel in CHANNELS
    }
    for statement in statements:
        last[statement.purpose, statement.channel] = statement
    return last


def allowed(last_word: bool | None) -> bool:
    """Whether it may be told, by the last word on it; None where nothing was said."""
    return last_word is not False


def wanted(known: Standing, purpose: str, channel: str) -> bool:
    last = known[purpose, channel]
    return allowed(None if last is None else last.given)


def silence(
    deceased_on: date | None, moved_on: date | None, do_not_contact: bool
) -> SuppressionReason | None:
    """Why nothing at all may be told to somebody, whatever they agreed to; or None."""
    if deceased_on is not None:
        return SuppressionReason.DECEASED
    if moved_on is not None:
        return SuppressionReason.MOVED_AWAY
    return SuppressionReason.DO_NOT_CONTACT if do_not_contact else None
