"""Hours busy elsewhere: put together, in words, and never offered; addresses of calendars that may be read."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from clinic_scheduler.domain.calendars.remote_url import host_of, read_address
from clinic_scheduler.domain.errors import InvalidInput
from clinic_scheduler.domain.visits.busy_hours import busy_check, hours_in_words, merged
from clinic_scheduler.domain.visits.slots import Diary, Hours, free_times

PACIFIC = ZoneInfo("America/Los_Angeles")
TUESDAY = date(2026, 11, 24)


def utc(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=UTC)


def test_spans_that_overlap_or_touch_become_one() -> None:
    a, b, c, d = utc(24, 10), utc(24, 11), utc(24, 12), utc(24, 13)
    assert merged([(c, d), (a, c), (b, c)]) == [(a, d)]
    assert merged([(c, d), (a, b)]) == [(a, b), (c, d)]
    assert merged([(a, d), (b, c)]) == [(a, d)]


def test_hours_are_said_on_the_clinics_wall_and_cut_at_its_midnights() -> None:
    spans = [(utc(24, 22), utc(24, 23, 30)), (utc(25, 4), utc(27, 0))]
    assert hours_in_words(spans, TUESDAY, PACIFIC) == "14:00-15:30, 20:00-00:00"
    assert hours_in_words(spans, date(2026, 11, 25), PACIFIC) == "all day"
    (check,) = busy_check("Dr Reid", spans[:1], TUESDAY, PACIFIC)
    assert (check.ok, check.stop, check.text) == (False, "soft", "Dr Reid busy elsewhere 14:00-15:30")
    assert busy_check("Dr Reid", spans[:1], date(2026, 11, 25), PACIFIC) == []


def test_what_is_busy_elsewhere_is_not_offered() -> None:
    hours = (Hours(1, time(14), time(16)),)
    diary = Diary(1, "Dr Reid", 30, hours, elsewhere=[(utc(24, 22, 30), utc(24, 23, 5))])
    times = [at.astimezone(PACIFIC).time() for at in free_times(diary, TUESDAY, PACIFIC, utc(1, 0))]
    assert times == [time(14), time(15, 15), time(15, 30)]


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("webcal://Rota.Example.org/a.ics?key=1", "https://rota.example.org/a.ics?key=1"),
        (" https://rota.example.org:443", "https://rota.example.org/"),
        ("https://bücher.example/ä b", "https://xn--bcher-kva.example/%C3%A4%20b"),
    ],
)
def test_an_address_is_read_as_people_paste_it(text: str, url: str) -> None:
    address = read_address(text)
    assert (address.url, host_of(url)) == (url, address.host)
    assert address.target not in repr(address)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("http://rota.example.org/a.ics", "https"),
        ("file:///etc/passwd", "https"),
        ("https://name:secret@rota.example.org/a.ics", "no password"),
        ("https://rota.example.org:8443/a.ics", "443"),
        ("https://rota.example.org:x/a.ics", "not the address"),
        ("https:///a.ics", "not the address"),
        ("https://rota.example.org/a\r\nHost: b", "not the address"),
        (f"https://{'a' * 70}.example.org/", "not the address"),
        (f"https://rota.example.org/{'a' * 2000}", "not the address"),
    ],
)
def test_other_addresses_are_refused_without_being_quoted(text: str, words: str) -> None:
    with pytest.raises(InvalidInput, match=words) as refusal:
        read_address(text)
    assert "rota" not in str(refusal.value)
