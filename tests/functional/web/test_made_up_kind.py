"""A kind of message nobody wrote a line for, by its record and its texts alone: settings, wording, plan, mail, file."""

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from clinic_scheduler.db import db, unit_of_work
from clinic_scheduler.domain.messaging.dispatch_key import DispatchKey
from clinic_scheduler.domain.messaging.kinds import (
    KINDS,
    VISIT_REMINDER,
    VISITS,
    Holds,
    MessageKind,
    Plan,
    Rule,
)
from clinic_scheduler.jobs.context import tools_of
from clinic_scheduler.jobs.dispatch import dispatch
from clinic_scheduler.jobs.plan import plan
from clinic_scheduler.models import Message, Reminder
from clinic_scheduler.senders.memory import MemorySender
from clinic_scheduler.services.change import Change
from clinic_scheduler.services.visits import appointments
from tests import factories
from tests.conftest import FrozenClock
from tests.functional.web.conftest import Visitor, words

CODE = "what_to_bring"
TEXTS = Path(__file__).parents[3] / "templates"
STARTS_AT = datetime(2026, 12, 7, 18, tzinfo=UTC)
TWO_DAYS_BEFORE = datetime(2026, 12, 5, 18, tzinfo=UTC)


@pytest.fixture
def record(app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> MessageKind:
    """It goes out two days before a visit, in words of its own."""
    made_up = MessageKind(
        CODE,
        "What to bring along",
        VISITS,
        Plan.BEFORE_VISIT,
        Holds.BOOKED,
        rule=Rule(days=(2,)),
        most_days=1,
        step="bring",
        fields=("visit", "visit_name", "provider_name"),
        text_fields=("answer_link",),
        required=("visit",),
        has_file=True,
    )
    texts = tmp_path / "templates"
    shutil.copytree(TEXTS, texts)
    shutil.copytree(texts / "messages" / VISIT_REMINDER, texts / "messages" / CODE)
    for subject in (texts / "messages" / CODE).rglob("subject.txt"):
        subject.write_text("What to bring along")
    monkeypatch.setattr(app, "template_folder", str(texts))
    monkeypatch.setitem(KINDS, CODE, made_up)
    return made_up


def test_one_record_and_its_texts_are_all_it_takes(
    app: Flask,
    visitor: Visitor,
    clock: FrozenClock,
    senders: dict[str, MemorySender],
    cast: factories.Cast,
    record: MessageKind,
) -> None:
    assert visitor.sign_in("admin").status_code == 302
    in_the_settings(visitor)
    in_the_clinics_own_words(visitor)
    visit = booked(app, clock, cast)
    planned(app, clock, visit)
    sent(app, clock, senders)
    on_the_pages(visitor)
    moved_away(app, clock, cast, visit, senders)


def in_the_settings(visitor: Visitor) -> None:
    """A rule of its own, with days to choose, and a switch that stops it."""
    shown = words(visitor.get("/settings/reminders"))
    assert "What to bring along" in shown
    assert "2 days before, at 10:00 or the visit's own hour" in shown
    assert visitor.post(f"/settings/reminders/{CODE}/all", is_on="on", days="2 1").status_code == 422
    assert visitor.post(f"/settings/reminders/{CODE}/all", is_on="on", days="2").status_code == 302
    others = {kind: "on" for kind in KINDS if KINDS[kind].rule is not None}
    assert visitor.post("/settings/reminders", **{**others, CODE: "off"}).status_code == 302
    assert visitor.post("/settings/reminders", **others).status_code == 302


def in_the_clinics_own_words(visitor: Visitor) -> None:
    page = visitor.get(f"/settings/messages/{CODE}/email/en")
    assert "The visit's day and time" in words(page)
    assert "What to bring along" in page.text
    assert 'class="warn-text"' not in page.text


def booked(app: Flask, clock: FrozenClock, cast: factories.Cast) -> int:
    with app.app_context(), unit_of_work() as session:
        request = appointments.BookingRequest(cast.course_id, cast.provider_id, STARTS_AT, factories.ANYWAY)
        return appointments.book(Change(session, cast.actor, clock.now()), request).id


def reminders(app: Flask) -> list[Reminder]:
    with app.app_context():
        found = db.session().scalars(select(Reminder).where(Reminder.kind == CODE).order_by(Reminder.id))
        return list(found)


def planned(app: Flask, clock: FrozenClock, visit: int) -> None:
    with app.app_context():
        plan(tools_of(app, clock=clock))
    (row,) = reminders(app)
    assert (row.state, row.step, row.due_at) == ("pending", "bring-2", TWO_DAYS_BEFORE)
    assert (row.appointment_id, DispatchKey.read(row.dedupe_key).step) == (visit, "bring-2")


def sent(app: Flask, clock: FrozenClock, senders: dict[str, MemorySender]) -> None:
    """Its words, its calendar file, its way out; and no other reminder of the visit has it taken for its own step."""
    clock.move(TWO_DAYS_BEFORE - clock.now() + timedelta(minutes=1))
    with app.app_context():
        dispatch(tools_of(app, clock=clock))
    (mail,) = [each for each in senders["email"].sent if each.subject == "What to bring along"]
    assert "10:00" in mail.text
    assert [each.filename for each in mail.attachments] == ["appointment.ics"]
    (row,) = reminders(app)
    assert row.state == "sent"


def on_the_pages(visitor: Visitor) -> None:
    """Days later, so that the browser signs in anew."""
    assert visitor.sign_in("admin").status_code == 302
    assert "What to bring along" in words(visitor.get("/messages"))
    assert "What to bring along" in words(visitor.get(f"/messages?kind={CODE}"))


def moved_away(
    app: Flask, clock: FrozenClock, cast: factories.Cast, visit: int, senders: dict[str, MemorySender]
) -> None:
    """The visit is elsewhere: planned anew for there, and what was told of the old time is not told again."""
    before = len(senders["email"].sent)
    with app.app_context(), unit_of_work() as session:
        to = STARTS_AT + timedelta(7)
        appointments.move(
            Change(session, cast.actor, clock.now()), visit, cast.provider_id, to, factories.ANYWAY
        )
    old, new = reminders(app)
    assert (old.state, new.state) == ("sent", "pending")
    assert new.due_at == TWO_DAYS_BEFORE + timedelta(7)
    with app.app_context():
        told = db.session().scalars(select(Message.reminder_id)).all()
    assert new.id not in told
    assert not [each for each in senders["email"].sent[before:] if each.subject == "What to bring along"]


def test_steps_of_one_plan_are_told_apart() -> None:
    """A step's name is in the key of what was told, so two kinds of one plan never share it."""
    steps = [(kind.plan, kind.step) for kind in KINDS.values() if kind.is_planned]
    assert len(set(steps)) == len(steps)
    assert all(kind.code == code and kind.label for code, kind in KINDS.items())
    assert all(kind.is_planned is False or kind.rule is not None for kind in KINDS.values())
