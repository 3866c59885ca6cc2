"""Invented clinics and rows, by hand and by hypothesis; no tests."""

import random
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from clinic_scheduler.domain.calendars.values import (
    STATUSES,
    Audience,
    Clinic,
    DueWindow,
    Milestone,
    PlannedCycle,
    Row,
    Subscription,
    Visit,
)

CLINIC = Clinic(
    name="Elm Street Headache Clinic",
    phone="512-555-0100",
    address="1 Elm Street, Austin, TX 78701",
    zone="America/Chicago",
    uid_host="calendars.example.org",
)
SUBSCRIPTION = Subscription("feed-1", datetime(2026, 1, 2, 15, tzinfo=UTC))
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
UPDATED = datetime(2026, 2, 20, 8, 30, 15, tzinfo=UTC)
FULL_TITLE = "Botox injection visit"
FULL = Audience("patient", "full", FULL_TITLE)
SPANISH = Audience("patient", language="es")
FULL_PROVIDER = Audience("provider", "full", FULL_TITLE)

VISIT = Visit(
    id="k3v9",
    starts_at=datetime(2026, 3, 10, 14, 30, tzinfo=UTC),
    ends_at=datetime(2026, 3, 10, 15, 0, tzinfo=UTC),
    zone="America/Chicago",
    status="booked",
    sequence=3,
    updated_at=UPDATED,
    provider_name="Dr. Ada Okafor",
    reference="R-4821",
    course_id="c-77",
)
WINDOW = DueWindow("w5t2", date(2026, 6, 2), date(2026, 6, 17), 1, UPDATED, "R-4821")
CYCLE = PlannedCycle("c2r7", date(2026, 8, 25), date(2026, 9, 9), 1, UPDATED, "R-4821")
MILESTONE = Milestone("m8q1", "onset_check", date(2026, 3, 24), date(2026, 3, 31), 0, UPDATED, "R-4821")

ZONES = (
    "America/New_York",
    "America/Chicago",
    "America/Denver",
    "America/Phoenix",
    "America/Los_Angeles",
    "America/Anchorage",
    "America/St_Johns",
    "America/Halifax",
    "America/Havana",
    "America/Santiago",
    "America/Sao_Paulo",
    "Pacific/Honolulu",
    "Pacific/Auckland",
    "Pacific/Chatham",
    "Australia/Adelaide",
    "Australia/Lord_Howe",
    "Australia/Sydney",
    "Europe/London",
    "Europe/Dublin",
    "Europe/Lisbon",
    "Europe/Berlin",
    "Europe/Athens",
    "Atlantic/Azores",
    "Asia/Beirut",
    "Asia/Kolkata",
    "Asia/Jerusalem",
    "Africa/Cairo",
    "Africa/Casablanca",
    "Etc/UTC",
)


def visit(**changes: Any) -> Visit:
    return replace(VISIT, **changes)


def visits(count: int) -> list[Visit]:
    """That many half-hour visits, seven hours apart and each with an id of its own."""
    step = timedelta(hours=7)
    return [
        visit(id=f"v{n}", starts_at=VISIT.starts_at + n * step, ends_at=VISIT.ends_at + n * step)
        for n in range(count)
    ]


_instants = st.datetimes(datetime(2024, 1, 1), datetime(2031, 1, 1)).map(  # noqa: DTZ001 - made UTC at once
    lambda naive: naive.replace(microsecond=0, tzinfo=UTC)
)
_dates = st.dates(date(2024, 1, 1), date(2031, 1, 1))
_HARD_TEXTS = ["C:\\New; a, b", "👩‍👩‍👧‍👦" * 20, "a\r\nb\rc\u2028d\x00\x1b", "\ud800x"]
_CHARACTERS = 'aZ9 éß中\u200d👩\u2028\u202e\ufeff\x85\\;,:"\r\n\t\x00\x0b\x1b\ud83d'
_texts = st.text(max_size=120) | st.sampled_from(_HARD_TEXTS)
_minutes = st.integers(1, 600).map(lambda minutes: timedelta(minutes=minutes))
_days = st.integers(1, 60).map(lambda days: timedelta(days=days))


@st.composite
def generated_visits(draw: st.DrawFn, zones: tuple[str, ...] = ZONES) -> Visit:
    starts_at = draw(_instants)
    return Visit(
        id="x",
        starts_at=starts_at,
        ends_at=starts_at + draw(_minutes),
        zone=draw(st.sampled_from(zones)),
        status=draw(st.sampled_from(sorted(STATUSES))),
        sequence=draw(st.integers(0, 2**31 - 1)),
        updated_at=draw(_instants),
        provider_name=draw(_texts),
        reference=draw(_texts),
        course_id="c1",
    )


@st.composite
def generated_days(draw: st.DrawFn) -> DueWindow | Milestone | PlannedCycle:
    first, length = draw(_dates), draw(_days)
    stamps = {"sequence": draw(st.integers(0, 99)), "updated_at": draw(_instants), "reference": draw(_texts)}
    if (span := draw(st.sampled_from([DueWindow, PlannedCycle, None]))) is not None:
        return span(id="x", earliest_date=first, overdue_date=first + length, **stamps)
    kind = draw(st.sampled_from(["onset_check", "peak_review", "wear_off_watch", "a_kind_to_come"]))
    return Milestone(id="x", kind=kind, starts_on=first, ends_on=first + length, **stamps)


def generated_rows() -> st.SearchStrategy[list[Row]]:
    """Up to eight rows, each with an id of its own."""
    rows = st.lists(generated_visits() | generated_days(), max_size=8)
    return rows.map(lambda found: [replace(row, id=f"r{n}") for n, row in enumerate(found)])


def generated_clinics() -> st.SearchStrategy[Clinic]:
    return st.builds(
        Clinic,
        name=_texts,
        phone=st.just("512-555-0100"),
        address=_texts,
        zone=st.sampled_from(ZONES),
        uid_host=st.just("calendars.example.org"),
    )


def rows_by_chance(chance: random.Random) -> list[Row]:
    """Up to four rows of any kind: quicker to make by the thousand than hypothesis makes them."""
    return [_row_by_chance(chance, f"r{n}") for n in range(chance.randint(0, 4))]


def _row_by_chance(chance: random.Random, row_id: str) -> Row:
    at = datetime(2024, 1, 1, tzinfo=UTC) + timedelta(minutes=chance.randrange(7 * 365 * 24 * 60))
    length = chance.randint(1, 600)
    stamps = {"id": row_id, "sequence": chance.randrange(100), "updated_at": at}
    stamps["reference"] = "".join(chance.choices(_CHARACTERS, k=chance.randint(0, 60)))
    if (span := chance.choice([Visit, Visit, DueWindow, PlannedCycle, Milestone])) is Visit:
        return visit(
            **stamps,
            starts_at=at,
            ends_at=at + timedelta(minutes=length),
            zone=chance.choice(ZONES),
            status=chance.choice(sorted(STATUSES)),
            provider_name=chance.choice(_HARD_TEXTS) + stamps["reference"],
        )
    first, until = at.date(), at.date() + timedelta(days=length)
    if span is Milestone:
        return Milestone(
            kind=chance.choice(["onset_check", "a_kind_to_come"]), starts_on=first, ends_on=until, **stamps
        )
    return span(earliest_date=first, overdue_date=until, **stamps)
