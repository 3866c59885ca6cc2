"""Keeping secrets that stand in addresses out of the logs: calendar and patients' links, set-up and password links."""

import logging
import re

_SECRET_PATH = re.compile(r"(/calendar/|/setup/|/set-password/|/[cuv]/)[^\s\"?]+")
ACCESS_LOGS = ("werkzeug", "gunicorn.access", "gunicorn.error", "waitress")


class RedactSecretPaths(logging.Filter):
    """Writes /calendar/… and the like in place of what stands there."""

    def filter(self, record: logging.LogRecord) -> bool:
        message = record.getMessage()
        redacted = _SECRET_PATH.sub(r"\1…", message)
        if redacted != message:
            record.msg, record.args = redacted, None
        return True


def redact_access_logs() -> None:
    """Filter the servers' own logs; adding the same filter twice would do no harm."""
    for name in ACCESS_LOGS:
        logger = logging.getLogger(name)
        if not any(isinstance(known, RedactSecretPaths) for known in logger.filters):
            logger.addFilter(RedactSecretPaths())
