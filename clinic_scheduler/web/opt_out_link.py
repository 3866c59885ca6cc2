"""/u/<token>: messages of one kind, or all on one channel, are stopped and turned on again. Looking changes nothing.

A mailbox's own button posts here too, without a page, cookies or anything but the token (RFC 8058).
"""

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from clinic_scheduler.db import unit_of_work
from clinic_scheduler.domain.messaging.consent import UNSUBSCRIBE_LINK, wanted
from clinic_scheduler.domain.messaging.kinds import PURPOSES
from clinic_scheduler.languages import language
from clinic_scheduler.links import OptOutLink
from clinic_scheduler.queries.messaging.consents import consent_standing
from clinic_scheduler.queries.patients.public_links import LinkedPatient, linked_patient
from clinic_scheduler.services.actors import Actor
from clinic_scheduler.services.change import Change
from clinic_scheduler.services.messaging import consents
from clinic_scheduler.web.context import links, now, reading
from clinic_scheduler.web.limits import PATIENT_LINK, limiter, link_and_address
from clinic_scheduler.web.policies import public
from clinic_scheduler.web.translated_pages import channels_in, page_in, purposes_in
from clinic_scheduler.web.visit_link import private, unknown_link

blueprint = Blueprint("opt_out_link", __name__)
# What a button does, and whether to every purpose.
_CHANGES = {
    "stop": (consents.withdraw, False),
    "stop_all": (consents.withdraw, True),
    "again": (consents.give, False),
}


@blueprint.get("/u/<token>")
@public
@limiter.limit(PATIENT_LINK, key_func=link_and_address)
def page(token: str) -> ResponseReturnValue:
    link = links().read_opt_out(token)
    patient = None if link is None else linked_patient(reading(), link.patient_id)
    if link is None or patient is None:
        return unknown_link()
    return _page(link, patient)


@blueprint.post("/u/<token>")
@public
@limiter.limit(PATIENT_LINK, key_func=link_and_address)
def answer(token: str) -> ResponseReturnValue:
    """stop (which a mailbox's one click is as well), stop_all or again; the page says how it stands now."""
    link = links().read_opt_out(token)
    patient = None if link is None else linked_patient(reading(), link.patient_id)
    if link is None or patient is None:
        return unknown_link()
    one_click = request.form.get("List-Unsubscribe") == "One-Click"
    said = "stop" if one_click else request.form.get("answer")
    if said in _CHANGES:
        act, everything = _CHANGES[said]
        purposes = PURPOSES if everything else (link.purpose,)
        actor = Actor("unsubscribe link", patient.clinic_id)
        with unit_of_work() as session:
            act(Change(session, actor, now()), patient.id, purposes, link.channel, UNSUBSCRIBE_LINK)
    return _page(link, patient)


def _page(link: OptOutLink, patient: LinkedPatient) -> ResponseReturnValue:
    known = consent_standing(reading(), patient.id)
    on = [purpose for purpose in PURPOSES if wanted(known, purpose, link.channel)]
    spoken = language(patient.language)
    words = purposes_in(spoken)
    return private(
        page_in(
            spoken,
            "patient_links/opt_out.html",
            clinic=patient.clinic,
            what=words[link.purpose],
            channel=channels_in(spoken)[link.channel],
            is_on=link.purpose in on,
            wanted=[words[purpose] for purpose in on],
            unwanted=[words[purpose] for purpose in PURPOSES if purpose not in on],
        )
    )
