"""Every kind of feed as ical.js, libical and vobject read it: what each shows is what the rows say."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings

from clinic_scheduler.calendars.event_texts import Words, milestone_words, visit_words, window_words
from clinic_scheduler.calendars.feed import patient_feed, provider_feed, published
from clinic_scheduler.calendars.text import clean
from clinic_scheduler.domain.calendars.values import (
    Audience,
    DueWindow,
    Milestone,
    PlannedCycle,
    Row,
    Visit,
)
from tests.calendar_parsers import icaljs, libical, vobject
from tests.calendar_parsers.seen import Seen, epoch

from .lint import lint
from .rows import (
    CLINIC,
    CYCLE,
    FULL,
    FULL_PROVIDER,
    NOW,
    SUBSCRIPTION,
    UPDATED,
    WINDOW,
    generated_rows,
    visit,
)
from .samples import KINDS, milestone
from .test_timezones import CHANGING, STILL, around_changes, renamed

Read = Callable[[Sequence[bytes]], list[list[Seen]]]
PARSERS: dict[str, Read] = {"ical.js": icaljs.read, "libical": libical.read, "vobject": vobject.read}
PEOPLE = (Audience("patient"), Audience("provider"))
AUDIENCES = (*PEOPLE, FULL, FULL_PROVIDER, Audience("clinic_day"), Audience("due_windows"))
# Zones of which no yearly rule tells the truth: they are written in UTC.
UNSAID = ("Africa/Cairo", "Asia/Jerusalem", "America/Nuuk", "Etc/UTC")
# A few zones are enough to see every kind of feed in.
SEEN_BY_ALL = ("America/New_York", "Australia/Lord_Howe", "America/Nuuk")
HARD = "Dr. C:\\New; “Zoë”, 👩‍👩‍👧‍👦\r\nsecond line" + " and so on" * 12


@dataclass(frozen=True)
class Case:
    """A feed and the rows in it."""

    name: str
    rows: Sequence[Row]
    audience: Audience
    body: bytes


def case(name: str, rows: Iterable[Row], audience: Audience) -> Case:
    shown = [row for row in rows if shows(audience, row) and published(row, NOW)]
    write = patient_feed if audience.kind == "patient" else provider_feed
    body = write(shown, clinic=CLINIC, subscription=SUBSCRIPTION, now=NOW, audience=audience)
    return Case(f"{name} {audience.kind} {audience.reveal}", shown, audience, body)


def shows(audience: Audience, row: Row) -> bool:
    """A clinic's day holds visits alone, its due windows no visit; people's calendars hold everything."""
    if audience.kind == "clinic_day":
        return isinstance(row, Visit)
    return audience.kind != "due_windows" or isinstance(row, DueWindow)


def rows_in(key: str) -> list[Row]:
    """Visits on both sides of both changes, every third called off, and the days people may see with them."""
    spans = sorted(set(around_changes(key))) or [(at, at + timedelta(minutes=30)) for at in quarters()]
    visits = [
        visit(id=f"v{n:02}", zone=key, starts_at=start, ends_at=end, provider_name=HARD, status=status(n))
        for n, (start, end) in enumerate(spans)
    ]
    return [*visits, WINDOW, CYCLE, *(milestone(n, kind) for n, kind in enumerate(KINDS))]


def status(n: int) -> str:
    return ("booked", "fulfilled", "cancelled", "arrived", "booked", "noshow")[n % 6]


def quarters() -> list[datetime]:
    return [datetime(2027, month, 10, 15, tzinfo=UTC) for month in (1, 4, 7, 10)]


def expected(row: Row, audience: Audience) -> Seen:
    words, uid, start, end, state = facts(row, audience)
    texts = (words.summary, words.description, words.location)
    all_day = not isinstance(row, Visit)
    return Seen(f"{uid}@{CLINIC.uid_host}", epoch(start), epoch(end), all_day, state, *map(clean, texts))


def facts(row: Row, audience: Audience) -> tuple[Words, str, date | datetime, date | datetime, str]:
    match row:
        case Visit():
            state = "CANCELLED" if row.status in ("cancelled", "noshow") else "CONFIRMED"
            return (
                visit_words(row, audience, CLINIC),
                f"visit-{row.id}",
                row.starts_at,
                row.ends_at,
                state,
            )
        case DueWindow():
            words, kind = window_words(row, audience, CLINIC), "visit"
        case PlannedCycle():
            words, kind = window_words(row, audience, CLINIC), "cycle"
        case Milestone():
            words = milestone_words(row, audience, CLINIC)
            return words, f"milestone-{row.id}", row.starts_on, row.ends_on + timedelta(1), "TENTATIVE"
    return words, f"{kind}-{row.id}", row.earliest_date, row.overdue_date, "TENTATIVE"


def assert_read(parser: str, cases: Sequence[Case]) -> None:
    # libical takes white space off both ends of a text; ours has some only where staff typed it.
    told = trimmed if parser == "libical" else list
    for each, events in zip(cases, PARSERS[parser]([each.body for each in cases]), strict=True):
        seen = [event for event in events if not event.uid.startswith("empty-")]
        rows = [expected(row, each.audience) for row in each.rows]
        assert sorted(told(seen)) == sorted(told(rows)), each.name


def trimmed(events: list[Seen]) -> list[Seen]:
    texts = ("summary", "description", "location")
    return [event._replace(**{name: getattr(event, name).strip() for name in texts}) for event in events]


@pytest.fixture(scope="module")
def of_every_zone() -> list[Case]:
    return [
        case(key, rows_in(key), audience)
        for key in (*CHANGING, *STILL, *UNSAID)
        for audience in (AUDIENCES if key in SEEN_BY_ALL else PEOPLE)
    ]


@pytest.mark.thorough
@pytest.mark.parametrize("parser", PARSERS)
def test_each_parser_sees_the_rows_around_both_clock_changes_of_every_zone(
    parser: str, of_every_zone: list[Case]
) -> None:
    assert len(CHANGING) >= 20
    assert_read(parser, of_every_zone)


@pytest.mark.parametrize("parser", PARSERS)
def test_each_parser_sees_the_same_by_our_vtimezone_alone(parser: str, of_every_zone: list[Case]) -> None:
    """Under a zone name that no parser's own database knows."""
    zoned = [each for each in of_every_zone if each.audience.kind == "patient" and b"TZID=" in each.body]
    strange = [replace(each, body=renamed(each.body, zone_of(each))) for each in zoned]
    assert len(strange) >= len(CHANGING)
    assert all(lint(each.body) == [] and b"TZID=X" in each.body for each in strange)
    assert_read(parser, strange)


def zone_of(each: Case) -> str:
    return next(row.zone for row in each.rows if isinstance(row, Visit))


@pytest.mark.parametrize("parser", PARSERS)
def test_a_vtimezone_an_hour_out_is_noticed_by_each_parser(parser: str) -> None:
    """Or the tests above would prove nothing about our VTIMEZONE."""
    key = "America/Chicago"
    good = case(key, rows_in(key), AUDIENCES[0])
    # A name of its own: vobject remembers what a zone's name meant in another feed.
    strange = renamed(renamed(good.body, key), f"X{key}")
    wrong = strange.replace(b"TZOFFSETTO:-0500", b"TZOFFSETTO:-0400")
    with pytest.raises(AssertionError, match="America/Chicago"):
        assert_read(parser, [replace(good, body=wrong)])


@pytest.mark.thorough
@pytest.mark.parametrize("parser", PARSERS)
def test_each_parser_reads_generated_rows_of_any_text(parser: str, generated: list[Case]) -> None:
    assert_read(parser, generated)


@pytest.fixture(scope="module")
def generated() -> list[Case]:
    """Gathered first, so that one process can read them all."""
    cases: list[Case] = []

    @settings(max_examples=25, database=None, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(rows=generated_rows())
    def gather(rows: list[Row]) -> None:
        cases.extend(case(f"generated {len(cases)}", rows, audience) for audience in AUDIENCES)

    gather()
    return cases


@pytest.mark.parametrize("parser", PARSERS)
def test_after_2038_summer_is_still_summer(parser: str) -> None:
    """Where a zone written as a list of dates has run out, readers show the wrong hour."""
    zone = ZoneInfo("America/Chicago")
    far = [datetime(2041, month, 10, 9, tzinfo=zone).astimezone(UTC) for month in (1, 7)]
    rows = [
        visit(id=f"far{n}", starts_at=at, ends_at=at + timedelta(hours=1), updated_at=UPDATED)
        for n, at in enumerate(far)
    ]
    one = case("far", rows, AUDIENCES[0])
    assert_read(parser, [replace(one, body=renamed(one.body, zone.key))])
