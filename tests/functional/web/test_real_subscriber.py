"""vdirsyncer, a subscriber people use, follows a patient's feed on a real server through all that happens to it."""

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from werkzeug.serving import make_server

from clinic_scheduler.db import unit_of_work
from clinic_scheduler.domain.calendars.links import PATIENT, Whose
from clinic_scheduler.models import CalendarFeed
from clinic_scheduler.services.calendars import feeds
from clinic_scheduler.services.change import Change
from tests import databases, factories
from tests.calendar_parsers import vobject
from tests.calendar_parsers.seen import Seen, epoch
from tests.conftest import FrozenClock
from tests.integration.house import TODAY, House, at

FRIDAY = date(2026, 11, 27)
STOPPED = "This calendar link was stopped"


class Links:
    """Addresses of the patient's feed on the running server: made, replaced and stopped by the desk."""

    def __init__(self, house: House, address: str) -> None:
        self.house, self.address = house, address

    def issue(self) -> int:
        cast, now = self.house.cast, self.house.now
        whose = Whose(PATIENT, patient_id=cast.patient_id)
        return self.house.change(
            lambda s: feeds.issue(Change(s, cast.actor, now), whose, self._token, name="Phone").feed.id
        )

    def rotate(self, link_id: int) -> int:
        cast, now = self.house.cast, self.house.now
        return self.house.change(lambda s: feeds.rotate(Change(s, cast.actor, now), link_id, self._token).id)

    def revoke(self, link_id: int) -> None:
        cast, now = self.house.cast, self.house.now
        self.house.change(lambda s: feeds.revoke(Change(s, cast.actor, now), link_id).id)

    def url(self, link_id: int) -> str:
        return f"{self.address}/calendar/{self._token(self.house.row(CalendarFeed, link_id)['uid'])}.ics"

    def _token(self, uid: str) -> str:
        return str(self.house.app.extensions["clinic"].links.calendar_token(uid))


class Subscriber:
    """vdirsyncer with a home of its own, and the folder it keeps in step with one address."""

    def __init__(self, home: Path, url: str) -> None:
        self.home, self.items = home, home / "items"
        self.items.mkdir(parents=True)
        (home / "config").write_text(
            f'[general]\nstatus_path = "{home / "status"}"\n'
            '[pair feed]\na = "far"\nb = "near"\ncollections = null\n'
            f'[storage far]\ntype = "http"\nurl = "{url}"\n'
            f'[storage near]\ntype = "filesystem"\npath = "{self.items}"\nfileext = ".ics"\n'
        )
        self.run("discover")

    def sync(self) -> list[Seen]:
        """What it now holds, one file an event. vdirsyncer gives events of an address UIDs of its own."""
        self.run("sync")
        files = vobject.read([file.read_bytes() for file in self.items.glob("*.ics")])
        return sorted(event._replace(uid="") for (event,) in files)

    def run(self, command: str) -> None:
        ran = subprocess.run(
            [sys.executable, "-m", "vdirsyncer", "--config", self.home / "config", command],
            env={"PATH": os.environ["PATH"], "HOME": str(self.home), "LC_ALL": "C.UTF-8"},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert ran.returncode == 0, ran.stderr


@pytest.fixture
def links(sqlite_url: str, clock: FrozenClock, tmp_path: Path) -> Iterator[Links]:
    with databases.opened(sqlite_url, tmp_path / "data", clock=clock) as app:
        with app.app_context(), unit_of_work() as session:
            cast = factories.cast(session, clock.now())
        server = make_server("127.0.0.1", 0, app, threaded=True)
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield Links(House(app, clock, cast), f"http://127.0.0.1:{server.server_port}")
        server.shutdown()
        thread.join()
        server.server_close()


def visits(events: list[Seen]) -> list[tuple[str, int]]:
    """Status and start of each visit; "due" and its first day where one is due."""
    shown = [event for event in events if event.summary.startswith(("Appointment", "Cancelled"))]
    return [("due" if event.all_day else event.status, event.start) for event in shown]


def test_a_subscriber_holds_what_the_clinic_did_last(links: Links, tmp_path: Path) -> None:
    house, link = links.house, links.issue()
    phone = Subscriber(tmp_path / "phone", links.url(link))
    due = "due", epoch(TODAY)
    assert visits(phone.sync()) == [due]

    visit = house.book(at(FRIDAY, 9))
    assert visits(phone.sync()) == [("CONFIRMED", epoch(at(FRIDAY, 9)))]

    house.move(visit, at(FRIDAY, 10, 30))
    assert visits(phone.sync()) == [("CONFIRMED", epoch(at(FRIDAY, 10, 30)))]

    house.cancel(visit)
    after = phone.sync()
    assert visits(after) == [due, ("CANCELLED", epoch(at(FRIDAY, 10, 30)))]

    other = links.rotate(link)
    assert [event.summary for event in phone.sync()] == [STOPPED]
    tablet = Subscriber(tmp_path / "tablet", links.url(other))
    assert tablet.sync() == after

    links.revoke(other)
    assert [event.summary for event in tablet.sync()] == [STOPPED]
