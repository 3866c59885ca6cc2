"""Several clinics a person: changing between them, who may use which, and what stays out of sight."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from clinic_scheduler.db import db, unit_of_work
from clinic_scheduler.models import AuditEvent, Clinic, User
from clinic_scheduler.services.change import Change
from clinic_scheduler.services.practice.staff import actor_of
from clinic_scheduler.services.practice.staff_clinics import join_clinic
from tests import factories
from tests.conftest import FrozenClock
from tests.functional.web.conftest import Visitor, words


@pytest.fixture
def both(app: Flask, cast: factories.Cast, other_cast: factories.Cast, clock: FrozenClock) -> factories.Cast:
    """The other clinic, with an administrator of its own; the cast's administrator may work there too."""
    with app.app_context(), unit_of_work() as session:
        factories.staff(session, other_cast.actor, clock.now(), "admin", prefix="e-")
        elsewhere = session.get_one(Clinic, other_cast.clinic_id)
        join_clinic(Change(session, actor_of(account(session, "admin")), clock.now()), elsewhere)
    return other_cast


@pytest.fixture
def admin(visitor: Visitor, both: factories.Cast) -> Visitor:
    assert visitor.sign_in("admin").status_code == 302
    return visitor


def account(session: Any, role: str) -> User:
    return session.scalars(select(User).where(User.email == f"{role}@example.org")).one()


def seen(app: Flask, role: str) -> tuple[int, list[str], int | None]:
    """Where a person works now, where they may, and which provider they are."""
    with app.app_context():
        user = account(db.session(), role)
        return user.clinic_id, [clinic.name for clinic in user.clinics], user.provider_id


def save(app: Flask, admin: Visitor, who: str, /, clinics: list[int], **more: str) -> Any:
    with app.app_context():
        user = account(db.session(), who)
        page = f"/settings/staff/{user.id}"
        fields = {"name": user.name, "role": user.roles[0].name, "provider": str(user.provider_id or 0)}
    return admin.post(page, **fields | more, clinics=clinics)


def test_a_person_changes_clinic_and_sees_only_that_one(
    app: Flask, admin: Visitor, cast: factories.Cast, both: factories.Cast
) -> None:
    assert "Work in Elsewhere Clinic" in admin.get("/due").text
    answer = admin.post(f"/clinic/{both.clinic_id}/switch")
    assert (answer.status_code, answer.location) == (302, "/due")
    assert "Work in Harbor Neurology" in admin.get("/due").text
    assert admin.get(f"/patients/{both.patient_id}").status_code == 200
    assert admin.get(f"/patients/{cast.patient_id}").status_code == 404
    with app.app_context():
        event = db.session().scalars(select(AuditEvent).where(AuditEvent.action == "switched_clinic")).one()
        assert (event.clinic_id, event.details) == (both.clinic_id, {"from_clinic_id": cast.clinic_id})


def test_a_clinic_one_does_not_belong_to_is_not_found(
    app: Flask, desk: Visitor, cast: factories.Cast, other_cast: factories.Cast
) -> None:
    for key in (other_cast.clinic_id, 999):
        assert desk.post(f"/clinic/{key}/switch").status_code == 404
    assert seen(app, "front_desk")[0] == cast.clinic_id
    assert "Clinic:" not in words(desk.get("/due"))
    assert desk.get(f"/clinic/{cast.clinic_id}/switch").status_code == 405


def test_an_administrator_of_both_says_who_works_where(
    app: Flask, admin: Visitor, cast: factories.Cast, both: factories.Cast
) -> None:
    here, there = cast.clinic_id, both.clinic_id
    save(app, admin, "front_desk", [here, there], provider=str(cast.provider_id))
    assert seen(app, "front_desk") == (here, ["Elsewhere Clinic", "Harbor Neurology"], cast.provider_id)
    save(app, admin, "front_desk", [there])
    assert seen(app, "front_desk") == (there, ["Elsewhere Clinic"], None)
    none_left = save(app, admin, "provider", [])
    assert none_left.status_code == 409
    assert "works in one clinic at least" in words(none_left)
    assert save(app, admin, "provider", [here, 999]).status_code == 422


def test_each_clinic_keeps_an_administrator(app: Flask, admin: Visitor, both: factories.Cast) -> None:
    answer = save(app, admin, "admin", [both.clinic_id])
    assert answer.status_code == 409
    assert "the last administrator" in words(answer)
    assert save(app, admin, "admin", [both.clinic_id], role="read_only").status_code == 409
    assert len(seen(app, "admin")[1]) == 2


def test_who_also_works_elsewhere_is_not_taken_over_by_one_clinics_administrator(
    app: Flask, admin: Visitor, cast: factories.Cast, both: factories.Cast
) -> None:
    with app.app_context():
        key = account(db.session(), "admin").id
    other = Visitor(app.test_client())
    assert other.sign_in("e-admin").status_code == 302
    page = f"/settings/staff/{key}"
    assert other.post(f"{page}/password-link").status_code == 400
    assert other.post(f"{page}/deactivate").status_code == 409
    changed = other.post(page, name="Somebody", role="read_only", provider="0")
    assert changed.status_code == 409
    assert "also works in a clinic you do not belong to" in words(changed)


def test_who_opens_a_clinic_may_work_in_it(app: Flask, visitor: Visitor) -> None:
    assert visitor.sign_in("admin").status_code == 302
    fresh = {
        "name": "Oak Clinic",
        "zone": "America/Chicago",
        "phone": "+1 555-0150",
        "email": "oak@example.org",
    }
    half = visitor.post("/settings/clinics/new", **fresh, admin_email="ida@example.org")
    assert half.status_code == 422
    answer = visitor.post("/settings/clinics/new", follow_redirects=True, **fresh)
    assert "Clinic opened" in words(answer)
    assert "Your clinics Who may work in which is said with each person under Staff" in words(answer)
    assert seen(app, "admin")[1] == ["Harbor Neurology", "Oak Clinic"]
