"""Protocols in the settings: values with sources, a preview that writes nothing, editions, and open courses."""

import re
from datetime import date, time, timedelta
from html import unescape
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from clinic_scheduler.db import db, unit_of_work
from clinic_scheduler.models import Appointment, AuditEvent, Course, ProtocolVersion, Reminder
from clinic_scheduler.services.change import Change
from clinic_scheduler.services.messaging.reminder_planning import replan_unplanned
from clinic_scheduler.services.patients import status
from tests import factories
from tests.conftest import FrozenClock
from tests.functional.web.conftest import Visitor, words

ADDRESS = "/settings/protocols/chronic_migraine"
INPUT = re.compile(r'<input[^>]* name="((?:value|source)_\w+|version)"[^>]*>')
TODAY = date(2026, 11, 23)
LONGER = {
    "value_minimum_interval": "13 weeks",
    "source_minimum_interval": "Payer policy 2026-14",
    "value_latest_recommended_interval": "P14W",
    "source_latest_recommended_interval": "Clinic meeting",
}


@pytest.fixture
def admin(visitor: Visitor) -> Visitor:
    assert visitor.sign_in("admin").status_code == 302
    return visitor


def filled(answer: TestResponse) -> dict[str, str]:
    """The form's fields as the page shows them."""
    found = {}
    for match in INPUT.finditer(answer.text):
        value = re.search(r'value="([^"]*)"', match[0])
        found[match[1]] = unescape(value[1]) if value else ""
    return found


def edited(admin: Visitor, **changed: str) -> dict[str, str]:
    return filled(admin.get(f"{ADDRESS}/edit")) | changed


def confirm(admin: Visitor, choice: str, **changed: str) -> TestResponse:
    return admin.post(f"{ADDRESS}/confirm", **edited(admin, **changed), open_courses=choice)


def rows(app: Flask, statement: Any) -> list[Any]:
    with app.app_context():
        return list(db.session().scalars(statement))


def versions(app: Flask) -> list[tuple[int, dict[str, Any]]]:
    wanted = select(ProtocolVersion).where(ProtocolVersion.indication == "chronic_migraine")
    return [(row.version, row.overrides) for row in rows(app, wanted.order_by(ProtocolVersion.version))]


def course(app: Flask) -> Course:
    return rows(app, select(Course).order_by(Course.id))[0]


def counted(app: Flask) -> list[int]:
    """How many rows there are of everything a preview might have written."""
    with app.app_context():
        tables = (ProtocolVersion, AuditEvent, Reminder, Course, Appointment)
        return [db.session().scalar(select(func.count()).select_from(table)) for table in tables]


def book(app: Flask, clock: FrozenClock, cast: factories.Cast, day: date) -> None:
    with app.app_context(), unit_of_work() as session:
        factories.book(session, cast.actor, clock.now(), cast.course_id, cast.provider_id, day, time(9))


def test_every_value_shows_its_source_and_default(admin: Visitor) -> None:
    text = words(admin.get(ADDRESS))
    assert (
        "Minimum No visit is booked before this 12 weeks (84 days) P84D the toxins' prescribing information"
        in text
    )
    assert "Version 1, current" in text
    assert "1 open" not in text
    assert admin.get("/settings/protocols/hay_fever").status_code == 404
    assert admin.get("/settings/protocols/hay_fever/edit").status_code == 404
    assert admin.post("/settings/protocols/hay_fever/open-courses").status_code == 404


def test_the_form_opens_with_the_current_values(admin: Visitor) -> None:
    form = filled(admin.get(f"{ADDRESS}/edit"))
    assert form["value_minimum_interval"] == "P84D"
    assert form["value_shared_minimum_interval"] == ""
    assert (form["value_lapse_interval"], form["source_lapse_interval"], form["version"]) == ("P26W", "", "1")


def test_a_preview_says_who_is_affected_and_writes_nothing(
    app: Flask, admin: Visitor, clock: FrozenClock, cast: factories.Cast
) -> None:
    book(app, clock, cast, TODAY + timedelta(1))
    fields, before = edited(admin, **LONGER), counted(app)
    answer = admin.post(f"{ADDRESS}/edit", **fields)
    text = words(answer)
    assert answer.status_code == 200
    assert "Minimum 12 weeks (84 days) 13 weeks (91 days) P13W Payer policy 2026-14" in text
    assert "1 of 1 open courses would have other dates: 0 due sooner, 1 due later" in text
    assert "1 booked visit would no longer stand well" in text
    assert "OKONKWO, Adaeze Tue 24-Nov-2026 Booked too early 30-Nov-2026 to 07-Dec-2026" in text
    assert counted(app) == before
    assert course(app).earliest_date == TODAY


def test_the_preview_keeps_what_was_typed_and_leads_back(admin: Visitor) -> None:
    fields = edited(admin, **LONGER)
    shown = filled(admin.post(f"{ADDRESS}/edit", **fields))
    assert shown["value_minimum_interval"] == "13 weeks"
    assert shown == fields
    again = admin.post(f"{ADDRESS}/edit", **fields, again="yes")
    assert filled(again) == fields
    assert "See what this changes" in words(again)


@pytest.mark.parametrize(
    ("changed", "field", "said"),
    [
        (
            {"value_minimum_interval": "P80D"},
            "source_minimum_interval",
            "The label's minimum is 12 weeks (84 days)",
        ),
        ({"value_grace_after_due": "P9D"}, "source_grace_after_due", "enter where 9 days comes from"),
        ({"value_minimum_interval": "soon"}, "value_minimum_interval", "Enter an interval such as 12 weeks"),
        (
            {"value_minimum_interval": "P2M24D", "source_minimum_interval": "Me"},
            "value_minimum_interval",
            "An interval has one part",
        ),
        ({"value_minimum_interval": ""}, "value_minimum_interval", "enter an interval such as P84D"),
        (
            {"value_lapse_interval": "P9W", "source_lapse_interval": "Me"},
            "value_latest_recommended_interval",
            "is longer than lapsed after",
        ),
    ],
)
def test_what_must_not_be_saved_is_said_at_its_field(
    app: Flask, admin: Visitor, changed: dict[str, str], field: str, said: str
) -> None:
    for step in ("edit", "confirm"):
        answer = admin.post(f"{ADDRESS}/{step}", **edited(admin, **changed), open_courses="move")
        assert answer.status_code == 422, step
        assert said in words(answer)
        assert f'href="#{field}"' in answer.text
    assert len(versions(app)) == 1


def test_an_edition_with_an_interval_of_several_parts_goes_on(app: Flask, admin: Visitor) -> None:
    """It could be entered once, and has no one part that means the same."""
    sum_of_parts = {"lapse_interval": {"value": "P6M7D", "source": "Clinic meeting"}}
    with app.app_context(), unit_of_work() as session:
        migraine = select(ProtocolVersion).where(ProtocolVersion.indication == "chronic_migraine")
        session.scalars(migraine).one().overrides = sum_of_parts
    assert "6 months and 1 week (7 days)" in words(admin.get(ADDRESS))
    assert confirm(admin, "leave", **LONGER).status_code == 302
    assert versions(app)[1][1]["lapse_interval"] == sum_of_parts["lapse_interval"]


def test_a_form_without_a_change_saves_nothing(app: Flask, admin: Visitor) -> None:
    same_days = edited(admin, value_earliest_recommended_interval="84 days")
    answer = admin.post(f"{ADDRESS}/edit", **same_days)
    assert answer.status_code == 422
    assert "Nothing differs from version 1" in words(answer)
    assert admin.post(f"{ADDRESS}/confirm", **same_days, open_courses="leave").status_code == 422
    assert len(versions(app)) == 1


def test_what_happens_to_open_courses_must_be_chosen(app: Flask, admin: Visitor) -> None:
    answer = confirm(admin, "", **LONGER)
    assert answer.status_code == 422
    assert "Choose what happens to the courses that are open now. Nothing was saved." in words(answer)
    assert len(versions(app)) == 1


def test_a_new_version_is_for_new_courses_alone_if_so_chosen(
    app: Flask, admin: Visitor, clock: FrozenClock, cast: factories.Cast
) -> None:
    assert confirm(admin, "leave", **LONGER).status_code == 302
    kept = {name.removeprefix("value_") for name in LONGER if name.startswith("value_")}
    assert [(number, set(own)) for number, own in versions(app)] == [(1, set()), (2, kept)]
    assert versions(app)[1][1]["minimum_interval"] == {"value": "P13W", "source": "Payer policy 2026-14"}
    assert course(app).earliest_date == TODAY
    with app.app_context(), unit_of_work() as session:
        patient = factories.person(session, cast.actor, clock.now(), mrn="A-300", given_name="Bruno")
        fresh = factories.migraine(session, cast.actor, clock.now(), patient)
        assert fresh.protocol_version.version == 2
    text = words(admin.get(ADDRESS))
    assert "1 open course follows an earlier version" in text
    assert "Version 2, current" in text
    assert "13 weeks (91 days) P13W Own value Payer policy 2026-14" in text
    old = words(admin.get(f"{ADDRESS}?version=1"))
    assert "Minimum No visit is booked before this 12 weeks (84 days)" in old


def test_open_courses_follow_if_so_chosen_and_no_visit_is_moved(
    app: Flask, admin: Visitor, clock: FrozenClock, cast: factories.Cast
) -> None:
    book(app, clock, cast, TODAY + timedelta(1))
    (visit,) = rows(app, select(Appointment))
    answer = confirm(admin, "move", **LONGER)
    assert (answer.status_code, answer.location) == (302, ADDRESS)
    now = course(app)
    assert (now.earliest_date, now.overdue_date) == (date(2026, 11, 30), date(2026, 12, 8))
    assert (now.booking, now.reminders_planned_at) == ("too_early", None)
    (same,) = rows(app, select(Appointment))
    assert (same.starts_at, same.sequence, same.state) == (visit.starts_at, visit.sequence, "booked")
    moved = select(AuditEvent).where(AuditEvent.action == "protocol_changed")
    assert [(event.patient_id, event.details) for event in rows(app, moved)] == [
        (cast.patient_id, {"version": 2})
    ]
    assert "OKONKWO" in words(admin.get("/due?tab=booking_problem"))


def test_reminders_follow_the_new_dates(app: Flask, admin: Visitor, clock: FrozenClock) -> None:
    wider = {"value_earliest_recommended_interval": "P20W", "source_earliest_recommended_interval": "Study"}
    wider |= {"value_minimum_interval": "P20W", "source_minimum_interval": "Study"}
    wider |= {"value_latest_recommended_interval": "P21W", "source_latest_recommended_interval": "Study"}
    assert confirm(admin, "move", **wider).status_code == 302
    with app.app_context(), unit_of_work() as session:
        assert replan_unplanned(session, clock.now()) == 1
    (reminder,) = rows(
        app, select(Reminder).where(Reminder.state == "pending", Reminder.kind == "time_to_book")
    )
    assert reminder.due_at.date() == course(app).earliest_date - timedelta(14)


def test_sent_twice_it_is_made_once(app: Flask, admin: Visitor) -> None:
    fields = edited(admin, **LONGER)
    for _ in range(2):
        assert admin.post(f"{ADDRESS}/confirm", **fields, open_courses="leave").status_code == 302
    assert len(versions(app)) == 2


def test_two_who_edit_at_once_do_not_overwrite_each_other(app: Flask, admin: Visitor) -> None:
    mine = edited(admin, value_grace_after_due="P9D", source_grace_after_due="Study")
    assert confirm(admin, "leave", **LONGER).status_code == 302
    answer = admin.post(f"{ADDRESS}/confirm", **mine, open_courses="leave")
    assert answer.status_code == 409
    told = words(answer)
    assert "Somebody changed this since you opened it. Nothing was saved" in told
    assert "Grace after the due date: now P7D, yours P9D" in told
    assert "Source for grace after the due date: now nothing, yours Study" in told
    assert len(versions(app)) == 2


def test_courses_left_behind_are_brought_along_later(
    app: Flask, admin: Visitor, clock: FrozenClock, cast: factories.Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    with app.app_context(), unit_of_work() as session:
        for n in range(3):
            patient = factories.person(session, cast.actor, clock.now(), mrn=f"C-{n}", given_name=f"Kim{n}")
            factories.migraine(session, cast.actor, clock.now(), patient)
        gone = factories.person(session, cast.actor, clock.now(), mrn="C-9", given_name="Lea")
        factories.migraine(session, cast.actor, clock.now(), gone)
        status.mark_deceased(Change(session, cast.actor, clock.now()), gone.id, TODAY)
    confirm(admin, "leave", **LONGER)
    look = words(admin.get(f"{ADDRESS}/open-courses"))
    assert "4 open courses follow an earlier version than 2" in look
    assert "1 of 4 open courses would have other dates" in look
    monkeypatch.setattr("clinic_scheduler.web.settings.settings_protocols.BATCHES", 1)
    monkeypatch.setattr("clinic_scheduler.services.practice.protocols.BATCH", 2)
    answer = admin.post(f"{ADDRESS}/open-courses", follow_redirects=True)
    assert "2 of 4 follow version 2 now" in words(answer)
    assert "Go on" in words(answer)
    monkeypatch.setattr("clinic_scheduler.web.settings.settings_protocols.BATCHES", 5)
    assert "an earlier version" not in words(admin.post(f"{ADDRESS}/open-courses", follow_redirects=True))
    assert course(app).earliest_date == date(2026, 11, 30)
    assert "Every open course follows version 2" in words(admin.get(f"{ADDRESS}/open-courses"))


def test_another_clinics_courses_and_versions_stay(
    app: Flask, admin: Visitor, other_cast: factories.Cast
) -> None:
    answer = admin.post(f"{ADDRESS}/edit", **edited(admin, **LONGER))
    assert "of 1 open courses" in words(answer)
    confirm(admin, "move", **LONGER)
    theirs = rows(app, select(Course).where(Course.clinic_id == other_cast.clinic_id))[0]
    assert theirs.earliest_date == TODAY
    wanted = select(ProtocolVersion.version).where(ProtocolVersion.clinic_id == other_cast.clinic_id)
    assert set(rows(app, wanted)) == {1}
