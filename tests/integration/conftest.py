"""Fixtures of the services' tests: the clinic of factories.py, on SQLite and on PostgreSQL.

One application a database serves all of them, since most of such a test's time went into starting one and into
compiling its statements; its rows are removed before each test.
"""

import shutil
from collections.abc import Iterator

import pytest
from flask import Flask

from clinic_scheduler.db import db, unit_of_work
from clinic_scheduler.services.actors import Actor
from tests import databases, factories
from tests.conftest import BOTH, FrozenClock
from tests.integration.house import House


@pytest.fixture(scope="session", params=BOTH)
def standing(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """The application on a migrated database; no app context is held."""
    folder = tmp_path_factory.mktemp("standing")
    if request.param == "sqlite":
        migrated = request.getfixturevalue("migrated_sqlite")
        address = databases.sqlite_address(shutil.copyfile(migrated, folder / "clinic.sqlite"))
    else:
        address = request.getfixturevalue("migrated_schema").address
    with databases.opened(address, folder) as app:
        yield app


@pytest.fixture
def house(standing: Flask, request: pytest.FixtureRequest, clock: FrozenClock) -> House:
    """Monday 23 November 2026, 09:00: one patient, due today, two providers."""
    empty(standing, request)
    with standing.app_context(), unit_of_work() as session:
        cast = factories.cast(session, clock.now())
    return House(standing, clock, cast)


def empty(app: Flask, request: pytest.FixtureRequest) -> None:
    """Remove every row, and on PostgreSQL start the counters again."""
    if not app.config["SQLALCHEMY_DATABASE_URI"].startswith("sqlite"):
        request.getfixturevalue("migrated_schema").empty()
        return
    with app.app_context(), unit_of_work() as session:
        for table in reversed(db.metadata.sorted_tables):
            session.execute(table.delete())


@pytest.fixture
def desk(house: House) -> Actor:
    return Actor("Desk", house.cast.clinic_id, None, frozenset({"front_desk"}))


@pytest.fixture
def provider(house: House) -> Actor:
    """A provider with an account, since an override is kept with who decided it."""
    user_id = house.change(lambda s: factories.staff(s, house.cast.actor, house.now, "provider").id)
    return Actor("Dr Amara Reid", house.cast.clinic_id, user_id, frozenset({"provider"}))
