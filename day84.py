"""The product's own command: every command of `flask --app wsgi`, with the same settings, from any folder."""

import sys
from pathlib import Path

from flask import Flask
from flask.cli import FlaskGroup

from clinic_scheduler.cli.context import OWN_COMMAND
from clinic_scheduler.domain.shown_name import SHOWN_NAME
from clinic_scheduler.postgresql import AddressUnreadable
from config import ConfigError

ROOT = Path(__file__).resolve().parent


def application() -> Flask:
    """The application of wsgi.py. A setting that cannot be right ends the command in one line, with status 1."""
    if not (ROOT / "migrations").is_dir():
        sys.exit(
            "Error: pages and migrations are not here. Install the checkout itself: pip install --editable ."
        )
    try:
        from wsgi import app
    except (ConfigError, AddressUnreadable) as error:
        sys.exit(f"Error: {error}. Nothing was started.")
    return app


commands = FlaskGroup(
    name=OWN_COMMAND,
    help=f"{SHOWN_NAME}: due dates, visits and reminders of clinics that inject in cycles. "
    "Settings come from the environment; the README lists them.",
    create_app=application,
    add_version_option=False,
)
# Flask's option that names an application is not offered: this is the one.
commands.params = [option for option in commands.params if option.name != "app"]


def main() -> None:
    """Run one command. Status 0 where it did its work, 1 where it could not, 2 where it was asked wrongly."""
    commands(prog_name=OWN_COMMAND)


if __name__ == "__main__":
    main()
