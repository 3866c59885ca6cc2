"""How Alembic meets the app: the app's own engine and models, one transaction a run."""

from typing import Any

from alembic import context
from alembic.autogenerate.api import AutogenContext
from flask import current_app

from clinic_scheduler.db import UTCDateTime

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
    with database.engine.connect() as connection:
        configure(connection=connection)
        with context.begin_transaction():
            context.run_migrations()


if context.is_offline_mode():
    run_offline()
else:
    run_online()
