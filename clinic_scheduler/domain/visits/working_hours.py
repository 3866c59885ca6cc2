"""A weekday's working hours as people type them: 9:00-12:00, 1:00 pm-5:00 pm. No dates, no zones."""

import re
from collections.abc import Iterable
from datetime import time
from itertools import pairwise

from clinic_scheduler.domain.errors import InvalidInput

Stretch = tuple[time, time]
_TIME = r"(\d{1,2})(?::(\d{2}))?\s*(am|pm)?"
_STRETCH = re.compile(rf"{_TIME}\s*(?:-|–|to)\s*{_TIME}", re.IGNORECASE | re.ASCII)
# Somebody who types 1:00-5:00 means the afternoon; whoever means the night says am.
_MORNING = time(5)


def read_stretches(text: str) -> tuple[Stretch, ...]:
    """The stretches in order, none for an empty text. Raises InvalidInput for what is unclear or overlaps."""
    found = sorted(_stretch(part.strip()) for part in re.split(r"[,;]", text) if part.strip())
    for (start, end), (following, last) in pairwise(found):
        if following < end:
            raise InvalidInput(f"{written([(start, end)])} and {written([(following, last)])} overlap")
    return tuple(found)


def written(stretches: Iterable[Stretch]) -> str:
    """09:00-12:00, 13:00-17:00."""
    return ", ".join(f"{start:%H:%M}-{end:%H:%M}" for start, end in sorted(stretches))


def _stretch(text: str) -> Stretch:
    match = _STRETCH.fullmatch(text)
    if match is None:
        raise InvalidInput(f"{text[:40]!r} is not a stretch such as 9:00-12:00 or 1:00 pm-5:00 pm")
    parts = match.groups()
    start, end = _time(text, *parts[:3]), _time(text, *parts[3:])
    if start >= end:
        raise InvalidInput(f"{text!r} ends before it starts")
    if start < _MORNING and not parts[2]:
        raise InvalidInput(f"{text!r} is at night. Write afternoons as 13:00-17:00 or 1:00 pm-5:00 pm")
    return start, end


def _time(text: str, hour: str, minute: str | None, half: str | None) -> time:
    if half is None and minute is None:
        raise InvalidInput(f"{text!r} is unclear. Write times as 9:00 or 9 am")
    number = int(hour)
    if half is not None:
        if not 1 <= number <= 12:
            raise InvalidInput(f"{text!r} has no such hour")
        number = number % 12 + (12 if half.lower() == "pm" else 0)
    try:
        return time(number, int(minute or 0))
    except ValueError:
        raise InvalidInput(f"{text!r} has no such time") from None
