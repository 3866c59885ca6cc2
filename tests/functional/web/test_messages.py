"""Messages: the list with its filters and pages, one message in full, and what staff may do about it."""

import re
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import insert, select, update

from clinic_scheduler.db import unit_of_work
from clinic_scheduler.jobs.context import tools_of
from clinic_scheduler.jobs.dispatch import dispatch
from clinic_scheduler.models import AuditEvent, Course, JobRun, Message, Reminder, WorkItem
from clinic_scheduler.queries.messaging import message_log
from clinic_scheduler.senders.memory import MemorySender
from clinic_scheduler.services.change import Change
from clinic_scheduler.services.messaging import consents
from clinic_scheduler.services.messaging.reminder_planning import replan
from clinic_scheduler.services.work_items import open_item
from tests import factories
from tests.conftest import FrozenClock
from tests.functional.web.conftest import Visitor, words


@pytest.fixture
def told(app: Flask, cast: factories.Cast, clock: FrozenClock) -> str:
    """The uid of the one message of the clinic, sent at nine: that it is time to book."""
    with app.app_context():
        with unit_of_work() as session:
            session.execute(update(Reminder).values(due_at=clock.now()))
        assert dispatch(tools_of(app))["sent"] == 1
        with unit_of_work() as session:
            return session.scalars(select(Message.uid)).one()


# How a reminder stands whose message does.
REMINDER_OF = {"failed": "failed", "uncertain": "failed", "pending": "queued", "sending": "queued"}


def change(app: Flask, uid: str, **values: Any) -> None:
    with app.app_context(), unit_of_work() as session:
        message = session.scalars(select(Message).where(Message.uid == uid)).one()
        reminder = session.get_one(Reminder, message.reminder_id)
        if "state" in values:
            reminder.state = REMINDER_OF.get(values["state"], "suppressed")
        for name, value in values.items():
            setattr(message, name, value)


def stored(app: Flask, uid: str) -> tuple[str, str | None, bool, str]:
    """(state, reason, maybe_sent, the reminder's state)."""
    with app.app_context(), unit_of_work() as session:
        found = session.execute(
            select(Message.state, Message.reason, Message.maybe_sent, Reminder.state)
            .join(Reminder, Reminder.id == Message.reminder_id)
            .where(Message.uid == uid)
        ).one()
        return found[0], found[1], found[2], found[3]


def test_the_list_leads_to_the_message_as_sent(desk: Visitor, told: str, cast: factories.Cast) -> None:
    page = desk.get("/messages")
    assert "Time to book E-mail OKONKWO, Adaeze Sent 23-Nov-2026 09:00 23-Nov-2026 09:00 1" in words(page)
    assert f'href="/messages/{told}"' in page.text
    assert f'href="/messages/{told}"' in desk.get(f"/patients/{cast.patient_id}").text
    shown = words(desk.get(f"/messages/{told}"))
    assert "Hello Adaeze" in shown
    assert "adaeze.a-100@example.org" in shown
    assert "Taken by the mail or text service 23-Nov-2026 09:00" in shown
    assert "Perhaps" not in shown
    assert "Try again" not in shown


def test_filters_stay_in_the_address_and_nonsense_falls_back(
    desk: Visitor, told: str, cast: factories.Cast
) -> None:
    for query in ("state=failed", "kind=overdue", "channel=sms", "day=2026-11-22"):
        page = desk.get(f"/messages?{query}")
        assert "No messages" in words(page), query
        assert f"{query}" in page.text, query  # the tabs keep it
    found = f"state=sent&kind=time_to_book&channel=email&patient={cast.patient_id}&day=2026-11-23"
    assert "Only OKONKWO, Adaeze. Show everything" in words(desk.get(f"/messages?{found}"))
    for nonsense in ("state=x&kind=y&day=99&after=z&tab=q", "after=20261123T180000.000000Z_no"):
        assert "OKONKWO" in words(desk.get(f"/messages?{nonsense}")), nonsense
    assert desk.get("/messages?patient=999").status_code == 404


def test_pages_go_on_where_the_last_ended_and_each_looks_through_so_many(
    app: Flask, desk: Visitor, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with app.app_context(), unit_of_work() as session:
        told_of = session.scalars(select(Message)).one()
        for table, row in ((Reminder, session.get_one(Reminder, told_of.reminder_id)), (Message, told_of)):
            same = {column.key: getattr(row, column.key) for column in table.__table__.columns}
            copies = [same | {"id": n} | _own(table, n) for n in range(100, 105)]
            session.execute(insert(table), copies)
    monkeypatch.setattr(message_log, "PAGE", 2)
    seen, address = [], "/messages"
    while address:
        page = desk.get(address)
        seen += re.findall(r'href="/messages/([^"?]+)"', page.text)
        following = re.search(r'href="(/messages\?after=[^"]+)">Older', page.text)
        address = following.group(1) if following else ""
    assert seen == ["m104", "m103", "m102", "m101", "m100", told]
    monkeypatch.setattr(message_log, "STRETCH", 3)
    page = desk.get("/messages?kind=overdue")
    assert "None so far. Looked through everything back to 23-Nov-2026 09:00" in words(page)


def _own(table: type[Any], number: int) -> dict[str, Any]:
    if table is Reminder:
        return {"dedupe_key": f"copy-{number}"}
    return {"uid": f"m{number}", "reminder_id": number, "message_id": f"<m{number}@example.org>"}


def test_what_is_planned_can_be_stopped_for_good(
    desk: Visitor, app: Flask, cast: factories.Cast, clock: FrozenClock
) -> None:
    page = desk.get("/messages?tab=planned&kind=time_to_book")
    assert "Time to book E-mail OKONKWO, Adaeze Planned 23-Nov-2026 10:00" in words(page)
    (action,) = re.findall(r'action="(/reminders/\d+/stop[^"]*)"', page.text)
    answer = desk.post(action.replace("&amp;", "&"), follow_redirects=True)
    assert "It will not be sent" in words(answer)
    assert "No reminder is planned for this" in words(answer)
    with app.app_context(), unit_of_work() as session:
        course = session.get_one(Course, cast.course_id)
        replan(session, course, clock.now(), "course_edited")
        course.patient.preferred_channel = "sms"
        replan(session, course, clock.now(), "patient_edited")
    assert "No reminder is planned for this" in words(desk.get("/messages?tab=planned&kind=time_to_book"))
    assert "Not sent Staff stopped it. 23-Nov-2026 10:00" in words(desk.get("/messages?tab=not_sent"))
    assert desk.post(action.replace("&amp;", "&")).status_code == 409


def test_a_stop_is_taken_back_at_once_or_later_while_it_is_in_time(
    desk: Visitor, app: Flask, cast: factories.Cast, clock: FrozenClock
) -> None:
    page = desk.get("/messages?tab=planned&kind=time_to_book")
    (stop,) = re.findall(r'action="(/reminders/\d+/stop)[^"]*"', page.text)
    undo = stop.replace("stop", "let-go")
    assert desk.post(undo).status_code == 409  # nobody stopped it
    assert f'action="{undo}"' in desk.post(stop, follow_redirects=True).text
    assert f'action="{undo}?tab=not_sent"' in desk.get("/messages?tab=not_sent").text
    assert "It is planned again" in words(desk.post(undo, follow_redirects=True))
    assert "Send after all" not in words(desk.get("/messages?tab=not_sent"))
    assert desk.post(stop).status_code == 302
    with app.app_context(), unit_of_work() as session:
        session.execute(update(Reminder).values(expires_at=clock.now()))
    assert desk.post(undo).status_code == 409
    assert "Send after all" not in words(desk.get("/messages?tab=not_sent"))


def test_a_failed_message_is_tried_again_and_its_work_is_settled(
    desk: Visitor,
    app: Flask,
    cast: factories.Cast,
    told: str,
    clock: FrozenClock,
    senders: dict[str, MemorySender],
) -> None:
    change(app, told, state="failed", reason="The mail server refused the address (550).")
    with app.app_context(), unit_of_work() as session:
        key = session.scalars(select(Message.id)).one()
        open_item(session, cast.clinic_id, "not_delivered", "k", clock.now(), message_id=key)
    shown = words(desk.get(f"/messages/{told}"))
    assert "The mail server refused the address (550)." in shown
    assert "On the work list since" in shown
    answer = desk.post(f"/messages/{told}/retry", follow_redirects=True)
    assert "It is tried again within a minute" in words(answer)
    assert stored(app, told) == ("pending", None, False, "queued")
    with app.app_context():
        assert dispatch(tools_of(app))["sent"] == 1
        with unit_of_work() as session:
            assert session.scalars(select(WorkItem.outcome)).one() == "sent_again"
            actions = session.scalars(select(AuditEvent.action).where(AuditEvent.subject == "messages")).all()
            assert "retried" in actions
    assert len(senders["email"].sent) == 2


def test_a_message_in_doubt_asks_why_and_stays_marked(desk: Visitor, app: Flask, told: str) -> None:
    change(app, told, state="uncertain", reason="perhaps sent; then expired", maybe_sent=True)
    shown = words(desk.get(f"/messages/{told}"))
    assert "It may have been sent. After that: Its time was over before it could be sent." in shown
    refused = desk.post(f"/messages/{told}/retry", because="")
    assert refused.status_code == 422
    assert "the patient may get it twice" in words(refused)
    assert stored(app, told)[0] == "uncertain"
    assert desk.post(f"/messages/{told}/retry", because="not_arrived").status_code == 302
    with app.app_context():
        assert dispatch(tools_of(app))["sent"] == 1
    shown = words(desk.get(f"/messages/{told}"))
    assert "Perhaps sent twice" in shown
    assert "had it tried again: The patient says it did not arrive." in shown


def test_what_would_be_wrong_is_refused_in_words(
    desk: Visitor, app: Flask, told: str, cast: factories.Cast, clock: FrozenClock
) -> None:
    def refusal(what: str) -> str:
        answer = desk.post(f"/messages/{told}/{what}")
        assert answer.status_code == 409
        return words(answer)

    assert "It has been sent already. Nothing was changed." in refusal("retry")
    assert "It has been sent already. Nothing was changed." in refusal("stop")
    change(app, told, state="sending", lease_until=clock.now())
    assert "A worker is sending it at this moment." in refusal("retry")
    assert "A worker is sending it at this moment." in refusal("stop")
    change(app, told, state="suppressed")
    with app.app_context(), unit_of_work() as session:
        session.get_one(Course, cast.course_id).patient.do_not_contact = True
    assert "The patient does not want to be contacted." in refusal("retry")
    change(app, told, state="expired", expires_at=clock.now())
    assert "Its time is over" in refusal("retry")


def test_a_waiting_message_is_stopped(desk: Visitor, app: Flask, told: str) -> None:
    change(app, told, state="pending", sent_at=None)
    assert desk.post(f"/messages/{told}/stop").status_code == 302
    assert stored(app, told) == ("suppressed", "stopped_by_staff", False, "suppressed")
    assert "Staff stopped it." in words(desk.get(f"/messages/{told}"))


def test_another_clinics_messages_are_not_found(
    desk: Visitor, app: Flask, told: str, other_cast: factories.Cast
) -> None:
    with app.app_context(), unit_of_work() as session:
        theirs = session.scalars(
            select(Reminder.id).where(Reminder.clinic_id == other_cast.clinic_id)
        ).first()
    assert desk.post(f"/reminders/{theirs}/stop").status_code == 404
    assert desk.post(f"/reminders/{theirs}/let-go").status_code == 404
    change(app, told, clinic_id=other_cast.clinic_id)
    assert "No messages" in words(desk.get("/messages"))
    assert desk.get(f"/messages/{told}").status_code == 404
    assert desk.post(f"/messages/{told}/retry").status_code == 404
    assert desk.post(f"/messages/{told}/stop").status_code == 404


def test_the_desk_is_told_when_reminders_stop_going_out(
    desk: Visitor, app: Flask, clock: FrozenClock
) -> None:
    assert "have not been going out" not in words(desk.get("/due"))  # no worker was ever seen
    with app.app_context(), unit_of_work() as session:
        session.add(JobRun(job="dispatch", worker="w", started_at=clock.now(), finished_at=clock.now()))
    clock.move(timedelta(minutes=5))
    assert "have not been going out" not in words(desk.get("/due"))
    clock.move(timedelta(seconds=1))
    for address in ("/due", "/work-list", "/messages"):
        assert "Reminders have not been going out since 09:00. Nothing is lost" in words(desk.get(address))
    assert "have not been going out" not in words(desk.get("/schedule"))


def test_what_is_planned_for_somebody_who_opted_out_says_so_at_once(
    desk: Visitor, app: Flask, cast: factories.Cast, clock: FrozenClock, booked: int
) -> None:
    said = "The patient asked to stop such messages. It does not go out this way"
    for page in ("/messages?tab=planned", f"/patients/{cast.patient_id}"):
        assert said not in words(desk.get(page)), page
    with app.app_context(), unit_of_work() as session:
        consents.withdraw(
            Change(session, cast.actor, clock.now()), cast.patient_id, ["visits"], "email", "desk"
        )
    for page in ("/messages?tab=planned", f"/patients/{cast.patient_id}"):
        assert said in words(desk.get(page)), page
    with app.app_context(), unit_of_work() as session:
        consents.give(Change(session, cast.actor, clock.now()), cast.patient_id, ["visits"], "email", "desk")
    assert said not in words(desk.get("/messages?tab=planned"))
