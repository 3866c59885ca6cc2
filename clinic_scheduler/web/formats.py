"""How dates, times, codes and statuses read on a page. Pure; templates use these as filters."""

import re
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from markupsafe import Markup, escape

from clinic_scheduler.domain.forecast.elsewhere import KnownFrom
from clinic_scheduler.domain.forecast.intervals import age_on, spoken
from clinic_scheduler.domain.forecast.judgements import Timing
from clinic_scheduler.domain.messaging.kinds import KINDS
from clinic_scheduler.domain.protocols.indications import INDICATIONS, words_of
from clinic_scheduler.domain.protocols.products import PRODUCTS
from clinic_scheduler.domain.visits.kinds_and_states import VisitKind, VisitState
from clinic_scheduler.queries.due.rows import DueRow
from clinic_scheduler.web.code_texts import BOOKING_WORDS, WORDS

NOT_KNOWN = "Not known"
_DATE = re.compile(r"\b\d{2}-[A-Z][a-z]{2}-\d{4}\b")
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def day(value: date | None) -> str:
    """14-Mar-1978, or that it is not known."""
    return spoken(value) if value else NOT_KNOWN


def short_day(value: date) -> str:
    """14-Mar, where the year is plain from beside it."""
    return spoken(value)[:6]


def last_on_time(overdue_date: date) -> date:
    """The window's last day: the day before the first overdue one."""
    return overdue_date - timedelta(1)


def dated(text: str) -> Markup:
    """A sentence whose dates do not break across lines."""
    return Markup(_DATE.sub(r'<span class="nowrap">\g<0></span>', str(escape(text))))


def weekday(value: date) -> str:
    """Tue 24-Nov-2026."""
    return f"{WEEKDAYS[value.weekday()]} {spoken(value)}"


def clock(value: time) -> str:
    return f"{value:%H:%M}"


def moment(value: datetime, zone: ZoneInfo) -> str:
    """An instant as the clinic's wall clock showed it."""
    local = value.astimezone(zone)
    return f"{spoken(local.date())} {local:%H:%M}"


def moment_short(value: datetime, today: date, zone: ZoneInfo) -> str:
    """The same, without the day where it is today."""
    local = value.astimezone(zone)
    return f"{local:%H:%M}" if local.date() == today else moment(value, zone)


def age(born: date, on: date) -> str:
    """48y; 7m under two years, as the field writes it."""
    years = age_on(born, on)
    if years >= 2:
        return f"{years}y"
    months = (on.year - born.year) * 12 + on.month - born.month - (on.day < born.day)
    return f"{months}m"


def words(code: str | None) -> str:
    """A code in words; one that has none yet still reads as words."""
    if not code:
        return NOT_KNOWN
    if code in INDICATIONS:
        return INDICATIONS[code].words
    if code in WORDS:
        return WORDS[code]
    return KINDS[code].label if code in KINDS else code.replace("_", " ").replace("-", " ").capitalize()


class Visited(Protocol):
    """What is said of how a visit stands."""

    @property
    def state(self) -> str: ...

    @property
    def kind(self) -> str: ...


def state_words(visit: Visited) -> str:
    """A visit's state; only an injection ends with a treatment."""
    if visit.state == VisitState.FULFILLED and visit.kind != VisitKind.INJECTION:
        return "Seen"
    return words(visit.state)


def product(name: str | None) -> str:
    """Botox (onabotulinumtoxinA): the brand staff say, the name that is never mixed up."""
    if name is None:
        return NOT_KNOWN
    return PRODUCTS[name].title if name in PRODUCTS else name


def what_for(indication: str | None) -> str:
    """What a treatment given elsewhere was for."""
    return NOT_KNOWN if indication is None else words_of(indication)


class GivenElsewhere(Protocol):
    """What is said of a treatment given elsewhere."""

    @property
    def given_on(self) -> date: ...
    @property
    def is_approximate(self) -> bool: ...


def given_day(row: GivenElsewhere) -> str:
    """31-Mar-2026; where the day is a guess, that this is the last possible one."""
    return f"About, by {spoken(row.given_on)}" if row.is_approximate else spoken(row.given_on)


def known_from(code: str | None) -> str:
    return KnownFrom(code).label if code in set(KnownFrom) else NOT_KNOWN


def units(value: object) -> str:
    """155 U; whole numbers without a decimal point."""
    return NOT_KNOWN if value is None else f"{float(str(value)):g} U"


def person(family_name: str, given_name: str) -> str:
    """FAMILY, Given, so that neither is taken for the other."""
    return f"{family_name.upper()}, {given_name}"


def count_days(number: int) -> str:
    return "1 day" if number == 1 else f"{number} days"


def authorization_tag(row: DueRow) -> tuple[str, str]:
    """(tone, words): the authorization block, else what covers the due date."""
    block = next((block for block in row.blocks if block.startswith("authorization_")), None)
    if block:
        return "bad", words(block)
    if not row.authorization_required:
        return "plain", "None needed"
    left = row.authorization_visits_left
    visits = "" if left is None else ", 1 visit" if left == 1 else f", {left} visits"
    ends = f"To {short_day(row.authorization_ends_on)}" if row.authorization_ends_on else "OK"
    return ("warn" if left == 1 else "ok"), ends + visits


class Evaluated(Protocol):
    """A due row or a forecast."""

    @property
    def timing(self) -> Timing: ...
    @property
    def blocks(self) -> tuple[str, ...]: ...
    @property
    def booking(self) -> str: ...
    @property
    def booked_on(self) -> date | None: ...
    @property
    def earliest_date(self) -> date: ...
    @property
    def overdue_date(self) -> date: ...
    @property
    def lapse_date(self) -> date: ...


def status_tags(row: Evaluated, today: date, *, is_proposed: bool = False) -> list[tuple[str, str]]:
    """(tone, words): how its dates stand, or its booking, then each block; a proposed time is no booking."""
    tags = [_timing_tag(row, today)]
    if is_proposed:
        tags.insert(0, ("warn", f"Proposed {day(row.booked_on)}"))
    elif row.booking == "ok":
        tags = [("ok", f"Booked {day(row.booked_on)}")]
    elif row.booking != "none":
        tags.insert(0, ("bad", BOOKING_WORDS[row.booking]))
    return tags + [("warn" if block == "on_hold" else "bad", words(block)) for block in row.blocks]


def due_tags(row: DueRow, today: date) -> list[tuple[str, str]]:
    """As status_tags, where a column of its own shows the authorization."""
    others = tuple(block for block in row.blocks if not block.startswith("authorization_"))
    return status_tags(replace(row, blocks=others), today, is_proposed=row.is_proposed)


def _timing_tag(row: Evaluated, today: date) -> tuple[str, str]:
    if row.timing == Timing.OVERDUE:
        return "bad", f"Overdue {count_days((today - row.overdue_date).days + 1)}"
    if row.timing == Timing.DUE_SOON:
        return "info", f"Opens in {count_days((row.earliest_date - today).days)}"
    if row.timing == Timing.NOT_DUE:
        return "plain", f"Opens {day(row.earliest_date)}"
    if row.timing == Timing.LAPSED:
        return "bad", f"Lapsed since {day(row.lapse_date)}"
    return {Timing.DUE: ("warn", "Due now"), Timing.ELIGIBLE: ("info", "Window open")}.get(
        row.timing, ("plain", "Closed")
    )
