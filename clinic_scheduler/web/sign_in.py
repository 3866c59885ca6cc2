"""Signing in and out, and the first administrator's one-time page."""

import unicodedata
from functools import lru_cache
from urllib.parse import urlsplit

from flask import Blueprint, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_security import UserMixin, current_user, hash_password, verify_password

from clinic_scheduler.db import unit_of_work
from clinic_scheduler.queries.accounts import user_by_email
from clinic_scheduler.services.practice import staff
from clinic_scheduler.web import sessions
from clinic_scheduler.web.context import changing, now, problems_in, reading
from clinic_scheduler.web.forms.sign_in import SetupForm, SignInForm
from clinic_scheduler.web.limits import SIGN_IN, limiter
from clinic_scheduler.web.policies import EVERYONE, policy, public

blueprint = Blueprint("sign_in", __name__)
# One sentence for a wrong password, an unknown address, a locked and a closed account alike.
REFUSED = (
    "That e-mail address and password were not accepted. Check both and try again; "
    "after several tries an account rests for 15 minutes."
)


@blueprint.get("/sign-in")
@public
def sign_in() -> ResponseReturnValue:
    target = own_page(request.args.get("next"))
    if current_user.is_authenticated:
        return redirect(target)
    return render_template("sign_in/sign_in.html", form=SignInForm(next=target), problems=[])


@blueprint.post("/sign-in")
@public
@limiter.limit(SIGN_IN)
def try_sign_in() -> ResponseReturnValue:
    form = SignInForm()
    if form.validate_on_submit():
        user = _proven(form.email.data, form.password.data)
        if user is not None:
            sessions.begin(user, now())
            return redirect(own_page(form.next.data))
        problems = [("email", REFUSED)]
    else:
        problems = problems_in(form)
    return render_template("sign_in/sign_in.html", form=form, problems=problems), 401


@blueprint.post("/sign-out")
@policy(*EVERYONE)
def sign_out() -> ResponseReturnValue:
    with changing() as change:
        staff.sign_out(change)
    sessions.end()
    return redirect(url_for("sign_in.sign_in"))


@blueprint.get("/setup/<token>")
@public
@limiter.limit(SIGN_IN)
def setup(token: str) -> ResponseReturnValue:
    clinic = staff.clinic_to_set_up(reading(), secret_keys(), token, now())
    return render_template("sign_in/setup.html", form=SetupForm(), clinic=clinic, problems=[])


@blueprint.post("/setup/<token>")
@public
@limiter.limit(SIGN_IN)
def use_setup(token: str) -> ResponseReturnValue:
    """Make the first administrator and sign them in."""
    form = SetupForm()
    clinic = staff.clinic_to_set_up(reading(), secret_keys(), token, now())
    if not form.validate_on_submit():
        return render_template(
            "sign_in/setup.html", form=form, clinic=clinic, problems=problems_in(form)
        ), 422
    hashed = hash_password(normal_password(form.password.data))
    with unit_of_work() as session:
        user = staff.create_first_admin(
            session,
            secret_keys(),
            token,
            email=form.email.data,
            name=form.name.data,
            password_hash=hashed,
            now=now(),
        )
    sessions.begin(user, now())
    return redirect(url_for("due.home"))


def own_page(target: str | None) -> str:
    """`target` if it is a plain path on this site, else the home page: nobody is sent elsewhere."""
    home = url_for("due.home")
    if not target or not target.startswith("/") or target.startswith(("//", "/\\")):
        return home
    if any(ord(character) < 33 or character == "\\" for character in target):
        return home
    try:
        parts = urlsplit(target)
    except ValueError:
        return home
    return home if parts.scheme or parts.netloc else target


def normal_password(password: str) -> str:
    """One spelling of the same typed characters, whatever keyboard made them (as NIST 800-63B asks)."""
    return unicodedata.normalize("NFKC", password)


def _proven(email: str, password: str) -> UserMixin | None:
    """The account, if the password is its own and it may sign in now."""
    user = user_by_email(reading(), email)
    typed = normal_password(password)
    if user is None or not user.password:
        verify_password(typed, _nobodys_hash())  # as slow as for somebody
        return None
    matched = verify_password(typed, user.password)
    with unit_of_work() as session:
        accepted = staff.sign_in(session, user, matched, now())
    return user if accepted else None


@lru_cache(maxsize=1)
def _nobodys_hash() -> str:
    return str(hash_password("no account has this password"))


def secret_keys() -> list[str]:
    """Oldest first, as itsdangerous wants them."""
    return [*reversed(current_app.config["SECRET_KEY_FALLBACKS"] or []), current_app.config["SECRET_KEY"]]
