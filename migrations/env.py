"""How Alembic meets the app: the app's own engine and models, one transaction a run."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click
from alembic import context
from alembic.autogenerate.api import AutogenContext
from flask import current_app
from sqlalchemy import Connection

from clinic_scheduler.cli.losses import LOSE_ALL_THE_SAME, refuse_to_lose
from clinic_scheduler.db import UTCDateTime, unit_of_work
from clinic_scheduler.jobs.adopt import adopt_clinics
from clinic_scheduler.jobs.context import fault
from clinic_scheduler.links import former_keys
from clinic_scheduler.postgresql import unhurried
from clinic_scheduler.services.link_keys import keep_link_keys

NOT_ADOPTED = (
    "the tables are upgraded, but the kept dates were not all computed by the new rules ({}). Nothing is lost and no"
    " visit was moved. The worker goes on with it; or run: flask --app wsgi recompute --write"
)
database = current_app.extensions["migrate"].db


def render_item(kind: str, item: Any, _context: AutogenContext) -> str | bool:
    """Migrations must run on their own: write our column type as the plain one it stores."""
    if kind == "type" and isinstance(item, UTCDateTime):
        return "sa.DateTime(timezone=True)"
    return False


def compare_type(
    _context: Any, _column: Any, _metadata_column: Any, _inspected: Any, declared: Any
) -> bool | None:
    """SQLite and PostgreSQL both hand an instant back as a plain DateTime."""
    return False if isinstance(declared, UTCDateTime) else None


def configure(**how: Any) -> None:
    context.configure(
        target_metadata=database.metadata,
        render_item=render_item,
        compare_type=compare_type,
        **how,
    )


def run_offline() -> None:
    configure(url=database.engine.url.render_as_string(hide_password=False), literal_binds=True)
    with context.begin_transaction():
        context.run_migrations()


def run_online() -> None:
    with database.engine.connect() as connection, references_unchecked(connection):
        configure(connection=connection)
        with context.begin_transaction():
            unhurried(connection)
            refuse_to_lose(connection, taken_back(), LOSE_ALL_THE_SAME in context.get_x_argument())
            context.run_migrations()
            is_newest = upgraded_to_the_newest()
    if is_newest:
        keep_keys_of_links()
        adopt_new_rules()


def taken_back() -> list[str]:
    """The revisions whose downgrade was asked for, in order."""
    asked = context.get_context()
    if "destination_rev" not in asked.opts:
        return []
    steps = asked.opts["fn"](asked.get_current_heads(), asked)
    return [step.revision.revision for step in steps if not step.is_upgrade]


def upgraded_to_the_newest() -> bool:
    """After an upgrade, whether all of it is done; never after a look at where the database stands."""
    asked = context.get_context()
    return "destination_rev" in asked.opts and asked.get_current_heads() == (context.get_head_revision(),)


def keep_keys_of_links() -> None:
    """Links in messages get keys of their own, and what signed them until now is kept: no rotation kills them."""
    wiring = current_app.extensions["clinic"]
    try:
        with unit_of_work() as session:
            keep_link_keys(session, former_keys(wiring.links.keys), wiring.clock.now())
    finally:
        database.session.remove()


def adopt_new_rules() -> None:
    """Dates are kept, so a clinic that was there has them computed anew, in units of work of its own."""
    try:
        clinics = adopt_clinics(unit_of_work, current_app.extensions["clinic"].clock.now())
    except Exception as error:
        raise RuntimeError(NOT_ADOPTED.format(fault(error))) from error
    finally:
        database.session.remove()
    if clinics:
        click.echo("Dates were computed by the new rules. What changed: flask --app wsgi rule-changes")


@contextmanager
def references_unchecked(connection: Connection) -> Iterator[None]:
    """SQLite changes a table by rebuilding it, and dropping the old one must not be taken for deleting its rows.

    The switch works outside a transaction alone, so it is thrown on the driver's own connection; what the
    migrations left is checked in one go before it is thrown back.
    """
    if connection.dialect.name != "sqlite":
        yield
        return
    driver = connection.connection.cursor()
    driver.execute("PRAGMA foreign_keys=OFF")
    yield
    astray = driver.execute("PRAGMA foreign_key_check").fetchall()
    driver.execute("PRAGMA foreign_keys=ON")
    if astray:
        tables = ", ".join(sorted({str(row[0]) for row in astray}))
        raise RuntimeError(f"after migrating, rows of {tables} refer to rows that are not there")


if context.is_offline_mode():
    run_offline()
else:
    run_online()
