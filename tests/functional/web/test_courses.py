"""Opening a course, its plan, authorizations and its end."""

import pytest
from flask import Flask

from clinic_scheduler.db import unit_of_work
from clinic_scheduler.models import Course
from tests import factories
from tests.functional.web.conftest import Visitor, words

NEW = {
    "indication": "spasticity_upper_limb",
    "product": factories.ONABOT,
    "started_on": "2026-11-23",
    "provider": "0",
    "planned_units": "",
    "personal_interval": "",
    "payer_minimum_interval": "",
    "authorization_required": "",
}


def test_a_course_is_opened_with_its_own_intervals(desk: Visitor, cast: factories.Cast) -> None:
    address = f"/patients/{cast.patient_id}/courses/new"
    assert 'value="2026-11-23"' in desk.get(address).text
    fields = NEW | {
        "provider": cast.provider_id,
        "planned_units": "240",
        "personal_interval": "14 weeks",
        "payer_minimum_interval": "84 days",
        "authorization_required": "yes",
    }
    assert desk.post(address, **fields).location == f"/patients/{cast.patient_id}"
    page = words(desk.get(f"/patients/{cast.patient_id}"))
    assert "Course opened" in page
    assert "Spasticity, upper limb, Botox (onabotulinumtoxinA)" in page
    assert "240 U" in page
    assert "Auth missing" in page
    plan = desk.get("/courses/2/plan").text
    assert 'value="P14W"' in plan
    assert 'value="P84D"' in plan
    assert desk.post(address, **fields).status_code == 422


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"started_on": ""}, "Enter the day on which treatment is to start"),
        ({"personal_interval": "soon"}, "Enter an interval such as 12 weeks"),
        ({"personal_interval": "0 days"}, "An interval is at least a day"),
        ({"personal_interval": "P1M7D"}, "An interval has one part"),
        ({"payer_minimum_interval": "P1M7D"}, "such as 12 weeks or 84 days"),
        ({"planned_units": "0"}, "Units lie between 1 and 20000"),
        ({"indication": "wrinkles"}, "Not a valid choice"),
        ({"provider": "77"}, "Not a valid choice"),
        ({"indication": "chronic_migraine"}, "already has an open course of this indication and product"),
    ],
)
def test_a_course_that_cannot_be_is_not_opened(
    desk: Visitor, cast: factories.Cast, wrong: dict[str, str], message: str
) -> None:
    answer = desk.post(f"/patients/{cast.patient_id}/courses/new", **(NEW | wrong))
    assert answer.status_code == 422
    assert message in words(answer)


def test_a_plan_is_changed_and_the_dates_follow(desk: Visitor, cast: factories.Cast) -> None:
    address = f"/courses/{cast.course_id}/plan"
    desk.get(address)
    fields = NEW | {"provider": cast.other_provider_id, "personal_interval": "P16W", "planned_units": "175"}
    assert desk.post(address, **fields).location == f"/patients/{cast.patient_id}"
    page = words(desk.get(f"/patients/{cast.patient_id}"))
    assert "Plan saved" in page
    assert "Due 21-Dec-2026" in page
    assert "175 U" in page
    assert "Front desk: edited courses" in page


def test_an_interval_of_several_parts_stays_but_is_not_entered_anew(
    desk: Visitor, app: Flask, cast: factories.Cast
) -> None:
    with app.app_context(), unit_of_work() as session:
        session.get_one(Course, cast.course_id).personal_interval = "P1M7D"
    address = f"/courses/{cast.course_id}/plan"
    assert desk.post(address, **(NEW | {"payer_minimum_interval": "P1M7D"})).status_code == 422
    stays = NEW | {"personal_interval": "P1M7D", "planned_units": "175"}
    assert desk.post(address, **stays).location == f"/patients/{cast.patient_id}"
    assert 'value="P1M7D"' in desk.get(address).text


def test_an_authorization_is_kept_once(desk: Visitor, cast: factories.Cast) -> None:
    address = f"/courses/{cast.course_id}/authorizations/new"
    desk.get(address)
    desk.post(f"/courses/{cast.course_id}/plan", **(NEW | {"authorization_required": "yes"}))
    assert "Auth missing" in words(desk.get(f"/patients/{cast.patient_id}"))
    fields = {"number": "PA-1", "starts_on": "2026-11-01", "ends_on": "2027-10-31", "visits_left": "4"}
    for _ in range(2):
        assert desk.post(address, **fields).status_code == 302
    page = words(desk.get(f"/patients/{cast.patient_id}"))
    assert "Auth missing" not in page
    assert page.count("Front desk: authorized courses") == 1
    assert "Visits lie between" in words(desk.post(address, **(fields | {"visits_left": "-1"})))


def test_a_course_is_stopped_once_its_visit_is_settled(desk: Visitor, cast: factories.Cast) -> None:
    address = f"/courses/{cast.course_id}/stop"
    fields = {"stopped_on": "2026-11-23", "reason": "Changed product"}
    desk.post(f"/courses/{cast.course_id}/book", provider=cast.provider_id, day="2026-11-24", at="09:00")
    assert "Cancel the visit first" in words(desk.get(address))
    assert desk.post(address, **fields).status_code == 409
    desk.post("/appointments/1/cancel", reason="patient_asked")
    assert desk.post(address, **(fields | {"reason": ""})).status_code == 422
    assert desk.post(address, **fields).status_code == 302
    page = words(desk.get(f"/patients/{cast.patient_id}"))
    assert "Closed" in page
    assert "Change plan" not in page
    assert desk.post(f"/courses/{cast.course_id}/plan", **NEW | {"planned_units": "10"}).status_code == 422


def test_another_clinics_course_is_not_found(desk: Visitor, other_cast: factories.Cast) -> None:
    course = f"/courses/{other_cast.course_id}"
    addresses = [f"{course}/{part}" for part in ("plan", "stop", "authorizations/new")]
    for address in [*addresses, f"/patients/{other_cast.patient_id}/courses/new"]:
        assert desk.get(address).status_code == 404, address
        assert desk.post(address, **NEW).status_code == 404, address
