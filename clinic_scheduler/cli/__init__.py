"""The commands of flask and day84, one file a command or a small family of them."""

from flask import Flask

from clinic_scheduler.cli.backup import backup, drill, restore
from clinic_scheduler.cli.book import book
from clinic_scheduler.cli.calendar_link import calendar_link
from clinic_scheduler.cli.clinic import clinic
from clinic_scheduler.cli.demo import demo
from clinic_scheduler.cli.drill_check import drill_check
from clinic_scheduler.cli.due import due
from clinic_scheduler.cli.export_calendars import export_calendars
from clinic_scheduler.cli.forecast import forecast
from clinic_scheduler.cli.import_log import import_log
from clinic_scheduler.cli.large_clinic import load_large_clinic
from clinic_scheduler.cli.recompute import recompute
from clinic_scheduler.cli.rule_changes import rule_changes
from clinic_scheduler.cli.sending import sending
from clinic_scheduler.cli.staff import setup_link_command, staff
from clinic_scheduler.cli.worker import worker

COMMANDS = (
    backup,
    book,
    calendar_link,
    clinic,
    demo,
    drill,
    drill_check,
    due,
    export_calendars,
    forecast,
    import_log,
    load_large_clinic,
    recompute,
    restore,
    rule_changes,
    sending,
    setup_link_command,
    staff,
    worker,
)


def register(app: Flask) -> None:
    """Hang every command on the app."""
    for command in COMMANDS:
        app.cli.add_command(command)
