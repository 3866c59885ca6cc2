"""What a calendar is made of, as plain frozen values; queries fill them, nothing here knows where from."""

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from clinic_scheduler.domain.visits.kinds_and_states import VisitKind, VisitState

CONFIRMED_STATUSES = frozenset({VisitState.BOOKED, VisitState.ARRIVED, VisitState.FULFILLED})
CALLED_OFF_STATUSES = frozenset({VisitState.CANCELLED, VisitState.NOSHOW})
UNPUBLISHED_STATUSES = frozenset(
    {VisitState.PROPOSED, VisitState.PENDING, VisitState.WAITLIST, VisitState.IN_ERROR}
)
STATUSES = CONFIRMED_STATUSES | CALLED_OFF_STATUSES | UNPUBLISHED_STATUSES

_OPAQUE = re.compile(r"[A-Za-z0-9_-]{1,64}")
_HOST = re.compile(r"[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?")


def _require(holds: bool, complaint: str) -> None:
    if not holds:
        raise ValueError(complaint)


def _require_utc(name: str, instant: datetime) -> None:
    _require(instant.utcoffset() == timedelta(0), f"{name} must be a timezone-aware UTC datetime")


def _require_published(row_id: str, sequence: int, updated_at: datetime) -> None:
    """What every published row owes its readers: a stable id and stamps that rise with each change."""
    _require(_OPAQUE.fullmatch(row_id) is not None, "id must be 1 to 64 letters, digits, '-' or '_'")
    _require(sequence >= 0, "sequence must not be negative")
    _require_utc("updated_at", updated_at)


@dataclass(frozen=True, slots=True)
class Visit:
    """An appointment. `status` is a FHIR appointment status; `reference` is the opaque mark staff see.

    `kind` is a VisitKind; `place` is where, for a provider whose calendar reaches over several clinics.
    """

    id: str
    starts_at: datetime
    ends_at: datetime
    zone: str
    status: VisitState
    sequence: int
    updated_at: datetime
    provider_name: str
    reference: str
    course_id: str
    place: str = ""
    kind: str = VisitKind.INJECTION

    def __post_init__(self) -> None:
        _require_published(self.id, self.sequence, self.updated_at)
        _require_utc("starts_at", self.starts_at)
        _require_utc("ends_at", self.ends_at)
        _require(self.starts_at < self.ends_at, "a visit must end after it starts")
        _require(self.status in STATUSES, f"status must be one of {', '.join(sorted(STATUSES))}")
        _require(self.kind in list(VisitKind), f"kind must be one of {', '.join(VisitKind)}")

    @property
    def called_off(self) -> bool:
        return self.status in CALLED_OFF_STATUSES


@dataclass(frozen=True, slots=True)
class Window:
    """Days in which a visit not yet booked should fall: earliest_date <= day < overdue_date."""

    id: str
    earliest_date: date
    overdue_date: date
    sequence: int
    updated_at: datetime
    reference: str

    def __post_init__(self) -> None:
        _require_published(self.id, self.sequence, self.updated_at)
        _require(self.earliest_date < self.overdue_date, "a window must hold at least one day")


@dataclass(frozen=True, slots=True)
class DueWindow(Window):
    """Of the next visit. `id` is the id the visit booked from it will carry, so that both keep one UID."""


@dataclass(frozen=True, slots=True)
class PlannedCycle(Window):
    """Of a later visit, if those before it are given as planned.

    Nothing counts how often such days were planned anew, so `id` names the days too: other days, another event.
    """


@dataclass(frozen=True, slots=True)
class Milestone:
    """Days, both ends included, in which to look at how things are going. `kind` picks the words."""

    id: str
    kind: str
    starts_on: date
    ends_on: date
    sequence: int
    updated_at: datetime
    reference: str

    def __post_init__(self) -> None:
        _require_published(self.id, self.sequence, self.updated_at)
        _require(self.starts_on <= self.ends_on, "a milestone must not end before it starts")


@dataclass(frozen=True, slots=True)
class ReviewWeek:
    """How many patients' response is to be reviewed in the week that begins on `monday`.

    Nothing counts how often a week changed, so `id` names its reviews too: other reviews, another event.
    """

    id: str
    monday: date
    reviews: int
    updated_at: datetime
    sequence: int = 0

    def __post_init__(self) -> None:
        _require_published(self.id, self.sequence, self.updated_at)
        _require(self.monday.isoweekday() == 1, "a week begins on a Monday")
        _require(self.reviews > 0, "a week without reviews is not shown")


Row = Visit | Window | Milestone | ReviewWeek


@dataclass(frozen=True, slots=True)
class Revision:
    """How often that was changed which all events of a clinic may say (its name, its providers'), and when last.

    Calendar programs take up a change only under a higher revision, so each event counts this one in.
    """

    number: int = 0
    at: datetime | None = None

    def __post_init__(self) -> None:
        _require(self.number >= 0, "a revision's number must not be negative")
        if self.at is not None:
            _require_utc("a revision's instant", self.at)

    def counted_in(self, sequence: int, updated_at: datetime) -> tuple[int, datetime]:
        """What readers see of a row that itself is at this sequence and was changed then."""
        return sequence + self.number, max(updated_at, self.at or updated_at)


UNREVISED = Revision()


@dataclass(frozen=True, slots=True)
class Clinic:
    """How to reach the clinic, its IANA zone, and `uid_host`: the end of every UID, never to change.

    A clinic opened by an import may have no phone yet.
    """

    name: str
    phone: str
    address: str
    zone: str
    uid_host: str
    revision: Revision = UNREVISED

    def __post_init__(self) -> None:
        _require(_HOST.fullmatch(self.uid_host) is not None, "uid_host must be a lower-case host name")

    @property
    def place(self) -> str:
        return f"{self.name}, {self.address}" if self.address.strip() else self.name


@dataclass(frozen=True, slots=True)
class Subscription:
    """One secret link to a feed: its opaque id (never the token) and when it was made."""

    id: str
    opened_at: datetime

    def __post_init__(self) -> None:
        _require_published(self.id, 0, self.opened_at)


@dataclass(frozen=True, slots=True)
class Audience:
    """Who reads, in which language, and how much may be told: a patient, or staff by the kind of their calendar.

    `full` only after the reader chose it, knowing that shared calendars are disclosure; it then shows
    `full_title` in place of the neutral title.
    """

    kind: Literal["patient", "provider", "clinic_day", "due_windows"]
    reveal: Literal["neutral", "full"] = "neutral"
    full_title: str = ""
    language: str = "en"

    def __post_init__(self) -> None:
        _require(
            self.reveal == "neutral" or bool(self.full_title.strip()), "a full reveal needs a full_title"
        )

    @property
    def title(self) -> str | None:
        """The fuller title, or None while only the neutral one may be shown."""
        return self.full_title if self.reveal == "full" else None


PATIENT = Audience("patient")
PROVIDER = Audience("provider")
