"""Settings of staff: accounts, roles, password links; and the page on which a link's owner sets a password."""

from collections.abc import Callable, Sequence
from typing import Any

from flask import Blueprint, current_app, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_security import hash_password

from clinic_scheduler.db import unit_of_work
from clinic_scheduler.domain.errors import InvalidInput
from clinic_scheduler.domain.roles import StaffRole
from clinic_scheduler.queries.accounts import is_locked, staff_of, user_in_clinic
from clinic_scheduler.queries.providers import providers_of
from clinic_scheduler.services.practice import staff
from clinic_scheduler.services.practice.staff_clinics import change_clinics
from clinic_scheduler.services.practice.staff_links import issue_link, set_password, user_of_link
from clinic_scheduler.web import flash_messages
from clinic_scheduler.web.context import actor, changing, my_clinics, now, problems_in, reading, settings
from clinic_scheduler.web.forms.settings import NOBODY, NewStaffForm, StaffForm
from clinic_scheduler.web.forms.sign_in import PasswordForm
from clinic_scheduler.web.limits import SIGN_IN, limiter
from clinic_scheduler.web.policies import policy, public
from clinic_scheduler.web.sign_in import normal_password, secret_keys

blueprint = Blueprint("settings_staff", __name__)
Problems = Sequence[tuple[str, str]]


@blueprint.get("/settings/staff")
@policy("admin")
def list_() -> ResponseReturnValue:
    clinic_id = actor().clinic_id
    names = {provider.id: provider.name for provider in providers_of(reading(), clinic_id)}
    return render_template(
        "settings/staff.html", staff=staff_of(reading(), clinic_id), provider_names=names, locked=_locked
    )


@blueprint.route("/settings/staff/new", methods=["GET", "POST"])
@policy("admin")
def new() -> ResponseReturnValue:
    """The person's link to set a password is in the answer and nowhere else afterwards."""
    form = NewStaffForm()
    form.offer(providers_of(reading(), actor().clinic_id))
    if not form.is_submitted():
        return _page(None, form)
    if not form.validate():
        return _page(None, form, problems_in(form)), 422
    try:
        with changing() as change:
            user = staff.create_user(
                change,
                email=form.email.data,
                name=form.name.data,
                role=form.role.data,
                password_hash=None,
                provider_id=form.provider.data or None,
            )
            token = issue_link(change, secret_key(), user)
    except InvalidInput:
        taken = "There is an account with this e-mail address already. Nobody was added."
        return _page(None, form, [("email", taken)]), 422
    return link_page(form.name.data, token)


@blueprint.get("/settings/staff/<int:user_id>")
@policy("admin")
def account(user_id: int) -> ResponseReturnValue:
    user = user_in_clinic(reading(), actor().clinic_id, user_id)
    return _page(user, _form_of(user))


@blueprint.post("/settings/staff/<int:user_id>")
@policy("admin")
def save(user_id: int) -> ResponseReturnValue:
    who = actor()
    user = user_in_clinic(reading(), who.clinic_id, user_id)
    form = StaffForm()
    form.offer(providers_of(reading(), who.clinic_id), my_clinics())
    if not form.validate_on_submit():
        return _page(user, form, problems_in(form)), 422
    try:
        with changing() as change:
            user = user_in_clinic(change.session, who.clinic_id, user_id)
            staff.change_user(
                change, user, name=form.name.data, role=form.role.data, provider_id=form.provider.data or None
            )
            if form.clinics:
                change_clinics(change, user, form.clinics.data)
    except InvalidInput as refusal:
        return _page(user_in_clinic(reading(), who.clinic_id, user_id), form, _said("role", refusal)), 409
    return _done("account_saved")


@blueprint.post("/settings/staff/<int:user_id>/deactivate")
@policy("admin")
def deactivate(user_id: int) -> ResponseReturnValue:
    return _changed(user_id, staff.deactivate, "account_deactivated")


@blueprint.post("/settings/staff/<int:user_id>/reactivate")
@policy("admin")
def reactivate(user_id: int) -> ResponseReturnValue:
    return _changed(user_id, staff.reactivate, "account_reactivated")


@blueprint.post("/settings/staff/<int:user_id>/unlock")
@policy("admin")
def unlock(user_id: int) -> ResponseReturnValue:
    return _changed(user_id, staff.unlock, "account_unlocked")


@blueprint.post("/settings/staff/<int:user_id>/password-link")
@policy("admin")
def password_link(user_id: int) -> ResponseReturnValue:
    """Another link; the person is signed out everywhere and earlier links are void."""
    who = actor()
    with changing() as change:
        user = user_in_clinic(change.session, who.clinic_id, user_id)
        name = user.name
        token = issue_link(change, secret_key(), user)
    return link_page(name, token)


@blueprint.route("/set-password/<token>", methods=["GET", "POST"])
@public
@limiter.limit(SIGN_IN)
def choose_password(token: str) -> ResponseReturnValue:
    """The token is the key, once. Signing in comes after, as ever."""
    user = user_of_link(reading(), secret_keys(), token, now())
    form = PasswordForm()
    if not form.is_submitted():
        return render_template("sign_in/set_password.html", form=form, user=user, problems=[])
    if not form.validate():
        page = render_template("sign_in/set_password.html", form=form, user=user, problems=problems_in(form))
        return page, 422
    hashed = str(hash_password(normal_password(form.password.data)))
    with unit_of_work() as session:
        set_password(session, secret_keys(), token, hashed, now())
    return redirect(url_for("sign_in.sign_in"))


def link_page(name: str, token: str) -> str:
    """The only page that ever shows this link."""
    return render_template(
        "settings/staff_link.html", name=name, link=f"{settings().base_url}/set-password/{token}"
    )


def secret_key() -> str:
    return str(current_app.config["SECRET_KEY"])


def _changed(user_id: int, act: Callable[..., None], notice: str) -> ResponseReturnValue:
    who = actor()
    try:
        with changing() as change:
            act(change, user_in_clinic(change.session, who.clinic_id, user_id))
    except InvalidInput as refusal:
        user = user_in_clinic(reading(), who.clinic_id, user_id)
        return _page(user, _form_of(user), _said("closing", refusal)), 409
    return _done(notice)


def _form_of(user: Any) -> StaffForm:
    """An account as it is."""
    form = StaffForm(
        formdata=None,
        data={
            "name": user.name,
            "role": next((held.name for held in user.roles), StaffRole.READ_ONLY),
            "provider": user.provider_id or NOBODY,
            "clinics": [clinic.id for clinic in user.clinics],
        },
    )
    form.offer(providers_of(reading(), actor().clinic_id), my_clinics())
    return form


def _said(field: str, refusal: InvalidInput) -> list[tuple[str, str]]:
    text = str(refusal)
    return [(field, f"{text[:1].upper()}{text[1:]}.")]


def _locked(user: Any) -> bool:
    return is_locked(user, now())


def _page(user: Any, form: StaffForm, problems: Problems = ()) -> str:
    return render_template(
        "settings/staff_edit.html", user=user, form=form, problems=problems, locked=_locked
    )


def _done(notice: str) -> ResponseReturnValue:
    flash_messages.leave(notice)
    return redirect(url_for("settings_staff.list_"))
