"""Migrations and models tell the same story, on both databases and in both directions."""

import flask_migrate
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text
from sqlalchemy.engine import Connection

from clinic_scheduler.db import UTCDateTime, db
from tests import databases


@pytest.fixture
def unmigrated(empty_database_url, tmp_path):
    """The application on a database without tables, its context open for the migration commands."""
    with databases.opened(empty_database_url, tmp_path / "unmigrated") as app, app.app_context():
        yield app


def upgrade(revision="head"):
    flask_migrate.upgrade(str(databases.MIGRATIONS), revision)


def downgrade(revision):
    databases.downgrade(revision)


def differences(connection: Connection) -> list[object]:
    """What Alembic would still change to turn the migrated tables into the declared ones."""
    context = MigrationContext.configure(
        connection, opts={"compare_type": same_instants, "compare_server_default": True}
    )
    return compare_metadata(context, db.metadata)


def same_instants(_context, _column, _declared, _found, declared_type):
    """False means the same: the databases hand an instant back as the plain type it is stored as."""
    return False if isinstance(declared_type, UTCDateTime) else None


GUARDS = {
    "sqlite": """
        SELECT sql FROM sqlite_master WHERE type IN ('trigger', 'index') AND sql IS NOT NULL
    """,
    "postgresql": """
        WITH home AS (
            SELECT oid FROM pg_class
            WHERE relnamespace = current_schema()::regnamespace AND relname <> 'alembic_version'
        )
        SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal AND tgrelid IN (TABLE home)
        UNION SELECT conname || pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid IN (TABLE home)
        UNION SELECT pg_get_indexdef(indexrelid) FROM pg_index WHERE indrelid IN (TABLE home)
    """,
}


def guards(connection: Connection) -> set[str]:
    """What Alembic's comparison does not see: triggers, checks, exclusions, conditions of indexes."""
    found = connection.execute(text(GUARDS[connection.dialect.name])).scalars()
    checks = inspect(connection).get_multi_check_constraints()
    written = {
        f"{table} {check['name']} {check['sqltext']}" for (_, table), rows in checks.items() for check in rows
    }
    return {" ".join(definition.split()) for definition in [*found, *written]}


def test_there_is_one_newest_revision():
    assert len(ScriptDirectory(str(databases.MIGRATIONS)).get_heads()) == 1


def test_migrating_from_empty_gives_the_declared_tables(app):
    with db.engine.connect() as connection:
        assert differences(connection) == []


def test_migrating_from_empty_gives_the_declared_guards(unmigrated):
    upgrade()
    with db.engine.connect() as connection:
        migrated = guards(connection)
    downgrade("base")
    db.create_all()
    with db.engine.connect() as connection:
        declared = guards(connection)
    assert migrated == declared
    assert any("overlap" in guard for guard in declared)


def test_a_table_without_a_migration_is_noticed(app):
    with db.engine.begin() as connection:
        connection.execute(text("DROP TABLE audit_events"))
        connection.execute(text("CREATE TABLE forgotten (id INTEGER PRIMARY KEY)"))
        tables = [change for change in differences(connection) if change[0].endswith("_table")]
    assert {(change, table.name) for change, table in tables} == {
        ("add_table", "audit_events"),
        ("remove_table", "forgotten"),
    }


def test_every_migration_goes_down_and_up_again(unmigrated):
    """Step by step, so that a step back that forgets something fails where it stands."""
    revisions = [script.revision for script in ScriptDirectory(str(databases.MIGRATIONS)).walk_revisions()]
    for revision in reversed(revisions):
        upgrade(revision)
        downgrade("-1")
        upgrade(revision)
    downgrade("base")
    assert set(inspect(db.engine).get_table_names()) <= {"alembic_version"}


def test_migrating_twice_changes_nothing(app):
    upgrade()
    with db.engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM alembic_version")).scalar() == 1
