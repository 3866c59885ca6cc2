"""Every route says who may use it, and is held to it."""

import pytest
from flask import Flask

from clinic_scheduler.web.policies import EVERYONE, SAFE_METHODS, policy, policy_of
from tests import factories
from tests.functional.web.conftest import Visitor

# What anyone may fetch, and why. A route added here is a decision.
PUBLIC = {
    "static",  # Flask's own: style and script
    "assets.asset",  # the same, compressed
    "calendar.feed",  # the token is the key
    "visit_link.page",  # the token is the key, as in the next three
    "visit_link.answer",
    "opt_out_link.page",
    "opt_out_link.answer",
    "hooks.gateway",  # signed by the clinic's own gateway
    "hooks.twilio_inbound",  # signed by Twilio
    "hooks.twilio_status",
    "health.healthz",  # numbers without patients
    "settings_staff.choose_password",  # the token is the key, once
    "sign_in.sign_in",
    "sign_in.try_sign_in",
    "sign_in.setup",  # the token is the key, once
    "sign_in.use_setup",
    "subscribe.page",  # the token is the key
    "subscribe.stop",
}


def test_every_route_has_a_policy(app: Flask) -> None:
    without = [rule.endpoint for rule in app.url_map.iter_rules() if policy_of(app, rule.endpoint) is None]
    assert without == []


def test_the_public_routes_are_these(app: Flask) -> None:
    public = {
        rule.endpoint for rule in app.url_map.iter_rules() if policy_of(app, rule.endpoint) == frozenset()
    }
    assert public == PUBLIC


def test_a_route_without_a_policy_is_refused(visitor: Visitor, app: Flask) -> None:
    app.view_functions["due.due_list"] = lambda: "nobody said who may see this"
    assert visitor.sign_in("admin").status_code == 302
    assert visitor.get("/due").status_code == 403


def test_read_only_may_change_nothing(app: Flask) -> None:
    allowed = {
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if set(rule.methods or ()) - SAFE_METHODS and "read_only" in (policy_of(app, rule.endpoint) or ())
    }
    # Searching is a read that keeps what is typed out of addresses; one's own clinics one may work in.
    assert allowed == {"clinics.switch", "patients.find", "sign_in.sign_out"}


def test_read_only_looks_but_does_not_book(visitor: Visitor) -> None:
    visitor.sign_in("read_only")
    page = visitor.get("/due")
    assert "OKONKWO" in page.text
    assert "/book" not in page.text
    assert visitor.get("/courses/1/book").status_code == 403
    assert visitor.post("/courses/1/book").status_code == 403


def test_nobody_sees_a_page_without_signing_in(visitor: Visitor) -> None:
    for address in ["/due", "/schedule", "/patients", "/patients/1", "/courses/1/why"]:
        answer = visitor.get(address)
        assert answer.status_code == 302, address
        assert answer.location.startswith("/sign-in?next="), address


def test_another_clinics_rows_are_not_found(desk: Visitor, other_cast: factories.Cast) -> None:
    theirs = other_cast
    for address in (
        f"/patients/{theirs.patient_id}",
        f"/courses/{theirs.course_id}/why",
        f"/courses/{theirs.course_id}/book",
        f"/courses/{theirs.course_id}/contact",
        f"/courses/{theirs.course_id}/treatments/new",
        f"/courses/{theirs.course_id}/next",
        "/appointments/999/move",
    ):
        assert desk.get(address).status_code == 404, address
    for address in (f"/courses/{theirs.course_id}/book", f"/patients/{theirs.patient_id}/calendar-links"):
        answer = desk.post(address, provider=1, day="2026-11-24", at="09:00")
        assert answer.status_code == 404, address
    assert "Elsewhere" not in desk.get("/due?tab=all").text
    assert desk.get("/due?tab=all").text.count("/courses/") == 4  # the own patient's row alone


def test_a_policy_names_known_roles() -> None:
    with pytest.raises(ValueError, match="janitor"):
        policy("janitor")
    with pytest.raises(ValueError, match="roles"):
        policy()
    assert set(EVERYONE) == {"front_desk", "provider", "admin", "read_only"}
