"""Traps of the calendar library that real readers fall into: each is shown, and shown to be avoided."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from icalendar import Calendar, Event, vText

from clinic_scheduler.calendars import events, feed
from clinic_scheduler.calendars.feed import patient_feed, stopped_feed
from clinic_scheduler.domain.calendars.values import PROVIDER, Row

from .lint import lint, parse
from .rows import CLINIC, NOW, SUBSCRIPTION, UPDATED, VISIT, WINDOW, visit


def patient(*rows: Row, now: datetime = NOW) -> bytes:
    return patient_feed(rows, clinic=CLINIC, subscription=SUBSCRIPTION, now=now)


def far_visit() -> Row:
    """After 2038, in summer: where RDATE lists have run out."""
    return visit(
        starts_at=datetime(2040, 7, 10, 14, tzinfo=UTC), ends_at=datetime(2040, 7, 10, 15, tzinfo=UTC)
    )


def test_trap_1_the_library_writes_rdate_zones_and_ours_are_two_lasting_rules() -> None:
    theirs = Calendar.from_ical(patient(VISIT))
    theirs.subcomponents = [part for part in theirs.subcomponents if part.name != "VTIMEZONE"]
    theirs.add_missing_timezones()
    assert {"RDATE in VTIMEZONE", "COMMENT in VTIMEZONE"} <= set(lint(theirs.to_ical()))
    ours = parse(patient(VISIT, replace(far_visit(), id="far")))
    (zone,) = ours.parts("VTIMEZONE")
    assert sorted((part.name, part.one("RRULE").value) for part in zone.children) == [
        ("DAYLIGHT", "FREQ=YEARLY;BYDAY=2SU;BYMONTH=3"),
        ("STANDARD", "FREQ=YEARLY;BYDAY=1SU;BYMONTH=11"),
    ]
    assert [event.one("DTSTART").value for event in ours.parts("VEVENT")] == [
        "20260310T093000",
        "20400710T090000",
    ]


def test_trap_2_the_library_gives_the_calendar_a_random_uid_and_ours_has_none() -> None:
    assert Calendar.new().to_ical() != Calendar.new().to_ical()
    body = patient(VISIT, WINDOW)
    assert parse(body).all("UID") == []
    assert body == patient(VISIT, WINDOW)


def test_trap_3_the_library_leaves_out_value_duration_and_ours_has_it() -> None:
    assert b"\r\nREFRESH-INTERVAL:PT1H\r\n" in Calendar.new(refresh_interval=timedelta(hours=1)).to_ical()
    assert b"\r\nREFRESH-INTERVAL;VALUE=DURATION:PT1H\r\n" in patient(VISIT)


def test_trap_4_a_changed_row_carries_its_own_sequence_and_stamps() -> None:
    later = UPDATED + timedelta(hours=3)
    moved = visit(
        starts_at=VISIT.starts_at - timedelta(minutes=30), sequence=VISIT.sequence + 1, updated_at=later
    )
    before, after = (parse(patient(row)).parts("VEVENT")[0] for row in (VISIT, moved))
    names = ("SEQUENCE", "DTSTAMP", "LAST-MODIFIED")
    assert [before.one(name).value for name in names] == ["3", "20260220T083015Z", "20260220T083015Z"]
    assert [after.one(name).value for name in names] == ["4", "20260220T113015Z", "20260220T113015Z"]


def test_trap_4_stamps_never_come_from_the_clock() -> None:
    assert patient(VISIT, now=NOW) == patient(VISIT, now=NOW + timedelta(days=3))


NOTICE = {"on": date(2026, 3, 1), "clinic": CLINIC, "subscription": SUBSCRIPTION, "updated_at": UPDATED}


@pytest.mark.parametrize(
    "write",
    [
        lambda: stopped_feed(**NOTICE),
        lambda: stopped_feed(audience=PROVIDER, **NOTICE),
        lambda: patient(),
        lambda: patient(visit(status="cancelled"), now=VISIT.ends_at),
    ],
    ids=["revoked", "revoked provider", "nothing planned", "all dropped"],
)
def test_trap_5_no_calendar_is_ever_empty(write: Callable[[], bytes]) -> None:
    body = write()
    assert lint(body) == []
    assert len(parse(body).parts("VEVENT")) == 1


def test_trap_6_the_library_turns_a_typed_backslash_n_into_a_line_break_and_ours_keeps_it() -> None:
    theirs = Event()
    theirs.add("SUMMARY", r"C:\New")
    assert b"SUMMARY:C:\\new" in theirs.to_ical()
    provider_name = r"C:\New"
    body = feed.provider_feed(
        [visit(provider_name=provider_name)], clinic=CLINIC, subscription=SUBSCRIPTION, now=NOW
    )
    assert rb"DESCRIPTION:Provider: C:\\New\nStatus: Booked" in body


@pytest.mark.parametrize(
    "hostile", ["a\rb", "a\r\nb", "a\nb", "a\x00b", "a\x1bb", "a\x0bb", "a\x85b", "a\u2028b", "a\ud800b"]
)
def test_trap_6_no_text_breaks_its_line(hostile: str) -> None:
    body = feed.provider_feed(
        [visit(reference=hostile, provider_name=hostile)], clinic=CLINIC, subscription=SUBSCRIPTION, now=NOW
    )
    assert lint(body) == []
    (event,) = parse(body).parts("VEVENT")
    assert event.one("SUMMARY").value in ("Visit ab", r"Visit a\nb")


def test_trap_6_would_be_seen_if_it_came_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "PlainText", vText)
    body = feed.provider_feed([visit(reference="a\x0bb")], clinic=CLINIC, subscription=SUBSCRIPTION, now=NOW)
    assert "control character" in lint(body)
