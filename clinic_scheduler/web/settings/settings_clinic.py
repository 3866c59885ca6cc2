"""Settings of the clinic itself: how patients reach it, visit lengths, and opening another clinic."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from clinic_scheduler.domain.errors import InvalidInput
from clinic_scheduler.domain.roles import StaffRole
from clinic_scheduler.domain.visits.kinds_and_states import OTHER_KINDS
from clinic_scheduler.queries.lookups import clinics, offered_indications
from clinic_scheduler.queries.providers import clinic_of, procedure_lengths
from clinic_scheduler.services.actors import Actor
from clinic_scheduler.services.locks import lock_clinic
from clinic_scheduler.services.practice import clinics as clinic_service
from clinic_scheduler.services.practice.clinics import ClinicEntry
from clinic_scheduler.services.practice.staff import create_user
from clinic_scheduler.services.practice.staff_clinics import join_clinic
from clinic_scheduler.services.practice.staff_links import issue_link
from clinic_scheduler.web import flash_messages
from clinic_scheduler.web.context import actor, changing, problems_in, reading
from clinic_scheduler.web.edit_conflicts import EditConflict, require_unchanged, stamped
from clinic_scheduler.web.forms.settings import ClinicForm, LengthsForm, OpenClinicForm, lengths_form
from clinic_scheduler.web.policies import policy
from clinic_scheduler.web.settings.settings_staff import link_page, secret_key

blueprint = Blueprint("settings_clinic", __name__, url_prefix="/settings")
Problems = Sequence[tuple[str, str]]


@blueprint.get("")
@policy("admin")
def clinic() -> ResponseReturnValue:
    return _clinic_page(stamped(_stored_clinic(reading())))


@blueprint.post("")
@policy("admin")
def save_clinic() -> ResponseReturnValue:
    form = ClinicForm()
    if not form.validate_on_submit():
        return _clinic_page(form, problems_in(form)), 422
    who = actor()
    try:
        with changing() as change:
            lock_clinic(change.session, who.clinic_id)
            require_unchanged(form, _stored_clinic(change.session))
            kept = clinic_of(change.session, who.clinic_id)
            texts = {name: text for name, text in form.texts().items() if text != getattr(kept, name)}
            if texts:
                clinic_service.change_clinic(change, texts)
            clinic_service.change_desk_rules(
                change,
                address=form.address.data or None,
                digest_email=form.digest_email.data or None,
                contact_attempts_limit=form.contact_attempts_limit.data,
                contact_rest_days=form.contact_rest_days.data,
            )
    except EditConflict as clash:
        return _clinic_page(form, clash.problems), 409
    except InvalidInput as refusal:
        return _clinic_page(form, [("zone", sentence(refusal))]), 422
    return _done("clinic_saved", "settings_clinic.clinic")


@blueprint.route("/clinics/new", methods=["GET", "POST"])
@policy("admin")
def open_clinic() -> ResponseReturnValue:
    """Another clinic, in which the opener may work, and an administrator of its own if one is named."""
    form = OpenClinicForm()
    if not form.is_submitted():
        return _open_page(form)
    if not form.validate():
        return _open_page(form, problems_in(form)), 422
    if any(known.name == form.name.data for known in clinics(reading())):
        return _open_page(
            form, [("name", "There is a clinic of this name already. Nothing was changed.")]
        ), 422
    try:
        token = _open(form)
    except InvalidInput as refusal:
        return _open_page(form, [("admin_email", sentence(refusal) + " Nothing was changed.")]), 422
    if token is None:
        return _done("clinic_opened", "settings_clinic.clinic")
    return link_page(f"{form.admin_name.data}, administrator of {form.name.data}", token)


def _open(form: OpenClinicForm) -> str | None:
    """The token of the administrator's password link, if one is named."""
    entry = ClinicEntry(
        form.name.data, form.zone.data, form.phone.data, form.email.data, form.address.data or None
    )
    who = actor()
    with changing() as change:
        opened = clinic_service.open_clinic(change.session, who.name, entry, change.now)
        join_clinic(change, opened)
        if not form.admin_email.data:
            return None
        there = replace(change, actor=Actor(who.name, opened.id, who.user_id))
        user = create_user(
            there,
            email=form.admin_email.data,
            name=form.admin_name.data,
            role=StaffRole.ADMIN,
            password_hash=None,
        )
        return issue_link(there, secret_key(), user)


@blueprint.route("/visit-lengths", methods=["GET", "POST"])
@policy("admin")
def lengths() -> ResponseReturnValue:
    who = actor()
    form = _lengths_form()()
    if not form.is_submitted():
        return _lengths_page(stamped(_stored_lengths(reading())))
    if not form.validate():
        return _lengths_page(form, problems_in(form)), 422
    try:
        with changing() as change:
            lock_clinic(change.session, who.clinic_id)
            require_unchanged(form, _stored_lengths(change.session))
            clinic_service.set_procedure_lengths(change, form.lengths())
    except EditConflict as clash:
        return _lengths_page(form, clash.problems), 409
    return _done("visit_lengths_saved", "settings_clinic.lengths")


def sentence(refusal: Exception) -> str:
    """A service's refusal as a sentence."""
    text = str(refusal)
    return f"{text[:1].upper()}{text[1:]}."


def _stored_clinic(session: Any) -> ClinicForm:
    return ClinicForm(formdata=None, obj=clinic_of(session, actor().clinic_id))


def _stored_lengths(session: Any) -> LengthsForm:
    return _lengths_form()(formdata=None, data=procedure_lengths(session, actor().clinic_id))


def _clinic_page(form: ClinicForm, problems: Problems = ()) -> str:
    return render_template("settings/clinic.html", form=form, problems=problems)


def _open_page(form: OpenClinicForm, problems: Problems = ()) -> str:
    return render_template("settings/clinic_open.html", form=form, problems=problems)


def _lengths_form() -> type[LengthsForm]:
    return lengths_form(offered_indications(reading(), actor().clinic_id))


def _lengths_page(form: LengthsForm, problems: Problems = ()) -> str:
    return render_template(
        "settings/lengths.html",
        form=form,
        injections=[form[code] for code in offered_indications(reading(), actor().clinic_id)],
        others=[form[kind] for kind in OTHER_KINDS],
        problems=problems,
    )


def _done(notice: str, endpoint: str) -> ResponseReturnValue:
    flash_messages.leave(notice)
    return redirect(url_for(endpoint))
