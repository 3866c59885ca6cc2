"""The rooms of the package, and what each may import; test_architecture.py holds the code to them."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Room:
    """What a room may import besides itself and the standard library; names are separated by spaces.

    `inside`: rooms of the package, or one name of a module there (db.unit_of_work).
    `outside`: installed packages, by the name they are imported under.
    """

    inside: str = ""
    outside: str = ""
    may_commit: bool = True


COMMON = "services queries domain languages messages calendars importing links db.unit_of_work clock disk"
PAGES, TICKS = f"{COMMON} settings", f"{COMMON} senders.base"
FILES = "openpyxl defusedxml phonenumbers"
COMMANDS = "flask click flask_migrate flask_security"
FLASK = "flask flask_login flask_security flask_limiter werkzeug markupsafe"
ROOMS = {
    "clock": Room(),
    # What create_app needs at hand to wire: Flask's settings, and sign-in over the staff tables.
    "settings": Room("db postgresql"),
    "schema": Room("", "sqlalchemy alembic"),
    "disk": Room(),
    "postgresql": Room("", "sqlalchemy psycopg"),
    "auth": Room("db models", "flask flask_security"),
    "sender_factory": Room("senders settings"),
    "redaction": Room(),
    "links": Room("", "itsdangerous"),
    "domain": Room(),
    "languages": Room("", "babel"),
    "db": Room("domain", "sqlalchemy flask_sqlalchemy pysqlite3"),
    # An account takes its behaviour towards sign-in from a mixin of flask_security.
    "models": Room("domain db", "sqlalchemy flask_sqlalchemy flask_security"),
    "queries": Room("models domain", "sqlalchemy", may_commit=False),
    "messages": Room("domain languages", "jinja2 markupsafe"),
    "calendars": Room("domain languages", "icalendar"),
    "senders": Room("", "twilio"),
    "services": Room(
        "domain models queries languages", "sqlalchemy itsdangerous phonenumbers", may_commit=False
    ),
    "importing": Room("domain models queries", f"{FILES} icalendar recurring_ical_events", may_commit=False),
    "web": Room(PAGES, f"{FLASK} jinja2 sqlalchemy flask_wtf wtforms flask_bootstrap segno flask_babel"),
    "api": Room(PAGES, f"{FLASK} flask_smorest marshmallow"),
    "jobs": Room(TICKS, "flask jinja2 apscheduler sqlalchemy"),
    "backups": Room("db", "sqlalchemy cryptography", may_commit=False),
    "seeding": Room(
        "services queries models domain importing jobs senders.base", "sqlalchemy", may_commit=False
    ),
    "cli": Room(
        f"{TICKS} jobs db seeding backups redaction",
        "flask click flask_migrate alembic flask_security jinja2 sqlalchemy gunicorn waitress",
    ),
}
