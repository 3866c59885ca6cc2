"""VTIMEZONE blocks against zoneinfo: footers, rules, both clock changes, and the way out to UTC."""

import zoneinfo
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, tzinfo
from importlib import resources
from io import StringIO
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import pytest
import vobject
from dateutil.tz import tzical
from hypothesis import given, settings
from hypothesis import strategies as st
from icalendar import Calendar

from clinic_scheduler.calendars.feed import patient_feed
from clinic_scheduler.calendars.posix_zones import YearlyDay, zone_rules
from clinic_scheduler.calendars.timezones import visit_zone, vtimezone

from .lint import lint, parse
from .rows import CLINIC, NOW, SUBSCRIPTION, ZONES, visit

CHANGING = (
    "America/New_York",
    "America/Chicago",
    "America/Denver",
    "America/Los_Angeles",
    "America/Anchorage",
    "America/Adak",
    "America/St_Johns",
    "America/Halifax",
    "America/Miquelon",
    "Europe/London",
    "Europe/Dublin",
    "Europe/Lisbon",
    "Europe/Berlin",
    "Europe/Athens",
    "Atlantic/Azores",
    "Asia/Beirut",
    "Antarctica/Troll",
    "Australia/Adelaide",
    "Australia/Lord_Howe",
    "Australia/Sydney",
    "Pacific/Auckland",
    "Pacific/Chatham",
    "Pacific/Norfolk",
)
STILL = ("America/Phoenix", "Pacific/Honolulu", "Asia/Kolkata", "Asia/Kathmandu", "Africa/Lagos")
YEAR = datetime(2027, 1, 1, tzinfo=UTC), datetime(2028, 1, 1, tzinfo=UTC)


def changes_of(zone: tzinfo, first: datetime, last: datetime) -> list[datetime]:
    """Clock changes by bisection of zoneinfo itself, to the second: nothing here knows about footers."""
    found = []
    day = timedelta(days=1)
    while first < last:
        if offset(zone, first) != offset(zone, first + day):
            low, high = first, first + day
            while high - low > timedelta(seconds=1):
                middle = low + timedelta(seconds=(high - low) // timedelta(seconds=1) // 2)
                low, high = (middle, high) if offset(zone, middle) == offset(zone, low) else (low, middle)
            found.append(high)
        first += day
    return found


def offset(zone: tzinfo, at: datetime) -> timedelta | None:
    return at.astimezone(zone).utcoffset()


def around_changes(key: str) -> Iterator[tuple[datetime, datetime]]:
    """Half-hour visits on both sides of each of a year's changes, near and far."""
    for change in changes_of(ZoneInfo(key), *YEAR):
        for hours in (-24 * 60, -25, -2.5, -0.5, 0, 0.5, 2, 3, 24, 24 * 60):
            start = change + timedelta(hours=hours)
            yield start, start + timedelta(minutes=30)


def feed_around_changes(key: str) -> tuple[list[tuple[datetime, datetime]], bytes]:
    spans = sorted(set(around_changes(key)))
    rows = [
        visit(id=f"v{n:02}", zone=key, starts_at=start, ends_at=end) for n, (start, end) in enumerate(spans)
    ]
    return spans, patient_feed(rows, clinic=CLINIC, subscription=SUBSCRIPTION, now=NOW)


def feed_around_days(key: str) -> tuple[list[tuple[datetime, datetime]], bytes]:
    """A visit at noon of every eleventh day of a year, by UTC."""
    starts = [YEAR[0] + timedelta(days=days, hours=12) for days in range(0, 365, 11)]
    rows = [
        visit(id=f"d{n:02}", zone=key, starts_at=start, ends_at=start + timedelta(minutes=30))
        for n, start in enumerate(starts)
    ]
    spans = [(row.starts_at, row.ends_at) for row in rows]
    return spans, patient_feed(rows, clinic=CLINIC, subscription=SUBSCRIPTION, now=NOW)


def spans_read_by_icalendar(body: bytes) -> list[tuple[datetime, datetime]]:
    events = Calendar.from_ical(body).walk("VEVENT")
    return sorted(
        (event["DTSTART"].dt.astimezone(UTC), event["DTEND"].dt.astimezone(UTC)) for event in events
    )


def spans_read_by_vobject(body: bytes) -> list[tuple[datetime, datetime]]:
    events = vobject.readOne(body.decode()).vevent_list
    return sorted(
        (event.dtstart.value.astimezone(UTC), event.dtend.value.astimezone(UTC)) for event in events
    )


def renamed(body: bytes, key: str) -> bytes:
    """With a zone name no reader knows, so that it must use our VTIMEZONE."""
    return body.replace(f"TZID:{key}\r\n".encode(), f"TZID:X{key}\r\n".encode()).replace(
        f"TZID={key}:".encode(), f"TZID=X{key}:".encode()
    )


@pytest.mark.parametrize("key", CHANGING)
def test_wall_times_around_both_changes_read_back_as_the_same_instants(key: str) -> None:
    spans, body = feed_around_changes(key)
    assert len(spans) >= 20
    assert lint(body) == []
    assert f"DTSTART;TZID={key}:".encode() in body
    assert spans_read_by_icalendar(body) == spans
    strange = renamed(body, key)
    assert lint(strange) == []
    assert spans_read_by_vobject(strange) == spans
    assert spans_read_by_icalendar(strange) == spans


@pytest.mark.parametrize("key", CHANGING)
def test_our_vtimezone_alone_tells_zoneinfos_offsets_in_every_season(key: str) -> None:
    ours = tzical(StringIO(vtimezone(ZoneInfo(key)).decode())).get(key)
    for years in (0, 5, 20):
        for change in changes_of(ZoneInfo(key), *(end.replace(year=end.year + years) for end in YEAR)):
            for at in (change + timedelta(hours=hours) for hours in (-48, -4, 4, 48)):
                local = at.astimezone(ZoneInfo(key))
                assert local.replace(tzinfo=ours).utcoffset() == local.utcoffset(), (key, at)


@pytest.mark.parametrize("key", CHANGING)
def test_the_repeated_hour_is_written_in_utc(key: str) -> None:
    zone = ZoneInfo(key)
    (back,) = (
        at for at in changes_of(zone, *YEAR) if offset(zone, at) < offset(zone, at - timedelta(days=1))
    )
    for start in (back - timedelta(minutes=15), back + timedelta(minutes=5)):
        row = visit(zone=key, starts_at=start, ends_at=start + timedelta(minutes=10))
        event = parse(patient_feed([row], clinic=CLINIC, subscription=SUBSCRIPTION, now=NOW)).parts("VEVENT")[
            0
        ]
        assert event.one("DTSTART").params == event.one("DTEND").params == ""
        assert event.one("DTSTART").value == f"{start:%Y%m%dT%H%M%SZ}"


@pytest.mark.parametrize("key", STILL)
def test_a_zone_without_changes_has_one_standard_time(key: str) -> None:
    body = patient_feed([visit(zone=key)], clinic=CLINIC, subscription=SUBSCRIPTION, now=NOW)
    assert lint(body) == []
    (zone,) = parse(body).parts("VTIMEZONE")
    (part,) = zone.children
    assert (part.name, part.all("RRULE")) == ("STANDARD", [])
    assert part.one("TZOFFSETFROM").value == part.one("TZOFFSETTO").value
    assert spans_read_by_vobject(renamed(body, key)) == [(visit().starts_at, visit().ends_at)]


def test_irelands_summer_time_is_the_daylight_one_though_its_footer_calls_it_standard() -> None:
    assert zone_rules("Europe/Dublin").periods[0].name == "IST"
    block = vtimezone(ZoneInfo("Europe/Dublin")).decode()
    daylight = block[block.index("BEGIN:DAYLIGHT") : block.index("END:DAYLIGHT")]
    assert "TZNAME:IST" in daylight
    assert "TZOFFSETTO:+0100" in daylight


@pytest.mark.parametrize("key", ["Africa/Cairo", "Asia/Jerusalem", "America/Nuuk", "America/Santiago"])
def test_a_change_that_bymonth_and_byday_cannot_say_moves_the_zone_to_utc(key: str) -> None:
    body = patient_feed([visit(zone=key)], clinic=CLINIC, subscription=SUBSCRIPTION, now=NOW)
    assert lint(body) == []
    assert b"VTIMEZONE" not in body
    assert b"DTSTART:20260310T143000Z" in body


def test_a_zone_that_is_plain_utc_needs_no_vtimezone() -> None:
    body = patient_feed([visit(zone="Etc/UTC")], clinic=CLINIC, subscription=SUBSCRIPTION, now=NOW)
    assert b"VTIMEZONE" not in body
    assert b"DTSTART:20260310T143000Z" in body


@pytest.mark.parametrize(
    ("key", "first", "last"),
    [
        # The United States moved their changes in 2007: today's rules are wrong for the spring of 2006.
        ("America/New_York", datetime(2006, 3, 20, tzinfo=UTC), datetime(2026, 3, 20, tzinfo=UTC)),
        # Mexico gave its summer time up in 2022.
        ("America/Mexico_City", datetime(2022, 7, 1, tzinfo=UTC), datetime(2026, 3, 20, tzinfo=UTC)),
        # Tables made before a change of law are in use for two years more.
        ("America/Mexico_City", datetime(2024, 7, 1, tzinfo=UTC), datetime(2024, 7, 2, tzinfo=UTC)),
    ],
)
def test_years_in_which_the_rules_were_others_move_the_zone_to_utc(
    key: str, first: datetime, last: datetime
) -> None:
    assert visit_zone(key, first, last) is UTC


def test_a_visit_is_written_alike_whatever_other_visits_there_are() -> None:
    """Or a visit booked under older rules would change the bytes of all others, whose sequence stays as it is."""
    summer = datetime(2022, 7, 1, 15, tzinfo=UTC)
    old = visit(id="old", zone="America/Mexico_City", starts_at=summer, ends_at=summer + timedelta(hours=1))
    new = visit(id="new", zone="America/Mexico_City")
    alone, beside = (
        parse(patient_feed(rows, clinic=CLINIC, subscription=SUBSCRIPTION, now=NOW)).parts("VEVENT")[-1]
        for rows in ([new], [old, new])
    )
    assert repr(alone) == repr(beside)
    assert alone.one("DTSTART").params == ";TZID=America/Mexico_City"


def test_two_years_after_a_change_of_rules_the_zone_is_named() -> None:
    span = datetime(2025, 1, 1, 7, tzinfo=UTC), datetime(2030, 12, 1, tzinfo=UTC)
    assert visit_zone("America/Mexico_City", *span) == ZoneInfo("America/Mexico_City")


@pytest.mark.parametrize("key", [*CHANGING, *STILL, "America/Vancouver", "Africa/Casablanca"])
def test_a_wall_time_that_was_another_hour_two_years_before_is_written_in_utc(key: str) -> None:
    zone = ZoneInfo(key)
    for start in (YEAR[0] + timedelta(days=day, hours=hour) for day in range(365) for hour in (9, 17, 23)):
        local = start.astimezone(zone)
        if local.replace(year=local.year - 2).utcoffset() != local.utcoffset():
            assert visit_zone(key, start, start + timedelta(minutes=30)) is UTC


@pytest.mark.parametrize("key", ["America/Vancouver", "Africa/Casablanca"])
def test_a_zone_whose_law_changed_is_never_read_by_an_older_table(key: str) -> None:
    """Vancouver keeps its summer time since 2026, and Morocco's Ramadan moves through the year."""
    spans, body = feed_around_days(key)
    assert b"TZID" not in body
    assert b"VTIMEZONE" not in body
    assert spans_read_by_icalendar(body) == spans


def test_february_29_is_held_against_february_28() -> None:
    start = datetime(2028, 2, 29, 17, tzinfo=UTC)
    assert visit_zone("America/Denver", start, start + timedelta(hours=1)) == ZoneInfo("America/Denver")


def test_a_feed_has_no_zone_that_no_visit_names() -> None:
    """The one visit lies in the repeated hour, which is written in UTC."""
    start = datetime(2027, 11, 7, 8, 30, tzinfo=UTC)
    row = visit(zone="America/Los_Angeles", starts_at=start, ends_at=start + timedelta(minutes=10))
    body = patient_feed([row], clinic=CLINIC, subscription=SUBSCRIPTION, now=NOW)
    assert b"DTSTART:20271107T083000Z" in body
    assert b"VTIMEZONE" not in body


CHICAGO = "America/Chicago"


@pytest.fixture
def zone_files(tmp_path: Path) -> Iterator[Path]:
    """The folder where files of zones are looked for first; zoneinfo itself keeps to what it has read of Chicago."""
    kept, usual = ZoneInfo(CHICAGO), zoneinfo.TZPATH
    (tmp_path / "America").mkdir()
    zoneinfo.reset_tzpath([tmp_path])
    forget_zones()
    yield tmp_path
    zoneinfo.reset_tzpath(usual)
    forget_zones()
    assert ZoneInfo(CHICAGO) is kept


def forget_zones() -> None:
    for remembering in (zone_rules, visit_zone, vtimezone):
        remembering.cache_clear()


def with_footer(folder: Path, footer: str) -> None:
    (folder / CHICAGO).write_bytes(b"TZif2 and data\n" + footer.encode() + b"\n")


@pytest.mark.parametrize(
    "footer",
    ["CST6CDT,M3.2.0,M11.1.0/3", "CST6CDT,M3.2.0/2:00:01,M11.1.0", "CST6", "CST6CDT", "CST6CDT,J60,J300", ""],
)
def test_rules_that_disagree_with_zoneinfo_by_a_second_are_noticed(footer: str, zone_files: Path) -> None:
    with_footer(zone_files, footer)
    assert visit_zone(CHICAGO, *YEAR) is UTC


def test_without_any_zone_file_the_zone_moves_to_utc(
    zone_files: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_package(name: str) -> Path:
        raise ModuleNotFoundError(name)

    monkeypatch.setattr(resources, "files", no_package)
    assert visit_zone(CHICAGO, *YEAR) is UTC
    with pytest.raises(ValueError, match="no lasting rules"):
        vtimezone(ZoneInfo(CHICAGO))


def test_zone_files_come_from_the_search_path_first_and_else_from_the_package(zone_files: Path) -> None:
    of_the_package = zone_rules(CHICAGO)
    assert [period.name for period in of_the_package.periods] == ["CST", "CDT"]
    assert visit_zone(CHICAGO, *YEAR) == ZoneInfo(CHICAGO)
    with_footer(zone_files, "HERE6FIRST,M3.2.0,M11.1.0")
    zone_rules.cache_clear()
    assert [period.name for period in zone_rules(CHICAGO).periods] == ["HERE", "FIRST"]


def test_an_unknown_zone_is_an_error() -> None:
    with pytest.raises(ZoneInfoNotFoundError):
        visit_zone("America/Nowhere", *YEAR)


def test_the_last_weekday_of_a_month_is_found_where_a_fifth_is_missing() -> None:
    last_sunday = YearlyDay(month=2, week=5, weekday=0, at=timedelta(hours=2))
    assert f"{last_sunday.in_year(2026):%F %T}" == "2026-02-22 02:00:00"
    assert f"{last_sunday.in_year(2032):%F %T}" == "2032-02-29 02:00:00"


@settings(max_examples=150, deadline=None)
@given(
    key=st.sampled_from(ZONES),
    at=st.datetimes(datetime(2008, 1, 1), datetime(2060, 1, 1)),  # noqa: DTZ001 - made UTC below
    days=st.integers(0, 800),
)
def test_a_zone_is_named_only_where_its_vtimezone_tells_the_truth(key: str, at: datetime, days: int) -> None:
    first = at.replace(microsecond=0, tzinfo=UTC)
    last = first + timedelta(days=days, minutes=30)
    zone = visit_zone(key, first, last)
    if zone is UTC:
        return
    ours = tzical(StringIO(vtimezone(zone).decode())).get(key)
    for probe in (first, first + (last - first) / 3, last):
        local = probe.astimezone(zone)
        if local.utcoffset() == local.replace(fold=1 - local.fold).utcoffset():
            assert local.replace(tzinfo=ours).utcoffset() == local.utcoffset()
