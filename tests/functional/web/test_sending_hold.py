"""While sending is held every page says so; an administrator answers, and it goes on."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from clinic_scheduler.db import db, unit_of_work
from clinic_scheduler.domain.messaging.sending_holds import SendingHoldReason
from clinic_scheduler.models import AuditEvent, Reminder
from clinic_scheduler.services.messaging.sending_hold import hold
from tests import factories
from tests.conftest import FrozenClock
from tests.functional.web.conftest import Visitor, words

SAID = "No messages are being sent since"


@pytest.fixture
def held(app: Flask, cast: factories.Cast, clock: FrozenClock) -> list[str]:
    """The states of reminders in the gap, of two kinds that were due an hour ago."""
    due = clock.now() - timedelta(hours=1)
    with app.app_context(), unit_of_work() as session:
        for kind in ("time_to_book", "overdue"):
            reminder = Reminder(
                clinic_id=cast.clinic_id, patient_id=cast.patient_id, course_id=cast.course_id,
                kind=kind, step=kind, channel="email", dedupe_key=f"gap:{kind}", due_at=due,
                expires_at=due + timedelta(days=30), created_at=due, updated_at=due,
            )  # fmt: skip
            session.add(reminder)
        hold(session, SendingHoldReason.RESTORED, clock.now(), due - timedelta(hours=5))
    return ["time_to_book", "overdue"]


def states(app: Flask) -> dict[str, str]:
    with app.app_context():
        found = select(Reminder.kind, Reminder.state).where(Reminder.dedupe_key.like("gap:%"))
        return {row.kind: str(row.state) for row in db.session.execute(found)}


def test_every_page_says_that_nothing_is_sent(visitor: Visitor, held: list[str]) -> None:
    for role in ("front_desk", "provider", "read_only"):
        visitor.sign_in(role)
        for address in ("/due", "/patients", "/schedule", "/work-list", "/messages"):
            page = visitor.get(address)
            assert SAID in words(page), address
            assert "/settings/sending" not in page.text
        assert visitor.get("/settings/sending").status_code == 403


def test_an_administrator_chooses_by_kind_and_it_goes_on(
    visitor: Visitor, app: Flask, held: list[str]
) -> None:
    visitor.sign_in("admin")
    assert 'href="/settings/sending"' in visitor.get("/due").text
    page = words(visitor.get("/settings/sending"))
    assert "2 messages fall in the gap" in page
    assert "restored from a backup" in page
    wrong = visitor.post("/settings/sending", kind_overdue="drop")
    assert wrong.status_code == 422
    assert "Choose for each kind" in words(wrong)
    done = visitor.post(
        "/settings/sending", follow_redirects=True, kind_overdue="drop", kind_time_to_book="send"
    )
    assert "Sending goes on" in words(done)
    assert SAID not in words(visitor.get("/due"))
    assert states(app) == {"overdue": "suppressed", "time_to_book": "pending"}
    with app.app_context():
        told = db.session.scalars(select(AuditEvent).where(AuditEvent.action == "sending_released")).one()
        assert (told.details["sent"], told.details["dropped"]) == (1, 1)
        assert told.user_id is not None
    again = visitor.post("/settings/sending", every="send")
    assert again.status_code == 409


@pytest.mark.parametrize(("every", "state"), [("send", "pending"), ("drop", "suppressed")])
def test_one_press_answers_for_all(
    visitor: Visitor, app: Flask, held: list[str], every: str, state: str
) -> None:
    visitor.sign_in("admin")
    visitor.get("/settings/sending")
    assert visitor.post("/settings/sending", every=every).status_code == 302
    assert states(app) == dict.fromkeys(held, state)


def test_the_watcher_is_told(visitor: Visitor, held: list[str]) -> None:
    answer = visitor.get("/healthz")
    assert answer.status_code == 503
    assert answer.json is not None
    assert answer.json["held"] == "restored"
