"""Fixtures of the migrations' tests: an application on a migrated database, its context open for the commands."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from tests import databases
from tests.conftest import BOTH, FrozenClock


@pytest.fixture(params=BOTH)
def own_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A migrated database of the test's own, whose tables it may change."""
    if request.param == "sqlite":
        return str(request.getfixturevalue("sqlite_url"))
    url = str(request.getfixturevalue("empty_postgresql_url"))
    databases.migrate(url, tmp_path / "migrating")
    return url


@pytest.fixture
def app(own_database_url: str, tmp_path: Path, clock: FrozenClock) -> Iterator[Flask]:
    with databases.opened(own_database_url, tmp_path / "data", clock=clock) as app, app.app_context():
        yield app
