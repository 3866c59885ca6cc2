"""Providers' and clinics' calendars as files: written whole, only when changed, and one bad one stops no other."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from clinic_scheduler.jobs.export_calendars import export, export_calendars
from clinic_scheduler.jobs.tools import Counts
from clinic_scheduler.models import Clinic
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
    world.change(lambda s: s.execute(update(Clinic).values(zone="Nowhere/Land")))
    other = open_world(world.app, people=0)
    assert exported(other) == {"failed": 2, "written": 2}
    assert {file.name for file in other.tools.export_dir.iterdir()} == {
        f"clinic-{other.actor.clinic_id}.ics",
        f"provider-{other.provider_id}.ics",
    }


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
