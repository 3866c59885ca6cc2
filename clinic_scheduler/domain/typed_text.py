"""What no text that comes in may hold, whoever wrote it: asked at the door of each way in."""

import re

from clinic_scheduler.domain.errors import InvalidInput

# PostgreSQL keeps no NUL, and half of a surrogate pair is no character in UTF-8. No keyboard writes either.
_NEVER = re.compile("[\x00\ud800-\udfff]")
# A line break in a name would begin another header of a mail, or another line of a calendar.
_BREAKS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_ADDRESS = re.compile(r"[^\s@<>,;:\"()\[\]\\]+@(?:[^\W_](?:[\w-]*[^\W_])?\.)+[^\W\d_]{2,}")
LONGEST_ADDRESS = 254
NOT_ONE_LINE = "has a line break or a control character in it; write it in one line"
NO_ADDRESS = "is no e-mail address; enter one, such as name@example.org"


def may_be_kept(text: str) -> bool:
    """Whether both databases can hold it."""
    return _NEVER.search(text) is None


def is_one_line(text: str) -> bool:
    return _BREAKS.search(text) is None


def is_address(text: str) -> bool:
    """Whether it is one bare e-mail address and nothing else."""
    return len(text) <= LONGEST_ADDRESS and ".." not in text and _ADDRESS.fullmatch(text) is not None


def require_one_line(text: str | None, what: str, field: str = "") -> None:
    """Raises InvalidInput, which names it as `what`."""
    if text and not is_one_line(text):
        raise InvalidInput(f"{what} {NOT_ONE_LINE}", field, "not_one_line")


def require_address(text: str | None, what: str, field: str = "") -> None:
    """Raises InvalidInput for two addresses as for none: nobody would see that one of them was dropped."""
    if text and not is_address(text):
        raise InvalidInput(f"{what} {NO_ADDRESS}", field, "no_address")
