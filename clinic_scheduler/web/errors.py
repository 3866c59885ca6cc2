"""Error pages: what happened, what is safe, what to do; nothing about the inside of the service."""

import logging
import traceback

from flask import Flask, Response, current_app, render_template, request
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DataError, DBAPIError, TimeoutError
from werkzeug.exceptions import HTTPException

from clinic_scheduler.domain.errors import (
    ActionRefused,
    BookingRefused,
    ChangedMeanwhile,
    InvalidInput,
    NotFound,
)
from clinic_scheduler.importing.files.limits import MAX_SIZE_SAID
from clinic_scheduler.web.unavailable import is_out_of_order, unavailable

log = logging.getLogger(__name__)

# status: (heading, what happened and what to do)
PAGES = {
    400: ("This request could not be read", "Nothing was changed. Go back, reload the page and try again."),
    403: ("You may not do this", "Nothing was changed. Your role does not allow it; ask an administrator."),
    404: ("Page not found", "There is no such page or record, or it is not one your clinic may see."),
    405: ("That cannot be done here", "Nothing was changed. Go back and use the buttons on the page."),
    409: ("This clashes with something else", "Nothing was changed. Go back, reload the page and try again."),
    413: ("That file is too large", f"Nothing was changed. Send a file of at most {MAX_SIZE_SAID}."),
    429: ("Too many tries", "Nothing was changed. Wait a few minutes and try again."),
    500: (
        "Something went wrong here",
        "Your change was not saved. Try again; if it goes on, tell your administrator.",
    ),
    503: ("The service is busy or out of order", "Your change was not saved. Try again in a minute."),
}


def register(app: Flask) -> None:
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(CSRFError, _expired)
    app.register_error_handler(NotFound, _not_found)
    app.register_error_handler(BookingRefused, _refused)
    app.register_error_handler(ActionRefused, _not_now)
    app.register_error_handler(InvalidInput, _invalid)
    app.register_error_handler(ChangedMeanwhile, _changed)
    app.register_error_handler(DataError, _not_held)
    for kind in (DBAPIError, TimeoutError, OSError):
        app.register_error_handler(kind, _perhaps_out_of_order)
    app.register_error_handler(Exception, _unexpected)


def error_page(status: int, heading: str = "", advice: str = "") -> tuple[str | Response, int]:
    known_heading, known_advice = PAGES.get(status, PAGES[400])
    if request.path.startswith("/calendar/"):
        # A calendar app that is given HTML drops every event it had.
        return Response(f"{known_heading}\n", status, mimetype="text/plain"), status
    page = render_template(
        "errors/error.html", status=status, heading=heading or known_heading, advice=advice or known_advice
    )
    return page, status


def _http_error(error: HTTPException) -> ResponseReturnValue:
    if error.code is None or error.code < 400:
        return error.get_response()
    body, status = error_page(error.code)
    headers = {name: value for name, value in error.get_headers() if name in ("Allow", "Retry-After")}
    return body, status, headers


def _expired(_error: CSRFError) -> ResponseReturnValue:
    return error_page(
        400, "This page is out of date", "Nothing was changed. Reload the page, and sign in again if asked."
    )


def _not_found(_error: NotFound) -> ResponseReturnValue:
    return error_page(404)


def _refused(error: BookingRefused) -> ResponseReturnValue:
    return error_page(409, "This could not be done", error.message)


def _not_now(error: ActionRefused) -> ResponseReturnValue:
    return error_page(409, "This could not be done", str(error))


def _changed(_error: ChangedMeanwhile) -> ResponseReturnValue:
    advice = "Nothing was saved. Reload the page to see what is there now, then make your change again."
    return error_page(409, "Somebody else changed this meanwhile", advice)


def _invalid(error: InvalidInput) -> ResponseReturnValue:
    return error_page(400, advice=f"{error}. Nothing was changed.")


def _not_held(error: DataError) -> ResponseReturnValue:
    """A number beyond what a column holds: no page of ours sends one."""
    log.warning("%s at %s", type(error).__name__, request.endpoint)
    return error_page(400)


def _perhaps_out_of_order(error: Exception) -> ResponseReturnValue:
    return unavailable(error) if is_out_of_order(error) else _unexpected(error)


def _unexpected(error: Exception) -> ResponseReturnValue:
    """The way through the code is logged, not the error's own text: it may hold values being saved."""
    propagate = current_app.config["PROPAGATE_EXCEPTIONS"]
    if current_app.testing if propagate is None else propagate:
        raise error
    trail = "".join(traceback.format_tb(error.__traceback__))
    log.error("%s at %s\n%s", type(error).__name__, request.endpoint, trail)
    return error_page(500)
