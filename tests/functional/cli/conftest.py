"""Fixtures of the commands' tests."""

from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask

from clinic_scheduler.db import unit_of_work
from clinic_scheduler.services.practice.clinics import ClinicEntry, open_clinic
from tests import factories
from tests.conftest import FrozenClock
from tests.functional.cli.loaded_demo import NOWS, load_in
from tests.functional.cli.seen import Seen
from tests.kept_rows import begin_with
from tests.made_once import MadeOnce


@pytest.fixture
def two_clinics(app: Flask, clock: FrozenClock) -> None:
    with app.app_context(), unit_of_work() as session:
        for name in ("Harbor", "Elm"):
            entry = ClinicEntry(name, "America/Los_Angeles", "+12065550100", "desk@example.org")
            open_clinic(session, "test", entry, clock.now())


@pytest.fixture
def seen(app: Flask, clock: FrozenClock) -> Seen:
    """Monday 23 November 2026, 09:00: one patient, due today, two providers."""
    return Seen(app, clock.now(), begin_with(app, factories.cast, clock.now()))


@pytest.fixture(scope="session")
def loaded_demo(migrated_sqlite: Path, made_once: MadeOnce) -> Callable[[str], Path]:
    """The folder of a demo as of one of NOWS, with its database and its data; for reading alone."""

    def folder_of(name: str) -> Path:
        number = list(NOWS).index(name)
        return made_once(f"demo-{number}", lambda folder: load_in(folder, NOWS[name], migrated_sqlite))

    return folder_of
