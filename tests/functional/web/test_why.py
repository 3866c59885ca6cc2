"""Why a date is what it is: what to say on the phone, what blocks, what shuts a day later; rules folded away."""

import re
from datetime import date
from decimal import Decimal

import pytest
from flask import Flask

from clinic_scheduler.db import unit_of_work
from clinic_scheduler.models import Course, Hold, Patient
from clinic_scheduler.services.change import Change
from clinic_scheduler.services.courses import courses
from clinic_scheduler.services.courses.courses import CourseEntry
from tests import factories
from tests.conftest import FrozenClock
from tests.functional.web.conftest import Visitor, words

ENGLISH = "The earliest is Monday, November 23: twelve weeks after August 31."
SPANISH = "Lo más pronto es el lunes 23 de noviembre: doce semanas después del 31 de agosto."


@pytest.fixture
def spanish(app: Flask, cast: factories.Cast) -> None:
    with app.app_context(), unit_of_work() as session:
        session.get_one(Patient, cast.patient_id).language = "es"


def pages(cast: factories.Cast) -> list[str]:
    course = f"/courses/{cast.course_id}"
    return [f"{course}/why", f"{course}/book", f"{course}/next", f"/patients/{cast.patient_id}"]


def test_what_to_say_is_said_where_somebody_may_be_asked(desk: Visitor, cast: factories.Cast) -> None:
    for address in pages(cast):
        page = desk.get(address)
        assert words(page).count(ENGLISH) == 1, address
        assert SPANISH not in words(page)


def test_a_patient_of_another_language_is_told_in_it_beside_the_english(
    desk: Visitor, cast: factories.Cast, spanish: None
) -> None:
    for address in pages(cast):
        page = desk.get(address)
        assert words(page).count(ENGLISH) == 1, address
        assert f'<p lang="es">{SPANISH}</p>' in page.text


def test_rules_and_sources_are_folded_away(desk: Visitor, cast: factories.Cast) -> None:
    page = desk.get(f"/courses/{cast.course_id}/why").text
    folded = re.search(r"<details[^>]*>\s*<summary>Rules and sources</summary>.*?</details>", page, re.DOTALL)
    assert folded is not None
    assert "DD-3a" in folded[0]
    assert "DD-" not in page.replace(folded[0], "")


def test_each_block_is_a_line_with_what_until_when_and_what_mends_it(
    visitor: Visitor, cast: factories.Cast, app: Flask
) -> None:
    with app.app_context(), unit_of_work() as session:
        hold = Hold(patient_id=cast.patient_id, starts_on=date(2026, 11, 1), reason="infection")
        hold.ends_on = date(2026, 12, 4)
        session.add(hold)
        session.get_one(Course, cast.course_id).authorization_required = True
    visitor.sign_in()
    page = visitor.get(f"/courses/{cast.course_id}/why")
    said = words(page)
    assert "On hold through Friday, December 4, 2026: Infection. Good again from Saturday, December 5" in said
    assert "No authorization with a visit and the planned units left covers Monday, November 23" in said
    assert f'href="/patients/{cast.patient_id}#holds">See the hold</a>' in page.text
    assert ">Add authorization</a>" in page.text
    visitor.post("/sign-out")
    visitor.sign_in("read_only")
    page = visitor.get(f"/courses/{cast.course_id}/why")
    assert "On hold through Friday" in words(page)
    assert "Add authorization" not in page.text


def test_a_day_the_cap_shuts_later_is_named(
    desk: Visitor, cast: factories.Cast, app: Flask, clock: FrozenClock
) -> None:
    with app.app_context(), unit_of_work() as session:
        entry = CourseEntry(
            cast.patient_id, "spasticity_upper_limb", factories.ONABOT, date(2026, 11, 23),
            planned_units=Decimal(300), provider_id=cast.provider_id,
        )  # fmt: skip
        limb = courses.start_course(Change(session, cast.actor, clock.now()), entry).id
    desk.post(f"/courses/{cast.course_id}/book", provider=cast.provider_id, day="2026-11-30", at="09:15")
    said = words(desk.get(f"/courses/{limb}/why"))
    assert (
        "From Monday, November 23, 2026 through Sunday, February 21, 2027 the cap is full because of "
        "the visit booked on Monday, November 30, 2026." in said
    )
