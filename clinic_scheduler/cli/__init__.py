"""The flask commands, one file a command or a small family of them."""

from flask import Flask

from clinic_scheduler.cli.book import book
from clinic_scheduler.cli.calendar_link import calendar_link
from clinic_scheduler.cli.due import due
from clinic_scheduler.cli.import_log import import_log
from clinic_scheduler.cli.recompute import recompute

COMMANDS = (book, calendar_link, due, import_log, recompute)


def register(app: Flask) -> None:
    """Hang every command on the app."""
    for command in COMMANDS:
        app.cli.add_command(command)
