"""What a message is made from, one frozen class a kind; the words are in the templates."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import date, datetime
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

from clinic_scheduler.domain.messaging.kinds import (
    AFTER_VISIT,
    CALENDAR_LINK,
    MISSED_VISIT,
    OVERDUE,
    TIME_TO_BOOK,
    VISIT_BOOKED,
    VISIT_CANCELLED,
    VISIT_MOVED,
    VISIT_REMINDER,
    Plan,
)
from clinic_scheduler.domain.messaging.kinds import KINDS as MESSAGE_KINDS
from clinic_scheduler.domain.visits.kinds_and_states import VisitKind
from clinic_scheduler.languages import Language
from clinic_scheduler.languages.dates import long_date, long_moment, short_moment
from clinic_scheduler.messages.formats import local_time, one_line, phone_link, visit_name, whom_to_call

from .gsm7 import spell_in_gsm7


@dataclass(frozen=True, kw_only=True)
class ClinicDetails:
    """Who writes. `text_name` signs texts instead of `name`: choose one that names no specialty."""

    name: str
    phone: str
    zone: ZoneInfo
    text_name: str | None = None

    def __post_init__(self) -> None:
        if not one_line(self.name):
            raise ValueError("A message needs the clinic's name. Enter it in the clinic's settings.")
        if not any(char.isalnum() for char in self.signature):
            raise ValueError(
                "The clinic's name can't be written in a text. "
                "Give it a text name in plain letters in its settings."
            )

    @property
    def signature(self) -> str:
        """The name that opens a text, in GSM characters."""
        return spell_in_gsm7(self.text_name or self.name)


@dataclass(frozen=True, kw_only=True)
class MessageValues:
    """What every kind knows. Links are absolute; personal fields stay out of repr, so out of logs."""

    clinic: ClinicDetails
    kind: str = ""
    given_name: str | None = field(default=None, repr=False)
    opt_out_url: str | None = field(default=None, repr=False)

    def facts(self, language: Language) -> dict[str, Any]:
        """The names the templates may use, every string on one line."""
        phone = one_line(self.clinic.phone)
        return {
            "language": language,
            "clinic_name": one_line(self.clinic.name),
            "clinic_phone": whom_to_call(phone, language),
            "clinic_phone_link": phone_link(phone) if phone else "",
            "signature": self.clinic.signature,
            "given_name": one_line(self.given_name or ""),
            "opt_out_url": _web_link(self.opt_out_url),
            # Given by the kinds that have them; every frame asks.
            "visit_url": "",
            "subscribe_url": "",
        }


@dataclass(frozen=True, kw_only=True)
class _VisitValues(MessageValues):
    """A visit at an instant; the patient reads it on the clinic's wall clock.

    What an injection is for is never told, so that is a visit; the other kinds go by their name. Subjects are the
    same for all.
    """

    starts_at: datetime = field(repr=False)
    provider_name: str | None = field(default=None, repr=False)
    visit_kind: str = VisitKind.INJECTION

    def facts(self, language: Language) -> dict[str, Any]:
        moment = local_time(self.starts_at, self.clinic.zone)
        return super().facts(language) | {
            "visit_name": visit_name(self.visit_kind, language),
            "visit_name_short": visit_name(self.visit_kind, language, short=True),
            "visit": long_moment(moment, language),
            "visit_short": short_moment(moment, language),
            "provider_name": one_line(self.provider_name or ""),
        }


@dataclass(frozen=True, kw_only=True)
class _VisitAhead(_VisitValues):
    """`visit_url` is the page where the patient confirms it or asks for another time."""

    visit_url: str | None = field(default=None, repr=False)

    def facts(self, language: Language) -> dict[str, Any]:
        return super().facts(language) | {"visit_url": _web_link(self.visit_url)}


@dataclass(frozen=True, kw_only=True)
class VisitReminder(_VisitAhead):
    """`days_before` sets the tone only: a late reminder must not say "tomorrow" about today."""

    kind: str = VISIT_REMINDER
    days_before: int

    def facts(self, language: Language) -> dict[str, Any]:
        return super().facts(language) | {"days_before": self.days_before}


@dataclass(frozen=True, kw_only=True)
class VisitBooked(_VisitAhead):
    kind: str = VISIT_BOOKED


@dataclass(frozen=True, kw_only=True)
class VisitMoved(_VisitAhead):
    """`starts_at` is the new time."""

    kind: str = VISIT_MOVED
    previous_starts_at: datetime | None = field(default=None, repr=False)

    def facts(self, language: Language) -> dict[str, Any]:
        before = self.previous_starts_at
        previous = long_moment(local_time(before, self.clinic.zone), language) if before else ""
        return super().facts(language) | {"previous_visit": previous}


@dataclass(frozen=True, kw_only=True)
class VisitCancelled(_VisitValues):
    kind: str = VISIT_CANCELLED


@dataclass(frozen=True, kw_only=True)
class MissedVisit(_VisitValues):
    kind: str = MISSED_VISIT


@dataclass(frozen=True, kw_only=True)
class TimeToBook(MessageValues):
    """`earliest_date` as DD-3; `on_time_until`, the last day on time, is the day before DD-5's."""

    kind: str = TIME_TO_BOOK
    earliest_date: date | None = field(default=None, repr=False)
    on_time_until: date | None = field(default=None, repr=False)

    def facts(self, language: Language) -> dict[str, Any]:
        return super().facts(language) | {
            "earliest_date": long_date(self.earliest_date, language) if self.earliest_date else "",
            "on_time_until": long_date(self.on_time_until, language) if self.on_time_until else "",
        }


@dataclass(frozen=True, kw_only=True)
class Overdue(MessageValues):
    kind: str = OVERDUE


@dataclass(frozen=True, kw_only=True)
class AfterVisit(MessageValues):
    """`step` is the milestone (DD-14); it says how long ago the visit was, never what it was for."""

    kind: str = AFTER_VISIT
    step: str = ""

    def facts(self, language: Language) -> dict[str, Any]:
        return super().facts(language) | {"step": self.step}


@dataclass(frozen=True, kw_only=True)
class CalendarLink(MessageValues):
    kind: str = CALENDAR_LINK
    subscribe_url: str = field(repr=False)

    def facts(self, language: Language) -> dict[str, Any]:
        return super().facts(language) | {"subscribe_url": _web_link(self.subscribe_url)}


KINDS: dict[str, type[MessageValues]] = {
    values.kind: values
    for values in (
        VisitReminder,
        TimeToBook,
        Overdue,
        AfterVisit,
        MissedVisit,
        VisitBooked,
        VisitMoved,
        VisitCancelled,
        CalendarLink,
    )
}


# What the words of any other kind may tell, by when it goes out.
_BY_PLAN: Mapping[Plan, type[MessageValues]] = MappingProxyType(
    {
        Plan.BEFORE_VISIT: VisitReminder,
        Plan.TO_BOOK: TimeToBook,
        Plan.OVERDUE: Overdue,
        Plan.MILESTONES: AfterVisit,
        Plan.MISSED: MissedVisit,
        Plan.AT_ONCE: VisitBooked,
    }
)


def values_of(kind: str, clinic: ClinicDetails, known: Mapping[str, Any]) -> MessageValues:
    """The kind's values out of everything `known`; what it doesn't use is left out. Raises ValueError."""
    if kind not in MESSAGE_KINDS:
        raise ValueError(f"there are no words for the kind {kind!r}")
    values = KINDS.get(kind) or _BY_PLAN[MESSAGE_KINDS[kind].plan]
    names = {one.name for one in fields(values)}
    told = {name: value for name, value in known.items() if name in names}
    try:
        return values(clinic=clinic, kind=kind, **told)
    except TypeError as missing:
        raise ValueError(f"something that a message of the kind {kind} must tell is not known") from missing


def _web_link(url: str | None) -> str:
    """An http(s) address in one piece, or the empty string for none; anything else is refused."""
    if url is None:
        return ""
    if not url.startswith(("https://", "http://")) or url != one_line(url) or " " in url:
        raise ValueError("A link in a message must be one http or https address without spaces.")
    return url
