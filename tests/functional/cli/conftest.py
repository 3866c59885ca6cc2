"""Fixtures of the commands' tests."""

import pytest
from flask import Flask

from clinic_scheduler.db import unit_of_work
from clinic_scheduler.services.practice.clinics import ClinicEntry, open_clinic
from tests import factories
from tests.conftest import FrozenClock
from tests.functional.cli.seen import Seen


@pytest.fixture
def two_clinics(app: Flask, clock: FrozenClock) -> None:
    with app.app_context(), unit_of_work() as session:
        for name in ("Harbor", "Elm"):
            entry = ClinicEntry(name, "America/Los_Angeles", "+12065550100", "desk@example.org")
            open_clinic(session, "test", entry, clock.now())


@pytest.fixture
def seen(app: Flask, clock: FrozenClock) -> Seen:
    """Monday 23 November 2026, 09:00: one patient, due today, two providers."""
    with app.app_context(), unit_of_work() as session:
        cast = factories.cast(session, clock.now())
    return Seen(app, clock.now(), cast)
