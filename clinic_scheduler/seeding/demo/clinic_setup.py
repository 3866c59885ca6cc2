"""The demo's clinic: its providers with their hours, closed days, leave and staff. Patients live in simulation.py."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from clinic_scheduler.services.actors import Actor
from clinic_scheduler.services.change import Change
from clinic_scheduler.services.practice.clinics import ClinicEntry, add_closure, add_provider, open_clinic
from clinic_scheduler.services.practice.protocols import offer
from clinic_scheduler.services.practice.staff import actor_of, create_user

CLINIC = ClinicEntry(
    name="Van Ness Neurology",
    zone="America/Los_Angeles",
    phone="(415) 555-0100",
    email="desk@vanness.example.org",
    address="1 Example Plaza, San Francisco, CA 94102",
)
REID, SATO, VARGA = "Dr. Amara Reid", "Dr. Ben Sato", "Dr. Chloe Varga"


def _hours(weekdays: tuple[int, ...], *stretches: tuple[time, time]) -> list[tuple[int, time, time]]:
    return [(weekday, start, end) for weekday in weekdays for start, end in stretches]


# Each works three weekdays or more: any eight days in a row hold one on which the clinic is open.
_HOURS = {
    REID: _hours((0, 1, 3), (time(9), time(12)), (time(13), time(17))),
    SATO: _hours((0, 2, 4), (time(8), time(12)), (time(12, 30), time(15, 30))),
    VARGA: _hours((1, 3), (time(10), time(13)), (time(14), time(18)))
    + _hours((2, 4), (time(9), time(13, 30))),
}
# Days from the Monday after next, first and last: a week, a long weekend and a day of training.
_LEAVES = {
    REID: (0, 4, "Annual leave"),
    SATO: (11, 14, "Annual leave"),
    VARGA: (17, 17, "Training day"),
}


@dataclass(frozen=True, slots=True)
class StaffEntry:
    """Who may sign in to the demo, and as what."""

    email: str
    name: str
    role: str
    provider: str | None = None


STAFF = (
    StaffEntry("desk@vanness.example.org", "Dana Whitfield", "front_desk"),
    StaffEntry("amara.reid@vanness.example.org", REID, "provider", REID),
    StaffEntry("admin@vanness.example.org", "Morgan Ellery", "admin"),
    StaffEntry("viewer@vanness.example.org", "Robin Castle", "read_only"),
)
DESK, PROVIDER = STAFF[0].email, STAFF[1].email


@dataclass(frozen=True)
class ClinicSetup:
    """The clinic as it opened: who works there when, by name."""

    clinic_id: int
    zone: ZoneInfo
    providers: Mapping[str, int]
    actors: Mapping[str, Actor]
    closed: frozenset[date]

    def works_on(self, provider: str, day: date) -> bool:
        """Whether the provider's week and the clinic's closed days allow a visit; leave is not looked at."""
        return day not in self.closed and any(day.weekday() == weekday for weekday, _, _ in _HOURS[provider])

    def next_open_day(self, today: date) -> date:
        """The first day from today on which anybody works."""
        days = (today + timedelta(days=n) for n in range(14))
        return next(day for day in days if any(self.works_on(name, day) for name in _HOURS))


def open_place(
    session: Session, today: date, now: datetime, password_hashes: Mapping[str, str]
) -> ClinicSetup:
    """The clinic with providers, staff and closed days, opened at `now`; leave lies in the weeks after `today`."""
    clinic = open_clinic(session, "demo", CLINIC, now)
    actor = Actor("demo", clinic.id)
    change = Change(session, actor, now)
    providers = {name: add_provider(change, name, hours=hours).id for name, hours in _HOURS.items()}
    closed = _close_holidays(Change(session, actor, now), today)
    monday = today + timedelta(days=14 - today.weekday())
    for name, (first, last, reason) in _LEAVES.items():
        days = monday + timedelta(days=first), monday + timedelta(days=last)
        add_closure(change, *days, reason, provider_id=providers[name])
    actors = {}
    for entry in STAFF:
        user = create_user(
            change,
            email=entry.email,
            name=entry.name,
            role=entry.role,
            password_hash=password_hashes[entry.email],
            provider_id=providers[entry.provider] if entry.provider else None,
        )
        actors[entry.email] = actor_of(user)
    offer(change, [*clinic.indications, "cervical_dystonia"])
    return ClinicSetup(clinic.id, ZoneInfo(CLINIC.zone), providers, actors, closed)


def _close_holidays(change: Change, today: date) -> frozenset[date]:
    closed: set[date] = set()
    for first, last, reason in holidays(today.year - 1, today.year + 2):
        add_closure(change, first, last, reason)
        closed |= {first, last}
    return frozenset(closed)


def holidays(first_year: int, stop_year: int) -> list[tuple[date, date, str]]:
    """Days the clinic is closed, never more than two in a row."""
    found = []
    for year in range(first_year, stop_year):
        first_of_november = date(year, 11, 1)
        thanksgiving = first_of_november + timedelta(days=(3 - first_of_november.weekday()) % 7 + 21)
        found += [
            (date(year, 1, 1), date(year, 1, 1), "New Year's Day"),
            (thanksgiving, thanksgiving + timedelta(days=1), "Thanksgiving"),
            (date(year, 12, 24), date(year, 12, 25), "Christmas"),
        ]
    return found
