"""How long a sign-in lasts: so long idle, so long in all. Both counted by the app's clock, in the signed cookie."""

from datetime import datetime, timedelta

from flask import Flask, session
from flask_security import UserMixin, login_user, logout_user

from clinic_scheduler.web.context import now

IDLE = timedelta(minutes=30)
ABSOLUTE = timedelta(hours=12)
# Rewriting the cookie at most this often is exact enough.
_GRAIN = timedelta(minutes=1)
_BEGUN, _SEEN = "signed_in_at", "seen_at"


def register(app: Flask) -> None:
    app.before_request(_end_when_over)


def begin(user: UserMixin, at: datetime) -> None:
    """Sign in under a fresh session: nothing set before it, by anyone, is carried over."""
    session.clear()
    login_user(user)
    session[_BEGUN] = session[_SEEN] = int(at.timestamp())


def end() -> None:
    logout_user()
    session.clear()


def _end_when_over() -> None:
    if "_user_id" not in session:
        return
    at = int(now().timestamp())
    idle, total = at - session.get(_SEEN, 0), at - session.get(_BEGUN, 0)
    if idle > IDLE.total_seconds() or total > ABSOLUTE.total_seconds():
        end()
    elif idle >= _GRAIN.total_seconds():
        session[_SEEN] = at
