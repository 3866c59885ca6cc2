"""The page for as long as the database cannot be asked: it needs neither rows nor a user, and keeps what was typed."""

import errno
import logging
import traceback
from collections.abc import Sequence
from typing import Any

from flask import Response, current_app, request
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError, TimeoutError

from clinic_scheduler.domain.database_lock import LOCKED, is_locked
from clinic_scheduler.languages import Language, language, languages

log = logging.getLogger(__name__)
TRY_AGAIN_AFTER_SECONDS = "10"
NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EROFS}
# Who reads these pages is a patient, in a language nobody knows before the rows are read.
OF_PATIENTS = frozenset({"visit_link", "opt_out_link", "subscribe"})
# Programs read these answers.
OF_PROGRAMS = frozenset({"calendar", "hooks"})


def is_out_of_order(error: Exception) -> bool:
    """Whether it is for the database, its network or its disk that this could not be done just now."""
    if isinstance(error, DBAPIError):
        return isinstance(error, OperationalError | InterfaceError) or error.connection_invalidated
    return isinstance(error, TimeoutError) or (isinstance(error, OSError) and error.errno in NO_ROOM)


def unavailable(error: Exception) -> ResponseReturnValue:
    """503. Logged is the way through the code, not the error's own words: they hold addresses and values."""
    kind = type(error.orig if isinstance(error, DBAPIError) and error.orig else error).__name__
    log.error("%s at %s\n%s", kind, request.endpoint, "".join(traceback.format_tb(error.__traceback__)))
    why = f"{LOCKED}." if is_locked(error) else ""
    return Response(_body(why), 503, {"Retry-After": TRY_AGAIN_AFTER_SECONDS}, mimetype=_mimetype())


def _mimetype() -> str:
    return "text/plain" if request.blueprint in OF_PROGRAMS else "text/html"


def _body(why: str) -> str:
    if request.blueprint in OF_PROGRAMS:
        return "Out of order; try again later.\n"
    if request.blueprint in OF_PATIENTS:
        said = {code: _to_patients(language(code)) for code in languages()}
        return _rendered("errors/unavailable_to_patients.html", language=language("en"), said=said)
    return _rendered("errors/unavailable.html", why=why, has_file=bool(request.files))


def _rendered(template: str, **values: Any) -> str:
    """Without what Flask adds to every template: the person who is signed in is a row, too."""
    return current_app.jinja_env.get_template(template).render(typed=_typed(), **values)


def _to_patients(spoken: Language) -> tuple[str, str]:
    """(what there is to say, the button that sends the answer again)."""
    again = spoken.gettext("Send it again")
    if request.method != "POST":
        not_now = spoken.gettext(
            "This page cannot be shown just now. Nothing was changed. Please open it again in a few minutes, or "
            "call the clinic."
        )
        return not_now, again
    kept = spoken.gettext(
        "We could not take your answer just now. It is kept on this page: please send it again in a few minutes, "
        "or call the clinic."
    )
    return kept, again


def _typed() -> Sequence[tuple[str, str]]:
    """What was sent, to be sent again as it was: its own mark against forgery too. Passwords are typed anew."""
    if request.method != "POST":
        return []
    return [
        (name, value)
        for name, values in request.form.lists()
        if "password" not in name and name != "again"
        for value in values
    ]
