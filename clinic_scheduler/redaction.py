"""What a log must not say: secrets in addresses of pages, and in errors SQL, its values and where the database is."""

import logging
import re
import traceback

_SECRET_PATH = re.compile(r"(/calendar/|/setup/|/set-password/|/[cuv]/)[^\s\"?]+")
_SERVER = re.compile(r"server (?:at|on socket) \"[^\"]*\"(?: \([^)]*\))?(?:, port \d+)?|host '[^']*'")
DRIVERS = ("psycopg", "sqlalchemy")
ACCESS_LOGS = ("werkzeug", "gunicorn.access", "gunicorn.error", "waitress")


class RedactSecretPaths(logging.Filter):
    """Writes /calendar/… and the like in place of what stands there."""

    def filter(self, record: logging.LogRecord) -> bool:
        message = record.getMessage()
        redacted = _SECRET_PATH.sub(r"\1…", message)
        if redacted != message:
            record.msg, record.args = redacted, None
        return True


class ErrorsByKindAndPlace(logging.Filter):
    """Leaves an error's own words out: they quote statements, what patients are called, and servers' addresses."""

    def filter(self, record: logging.LogRecord) -> bool:
        if record.exc_info and record.exc_info[1] is not None:
            record.exc_text = by_kind_and_place(record.exc_info[1])
            record.exc_info = None
        if record.name.startswith(DRIVERS):
            # What they would fill in is a connection, or an error.
            record.args = None
        return True


def by_kind_and_place(error: BaseException) -> str:
    """The way through the code and the kind of error, of its causes too, the first cause first."""
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    before = f"{by_kind_and_place(cause)}\n" if cause is not None and cause is not error else ""
    return f"{before}{''.join(traceback.format_tb(error.__traceback__))}{type(error).__name__}"


def without_addresses(words: str) -> str:
    """A driver's message without the servers it names."""
    return _SERVER.sub("the server", words)


def redact_logs() -> None:
    """Filter what all logs are written by, and the servers' own; adding a filter twice would do no harm."""
    for handler in logging.getLogger().handlers:
        _add(handler, ErrorsByKindAndPlace)
    for name in ACCESS_LOGS:
        _add(logging.getLogger(name), RedactSecretPaths)
        _add(logging.getLogger(name), ErrorsByKindAndPlace)


def _add(place: logging.Filterer, kind: type[logging.Filter]) -> None:
    if not any(isinstance(known, kind) for known in place.filters):
        place.addFilter(kind())
