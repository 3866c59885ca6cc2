"""Staff in the settings: accounts, roles, links that set a password once, and who can never be shut out."""

import logging
import re
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from clinic_scheduler.db import db, unit_of_work
from clinic_scheduler.models import AuditEvent, User
from clinic_scheduler.redaction import RedactSecretPaths
from tests import factories
from tests.conftest import FrozenClock
from tests.functional.web.conftest import Visitor, words

NEW = {"name": "Sol Reyes", "email": "Sol@example.org", "role": "front_desk", "provider": "0"}
CHOSEN = "a brand new password"
LINK = re.compile(r"/set-password/[\w.\-]+")


@pytest.fixture
def admin(visitor: Visitor) -> Visitor:
    assert visitor.sign_in("admin").status_code == 302
    return visitor


@pytest.fixture
def guest(app: Flask, admin: Visitor) -> Visitor:
    """Somebody else's browser."""
    return Visitor(app.test_client())


def user(app: Flask, email: str) -> Any:
    with app.app_context():
        row = db.session().scalars(select(User).where(User.email == email)).one()
        return {
            "id": row.id,
            "roles": [role.name for role in row.roles],
            "active": row.active,
            "password": row.password,
            "provider_id": row.provider_id,
            "locked_until": row.locked_until,
        }


def address(app: Flask, email: str, act: str = "") -> str:
    return f"/settings/staff/{user(app, email)['id']}{act}"


def link_in(answer: Any) -> str:
    return LINK.search(answer.text)[0]


def sign_in(visitor: Visitor, email: str, password: str) -> int:
    visitor.get("/sign-in")
    return visitor.post("/sign-in", email=email, password=password).status_code


def actions(app: Flask) -> list[str]:
    with app.app_context():
        wanted = select(AuditEvent.action).where(AuditEvent.subject == "users").order_by(AuditEvent.id)
        return list(db.session().scalars(wanted))


def test_a_person_is_added_sets_a_password_once_and_signs_in(
    app: Flask, admin: Visitor, guest: Visitor
) -> None:
    answer = admin.post("/settings/staff/new", **NEW)
    link = link_in(answer)
    assert "Sol Reyes" in words(answer)
    assert link not in admin.get("/settings/staff").text
    assert "No password yet" in words(admin.get("/settings/staff"))
    assert "Sol Reyes" in words(guest.get(link))
    short = guest.post(link, password="short", again="short")
    assert short.status_code == 422
    assert "at least 12 characters" in words(short)
    done = guest.post(link, password=CHOSEN, again=CHOSEN)
    assert (done.status_code, done.location) == (302, "/sign-in")
    assert guest.get(link).status_code == 404
    assert guest.post(link, password="another password", again="another password").status_code == 404
    assert sign_in(guest, "sol@example.org", CHOSEN) == 302
    assert actions(app)[-4:] == ["added", "password_link_given", "password_set", "signed_in"]


def test_a_link_is_good_for_a_day_and_only_unchanged(
    admin: Visitor, guest: Visitor, clock: FrozenClock
) -> None:
    link = link_in(admin.post("/settings/staff/new", **NEW))
    assert guest.get(link[:-3] + "abc").status_code == 404
    clock.move(timedelta(hours=23))
    assert guest.get(link).status_code == 200
    clock.move(timedelta(hours=1))
    assert guest.get(link).status_code == 404


def test_a_new_link_voids_the_one_before_and_signs_the_person_out(
    app: Flask, admin: Visitor, guest: Visitor
) -> None:
    assert sign_in(guest, "front_desk@example.org", factories.PASSWORD) == 302
    act = address(app, "front_desk@example.org", "/password-link")
    first, second = (link_in(admin.post(act)) for _ in range(2))
    assert guest.get("/due").status_code == 302
    assert guest.get(first).status_code == 404
    assert guest.get(second).status_code == 200


def test_an_address_is_used_once(admin: Visitor) -> None:
    admin.post("/settings/staff/new", **NEW)
    answer = admin.post("/settings/staff/new", **NEW)
    assert answer.status_code == 422
    assert "There is an account with this e-mail address already" in words(answer)


def test_a_role_and_a_provider_are_given(app: Flask, admin: Visitor, cast: factories.Cast) -> None:
    page = address(app, "front_desk@example.org")
    changed = {"name": "Sol Reyes", "role": "provider", "provider": str(cast.provider_id)}
    assert "Account saved" in words(admin.post(page, follow_redirects=True, **changed))
    now = user(app, "front_desk@example.org")
    assert (now["roles"], now["provider_id"]) == (["provider"], cast.provider_id)
    assert admin.post(page, **changed | {"role": "janitor"}).status_code == 422
    assert admin.post(page, **changed | {"provider": "999"}).status_code == 422
    assert actions(app).count("edited") == 1


def test_a_closed_account_is_signed_out_and_can_be_opened_again(
    app: Flask, admin: Visitor, guest: Visitor
) -> None:
    assert sign_in(guest, "front_desk@example.org", factories.PASSWORD) == 302
    answer = admin.post(address(app, "front_desk@example.org", "/deactivate"), follow_redirects=True)
    assert "Account deactivated" in words(answer)
    assert guest.get("/due").status_code == 302
    assert sign_in(guest, "front_desk@example.org", factories.PASSWORD) == 401
    refused = admin.post(address(app, "front_desk@example.org", "/password-link"))
    assert refused.status_code == 400
    admin.post(address(app, "front_desk@example.org", "/reactivate"))
    assert sign_in(guest, "front_desk@example.org", factories.PASSWORD) == 302


def test_nobody_closes_their_own_account(app: Flask, admin: Visitor) -> None:
    answer = admin.post(address(app, "admin@example.org", "/deactivate"))
    assert answer.status_code == 409
    assert "Nobody closes their own account. Nothing was changed" in words(answer)
    assert user(app, "admin@example.org")["active"]


def test_the_last_administrator_keeps_the_role(app: Flask, admin: Visitor) -> None:
    mine = {"name": "Ada Moss", "role": "read_only", "provider": "0"}
    answer = admin.post(address(app, "admin@example.org"), **mine)
    assert answer.status_code == 409
    assert "the last administrator" in words(answer)
    # One who never set a password cannot be the one who is left.
    admin.post("/settings/staff/new", **NEW | {"role": "admin"})
    assert admin.post(address(app, "admin@example.org"), **mine).status_code == 409
    assert user(app, "admin@example.org")["roles"] == ["admin"]


def test_another_clinics_administrator_does_not_count_and_is_not_found(
    app: Flask, admin: Visitor, other_cast: factories.Cast, clock: FrozenClock
) -> None:
    with app.app_context(), unit_of_work() as session:
        factories.staff(session, other_cast.actor, clock.now(), "admin", prefix="e-")
    for act in ("", "/deactivate", "/reactivate", "/unlock", "/password-link"):
        answer = admin.post(address(app, "e-admin@example.org", act), name="X", role="admin", provider="0")
        assert answer.status_code == 404, act
    assert admin.get(address(app, "e-admin@example.org")).status_code == 404
    mine = {"name": "Ada Moss", "role": "read_only", "provider": "0"}
    assert admin.post(address(app, "admin@example.org"), **mine).status_code == 409


def test_a_locked_account_is_unlocked(app: Flask, admin: Visitor, guest: Visitor) -> None:
    for _ in range(5):
        assert sign_in(guest, "front_desk@example.org", "wrong password") == 401
    assert sign_in(guest, "front_desk@example.org", factories.PASSWORD) == 401
    assert "Locked" in words(admin.get("/settings/staff"))
    assert "Unlock now" in words(admin.get(address(app, "front_desk@example.org")))
    admin.post(address(app, "front_desk@example.org", "/unlock"))
    assert user(app, "front_desk@example.org")["locked_until"] is None
    assert sign_in(guest, "front_desk@example.org", factories.PASSWORD) == 302


def test_a_links_token_stays_out_of_the_access_logs() -> None:
    line = logging.LogRecord(
        "werkzeug", logging.INFO, "", 0, '"GET /set-password/abc.def HTTP/1.1" 200', (), None
    )
    RedactSecretPaths().filter(line)
    assert line.getMessage() == '"GET /set-password/… HTTP/1.1" 200'
