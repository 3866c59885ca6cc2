"""flask backup, restore and drill: every row there again on either database, nothing told twice, nothing half done."""

import re
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import flask_migrate
import pytest
from flask import Flask
from sqlalchemy import Engine, event, func, inspect, select, text

from clinic_scheduler.backups.files import check_backup
from clinic_scheduler.db import db
from clinic_scheduler.jobs.context import tools_of
from clinic_scheduler.jobs.dispatch import dispatch
from clinic_scheduler.models import Appointment, Message, Patient
from clinic_scheduler.senders.memory import MemorySender
from tests import databases, factories
from tests.functional.cli.logs import counts, run
from tests.integration.outbox.world import VISIT, World, local, open_world

KEY = "0123456789abcdef" * 4
DUE = local(date(2026, 11, 24), 10)


@pytest.fixture
def world(app: Flask) -> World:
    """Three people, one of them with a visit ahead; what is due was sent."""
    give_key(app)
    world = open_world(app, people=3)
    world.book()
    world.at(DUE).dispatch()
    return world


def give_key(app: Flask, key: str = KEY) -> None:
    wiring = app.extensions["clinic"]
    app.extensions["clinic"] = replace(wiring, settings=replace(wiring.settings, backup_key=key))


@contextmanager
def another(url: str, folder: Path, world: World) -> Iterator[Flask]:
    """The same installation on another database: its secret, its clock, senders that remember."""
    own = world.app.extensions["clinic"]
    senders = {channel: MemorySender(channel) for channel in ("email", "sms")}
    with databases.opened(url, folder, clock=world.clock, senders=senders) as app:
        wiring = app.extensions["clinic"]
        settings = replace(wiring.settings, secret_key=own.settings.secret_key, backup_key=KEY)
        app.extensions["clinic"] = replace(wiring, settings=settings, links=own.links)
        app.config["SECRET_KEY"] = own.settings.secret_key
        yield app


@pytest.fixture
def empty(empty_database_url: str, tmp_path: Path, world: World) -> Iterator[Flask]:
    with another(empty_database_url, tmp_path / "there", world) as app:
        yield app


def backed_up(world: World, folder: Path) -> Path:
    file = folder / "clinic.backup"
    result = run(world.app, "backup", file)
    assert result.exit_code == 0, result.output
    assert "read back and whole" in result.output
    return file


def tables(app: Flask) -> list[str]:
    with app.app_context():
        return inspect(db.engine).get_table_names()


def rows_of(app: Flask, statement: Any) -> list[Any]:
    with app.app_context():
        return [tuple(row) for row in db.session.execute(statement)]


def every(model: Any) -> Any:
    return select(*model.__table__.columns).order_by(model.id)


def test_every_row_is_there_again_and_nothing_is_told_twice(
    world: World, empty: Flask, tmp_path: Path
) -> None:
    file, before = backed_up(world, tmp_path), counts(world.app)
    rows = {model: rows_of(world.app, every(model)) for model in (Patient, Appointment, Message)}
    # Sent from here since the backup, and due there still.
    assert world.at(VISIT - timedelta(days=7)).dispatch()["sent"] == 1
    result = run(empty, "restore", file)
    assert result.exit_code == 0, result.output
    # The row that holds sending, and keys that an upgrade makes, are the restored database's own.
    own = {"installation": 1, "link_keys": 0}
    assert counts(empty) | own == before | own
    assert {model: rows_of(empty, every(model)) for model in rows} == rows
    assert run(empty, "recompute").output == "0 differences\n"
    tools = tools_of(empty)
    with empty.app_context():
        assert not any(dispatch(tools).values())
    assert not tools.senders["email"].sent  # type: ignore[attr-defined]
    told = run(empty, "sending").output
    assert "restored from a backup" in told
    assert "visit_reminder: " in told


def test_it_goes_on_once_answered_with_new_rows_beside_the_old(
    world: World, empty: Flask, tmp_path: Path
) -> None:
    run(empty, "restore", backed_up(world, tmp_path))
    assert run(empty, "sending", "--drop", "all").exit_code == 0
    assert "Sending goes on" in run(empty, "sending").output
    (highest,) = rows_of(empty, select(func.max(Patient.id)))[0]
    there = replace(world, app=empty, tools=tools_of(empty))
    there.at(VISIT - timedelta(days=3)).book(1, VISIT + timedelta(hours=1))
    assert there.dispatch()["sent"] >= 1
    assert len(rows_of(empty, select(Appointment.id))) == 2
    assert highest == 3


def test_the_file_is_for_its_owner_and_nobody_reads_it_without_the_key(world: World, tmp_path: Path) -> None:
    file = backed_up(world, tmp_path)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert b"Quillfeather" not in file.read_bytes()
    assert [path.name for path in tmp_path.iterdir() if "backup" in path.name] == ["clinic.backup"]
    again = run(world.app, "backup", file)
    assert again.exit_code == 1
    assert "is there already" in again.output


def test_it_is_of_one_moment_while_others_write(world: World, tmp_path: Path) -> None:
    changed: list[str] = []

    def meanwhile(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if "FROM clinics" in statement and not changed:  # before patients are read
            changed.append(statement)
            world.set_patient(0, family_name="Changed")

    event.listen(Engine, "before_cursor_execute", meanwhile)
    try:
        file = backed_up(world, tmp_path)
    finally:
        event.remove(Engine, "before_cursor_execute", meanwhile)
    assert changed
    assert {name for (name,) in rows_of(world.app, select(Patient.family_name))} == {"Changed"}
    with another(databases.sqlite_address(tmp_path / "n.sqlite"), tmp_path / "n", world) as app:
        assert run(app, "restore", file).exit_code == 0
        assert {name for (name,) in rows_of(app, select(Patient.family_name))} == {"Quillfeather"}


@pytest.mark.parametrize("what", ["another key", "damaged", "cut short", "no backup"])
def test_what_is_not_whole_is_refused_before_anything_is_made(
    world: World, empty: Flask, tmp_path: Path, what: str
) -> None:
    file = backed_up(world, tmp_path)
    content = bytearray(file.read_bytes())
    match what:
        case "another key":
            give_key(empty, "f" * 64)
        case "damaged":
            content[-20] ^= 1
        case "cut short":
            del content[-100:]
        case _:
            content = bytearray(b"SQLite format 3\0" + bytes(500))
    file.write_bytes(content)
    result = run(empty, "restore", file)
    assert result.exit_code == 1
    assert "backup" in result.output.lower()
    assert tables(empty) == []


def test_a_database_with_tables_is_left_alone(world: World, tmp_path: Path) -> None:
    file, before = backed_up(world, tmp_path), counts(world.app)
    result = run(world.app, "restore", file)
    assert result.exit_code == 1
    assert "is not empty" in result.output
    assert counts(world.app) == before


def test_a_restore_that_fails_midway_leaves_the_database_empty(
    world: World, empty: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = backed_up(world, tmp_path)

    def broken(_connection: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("clinic_scheduler.backups.files.sums_of", broken)
    result = run(empty, "restore", file)
    assert result.exit_code == 1
    assert "No space left" in result.output
    monkeypatch.undo()
    assert tables(empty) == []
    assert run(empty, "restore", file).exit_code == 0


def test_a_backup_made_before_an_upgrade_is_restored_and_upgraded(
    world: World, empty: Flask, tmp_path: Path
) -> None:
    file = tmp_path / "old.backup"
    with another(databases.sqlite_address(tmp_path / "old.sqlite"), tmp_path / "old", world) as old:
        with old.app_context():
            flask_migrate.upgrade(str(databases.MIGRATIONS), "0009")
            with db.engine.begin() as connection:
                connection.execute(text("INSERT INTO roles (name) VALUES ('front_desk')"))
        assert run(old, "backup", file).exit_code == 0
    assert check_backup(file, KEY)[0].revision == "0009"
    assert run(empty, "restore", file).exit_code == 0
    assert "installation" in tables(empty)
    assert "held" in run(empty, "sending").output


def test_without_a_key_nothing_is_written(world: World, tmp_path: Path) -> None:
    give_key(world.app, "")
    result = run(world.app, "backup", tmp_path / "x")
    assert result.exit_code == 1
    assert "openssl rand -hex 32" in result.output
    assert not (tmp_path / "x").exists()


def test_a_damaged_sqlite_file_is_said_and_no_backup_is_kept(
    sqlite_url: str, tmp_path: Path, world: World
) -> None:
    path = Path(sqlite_url.removeprefix("sqlite:///"))
    with another(sqlite_url, tmp_path / "d", world) as app:
        with app.app_context(), db.engine.begin() as connection:
            connection.execute(text("PRAGMA ignore_check_constraints=ON"))
            connection.execute(text("PRAGMA writable_schema=ON"))
            sql = "UPDATE sqlite_master SET rootpage = 2 WHERE name = 'ix_audit_events_patient_id'"
            connection.execute(text(sql))
        result = run(app, "backup", tmp_path / "x")
    assert path.exists()
    assert result.exit_code == 1
    assert not (tmp_path / "x").exists()


def test_the_drill_is_one_command(world: World, tmp_path: Path) -> None:
    for role in ("front_desk", "admin"):
        world.change(lambda s, role=role: factories.staff(s, world.actor, DUE, role).id)
    file = backed_up(world, tmp_path)
    before = counts(world.app)
    result = run(world.app, "drill", file)
    assert result.exit_code == 0, result.output + result.stderr
    said = result.stdout
    assert "equal to the backup" in said
    assert "0 differences of dates." in said
    assert re.search(r"[4-9] links and 2 sign-ins tried, 0 dead\.", said), said
    assert "0 messages sent" in said
    assert counts(world.app) == before
