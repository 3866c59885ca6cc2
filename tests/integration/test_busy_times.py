"""Busy times on both databases: the worker reads them, suggestions avoid them, bookings by hand and visits stay."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, time, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from clinic_scheduler.domain.errors import InvalidInput, NotFound
from clinic_scheduler.jobs.context import Counts, tools_of
from clinic_scheduler.jobs.read_busy_calendars import read_busy_calendars
from clinic_scheduler.models import BusyCalendar, BusyTime, Course
from clinic_scheduler.queries.schedule.busy_hours import (
    calendars_of,
    count_in_busy_hours,
    visits_in_busy_hours,
)
from clinic_scheduler.queries.schedule.cells import OpenTime
from clinic_scheduler.queries.schedule.gap_fill import best_fits
from clinic_scheduler.queries.schedule.grid import day_grid
from clinic_scheduler.queries.schedule.suggestions import TimesWanted, suggestions
from clinic_scheduler.senders.base import CalendarAnswer, CalendarNotFetched
from clinic_scheduler.services.actors import Actor
from clinic_scheduler.services.calendars import busy_times
from clinic_scheduler.services.change import Change
from tests.factories import ZONE
from tests.integration.house import TODAY, House, at

URL = "https://rota.example.org/secret-5c1.ics"
TOMORROW = TODAY + timedelta(1)


def ics(*spans: tuple[datetime, datetime]) -> bytes:
    events = "".join(
        f"BEGIN:VEVENT\r\nUID:{start:%d%H%M}\r\nDTSTART:{start:%Y%m%dT%H%M%SZ}\r\nDTEND:{end:%Y%m%dT%H%M%SZ}\r\n"
        "SUMMARY:Ward round\r\nEND:VEVENT\r\n"
        for start, end in spans
    )
    return f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\n{events}END:VCALENDAR\r\n".encode()


MORNING = ics((at(TOMORROW, 9), at(TOMORROW, 10)))


@dataclass
class Net:
    """What the internet says next, and what it was asked: (address, etag)."""

    says: Callable[[str], CalendarAnswer] = lambda _url: CalendarAnswer(MORNING, '"1"')
    asked: list[tuple[str, str | None]] = field(default_factory=list)

    def __call__(self, url: str, etag: str | None) -> CalendarAnswer:
        self.asked.append((url, etag))
        return self.says(url)


@pytest.fixture
def net() -> Net:
    return Net()


def add(house: House, name: str = "Rota", url: str = URL) -> int:
    cast = house.cast
    return house.change(
        lambda s: busy_times.add_address(Change(s, cast.actor, house.now), cast.provider_id, name, url).id
    )


def tick(house: House, net: Net) -> Counts:
    with house.app.app_context():
        return read_busy_calendars(replace(tools_of(house.app, clock=house.clock), fetch_calendar=net))


def spans(house: House) -> list[tuple[int, datetime, datetime]]:
    wanted = select(BusyTime.id, BusyTime.starts_at, BusyTime.ends_at).order_by(BusyTime.starts_at)
    return [tuple(row) for row in house.rows(wanted)]


def suggested(house: House, provider_id: int | None = None) -> list[datetime]:
    def look(session: Session) -> list[datetime]:
        course = session.get_one(Course, house.cast.course_id)
        found = suggestions(session, course, house.now, TimesWanted(per_diary=2, provider_id=provider_id))
        return [slot.starts_at for slot in found]

    return house.look(look)


def test_suggestions_avoid_what_the_worker_read_and_a_booking_by_hand_does_not(
    house: House, net: Net
) -> None:
    mine = house.cast.provider_id
    busy = ics((at(TODAY, 7), at(TODAY, 18)), (at(TOMORROW, 9), at(TOMORROW, 10)))
    net.says = lambda _url: CalendarAnswer(busy, None)
    assert suggested(house, mine)[0].date() == TODAY
    add(house)
    assert tick(house, net) == {"changed": 1}
    assert suggested(house, mine)[0] == at(TOMORROW, 10)
    visit = house.book(at(TOMORROW, 9, 30))
    standing = house.look(lambda s: visits_in_busy_hours(s, house.cast.clinic_id, ZONE, house.now))
    assert [(row.id, words) for row, words in standing] == [(visit, "09:00-10:00")]
    assert house.look(lambda s: count_in_busy_hours(s, house.cast.clinic_id, house.now)) == 1


def test_the_grid_shows_busy_hours_within_the_hours_and_offers_nothing_there(house: House, net: Net) -> None:
    add(house)
    tick(house, net)
    grid = house.look(lambda s: day_grid(s, house.cast.clinic_id, TOMORROW, house.now))
    mine, other = grid.columns
    assert [(row, cell.span) for row, cell in mine.cells.items() if cell.kind == "elsewhere"] == [(540, 4)]
    offered = [free.at.hour for cell in mine.cells.values() for free in cell.free]
    assert 9 not in offered
    assert 10 in offered
    assert all(cell.kind != "elsewhere" for cell in other.cells.values())


def test_a_calendar_is_read_every_half_hour_whole_once_a_day_and_written_only_when_changed(
    house: House, net: Net
) -> None:
    add(house)
    assert tick(house, net) == {"changed": 1}
    written = spans(house)
    house.later(minutes=15)
    assert tick(house, net) == {}
    house.later(minutes=15)
    net.says = lambda _url: CalendarAnswer(None, None)
    assert tick(house, net) == {"same": 1}
    house.later(hours=24)
    net.says = lambda _url: CalendarAnswer(MORNING, '"1"')
    assert tick(house, net) == {"same": 1}
    assert net.asked == [(URL, None), (URL, '"1"'), (URL, None)]
    assert spans(house) == written


def test_one_that_fails_keeps_what_it_had_says_why_and_stops_no_other(house: House, net: Net) -> None:
    first, second = add(house), add(house, "Theatre", "https://theatre.example.org/x.ics")
    tick(house, net)

    def broken(url: str) -> CalendarAnswer:
        if url == URL:
            raise CalendarNotFetched("The calendar's server could not be reached.")
        return CalendarAnswer(b"<html>", None)

    net.says = broken
    house.later(minutes=30)
    assert tick(house, net) == {"failed": 2}
    lines = house.look(lambda s: calendars_of(s, house.cast.provider_id, house.now))
    assert [(line.id, line.host, line.hours) for line in lines] == [
        (first, "rota.example.org", 1),
        (second, "theatre.example.org", 1),
    ]
    assert lines[0].failure == "The calendar's server could not be reached."
    assert (lines[1].failure or "").startswith("There is a web page, not a calendar")
    assert lines[0].read_at == house.now - timedelta(minutes=30)

    def bug(url: str) -> CalendarAnswer:
        if url == URL:
            raise RuntimeError(url)
        return CalendarAnswer(ics(), None)

    net.says = bug
    house.later(minutes=30)
    assert tick(house, net) == {"failed": 1, "changed": 1}


def test_a_calendar_is_claimed_once_and_again_when_asked_for(house: House, net: Net) -> None:
    key = add(house)

    def claimed() -> bool:
        return house.change(lambda s: busy_times.claim(s, key, house.now)) is not None

    assert [claimed(), claimed()] == [True, False]
    house.change(lambda s: busy_times.ask_again(Change(s, house.cast.actor, house.now), key))
    assert claimed()


def test_a_calendar_removed_while_it_is_read_stays_removed(house: House, net: Net) -> None:
    key = add(house)

    def gone(_url: str) -> CalendarAnswer:
        house.change(lambda s: busy_times.remove(Change(s, house.cast.actor, house.now), key))
        return CalendarAnswer(MORNING, None)

    net.says = gone
    assert tick(house, net) == {"same": 1}
    assert spans(house) == []
    assert house.rows(select(BusyCalendar.id)) == []


def test_a_file_replaces_the_file_of_its_name_and_no_address(house: House) -> None:
    cast = house.cast

    def keep(name: str, *found: tuple[datetime, datetime], by: Actor = cast.actor) -> int:
        return house.change(
            lambda s: busy_times.keep_file(Change(s, by, house.now), cast.provider_id, name, list(found)).id
        )

    key = keep("Leave", (at(TOMORROW, 9), at(TOMORROW, 10)))
    assert keep("Leave", (at(TOMORROW, 13), at(TOMORROW, 14))) == key
    assert [start for _, start, _ in spans(house)] == [at(TOMORROW, 13)]
    add(house)
    with pytest.raises(InvalidInput, match="already"):
        keep("Rota")
    with pytest.raises(InvalidInput, match="already"):
        add(house, "Leave")
    with pytest.raises(NotFound):
        keep("Leave", by=Actor("Other", cast.clinic_id + 1))
    actions = [(action, details["provider_id"]) for action, details in house.audit("busy_calendars")]
    assert actions == [(what, cast.provider_id) for what in ("added", "replaced", "added")]


def test_an_open_time_that_became_busy_is_filled_with_nobody(house: House, net: Net) -> None:
    def fits() -> int:
        wanted = OpenTime(house.cast.provider_id, "Dr Amara Reid", TOMORROW, time(9))
        return len(
            house.look(lambda s: best_fits(s, house.cast.clinic_id, wanted, at(TOMORROW, 9), house.now))
        )

    assert fits() == 1
    add(house)
    tick(house, net)
    assert fits() == 0
