"""Finding a patient and the patient's page. What is searched for travels in the body, never in an address."""

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from clinic_scheduler.domain.forecast.blocks import DECIDABLE
from clinic_scheduler.domain.visits.kinds_and_states import NEVER_BOOKED
from clinic_scheduler.languages import languages
from clinic_scheduler.queries.calendars.links import patients_of_reference
from clinic_scheduler.queries.courses.course_view import course_views
from clinic_scheduler.queries.courses.decisions import decisions_in_force
from clinic_scheduler.queries.messaging.consents import opted_out
from clinic_scheduler.queries.patients.record import patient_in_clinic, patient_record
from clinic_scheduler.queries.patients.search import search as find_patients
from clinic_scheduler.queries.schedule.override_requests import waiting_by_visit
from clinic_scheduler.services import audit
from clinic_scheduler.web.context import actor, changing, reading, today
from clinic_scheduler.web.forms.patients import SearchForm
from clinic_scheduler.web.patients.patient_wishes import wishes_of
from clinic_scheduler.web.policies import EVERYONE, policy

blueprint = Blueprint("patients", __name__)


@blueprint.get("/patients")
@policy(*EVERYONE)
def search() -> ResponseReturnValue:
    return render_template("patients/search.html", sought=None, found=[])


@blueprint.post("/patients")
@policy(*EVERYONE)
def find() -> ResponseReturnValue:
    """By a reference out of a staff calendar too; looking people up changes nothing but the record of who looked."""
    form = SearchForm()
    sought = (form.q.data or "")[:120].strip()
    clinic_id = actor().clinic_id
    found = patients_of_reference(reading(), clinic_id, sought) or find_patients(reading(), clinic_id, sought)
    return render_template("patients/search.html", sought=sought, found=found)


@blueprint.get("/patients/<int:patient_id>")
@policy(*EVERYONE)
def page(patient_id: int) -> ResponseReturnValue:
    who = actor()
    keep_id = patient_in_clinic(reading(), who.clinic_id, patient_id).merged_into_id
    if keep_id is not None:
        return redirect(url_for("patients.page", patient_id=keep_id))
    # If this look cannot be recorded, it does not happen.
    with changing() as change:
        audit.record(change, "viewed", "patients", patient_id, patient_id=patient_id)
    record = patient_record(reading(), who.clinic_id, patient_id, today())
    views = course_views(reading(), record.patient, today())
    return render_template(
        "patients/page.html",
        record=record,
        views=views,
        waiting=waiting_by_visit(reading(), [view.appointment.id for view in views if view.appointment]),
        never_booked=NEVER_BOOKED,
        decisions=decisions_in_force(reading(), who.clinic_id, patient_id, today()),
        decidable=DECIDABLE,
        wishes=wishes_of(patient_id),
        opted_out=opted_out(reading(), [patient_id]),
        languages=languages(),
    )
