"""The demo, loaded as of chosen moments, and what its tests ask of it; no tests here."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from flask import Flask
from sqlalchemy import Select, select

from clinic_scheduler.cli.demo import load_if_empty
from clinic_scheduler.db import db
from clinic_scheduler.models import Clinic
from clinic_scheduler.queries.due.rows import DueRow, due_rows
from tests import databases
from tests.conftest import FrozenClock

ZONE = ZoneInfo("America/Los_Angeles")
MONDAY_MORNING = datetime(2026, 11, 23, 9, 0, tzinfo=ZONE)
NOWS = {
    "weekday in the morning": MONDAY_MORNING,
    "Saturday late at night": datetime(2026, 12, 26, 23, 50, tzinfo=ZONE),
    "clocks go forward": datetime(2027, 3, 14, 3, 1, tzinfo=ZONE),
    "29 February": datetime(2028, 2, 29, 13, 0, tzinfo=ZONE),
}
ADDRESS = "http://127.0.0.1:5099"


class Built:
    """A database that the demo was loaded into, and what a test asks of it."""

    def __init__(self, app: Flask, now: datetime) -> None:
        self.app, self.now = app, now
        self.today = now.astimezone(ZONE).date()
        with app.app_context():
            self.clinic_id = db.session().scalars(select(Clinic.id)).one()

    def due(self) -> list[DueRow]:
        with self.app.app_context():
            return due_rows(db.session(), self.clinic_id, self.today)

    def all(self, query: Select[Any]) -> list[Any]:
        with self.app.app_context():
            return list(db.session().execute(query))


@contextmanager
def opened_at(address: str, folder: Path, now: datetime) -> Iterator[Flask]:
    with databases.opened(address, folder / "data", clock=FrozenClock(now.astimezone(UTC))) as app:
        yield app


@contextmanager
def opened_in(folder: Path, now: datetime) -> Iterator[Flask]:
    with opened_at(databases.sqlite_address(folder / databases.SQLITE_FILE), folder, now) as app:
        yield app


def load_in(folder: Path, now: datetime, migrated: Path) -> None:
    """The demo's database, a copy of `migrated` filled, and its data."""
    shutil.copyfile(migrated, folder / databases.SQLITE_FILE)
    with opened_in(folder, now) as app:
        load(app)


def load(app: Flask) -> None:
    with app.app_context():
        assert load_if_empty(app, ADDRESS)
