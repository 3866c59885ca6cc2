"""How dates, times, phones and names are written in messages; the sentences themselves are templates."""

import re
import unicodedata
from datetime import date, datetime
from zoneinfo import ZoneInfo

# Written out here because strftime's names follow the machine's locale.
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip

# Besides controls and lone surrogates, the marks that turn the reading direction of what follows them.
_TURNING_MARKS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def local_time(instant: datetime, zone: ZoneInfo) -> datetime:
    """The wall clock in `zone` for an aware instant; a naive one is refused, never guessed."""
    if instant.tzinfo is None:
        raise ValueError("A visit's time needs its time zone; pass an aware UTC datetime.")
    return instant.astimezone(zone)


def long_date(day: date) -> str:
    """`Monday 23 November 2026`."""
    return f"{_DAYS[day.weekday()]} {day.day} {_MONTHS[day.month - 1]} {day.year}"


def clock_time(moment: datetime) -> str:
    """`9:00 am`; midday is `12:00 noon`, because `12:00 pm` is read both ways."""
    if (moment.hour, moment.minute) == (12, 0):
        return "12:00 noon"
    half = "am" if moment.hour < 12 else "pm"
    return f"{moment.hour % 12 or 12}:{moment.minute:02d} {half}"


def long_moment(moment: datetime) -> str:
    """`Monday 23 November 2026 at 9:00 am`, for letters."""
    return f"{long_date(moment)} at {clock_time(moment)}"


def short_moment(moment: datetime) -> str:
    """`Mon 23 Nov 2026, 9:00 am`, for texts."""
    day, month = _DAYS[moment.weekday()][:3], _MONTHS[moment.month - 1][:3]
    return f"{day} {moment.day} {month} {moment.year}, {clock_time(moment)}"


def one_line(text: str) -> str:
    """Text without controls, lone surrogates and turning marks, its white space single spaces."""
    spaced = "".join(" " if char.isspace() else char for char in text)
    kept = (c for c in spaced if unicodedata.category(c) not in ("Cc", "Cs") and c not in _TURNING_MARKS)
    return " ".join("".join(kept).split())


def phone_link(phone: str) -> str:
    """`tel:+16025550100` for `+1 (602) 555-0100`; an extension written with letters is left out."""
    number = re.split(r"[A-Za-z;,#]", phone)[0]
    return "tel:" + re.sub(r"[^+0-9]", "", number)
