"""Settings of the clinic, providers, visit lengths and reminders; for administrators alone."""

from datetime import time, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from clinic_scheduler.db import db, unit_of_work
from clinic_scheduler.models import AuditEvent, Clinic, ProcedureLength, Provider, ProviderHours
from tests import factories
from tests.conftest import FrozenClock
from tests.functional.web.conftest import Visitor, words

CLINIC = {
    "name": "Harbor Neurology",
    "zone": "America/Los_Angeles",
    "phone": "+12065550100",
    "email": "desk@example.org",
    "address": "",
    "digest_email": "",
    "contact_attempts_limit": "4",
    "contact_rest_days": "5",
}
PROVIDER = {
    "name": "Dr Noor Lind",
    "email": "",
    "visit_minutes": "40",
    "bookings": "yes",
    "day_0": "9:00-12:00",
}
PAGES = (
    "/settings",
    "/settings/clinics/new",
    "/settings/providers",
    "/settings/providers/new",
    "/settings/providers/1",
    "/settings/visit-lengths",
    "/settings/reminders",
    "/settings/protocols",
    "/settings/protocols/chronic_migraine",
    "/settings/protocols/chronic_migraine/edit",
    "/settings/protocols/chronic_migraine/open-courses",
    "/settings/staff",
    "/settings/staff/new",
    "/settings/staff/1",
    "/settings/audit",
    "/settings/sending",
)


@pytest.fixture
def admin(visitor: Visitor) -> Visitor:
    assert visitor.sign_in("admin").status_code == 302
    return visitor


def rows(app: Flask, statement: Any) -> list[Any]:
    with app.app_context():
        return list(db.session().execute(statement))


def book(app: Flask, clock: FrozenClock, cast: factories.Cast) -> int:
    day = factories.local_day(clock.now()) + timedelta(1)
    with app.app_context(), unit_of_work() as session:
        return factories.book(
            session, cast.actor, clock.now(), cast.course_id, cast.provider_id, day, time(9)
        ).id


def test_every_page_opens_for_an_administrator(admin: Visitor) -> None:
    for address in PAGES:
        answer = admin.get(address)
        assert answer.status_code == 200, address
        assert '<a href="/settings" aria-current="page">' in answer.text, address


@pytest.mark.parametrize("role", ["front_desk", "provider", "read_only"])
def test_nobody_else_sees_or_changes_anything(visitor: Visitor, role: str) -> None:
    visitor.sign_in(role)
    assert "/settings" not in visitor.get("/due").text
    for address in PAGES:
        assert visitor.get(address).status_code == 403, address
        assert visitor.post(address).status_code in (403, 405), address


def test_another_clinics_rows_are_not_found(admin: Visitor, other_cast: factories.Cast) -> None:
    theirs = f"/settings/providers/{other_cast.provider_id}"
    assert admin.get(theirs).status_code == 404
    assert admin.post(theirs, **PROVIDER).status_code == 404
    assert "Elsewhere" not in admin.get("/settings/audit").text


# --- the clinic -------------------------------------------------------------------------------------------


def test_the_clinic_is_changed_and_audited_by_field(app: Flask, admin: Visitor) -> None:
    admin.get("/settings")
    changed = CLINIC | {"phone": "+12065550199", "address": "1 Pier Rd", "contact_rest_days": "7"}
    changed["digest_email"] = "morning@example.org"
    answer = admin.post("/settings", follow_redirects=True, **changed)
    assert "Clinic saved" in words(answer)
    ((clinic,),) = rows(app, select(Clinic))
    assert (clinic.phone, clinic.address, clinic.contact_rest_days) == ("+12065550199", "1 Pier Rd", 7)
    assert clinic.digest_email == "morning@example.org"
    events = [row[0].details for row in rows(app, select(AuditEvent).where(AuditEvent.action == "changed"))]
    assert events == [{"fields": ["phone"]}, {"fields": ["address", "digest_email", "contact_rest_days"]}]
    admin.post("/settings", **changed)
    assert len(rows(app, select(AuditEvent).where(AuditEvent.action == "changed"))) == 2
    assert 'value="morning@example.org"' in admin.get("/settings").text
    admin.post("/settings", **changed | {"digest_email": " "})
    ((clinic,),) = rows(app, select(Clinic))
    assert clinic.digest_email is None


def test_the_zone_stays_while_a_visit_is_ahead_and_nothing_else_is_saved(
    app: Flask, admin: Visitor, clock: FrozenClock, cast: factories.Cast
) -> None:
    book(app, clock, cast)
    answer = admin.post("/settings", **CLINIC | {"zone": "America/Denver", "contact_rest_days": "9"})
    assert answer.status_code == 422
    assert "The zone cannot change while visits are booked" in words(answer)
    assert 'value="America/Denver"' in answer.text
    ((clinic,),) = rows(app, select(Clinic))
    assert (clinic.zone, clinic.contact_rest_days) == ("America/Los_Angeles", 5)


@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [
        ("name", "", "Enter the clinic's name"),
        ("zone", "Mars/Olympus", "Enter an IANA time zone"),
        ("email", "desk", "Enter one e-mail address like"),
        ("digest_email", "desk@", "Enter one e-mail address like"),
        ("contact_attempts_limit", "0", "Tries lie between 1 and 20"),
    ],
)
def test_what_cannot_be_a_clinics_is_said(admin: Visitor, field: str, typed: str, said: str) -> None:
    answer = admin.post("/settings", **CLINIC | {field: typed})
    assert answer.status_code == 422
    assert said in words(answer)
    assert "<title>Error: Clinic" in answer.text
    assert f'href="#{field}"' in answer.text


def test_another_clinic_gets_its_own_administrator(app: Flask, admin: Visitor) -> None:
    fresh = {
        "name": "Oak Clinic",
        "zone": "America/Denver",
        "phone": "+13035550100",
        "email": "oak@example.org",
    }
    fresh |= {"admin_name": "Ida Moss", "admin_email": "ida@example.org"}
    answer = admin.post("/settings/clinics/new", **fresh)
    assert answer.status_code == 200
    assert "/set-password/" in answer.text
    assert "Opened clinics 2" not in words(admin.get("/settings/audit"))
    twice = admin.post("/settings/clinics/new", **fresh)
    assert twice.status_code == 422
    assert "There is a clinic of this name already" in words(twice)
    taken = admin.post(
        "/settings/clinics/new", **fresh | {"name": "Elm Clinic", "admin_email": "admin@example.org"}
    )
    assert taken.status_code == 422
    assert len(rows(app, select(Clinic))) == 2


# --- providers and visit lengths --------------------------------------------------------------------------


def test_a_provider_is_added_with_hours_and_can_be_booked(app: Flask, admin: Visitor) -> None:
    answer = admin.post(
        "/settings/providers/new",
        follow_redirects=True,
        **PROVIDER | {"day_1": "1:00 pm-5:00 pm, 8:00-11:30"},
    )
    assert "Provider added" in words(answer)
    assert "Tue 08:00-11:30, 13:00-17:00" in words(answer)
    assert admin.post("/settings/providers/new", **PROVIDER).status_code == 422
    assert len(rows(app, select(Provider).where(Provider.name == "Dr Noor Lind"))) == 1


@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [
        ("day_2", "9:00-12:00, 11:00-13:00", "Wednesday: 09:00-12:00 and 11:00-13:00 overlap"),
        ("day_0", "1:00-5:00", "Monday: '1:00-5:00' is at night"),
        ("visit_minutes", "3", "A visit takes 5 to 480 minutes"),
        ("name", "Dr Ben Sato", "There is a provider of this name already"),
    ],
)
def test_hours_that_overlap_and_the_like_are_refused(
    app: Flask, admin: Visitor, cast: factories.Cast, field: str, typed: str, said: str
) -> None:
    answer = admin.post(f"/settings/providers/{cast.provider_id}", **PROVIDER | {field: typed})
    assert answer.status_code == 422
    assert said in words(answer)
    assert f'href="#{field}"' in answer.text
    ((provider,),) = rows(app, select(Provider).where(Provider.id == cast.provider_id))
    assert (provider.name, provider.visit_minutes) == ("Dr Amara Reid", 30)


def test_a_provider_is_edited_hours_and_all(app: Flask, admin: Visitor, cast: factories.Cast) -> None:
    address = f"/settings/providers/{cast.provider_id}"
    assert 'value="09:00-12:00, 13:00-17:00"' in admin.get(address).text
    admin.post(address, **PROVIDER)
    hours = rows(app, select(ProviderHours).where(ProviderHours.provider_id == cast.provider_id))
    assert [(row.weekday, row.starts_at, row.ends_at) for (row,) in hours] == [(0, time(9), time(12))]
    edited = select(AuditEvent).where(AuditEvent.subject == "providers", AuditEvent.action == "edited")
    ((event,),) = rows(app, edited)
    assert event.details == {"fields": ["name", "visit_minutes", "hours"]}


def test_visit_lengths_are_set_and_taken_back(app: Flask, admin: Visitor) -> None:
    admin.post("/settings/visit-lengths", chronic_migraine="45")
    ((row,),) = rows(app, select(ProcedureLength))
    assert (row.indication, row.minutes) == ("chronic_migraine", 45)
    assert 'value="45"' in admin.get("/settings/visit-lengths").text
    wrong = admin.post("/settings/visit-lengths", chronic_migraine="500")
    assert wrong.status_code == 422
    admin.post("/settings/visit-lengths", chronic_migraine="")
    assert rows(app, select(ProcedureLength)) == []
