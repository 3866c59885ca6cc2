"""Providers' and clinics' calendars as files: written whole, only when changed, and one bad one stops no other."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from icalendar import Calendar
from sqlalchemy import update

from clinic_scheduler.jobs.context import Counts
from clinic_scheduler.jobs.export_calendars import NOTICE_KEPT, export, export_calendars
from clinic_scheduler.models import Appointment, Provider
from tests.integration.outbox.world import FAMILY_NAME, VISIT, World, open_world


def exported(world: World) -> Counts:
    with world.app.app_context():
        return export_calendars(world.tools)


def test_a_booked_visit_is_in_its_providers_and_its_clinics_file(world: World) -> None:
    world.book()
    assert exported(world) == {"written": 2}
    clinic, provider = sorted(world.tools.export_dir.iterdir())
    assert (clinic.name, provider.name) == (
        f"clinic-{world.actor.clinic_id}.ics",
        f"provider-{world.provider_id}.ics",
    )
    for file in (clinic, provider):
        content = file.read_text()
        assert f"DTSTART;TZID=America/Los_Angeles:{VISIT - timedelta(hours=8):%Y%m%dT%H%M%S}" in content
        assert FAMILY_NAME not in content
        assert "Peregrine" not in content
    assert "SUMMARY:Dr. Vega: Visit" in clinic.read_text()


def test_a_file_is_written_again_only_when_its_calendar_changed(world: World) -> None:
    visit = world.book()
    exported(world)
    file = world.tools.export_dir / f"provider-{world.provider_id}.ics"
    before = file.stat()
    assert exported(world.at(world.clock.instant + timedelta(hours=1))) == {"same": 2}
    assert (file.stat().st_ino, file.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    world.move(visit, VISIT + timedelta(hours=2))
    assert exported(world) == {"written": 2}


def test_a_calendar_that_cannot_be_made_stops_no_other(world: World) -> None:
    world.book()
    world.change(lambda s: s.execute(update(Appointment).values(uid="no id of ours")))
    other = open_world(world.app, people=0)
    assert exported(other) == {"failed": 2, "written": 2}
    assert {file.name for file in other.tools.export_dir.iterdir()} == {
        f"clinic-{other.actor.clinic_id}.ics",
        f"provider-{other.provider_id}.ics",
    }


def test_files_of_whoever_is_exported_no_more_go_and_nobody_elses(world: World) -> None:
    exported(world)
    folder = world.tools.export_dir
    own = folder / f"provider-{world.provider_id}.ics"
    # A clinic there is no more of; the like of ours by name or by content alone; and what a link leads to.
    (folder / "clinic-999.ics").write_bytes(own.read_bytes())
    (folder / "provider-999.ics").write_text("BEGIN:VCALENDAR\r\nPRODID:-//somebody//else//EN\r\n")
    (folder / "Dr. Vega.ics").write_bytes(own.read_bytes())
    (folder / "provider-998.ics").symlink_to(folder / "Dr. Vega.ics")
    foreign = {"provider-999.ics", "provider-998.ics", "Dr. Vega.ics"}
    assert exported(world) == {"same": 2, "removed": 1}
    assert {file.name for file in folder.iterdir()} == {
        f"clinic-{world.actor.clinic_id}.ics",
        own.name,
        *foreign,
    }


def test_readers_of_a_file_that_ended_find_one_notice_for_a_month(world: World) -> None:
    world.book()
    exported(world)
    own = world.tools.export_dir / f"provider-{world.provider_id}.ics"
    visits = own.read_bytes()
    world.change(lambda s: s.execute(update(Provider).values(is_active=False)))
    assert exported(world) == {"same": 1, "ended": 1}
    (event,) = Calendar.from_ical(own.read_bytes()).walk("VEVENT")
    assert event["DTSTART"].dt == world.clock.now().astimezone(ZoneInfo("America/Los_Angeles")).date()
    assert "has been stopped" in event["DESCRIPTION"] or "stopped" in event["SUMMARY"].lower()
    notice = own.stat().st_mtime_ns
    assert exported(world.at(world.clock.now() + NOTICE_KEPT)) == {"same": 1}
    assert own.stat().st_mtime_ns == notice
    world.change(lambda s: s.execute(update(Provider).values(is_active=True)))
    assert exported(world) == {"same": 1, "written": 1}
    assert b"UID:notice" not in own.read_bytes()
    assert visits.count(b"BEGIN:VEVENT") == 1
    world.change(lambda s: s.execute(update(Provider).values(is_active=False)))
    assert exported(world) == {"same": 1, "ended": 1}
    assert exported(world.at(world.clock.now() + NOTICE_KEPT + timedelta(days=2)))["removed"] == 1
    assert not own.exists()


def test_a_run_that_is_stopped_midway_takes_no_file_away(world: World) -> None:
    exported(world)
    world.change(lambda s: s.execute(update(Provider).values(is_active=False)))
    world.tools = replace(world.tools, stopping=lambda: True)
    assert exported(world) == {}
    assert len(list(world.tools.export_dir.iterdir())) == 2


def test_a_failed_write_leaves_the_former_file_and_nothing_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert export(tmp_path, "a.ics", b"former")

    def full(_descriptor: int) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="full"):
        export(tmp_path, "a.ics", b"next")
    assert [(file.name, file.read_bytes()) for file in tmp_path.iterdir()] == [("a.ics", b"former")]
