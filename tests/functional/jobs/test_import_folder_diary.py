"""Lists of visits and of contacts in the watched folder: each is told by its header, added once, filed and reported."""

import json
import os
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from clinic_scheduler.db import db, unit_of_work
from clinic_scheduler.jobs.context import Tools, tools_of
from clinic_scheduler.jobs.import_claims import SETTLED
from clinic_scheduler.jobs.import_folder import import_folder
from clinic_scheduler.models import Appointment, AuditEvent, Patient, WorkItem
from clinic_scheduler.services.change import Change
from clinic_scheduler.services.patients import records
from clinic_scheduler.services.work_items import close_item
from tests import factories
from tests.conftest import FrozenClock

VISITS = "MRN,Appointment Date,Time,Provider,Status,Appt ID\n"
BOOKED = "A-100,11/30/2026,9:00 AM,Dr Amara Reid,Scheduled,7001\n"
CONTACTS = "MRN,Last Name,Mobile,Email\n"


@pytest.fixture
def cast(app: Flask, clock: FrozenClock) -> factories.Cast:
    """A day old: the files know of it."""
    with app.app_context(), unit_of_work() as session:
        return factories.cast(session, clock.now() - timedelta(days=1))


@pytest.fixture
def tools(app: Flask, cast: factories.Cast, tmp_path: Path) -> Tools:
    folder = tmp_path / "exports"
    folder.mkdir()
    return replace(tools_of(app), import_dir=folder)


def take(
    app: Flask,
    tools: Tools,
    content: str,
    *,
    ago: timedelta = SETTLED,
    becomes: str = "done",
    name: str = "night.csv",
) -> dict[str, Any]:
    """Put a file there and let the job run; the newest report."""
    assert tools.import_dir is not None
    path = tools.import_dir / name
    path.write_text(content)
    written = (tools.clock.now() - ago).timestamp()
    os.utime(path, (written, written))
    with app.app_context():
        assert import_folder(tools) == {becomes: 1}
    newest = max((tools.import_dir / becomes).glob("*.report.json"), key=lambda each: each.stat().st_mtime_ns)
    told: dict[str, Any] = json.loads(newest.read_text())
    return told


def looked(app: Flask, statement: Any) -> list[Any]:
    with app.app_context():
        return list(db.session().scalars(statement))


def test_a_list_of_visits_is_booked_once_and_cancelled(app: Flask, tools: Tools) -> None:
    report = take(app, tools, VISITS + BOOKED)
    assert (report["kind"], report["done"], report["dry_run"]) == ("visits", {"booked": 1}, False)
    assert take(app, tools, VISITS + BOOKED)["done"] == {"known": 1}
    assert looked(app, select(Appointment.state)) == ["booked"]
    assert take(app, tools, VISITS + BOOKED.replace("Scheduled", "Cancelled"))["done"] == {"cancelled": 1}
    assert looked(app, select(Appointment.state)) == ["cancelled"]
    assert looked(app, select(WorkItem)) == []
    written = select(AuditEvent.subject).where(AuditEvent.action == "imported")
    assert looked(app, written.where(AuditEvent.actor == "import folder")) == ["visits"] * 3


def test_rows_that_cannot_be_told_or_applied_are_counted_once_on_the_work_list(
    app: Flask, tools: Tools
) -> None:
    unread = BOOKED.replace("9:00 AM", "")
    unknown = BOOKED.replace("A-100", "Z-9")
    report = take(app, tools, VISITS + unread + unknown + BOOKED)
    assert report["done"] == {"booked": 1}
    assert [each["line"] for each in report["problems"]] == [2, 3]
    items = looked(app, select(WorkItem).order_by(WorkItem.note))
    assert {item.kind for item in items} == {"import_problems"}
    assert [item.note for item in items] == [
        "night.csv: 1 of 3 rows were left out",
        "night.csv: 1 visit ahead of somebody nobody here knows",
    ]


def test_people_nobody_knows_are_one_item_night_after_night_that_ends_with_them(
    app: Flask, tools: Tools, clock: FrozenClock, cast: factories.Cast
) -> None:
    strangers = BOOKED.replace("A-100", "Z-8") + BOOKED.replace("A-100", "Z-9").replace("7001", "7002")

    def night(rows: str) -> list[tuple[str | None, str | None]]:
        """The list as of the next night; what the desk is asked: the note, and how it ended."""
        clock.move(timedelta(days=1))
        take(app, tools, VISITS + BOOKED + rows, name=f"visits-{clock.now():%Y%m%d}.csv")
        return [(item.note.partition(": ")[2], item.outcome) for item in looked(app, select(WorkItem))]

    two = "2 visits ahead of 2 people nobody here knows"
    assert night(strangers) == [(two, None)]
    assert night(strangers) == [(two, None)]
    with app.app_context(), unit_of_work() as session:
        close_item(
            Change(session, cast.actor, clock.now()),
            session.scalars(select(WorkItem.id)).one(),
            "nothing_needed",
        )
    # Settled is settled, also where fewer are left; somebody new is asked about.
    assert night(strangers) == [(two, "nothing_needed")]
    one = strangers.splitlines(keepends=True)[0]
    assert night(one) == [(two, "nothing_needed")]
    assert night(one + BOOKED.replace("A-100", "Z-10").replace("7001", "7003")) == [(two, None)]
    assert night("") == [(two, "corrected")]


def test_days_that_could_be_read_both_ways_are_put_before_somebody(app: Flask, tools: Tools) -> None:
    assert take(app, tools, VISITS + BOOKED.replace("11/30", "12/1"))["done"] == {"booked": 1}
    (item,) = looked(app, select(WorkItem))
    assert "nothing proves if the day or month comes first" in item.note


def test_contacts_are_brought_in_line(app: Flask, tools: Tools, cast: factories.Cast) -> None:
    content = CONTACTS + "A-100,Okonkwo,(206) 555-0177,\nZ-9,Nobody,(206) 555-0178,\n"
    report = take(app, tools, content)
    assert (report["kind"], report["done"]) == ("contacts", {"changed": 1, "unknown": 1})
    assert looked(app, select(Patient.phone)) == ["+12065550177"]
    assert take(app, tools, content)["done"] == {"known": 1, "unknown": 1}
    assert looked(app, select(WorkItem)) == []


def test_the_time_of_the_file_decides_between_it_and_staff(
    app: Flask, tools: Tools, cast: factories.Cast, clock: FrozenClock
) -> None:
    clock.move(timedelta(hours=1))
    with app.app_context(), unit_of_work() as session:
        patient = session.get_one(Patient, cast.patient_id)
        entry = replace(records.entry_of(patient), phone="+12065550188")
        records.edit_patient(Change(session, cast.actor, clock.now()), patient.id, entry, patient.updated_at)
    clock.move(timedelta(hours=1))
    content = CONTACTS + "A-100,Okonkwo,(206) 555-0177,\n"
    assert take(app, tools, content, ago=timedelta(hours=2))["done"] == {"newer_here": 1}
    assert take(app, tools, content, ago=timedelta(minutes=30))["done"] == {"changed": 1}


def test_a_mapping_is_taken_by_the_beginning_of_the_file_s_name(app: Flask, tools: Tools) -> None:
    assert tools.import_dir is not None
    mappings = tools.import_dir / "mappings"
    mappings.mkdir()
    columns = {"mrn": "Pat", "starts_at": "Wann", "provider_name": "Wer"}
    told = {"kind": "visits", "columns": columns, "date_order": "dmy"}
    (mappings / "Night.json").write_text(json.dumps(told))
    (mappings / "nightly.json").write_text("another file's")
    report = take(app, tools, "Pat,Wann,Wer\nA-100,01.12.2026 09:00,Amara Reid\n")
    assert report["done"] == {"booked": 1}
    assert looked(app, select(Appointment.local_date)) == [date(2026, 12, 1)]
    assert (mappings / "Night.json").exists()


def test_a_mapping_that_is_none_is_said_and_nothing_is_imported(app: Flask, tools: Tools) -> None:
    assert tools.import_dir is not None
    (tools.import_dir / "mappings").mkdir()
    (tools.import_dir / "mappings" / "night.json").write_text("{")
    assert "not JSON" in take(app, tools, VISITS + BOOKED, becomes="failed")["error"]
    assert looked(app, select(Appointment.state)) == []
