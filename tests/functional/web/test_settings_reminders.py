"""The reminders' settings: rules for all and for one indication, what is wrong said in place, switches, the audit."""

import pytest
from flask import Flask
from sqlalchemy import select

from clinic_scheduler.db import db
from clinic_scheduler.models import AuditEvent, Clinic, Course, ReminderRule
from tests import factories
from tests.functional.web.conftest import Visitor, words


@pytest.fixture
def admin(visitor: Visitor) -> Visitor:
    assert visitor.sign_in("admin").status_code == 302
    return visitor


def one(app: Flask, statement):
    with app.app_context():
        return db.session.scalars(statement).one_or_none()


def test_a_rule_is_changed_for_one_indication_shown_in_words_and_given_up(
    app: Flask, admin: Visitor, cast: factories.Cast
) -> None:
    shown = words(admin.get("/settings/reminders"))
    assert "7, 3 and 1 days before, at 10:00 or the visit's own hour" in shown
    assert (
        "1 day after the course became overdue, at 10:00, then every 14 days; at most 3 in a cycle" in shown
    )
    address = "/settings/reminders/visit_reminder/chronic_migraine"
    answer = admin.post(address, follow_redirects=True, is_on="on", days="2, 10")
    assert "Reminders saved" in words(answer)
    assert "10 and 2 days before" in words(answer)
    assert "1 course is being planned anew" in words(answer)
    assert one(app, select(ReminderRule)).days == "10 2"
    assert one(app, select(Course)).reminders_planned_at is None
    answer = admin.post(f"{address}/reset", follow_redirects=True)
    assert "10 and 2 days before" not in words(answer)
    with app.app_context():
        mine = select(AuditEvent).where(AuditEvent.subject == "reminder_rules").order_by(AuditEvent.id)
        events = db.session.scalars(mine).all()
        assert [(event.action, event.details["days"]) for event in events] == [
            ("changed", [10, 2]),
            ("reset", [7, 3, 1]),
        ]


@pytest.mark.parametrize(
    ("kind", "typed", "said"),
    [
        ("visit_reminder", {"days": "7 7"}, "Enter each day once"),
        ("visit_reminder", {"days": "61"}, "Days lie between 0 and 60"),
        ("visit_reminder", {"days": "seven"}, "Enter whole numbers with a space between"),
        ("visit_reminder", {"days": "1 2 3 4 5 6 7"}, "Enter at most 6 days"),
        ("overdue", {"days": "1", "repeat_days": "6", "most": "3"}, "Enter 7 to 90 days"),
        ("overdue", {"days": "1", "repeat_days": "14", "most": ""}, "Enter 1 to 12 messages at most"),
    ],
)
def test_what_no_rule_can_be_is_said_beside_its_field_and_nothing_is_kept(
    app: Flask, admin: Visitor, kind: str, typed: dict, said: str
) -> None:
    answer = admin.post(f"/settings/reminders/{kind}/all", is_on="on", **typed)
    assert answer.status_code == 422
    assert "There is a problem" in answer.text
    assert said in words(answer)
    assert 'aria-invalid="true"' in answer.text
    assert one(app, select(ReminderRule)) is None


def test_a_kind_without_days_is_switched_by_its_rule(app: Flask, admin: Visitor) -> None:
    assert 'name="days"' not in admin.get("/settings/reminders/visit_booked/all").text
    admin.post("/settings/reminders/visit_booked/all", is_on="on")
    assert one(app, select(ReminderRule)).is_on
    for address in ("birthday/all", "overdue/headache", "calendar_link/all"):
        assert admin.get(f"/settings/reminders/{address}").status_code == 404


def test_a_kind_is_stopped_at_once_and_let_go_again(app: Flask, admin: Visitor) -> None:
    kinds = ("visit_reminder", "time_to_book", "overdue", "after_visit", "missed_visit")
    going = dict.fromkeys((*kinds, "visit_booked", "visit_moved", "visit_cancelled"), "on")
    answer = admin.post("/settings/reminders", follow_redirects=True, **going | {"time_to_book": "off"})
    assert "Time to book , all indications All" in words(answer)
    assert '<option selected value="off">Stopped</option>' in answer.text
    assert one(app, select(Clinic)).reminders_off == "time_to_book"
    admin.post("/settings/reminders", **going)
    assert one(app, select(Clinic)).reminders_off == ""
    assert admin.post("/settings/reminders", visit_reminder="maybe").status_code == 422
