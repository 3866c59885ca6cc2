"""/c/<token>: the page on which whoever holds a calendar link adds it to a calendar, or stops it. Nobody signs in."""

import re

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from clinic_scheduler.db import unit_of_work
from clinic_scheduler.languages import Language, language, languages
from clinic_scheduler.languages.dates import clock_time, long_date
from clinic_scheduler.queries.calendars.links import (
    Feed,
    feed_for_token,
    neutral_clinic_name,
    patient_facts,
)
from clinic_scheduler.services.actors import Actor
from clinic_scheduler.services.calendars import feeds
from clinic_scheduler.services.change import Change
from clinic_scheduler.web.calendars.calendar_urls import addresses
from clinic_scheduler.web.calendars.qr import qr_svg
from clinic_scheduler.web.context import now, reading, settings
from clinic_scheduler.web.limits import SUBSCRIBE, limiter
from clinic_scheduler.web.policies import public
from clinic_scheduler.web.translated_pages import page_in

blueprint = Blueprint("subscribe", __name__)
# As the audit calls whoever stops a link by holding it.
HOLDER = "holder of the link"
_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)
_HEADERS = {"X-Robots-Tag": "noindex"}


@blueprint.get("/c/<token>")
@public
@limiter.limit(SUBSCRIBE)
def page(token: str) -> ResponseReturnValue:
    """?lang=es for another language than the patient's own. A stopped link is like one never given out."""
    found = _found(token)
    if found is None or found.revoked_at is not None:
        return _unknown()
    patient_id = found.subject.patient_id
    facts = patient_facts(reading(), patient_id, now()) if patient_id else None
    spoken = _asked_for(facts.language if facts else "en")
    visit = facts.next_visit if facts else None
    where = addresses(token, found.subject.kind, found.language)
    body = page_in(
        spoken,
        "calendar_links/subscribe.html",
        **_told(found),
        visit=(long_date(visit.local_date, spoken), clock_time(visit.local_time, spoken)) if visit else None,
        token=token,
        where=where,
        qr=qr_svg(where.page, spoken.gettext("QR code of this page")),
        others={code: name for code, name in languages().items() if code != spoken.code},
    )
    return body, _HEADERS


@blueprint.post("/c/<token>/stop")
@public
@limiter.limit(SUBSCRIBE)
def stop(token: str) -> ResponseReturnValue:
    """For good, by whoever holds a patient's link; pressed twice it says the same again."""
    found = _found(token)
    if found is None or found.subject.patient_id is None:
        return _unknown()
    facts = patient_facts(reading(), found.subject.patient_id, now())
    holder = Actor(HOLDER, found.subject.clinic_id)
    with unit_of_work() as session:
        feeds.revoke(Change(session, holder, now()), found.id)
    return page_in(_asked_for(facts.language), "calendar_links/stopped.html", **_told(found)), _HEADERS


def _asked_for(own: str) -> Language:
    """The language of `?lang=`, else the patient's own or the browser's."""
    wanted = request.args.get("lang")
    return language(wanted if wanted is not None and wanted in languages() else own)


def _found(token: str) -> Feed | None:
    return feed_for_token(reading(), token, settings().uid_host) if _TOKEN.fullmatch(token) else None


def _told(found: Feed) -> dict[str, object]:
    """A clinic's own name can betray a specialty, so it is told only where the link reveals that much."""
    named = found.clinic.name if found.reveal == "full" else None
    return {
        "clinic_name": named or neutral_clinic_name(reading(), found.subject.clinic_id),
        "phone": found.clinic.phone.strip(),
        "patients": found.subject.patient_id is not None,
    }


def _unknown() -> ResponseReturnValue:
    """One answer for every link that opens nothing. Whose it was is not known: the browser's language is used."""
    accepted = request.accept_languages.best_match(list(languages()), "en") or "en"
    return page_in(_asked_for(accepted), "calendar_links/unknown.html", clinic_name=None), 404, _HEADERS
