"""What a clinic treats, chosen in the settings: any indication there is a record of."""

from datetime import date

import pytest
from flask import Flask
from sqlalchemy import select

from clinic_scheduler.models import Clinic, Course
from tests import factories
from tests.conftest import FrozenClock
from tests.functional.web.conftest import Visitor, words
from tests.functional.web.test_settings_protocols import admin, filled, rows

__all__ = ["admin"]


def test_a_clinic_chooses_what_it_treats(
    app: Flask, admin: Visitor, clock: FrozenClock, cast: factories.Cast
) -> None:
    """What was never offered shows as shipped, without a 404; offered, courses can be opened for it."""
    neck = "/settings/protocols/cervical_dystonia"
    text = words(admin.get(neck))
    assert "As shipped" in text
    assert "This clinic does not offer it" in text
    assert "G24.3" in text
    opened = f"/patients/{cast.patient_id}/courses/new"
    assert "Cervical dystonia" not in words(admin.get(opened))
    refused = {
        "indication": "cervical_dystonia",
        "product": "abobotulinumtoxinA",
        "started_on": "2026-11-23",
        "provider": "0",
        "authorization_required": "",
    }
    assert admin.post(opened, **refused).status_code == 422
    offered = ["chronic_migraine", "cervical_dystonia"]
    assert admin.post("/settings/protocols/offered", offered=offered).status_code == 302
    assert "Version 1, current" in words(admin.get(neck))
    assert "does not offer" not in words(admin.get(neck))
    assert "Spasticity, upper limb" not in words(admin.get(opened))
    answer = admin.post(opened, **refused)
    assert answer.status_code == 302, words(answer)
    (neck_course,) = rows(app, select(Course).where(Course.indication == "cervical_dystonia"))
    assert (neck_course.due_date, neck_course.overdue_date) == (date(2026, 11, 23), date(2026, 12, 22))
    assert "Cervical dystonia" in words(admin.get("/settings/visit-lengths"))


@pytest.mark.parametrize("offered", [[], ["hay_fever"], ["chronic_migraine", "hay_fever"]])
def test_an_offer_of_nothing_or_of_something_nobody_knows_is_refused(
    app: Flask, admin: Visitor, offered: list[str]
) -> None:
    answer = admin.post("/settings/protocols/offered", offered=offered)
    assert answer.status_code == 422
    assert "Choose at least one of the indications on the page. Nothing was saved" in words(answer)
    assert "chronic_migraine" in rows(app, select(Clinic.indications))[0]


def test_the_first_version_of_what_was_never_offered_can_be_edited(app: Flask, admin: Visitor) -> None:
    neck = "/settings/protocols/cervical_dystonia"
    form = filled(admin.get(f"{neck}/edit"))
    assert form["version"] == "0"
    form |= {"value_minimum_interval": "13 weeks", "source_minimum_interval": "Clinic meeting"}
    assert admin.post(f"{neck}/edit", **form).status_code == 200
    assert admin.post(f"{neck}/confirm", **form).status_code == 302
    assert "13 weeks (91 days) P13W Own value Clinic meeting" in words(admin.get(neck))
