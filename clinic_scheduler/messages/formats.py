"""How dates, times, phones and names are written in messages; the sentences themselves are templates."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from clinic_scheduler.domain.day_names import DAYS, MONTHS
from clinic_scheduler.domain.visits.kinds_and_states import VisitKind


@dataclass(frozen=True, slots=True)
class _Names:
    """A language's days and months, whole and short, how a date and an hour are put together, and visits by kind."""

    days: tuple[str, ...]
    months: tuple[str, ...]
    short_days: tuple[str, ...]
    short_months: tuple[str, ...]
    date: str
    moment: str
    halves: tuple[str, str]
    noon: str
    no_phone: str
    visits: tuple[str, str, str]
    short_visits: tuple[str, str, str]


_NAMES = {
    "en": _Names(
        days=DAYS["en"],
        months=MONTHS["en"],
        short_days=tuple(day[:3] for day in DAYS["en"]),
        short_months=tuple(month[:3] for month in MONTHS["en"]),
        date="{weekday} {day} {month} {year}",
        moment="{date} at {clock}",
        halves=("am", "pm"),
        noon="12:00 noon",
        no_phone="the clinic",
        visits=("visit", "consultation", "follow-up visit"),
        short_visits=("visit", "consultation", "follow-up"),
    ),
    "es": _Names(
        days=DAYS["es"],
        months=MONTHS["es"],
        short_days=tuple(day[:3] for day in DAYS["es"]),
        short_months=tuple(month[:3] for month in MONTHS["es"]),
        date="{weekday} {day} de {month} de {year}",
        moment="{date}, {clock}",
        halves=("a. m.", "p. m."),
        noon="12:00 del mediodía",
        no_phone="número de la clínica",
        visits=("visita", "consulta", "visita de seguimiento"),
        short_visits=("visita", "consulta", "cita de control"),
    ),
}

# Besides controls and lone surrogates, the marks that turn the reading direction of what follows them.
_TURNING_MARKS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def local_time(instant: datetime, zone: ZoneInfo) -> datetime:
    """The wall clock in `zone` for an aware instant; a naive one is refused, never guessed."""
    if instant.tzinfo is None:
        raise ValueError("A visit's time needs its time zone; pass an aware UTC datetime.")
    return instant.astimezone(zone)


def long_date(day: date, language: str = "en") -> str:
    """`Monday 23 November 2026`, `lunes 23 de noviembre de 2026`."""
    names = _NAMES[language]
    return names.date.format(
        weekday=names.days[day.weekday()], day=day.day, month=names.months[day.month - 1], year=day.year
    )


def clock_time(moment: datetime, language: str = "en") -> str:
    """`9:00 am`, `9:00 a. m.`; midday in words, because `12:00 pm` is read both ways."""
    names = _NAMES[language]
    if (moment.hour, moment.minute) == (12, 0):
        return names.noon
    return f"{moment.hour % 12 or 12}:{moment.minute:02d} {names.halves[moment.hour >= 12]}"


def long_moment(moment: datetime, language: str = "en") -> str:
    """`Monday 23 November 2026 at 9:00 am`, for letters."""
    return _NAMES[language].moment.format(
        date=long_date(moment, language), clock=clock_time(moment, language)
    )


def short_moment(moment: datetime, language: str = "en") -> str:
    """`Mon 23 Nov 2026, 9:00 am`, for texts."""
    names = _NAMES[language]
    day, month = names.short_days[moment.weekday()], names.short_months[moment.month - 1]
    return f"{day} {moment.day} {month} {moment.year}, {clock_time(moment, language)}"


def whom_to_call(phone: str, language: str = "en") -> str:
    """A clinic opened by an import may have no phone yet; better told without it than not told."""
    return one_line(phone) or _NAMES[language].no_phone


def visit_name(kind: str, language: str = "en", *, short: bool = False) -> str:
    """`follow-up visit`, `consulta`: what a visit of the kind is called in a sentence; feminine in Spanish."""
    names = _NAMES[language].short_visits if short else _NAMES[language].visits
    return dict(zip(VisitKind, names, strict=True))[VisitKind(kind)]


def ended_once(text: str) -> str:
    """Without the second full stop of a sentence that ends with `a. m.`"""
    return re.sub(r"(?<=\b[ap]\. m\.)\.", "", text)


def one_line(text: str) -> str:
    """Text without controls, lone surrogates and turning marks, its white space single spaces."""
    if text.isascii() and text.isprintable():
        return " ".join(text.split())
    spaced = "".join(" " if char.isspace() else char for char in text)
    kept = (c for c in spaced if unicodedata.category(c) not in ("Cc", "Cs") and c not in _TURNING_MARKS)
    return " ".join("".join(kept).split())


def phone_link(phone: str) -> str:
    """`tel:+16025550100` for `+1 (602) 555-0100`; an extension written with letters is left out."""
    number = re.split(r"[A-Za-z;,#]", phone)[0]
    return "tel:" + re.sub(r"[^+0-9]", "", number)
