"""Going back to an older schema is refused where rows would be lost, and says which and what to do."""

from collections.abc import Iterator
from pathlib import Path

import click
import flask_migrate
import pytest
from alembic.script import ScriptDirectory
from flask import Flask
from sqlalchemy import inspect, text

from clinic_scheduler.cli.losses import LOSSES
from clinic_scheduler.db import db, unit_of_work
from tests import databases
from tests.conftest import FrozenClock
from tests.functional.web.conftest import cast_with_accounts


@pytest.fixture
def migrated(empty_database_url: str, tmp_path: Path, clock: FrozenClock) -> Iterator[Flask]:
    """The application on a database of the newest schema, its context open for the migration commands."""
    with databases.opened(empty_database_url, tmp_path / "own", clock=clock) as app, app.app_context():
        flask_migrate.upgrade(str(databases.MIGRATIONS))
        yield app


def counts() -> dict[str, int]:
    with db.engine.connect() as connection:
        tables = inspect(connection).get_table_names()
        return {
            name: connection.execute(text(f'SELECT count(*) FROM "{name}"')).scalar_one() for name in tables
        }


def test_each_migration_says_what_its_way_back_would_lose() -> None:
    revisions = {script.revision for script in ScriptDirectory(str(databases.MIGRATIONS)).walk_revisions()}
    assert set(LOSSES) == revisions


def test_what_each_names_is_there(migrated: Flask) -> None:
    """Each condition can be asked of the newest schema."""
    with db.engine.connect() as connection:
        for loss in (loss for losses in LOSSES.values() for loss in losses):
            where = f" WHERE {loss.where}" if loss.where else ""
            connection.execute(text(f"SELECT count(*) FROM {loss.table}{where}")).scalar_one()


def test_a_table_that_goes_is_named_or_is_computed(migrated: Flask) -> None:
    """Step by step down, without rows: what each step drops is a loss that is declared, or can be computed anew."""
    computed = {"due_counts", "due_count_changes", "busy_times"}
    missing = []
    for script in ScriptDirectory(str(databases.MIGRATIONS)).walk_revisions():
        before = set(counts())
        databases.downgrade("-1")
        named = {loss.table for loss in LOSSES[script.revision]}
        gone = before - set(counts()) - named - computed
        missing += [] if "clinics" in named and script.revision == "0001" else sorted(gone)
    assert missing == []


def test_with_rows_it_is_refused_and_nothing_is_changed(migrated: Flask, clock: FrozenClock) -> None:
    with unit_of_work() as session:
        cast_with_accounts(session, clock.now())
    before = counts()
    with pytest.raises(click.ClickException) as refused:
        flask_migrate.downgrade(str(databases.MIGRATIONS), "0001")
    said = refused.value.message
    assert "keys of links in sent messages" in said
    assert "4 accounts' clinics" in said
    assert "Nothing was changed" in said
    assert "restore the backup" in said
    assert counts() == before
    with pytest.raises(click.ClickException, match="1 clinics with all that is theirs"):
        flask_migrate.downgrade(str(databases.MIGRATIONS), "base")
    databases.downgrade("0001")
    assert "consents" not in counts()


def test_where_nothing_would_be_lost_it_goes_back(migrated: Flask) -> None:
    with db.engine.begin() as connection:
        connection.execute(text("DELETE FROM link_keys"))
    flask_migrate.downgrade(str(databases.MIGRATIONS), "0001")
    assert "consents" not in counts()
