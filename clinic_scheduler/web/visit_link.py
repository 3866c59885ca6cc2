"""/v/<token>: a patient confirms a visit or asks for another time. The token is the key; looking changes nothing."""

from datetime import UTC, datetime

from flask import Blueprint, Response, make_response, request
from flask.typing import ResponseReturnValue

from clinic_scheduler.db import unit_of_work
from clinic_scheduler.languages import Language, language, languages
from clinic_scheduler.links import VisitLink
from clinic_scheduler.queries.patients.public_links import LinkedVisit, linked_visit
from clinic_scheduler.services.messaging import visit_answers
from clinic_scheduler.web.context import links, now, reading
from clinic_scheduler.web.limits import PATIENT_LINK, limiter, link_and_address
from clinic_scheduler.web.policies import public
from clinic_scheduler.web.translated_pages import page_in, when

blueprint = Blueprint("visit_link", __name__)
# Reads a token whose visit has begun as well, so that its page can say so and give the clinic's number.
_BEFORE_ALL = datetime(1971, 1, 1, tzinfo=UTC)


@blueprint.get("/v/<token>")
@public
@limiter.limit(PATIENT_LINK, key_func=link_and_address)
def page(token: str) -> ResponseReturnValue:
    link = links().read_visit(token, _BEFORE_ALL)
    visit = None if link is None else _visit(link)
    return unknown_link() if visit is None else _page(visit)


@blueprint.post("/v/<token>")
@public
@limiter.limit(PATIENT_LINK, key_func=link_and_address)
def answer(token: str) -> ResponseReturnValue:
    """Done if it still can be; in any case the page says how the visit stands. Twice is as good as once."""
    link = links().read_visit(token, _BEFORE_ALL)
    if link is None:
        return unknown_link()
    with unit_of_work() as session:
        if request.form.get("answer") == "confirm":
            visit_answers.confirm(session, link.appointment_id, link.starts_at, "link", now())
        elif request.form.get("answer") == "move":
            said = " ".join(request.form.get("note", "").split())
            visit_answers.ask_to_move_by_link(session, link.appointment_id, link.starts_at, said, now())
    visit = _visit(link)
    return unknown_link() if visit is None else _page(visit)


def unknown_link() -> tuple[Response, int]:
    """For a token that was cut off or made up; in every language, as nobody knows whose it was."""
    said = {code: _not_found(language(code)) for code in languages()}
    return private(page_in(language("en"), "patient_links/unknown.html", said=said)), 404


def _not_found(spoken: Language) -> str:
    return spoken.gettext(
        "This link is not complete, or it is no longer in use. Nothing was changed. "
        "Open it again from the message, or call the clinic."
    )


def private(page: str) -> Response:
    """Kept by no cache (headers.py says so of every page) and by no search engine."""
    response = make_response(page)
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response


def _visit(link: VisitLink) -> LinkedVisit | None:
    key = visit_answers.asked_about_key(link.appointment_id, link.starts_at)
    return linked_visit(reading(), link.appointment_id, link.starts_at, key, now())


def _page(visit: LinkedVisit) -> Response:
    spoken = language(visit.language)
    return private(
        page_in(
            spoken,
            "patient_links/visit.html",
            visit=visit,
            clinic=visit.clinic,
            when=when(visit.local_date, visit.local_time, spoken),
            longest_note=visit_answers.LONGEST_NOTE,
        )
    )
