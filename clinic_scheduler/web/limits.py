"""How often one address may try: the limiter that sign-in, links for patients and callbacks use."""

from flask import request
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address

# Each web process counts for itself; the lock-out in the database is the one that holds across all of them.
limiter = Limiter(get_remote_address, storage_uri="memory://", headers_enabled=False)
SIGN_IN = "20 per minute; 200 per hour"
# Whoever holds a link may read it as often as they like; only guesses are counted.
CALENDAR_GUESSES = "120 per minute"
SUBSCRIBE = "30 per minute"
# One link from one address: a mailbox provider that unsubscribes many patients at once is not held up.
PATIENT_LINK = "20 per minute"


def link_and_address() -> str:
    return f"{get_remote_address()} {request.path}"


# A provider reports every text twice or thrice, in bursts.
HOOKS = "1200 per minute"
