"""What web and worker processes ask before they begin: the tables of this version, and folders that take files."""

import logging

import click
from flask import Flask
from sqlalchemy.exc import DBAPIError

from clinic_scheduler.db import db
from clinic_scheduler.disk import troubles

logger = logging.getLogger(__name__)
# Flask's own command that serves pages; every other one may have to mend the tables.
_SERVES = "run"


class Unfit(RuntimeError):
    """This process must not start; the message says what is wrong and which command mends it."""


def require_fit(app: Flask) -> bool:
    """Raises Unfit where the tables are of another version. False where the database cannot be asked just now.

    A folder that takes no files is said, and does not keep anybody from reading, or from being reminded.
    """
    for trouble in troubles({"DATA_DIR": app.extensions["clinic"].settings.data_dir}):
        logger.error("%s. Nothing can be kept there; free it, or choose another, then start again.", trouble)
    try:
        with app.app_context(), db.engine.connect() as connection:
            trouble = app.extensions["clinic"].schema.trouble(connection)
    except DBAPIError as error:
        logger.warning("the database cannot be asked yet (%s)", type(error.orig).__name__)
        return False
    if trouble:
        raise Unfit(trouble)
    return True


def require_fit_to_serve(app: Flask) -> None:
    """For a web server, whose log would have the error's kind alone."""
    try:
        require_fit(app)
    except Unfit as error:
        logger.error("%s", error)
        raise


def serves_pages() -> bool:
    """Whether this process was started by a web server, not to carry out a command of ours."""
    command = click.get_current_context(silent=True)
    return command is None or command.info_name == _SERVES
