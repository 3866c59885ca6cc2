"""Giving a patient a calendar link, which is shown once, and taking it back."""

from flask import Blueprint, current_app, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from clinic_scheduler.db import unit_of_work
from clinic_scheduler.queries.patient_record import patient_in_clinic
from clinic_scheduler.services import calendar_feeds
from clinic_scheduler.web.context import actor, now, reading
from clinic_scheduler.web.policies import WRITERS, policy

blueprint = Blueprint("calendar_links", __name__)
FEED_NAME = "My appointments"


@blueprint.post("/patients/<int:patient_id>/calendar-links")
@policy(*WRITERS)
def issue(patient_id: int) -> ResponseReturnValue:
    """The address is in this answer and nowhere else afterwards; only its hash is kept."""
    who = actor()
    with unit_of_work() as session:
        token = calendar_feeds.issue(session, who, now(), patient_id=patient_id, name=FEED_NAME)
    patient = patient_in_clinic(reading(), who.clinic_id, patient_id)
    https = f"{current_app.extensions['clinic'].settings.base_url}/calendar/{token}.ics"
    webcal = "webcal://" + https.split("://", 1)[1]
    return render_template("calendar_links/issued.html", patient=patient, https=https, webcal=webcal)


@blueprint.post("/calendar-links/<int:feed_id>/revoke")
@policy(*WRITERS)
def revoke(feed_id: int) -> ResponseReturnValue:
    who = actor()
    with unit_of_work() as session:
        feed = calendar_feeds.revoke(session, who, feed_id, now())
        patient_id = feed.patient_id
    if patient_id is None:
        return redirect(url_for("due.home"))
    return redirect(url_for("patients.page", patient_id=patient_id))
