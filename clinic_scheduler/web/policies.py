"""Who may use which route: deny by default, said at each view, asked before every request."""

from collections.abc import Callable
from typing import TypeVar

from flask import Flask, abort, current_app, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_security import current_user

from clinic_scheduler.domain.roles import WRITING, StaffRole

View = TypeVar("View", bound=Callable[..., ResponseReturnValue])

EVERYONE = tuple(StaffRole)
WRITERS = tuple(role for role in StaffRole if role in WRITING)
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
# Routes whose views are not ours, and which anyone may fetch.
PUBLIC_ENDPOINTS = frozenset({"static"})
_MARK = "clinic_policy"


def policy(*roles: str) -> Callable[[View], View]:
    """Only staff with one of `roles` may use the view."""
    unknown = set(roles) - set(EVERYONE)
    if unknown or not roles:
        raise ValueError(f"a policy names roles out of {EVERYONE}, not {roles}")

    def mark(view: View) -> View:
        setattr(view, _MARK, frozenset(roles))
        return view

    return mark


def public(view: View) -> View:
    """Anyone may use the view, signed in or not."""
    setattr(view, _MARK, frozenset())
    return view


def policy_of(app: Flask, endpoint: str) -> frozenset[str] | None:
    """The roles an endpoint asks for, empty where it is public, None where nobody said."""
    if endpoint in PUBLIC_ENDPOINTS:
        return frozenset()
    roles: frozenset[str] | None = getattr(app.view_functions[endpoint], _MARK, None)
    return roles


def register(app: Flask) -> None:
    app.before_request(_enforce)


def _enforce() -> ResponseReturnValue | None:
    if request.endpoint is None:
        return None  # no such page: the 404 or 405 is on its way
    roles = policy_of(current_app, request.endpoint)
    if roles is None:
        abort(403)
    if not roles:
        return None
    if not current_user.is_authenticated:
        return _ask_to_sign_in()
    if not any(current_user.has_role(role) for role in roles):
        abort(403)
    return None


def _ask_to_sign_in() -> ResponseReturnValue:
    """Back to the same page afterwards, where that page can be asked for again."""
    if request.method in SAFE_METHODS:
        return redirect(url_for("sign_in.sign_in", next=request.full_path.rstrip("?")))
    return redirect(url_for("sign_in.sign_in"))
