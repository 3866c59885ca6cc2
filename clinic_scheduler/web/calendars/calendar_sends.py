"""Giving a patient their calendar link: by e-mail or text in two presses, taken back, or on a printed card."""

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue

from clinic_scheduler.domain.errors import InvalidInput
from clinic_scheduler.languages import language
from clinic_scheduler.queries.calendars.links import newest_that_can_be_told
from clinic_scheduler.queries.patients.record import patient_in_clinic
from clinic_scheduler.queries.providers import clinic_of
from clinic_scheduler.services.calendars import feeds, link_sending
from clinic_scheduler.web import flash_messages
from clinic_scheduler.web.calendars.calendar_urls import addresses_of, links
from clinic_scheduler.web.calendars.qr import qr_svg
from clinic_scheduler.web.context import actor, changing, reading
from clinic_scheduler.web.errors import error_page
from clinic_scheduler.web.policies import WRITERS, policy
from clinic_scheduler.web.translated_pages import page_in

blueprint = Blueprint("calendar_sends", __name__)


@blueprint.post("/patients/<int:patient_id>/calendar-link/<any(email, sms):channel>")
@policy(*WRITERS)
def send(patient_id: int, channel: str) -> ResponseReturnValue:
    """The newest link that can be told, or a new one, goes out with the worker's next tick."""
    try:
        with changing() as change:
            feed = feeds.link_to_send(change, patient_id, links().calendar_token)
            reminder_id = link_sending.send(change, feed, channel).id
    except InvalidInput as refusal:
        return error_page(409, "The link was not sent", f"{str(refusal).capitalize()}. Nothing was sent.")
    flash_messages.leave(f"calendar_link_{channel}", reminder_id=reminder_id)
    return redirect(url_for("patients.page", patient_id=patient_id))


@blueprint.post("/calendar-link-messages/<int:reminder_id>/take-back")
@policy(*WRITERS)
def take_back(reminder_id: int) -> ResponseReturnValue:
    with changing() as change:
        taken = link_sending.take_back(change, reminder_id)
        patient_id = taken.patient_id if taken else None
    if patient_id is None:
        return error_page(
            409, "It has left already", "The message is on its way. To make the link useless, revoke it."
        )
    flash_messages.leave("calendar_link_taken_back")
    return redirect(url_for("patients.page", patient_id=patient_id))


@blueprint.post("/patients/<int:patient_id>/calendar-card")
@policy(*WRITERS)
def make_card(patient_id: int) -> ResponseReturnValue:
    """A card needs a link that can be shown; the one that would be sent."""
    with changing() as change:
        feeds.link_to_send(change, patient_id, links().calendar_token)
    return redirect(url_for("calendar_sends.card", patient_id=patient_id))


@blueprint.get("/patients/<int:patient_id>/calendar-card")
@policy(*WRITERS)
def card(patient_id: int) -> ResponseReturnValue:
    """To print; ?named=yes puts the patient's name on it."""
    who = actor()
    patient = patient_in_clinic(reading(), who.clinic_id, patient_id)
    feed = newest_that_can_be_told(reading(), patient_id, links().calendar_token)
    where = addresses_of(feed) if feed else None
    if feed is not None:
        feed_id = feed.id
        with changing() as change:
            feeds.note_shown(change, feed_id)
    spoken = language(patient.language)
    return page_in(
        spoken,
        "calendar_links/card.html",
        patient=patient_in_clinic(reading(), who.clinic_id, patient_id),
        clinic=clinic_of(reading(), who.clinic_id),
        where=where,
        qr=qr_svg(where.page, spoken.gettext("QR code of this page")) if where else None,
        named=request.args.get("named") == "yes",
    )
