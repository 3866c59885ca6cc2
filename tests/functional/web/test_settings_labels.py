"""Products and labels in the settings: own figures with sources, a preview, and what holds for every course at once."""

import re
from datetime import date, time, timedelta
from decimal import Decimal
from html import unescape
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from clinic_scheduler.db import db, unit_of_work
from clinic_scheduler.models import Appointment, AuditEvent, Course, LabelVersion
from clinic_scheduler.services.change import Change
from clinic_scheduler.services.courses.courses import CourseEntry, start_course
from clinic_scheduler.services.courses.forecasting import differences
from tests import factories
from tests.conftest import FrozenClock
from tests.functional.web.conftest import Visitor, words

BOTOX = "/settings/products/onabotulinumtoxinA"
CAPS, MIGRAINE = f"{BOTOX}/all", f"{BOTOX}/chronic_migraine"
INPUT = re.compile(r'<input[^>]* name="((?:value|source)_\w+|version)"[^>]*>')
TODAY = date(2026, 11, 23)
LOWER = {"value_unit_cap": "150", "source_unit_cap": "Pharmacy 2026"}
SMALLER = {"value_session_cap": "150", "source_session_cap": "Dr. Okafor"}


@pytest.fixture
def admin(visitor: Visitor) -> Visitor:
    assert visitor.sign_in("admin").status_code == 302
    return visitor


def filled(answer: TestResponse) -> dict[str, str]:
    found = {}
    for match in INPUT.finditer(answer.text):
        value = re.search(r'value="([^"]*)"', match[0])
        found[match[1]] = unescape(value[1]) if value else ""
    return found


def edited(admin: Visitor, address: str, **changed: str) -> dict[str, str]:
    return filled(admin.get(f"{address}/edit")) | changed


def confirm(admin: Visitor, address: str, **changed: str) -> TestResponse:
    return admin.post(f"{address}/confirm", **edited(admin, address, **changed))


def rows(app: Flask, statement: Any) -> list[Any]:
    with app.app_context():
        return list(db.session().scalars(statement))


def course(app: Flask) -> Course:
    return rows(app, select(Course).order_by(Course.id))[0]


def book(app: Flask, clock: FrozenClock, cast: factories.Cast) -> None:
    day = TODAY + timedelta(1)
    with app.app_context(), unit_of_work() as session:
        factories.book(session, cast.actor, clock.now(), cast.course_id, cast.provider_id, day, time(9))


def test_every_product_has_its_own_figures_and_source(admin: Visitor) -> None:
    text = words(admin.get("/settings/products"))
    assert "Dysport (abobotulinumtoxinA)" in text
    assert "adults 1500 U; under 18: 30 U per kg, at most 1000 U (Dysport PI 2)" in text
    assert "adults without a known cap (Myobloc PI 2)" in text
    assert "Spasticity, lower limb 1000 U 1500 U 2" in text
    assert "Chronic migraine Not on the label None: a dose is planned first None 18" in text
    assert "Most in one visit, adults For this indication alone 1000 U Dysport PI 2 1000 U" in words(
        admin.get("/settings/products/abobotulinumtoxinA/spasticity_upper_limb")
    )
    for nowhere in ("botox/all", "onabotulinumtoxinA/hay_fever", "hay/hay_fever/edit"):
        assert admin.get(f"/settings/products/{nowhere}").status_code == 404


def test_a_preview_says_who_would_be_blocked_and_writes_nothing(
    app: Flask, admin: Visitor, clock: FrozenClock, cast: factories.Cast
) -> None:
    book(app, clock, cast)
    answer = admin.post(f"{CAPS}/edit", **edited(admin, CAPS, **LOWER))
    text = words(answer)
    assert answer.status_code == 200
    assert "Unit cap, adults 400 U 150 U Pharmacy 2026" in text
    assert "It would hold for every course at once" in text
    assert "1 course would be blocked that is not" in text
    assert "OKONKWO, Adaeze Tue 24-Nov-2026 Booked while blocked" in text
    assert rows(app, select(LabelVersion)) == []
    assert (course(app).booking, course(app).blocks) == ("ok", "")


@pytest.mark.parametrize(("address", "changed"), [(CAPS, LOWER), (MIGRAINE, SMALLER)])
def test_an_edition_holds_for_booked_visits_in_the_same_commit(
    app: Flask,
    admin: Visitor,
    clock: FrozenClock,
    cast: factories.Cast,
    monkeypatch: pytest.MonkeyPatch,
    address: str,
    changed: dict[str, str],
) -> None:
    book(app, clock, cast)
    (visit,) = rows(app, select(Appointment))
    monkeypatch.setattr("clinic_scheduler.web.settings.settings_labels.BATCHES", 0)
    assert confirm(admin, address, **changed).status_code == 302
    now = course(app)
    assert (now.booking, now.blocks, now.reminders_planned_at) == ("blocked", "cap_exceeded", None)
    (same,) = rows(app, select(Appointment))
    assert (same.starts_at, same.sequence, same.state) == (visit.starts_at, visit.sequence, "booked")
    (edition,) = rows(app, select(LabelVersion))
    assert (edition.version, len(edition.overrides)) == (1, 1)
    told = rows(app, select(AuditEvent).where(AuditEvent.subject == "label_versions"))
    assert [event.details["version"] for event in told] == [1]
    assert "OKONKWO" in words(admin.get("/due?tab=booking_problem"))


def test_courses_without_a_visit_follow_at_once_or_with_the_worker(
    app: Flask, admin: Visitor, monkeypatch: pytest.MonkeyPatch, cast: factories.Cast
) -> None:
    monkeypatch.setattr("clinic_scheduler.web.settings.settings_labels.BATCHES", 0)
    confirm(admin, CAPS, **LOWER)
    assert "1 course has still to follow" in words(admin.get(CAPS))
    assert course(app).blocks == ""
    monkeypatch.setattr("clinic_scheduler.web.settings.settings_labels.BATCHES", 5)
    assert "still to follow" not in words(admin.post(f"{CAPS}/go-on", follow_redirects=True))
    assert course(app).blocks == "cap_exceeded"
    with app.app_context():
        assert list(differences(db.session(), cast.clinic_id, TODAY)) == []


def test_a_booking_is_asked_by_the_newest_figures(
    app: Flask, admin: Visitor, clock: FrozenClock, cast: factories.Cast
) -> None:
    confirm(admin, MIGRAINE, **SMALLER)
    answer = admin.get(f"/courses/{cast.course_id}/book?day=2026-11-24&at=09:00&provider={cast.provider_id}")
    assert "155 U are planned; the label's most for one visit is 150 U" in words(answer)


def test_a_dysport_course_is_judged_by_dysports_own_cap(
    app: Flask, admin: Visitor, clock: FrozenClock, cast: factories.Cast
) -> None:
    with app.app_context(), unit_of_work() as session:
        patient = factories.person(session, cast.actor, clock.now(), mrn="D-1", given_name="Dora")
        for units, blocks in ((Decimal(1500), ""), (Decimal(1501), "cap_exceeded")):
            entry = CourseEntry(
                patient.id, "spasticity_lower_limb", "abobotulinumtoxinA", TODAY, planned_units=units
            )
            opened = start_course(Change(session, cast.actor, clock.now()), entry)
            assert opened.blocks == blocks
            opened.stopped_on = TODAY
            session.flush()


def test_two_who_edit_at_once_do_not_overwrite_each_other_and_twice_is_once(
    app: Flask, admin: Visitor
) -> None:
    mine = edited(admin, CAPS, value_unit_cap="300", source_unit_cap="Study")
    first = edited(admin, CAPS, **LOWER)
    for _ in range(2):
        assert admin.post(f"{CAPS}/confirm", **first).status_code == 302
    answer = admin.post(f"{CAPS}/confirm", **mine)
    assert answer.status_code == 409
    assert "Unit cap, adults: now 150, yours 300" in words(answer)
    assert len(rows(app, select(LabelVersion))) == 1


@pytest.mark.parametrize(
    ("address", "changed", "field", "said"),
    [
        (CAPS, {"value_unit_cap": "many"}, "value_unit_cap", "enter a number"),
        (CAPS, {"value_unit_cap": "nan"}, "value_unit_cap", "enter a number from 0"),
        (CAPS, {"value_unit_cap": "300"}, "source_unit_cap", "enter where 300 U comes from"),
        (CAPS, {"value_unit_cap": "0", "source_unit_cap": "x"}, "value_unit_cap", "0 would allow nothing"),
        (CAPS, {"value_unit_cap_window": "P1M7D"}, "value_unit_cap_window", "An interval has one part"),
        (MIGRAINE, {"value_minimum_age": "1.5"}, "value_minimum_age", "whole years"),
        (MIGRAINE, {"value_minimum_age": ""}, "value_minimum_age", "enter a number"),
        (
            MIGRAINE,
            {"value_minimum_interval_under": "18", "source_minimum_interval_under": "x"},
            "value_minimum_interval_under",
            "Enter the minimum that this age is for",
        ),
    ],
)
def test_what_must_not_be_saved_is_said_at_its_field(
    app: Flask, admin: Visitor, address: str, changed: dict[str, str], field: str, said: str
) -> None:
    for step in ("edit", "confirm"):
        answer = admin.post(f"{address}/{step}", **edited(admin, address, **changed))
        assert answer.status_code == 422, step
        assert said in words(answer)
        assert f'href="#{field}"' in answer.text
    assert rows(app, select(LabelVersion)) == []


def test_a_figure_can_be_taken_off_and_put_back(app: Flask, admin: Visitor, cast: factories.Cast) -> None:
    """No known cap never blocks; the next version may be as shipped again."""
    none = {"value_unit_cap": "", "source_unit_cap": "Clinic meeting"}
    assert confirm(admin, CAPS, **none).status_code == 302
    assert "Unit cap, adults All indications together None Own value Clinic meeting 400 U" in words(
        admin.get(CAPS)
    )
    assert confirm(admin, CAPS, value_unit_cap="400", source_unit_cap="").status_code == 302
    assert [row.overrides for row in rows(app, select(LabelVersion).order_by(LabelVersion.version))] == [
        {"unit_cap": {"value": None, "source": "Clinic meeting"}},
        {},
    ]
    assert "Version 2, current" in words(admin.get(CAPS))
    assert "Version 1" in words(admin.get(f"{CAPS}?version=1"))
    assert "As shipped" in words(admin.get(f"{CAPS}?version=0"))


def test_another_clinics_figures_stay(app: Flask, admin: Visitor, other_cast: factories.Cast) -> None:
    confirm(admin, CAPS, **LOWER)
    theirs = rows(app, select(Course).where(Course.clinic_id == other_cast.clinic_id))[0]
    assert theirs.blocks == ""
    assert {row.clinic_id for row in rows(app, select(LabelVersion))} != {other_cast.clinic_id}
