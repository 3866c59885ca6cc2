"""What a message is made from, one frozen class a kind; the words are in the templates."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from .gsm7 import spell_in_gsm7
from .wording import local_time, long_date, long_moment, one_line, phone_link, short_moment


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

    kind: ClassVar[str]

    clinic: ClinicDetails
    given_name: str | None = field(default=None, repr=False)
    calendar_url: str | None = field(default=None, repr=False)
    preferences_url: str | None = field(default=None, repr=False)

    def facts(self) -> dict[str, Any]:
        """The names the templates may use, every string on one line."""
        return {
            "clinic_name": one_line(self.clinic.name),
            # A clinic opened by an import may have no phone yet; better told without it than not told.
            "clinic_phone": one_line(self.clinic.phone) or "the clinic",
            "clinic_phone_link": phone_link(self.clinic.phone) if one_line(self.clinic.phone) else "",
            "given_name": one_line(self.given_name or ""),
            "calendar_url": _web_link(self.calendar_url),
            "preferences_url": _web_link(self.preferences_url),
        }


@dataclass(frozen=True, kw_only=True)
class _VisitValues(MessageValues):
    """A visit at an instant; the patient reads it on the clinic's wall clock."""

    starts_at: datetime = field(repr=False)
    provider_name: str | None = field(default=None, repr=False)

    def facts(self) -> dict[str, Any]:
        moment = local_time(self.starts_at, self.clinic.zone)
        return super().facts() | {
            "visit": long_moment(moment),
            "visit_short": short_moment(moment),
            "provider_name": one_line(self.provider_name or ""),
        }


@dataclass(frozen=True, kw_only=True)
class VisitReminder(_VisitValues):
    """`days_before` sets the tone only: a late reminder must not say "tomorrow" about today."""

    kind: ClassVar[str] = "visit_reminder"
    days_before: int

    def facts(self) -> dict[str, Any]:
        return super().facts() | {"days_before": self.days_before}


@dataclass(frozen=True, kw_only=True)
class VisitBooked(_VisitValues):
    kind: ClassVar[str] = "visit_booked"


@dataclass(frozen=True, kw_only=True)
class VisitMoved(_VisitValues):
    """`starts_at` is the new time."""

    kind: ClassVar[str] = "visit_moved"
    previous_starts_at: datetime | None = field(default=None, repr=False)

    def facts(self) -> dict[str, Any]:
        before = self.previous_starts_at
        previous = long_moment(local_time(before, self.clinic.zone)) if before else ""
        return super().facts() | {"previous_visit": previous}


@dataclass(frozen=True, kw_only=True)
class VisitCancelled(_VisitValues):
    kind: ClassVar[str] = "visit_cancelled"


@dataclass(frozen=True, kw_only=True)
class TimeToBook(MessageValues):
    """`earliest_date` as DD-3; `on_time_until`, the last day on time, is the day before DD-5's."""

    kind: ClassVar[str] = "time_to_book"
    earliest_date: date | None = field(default=None, repr=False)
    on_time_until: date | None = field(default=None, repr=False)

    def facts(self) -> dict[str, Any]:
        return super().facts() | {
            "earliest_date": long_date(self.earliest_date) if self.earliest_date else "",
            "on_time_until": long_date(self.on_time_until) if self.on_time_until else "",
        }


@dataclass(frozen=True, kw_only=True)
class Overdue(MessageValues):
    kind: ClassVar[str] = "overdue"


KINDS: dict[str, type[MessageValues]] = {
    values.kind: values
    for values in (VisitReminder, TimeToBook, VisitBooked, VisitMoved, VisitCancelled, Overdue)
}


def _web_link(url: str | None) -> str:
    """An http(s) address in one piece, or the empty string for none; anything else is refused."""
    if url is None:
        return ""
    if not url.startswith(("https://", "http://")) or url != one_line(url) or " " in url:
        raise ValueError("A link in a message must be one http or https address without spaces.")
    return url
