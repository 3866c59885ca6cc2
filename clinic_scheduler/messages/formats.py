"""How phones, names and moments are written in messages; sentences are templates, dates are in languages/dates.py."""

import re
import unicodedata
from datetime import datetime
from zoneinfo import ZoneInfo

from clinic_scheduler.domain.visits.kinds_and_states import VisitKind
from clinic_scheduler.languages import Language

# Besides controls and lone surrogates, the marks that turn the reading direction of what follows them.
_TURNING_MARKS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def local_time(instant: datetime, zone: ZoneInfo) -> datetime:
    """The wall clock in `zone` for an aware instant; a naive one is refused, never guessed."""
    if instant.tzinfo is None:
        raise ValueError("A visit's time needs its time zone; pass an aware UTC datetime.")
    return instant.astimezone(zone)


def whom_to_call(phone: str, language: Language) -> str:
    """A clinic opened by an import may have no phone yet; better told without it than not told."""
    return one_line(phone) or language.pgettext("in place of a phone number", "the clinic")


def visit_name(kind: str, language: Language, *, short: bool = False) -> str:
    """`follow-up visit`, `consulta`: what a visit of the kind is called in a sentence; feminine in Spanish."""
    match VisitKind(kind):
        case VisitKind.INJECTION:
            return language.gettext("visit")
        case VisitKind.CONSULTATION:
            return language.gettext("consultation")
        case VisitKind.FOLLOW_UP:
            return language.gettext("follow-up") if short else language.gettext("follow-up visit")


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
