"""What commands share: the clock and settings they were started with, the clinic they act for, plain failures."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any, NoReturn

import click
from flask import current_app
from sqlalchemy.exc import OperationalError, ProgrammingError
from sqlalchemy.orm import Session

from clinic_scheduler.db import db, unit_of_work
from clinic_scheduler.domain.database_lock import LOCKED, is_locked
from clinic_scheduler.domain.errors import BookingRefused, InvalidInput, NotFound
from clinic_scheduler.redaction import without_addresses
from clinic_scheduler.services.actors import Actor

OWN_COMMAND = "day84"
CLINIC_OPTION = click.option("--clinic", help="The clinic's name, where there is more than one.")
_MISSING_TABLES = ("no such table", "does not exist", "no such column")


def wiring() -> Any:
    """The app's Wiring: settings, clock and senders."""
    return current_app.extensions["clinic"]


def terminal(clinic_id: int) -> Actor:
    """Whoever works at the terminal: a name for the audit, no role to override with."""
    return Actor("command line", clinic_id)


@contextmanager
def reading() -> Iterator[Session]:
    """A session to read with; failures become one plain line."""
    with plain_failures():
        yield db.session()


@contextmanager
def writing() -> Iterator[Session]:
    """A unit of work; failures become one plain line, and nothing is kept."""
    with plain_failures(), unit_of_work() as session:
        yield session


@contextmanager
def plain_failures() -> Iterator[None]:
    """Say what happened and what to do, without a traceback, for everything a user can put right."""
    try:
        yield
    except (BookingRefused, InvalidInput, NotFound) as error:
        raise click.ClickException(str(error)) from error
    except (OperationalError, ProgrammingError) as error:
        _explain(error)


def _explain(error: OperationalError | ProgrammingError) -> NoReturn:
    text = str(error.orig)
    if any(words in text for words in _MISSING_TABLES):
        raise click.ClickException(
            f"The database has no tables, or older ones. Nothing was changed. Run: {spelled('db upgrade')}"
        ) from error
    if is_locked(error):
        raise click.ClickException(
            f"{LOCKED}. Nothing was changed. "
            "Try again once it is done; if it goes on, look for what has the file open."
        ) from error
    said = without_addresses(text.splitlines()[0])
    raise click.ClickException(f"The database cannot be used: {said}") from error


def spelled(command: str) -> str:
    """Another command as whoever called this one would write it: by the product's own name, or flask's."""
    called = click.get_current_context().find_root().info_name
    return f"{OWN_COMMAND if called == OWN_COMMAND else 'flask --app wsgi'} {command}"


class IsoDate(click.ParamType[date, Any]):
    """A calendar day such as 2026-11-22."""

    name = "date"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        if isinstance(value, date):
            return value
        try:
            return date.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is not a date such as 2026-11-22", param, ctx)
