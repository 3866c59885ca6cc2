"""The work list: what waits, each with its next step; one press settles, another takes that back."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, select

from clinic_scheduler.db import db, unit_of_work
from clinic_scheduler.domain.work_kinds import WORK_KINDS, WorkerGap
from clinic_scheduler.models import AuditEvent, InboundMessage, WorkItem
from clinic_scheduler.services.work_items import open_item
from tests import factories
from tests.conftest import FrozenClock
from tests.functional.web.conftest import Visitor, words


@pytest.fixture
def waiting(app: Flask, cast: factories.Cast, clock: FrozenClock, booked: int) -> int:
    """One item of each kind, a minute apart; the id of the visit they are about."""
    with app.app_context(), unit_of_work() as session:
        said = InboundMessage(
            clinic_id=cast.clinic_id,
            sender="sms",
            provider_reference="r1",
            channel="sms",
            from_address="+12065550177",
            body="Can I bring <my> son?",
            meaning="other",
            received_at=clock.now(),
        )
        session.add(said)
        session.flush()
        gap = str(WorkerGap(cast.clinic_id, datetime(2026, 11, 22, 18, tzinfo=UTC)))
        for number, kind in enumerate(WORK_KINDS):
            inbound = said.id if kind in ("reply", "unknown_sender") else None
            known = kind not in ("unknown_sender", "worker_was_gone")
            open_item(
                session,
                cast.clinic_id,
                kind,
                gap if kind == "worker_was_gone" else f"{kind}:1",
                clock.now() + timedelta(minutes=number),
                patient_id=cast.patient_id if known else None,
                course_id=cast.course_id if known else None,
                appointment_id=booked if kind == "asks_to_move" else None,
                inbound_message_id=inbound,
            )
    return booked


def item(app: Flask, kind: str) -> WorkItem:
    with app.app_context(), unit_of_work() as session:
        found = session.scalars(select(WorkItem).where(WorkItem.kind == kind)).one()
        session.expunge(found)
        return found


def test_every_kind_says_what_to_do_next(desk: Visitor, waiting: int, cast: factories.Cast) -> None:
    page = desk.get("/work-list")
    shown = words(page)
    places = [shown.index(about.advice) for about in WORK_KINDS.values()]
    assert places == sorted(places)
    assert f'href="/appointments/{waiting}/move"' in page.text
    assert f'href="/courses/{cast.course_id}/contact"' in page.text
    assert f'href="/patients/{cast.patient_id}/edit"' in page.text
    assert 'href="tel:+12065550123"' in page.text
    assert "Can I bring &lt;my&gt; son?" in page.text
    assert "From +12065550177" in shown
    assert "Nothing went out from 22-Nov-2026 10:00 to" in shown
    only = words(desk.get("/work-list?kind=reply"))
    assert "Read it, and call" in only
    assert "Find out whose it is" not in only


def test_one_press_settles_and_another_takes_it_back(desk: Visitor, waiting: int, app: Flask) -> None:
    page = desk.get("/due")
    assert f"Work list {len(WORK_KINDS)} open" in words(page)
    assert f"{len(WORK_KINDS)} things wait on the work list" in words(page)
    key = item(app, "reply").id
    answer = desk.post(
        f"/work-list/{key}/close", outcome="answered", note=" Yes, he may ", follow_redirects=True
    )
    assert "Settled Undo" in words(answer)
    assert f"Work list {len(WORK_KINDS) - 1} open" in words(answer)
    settled = words(desk.get("/work-list?tab=closed"))
    assert "Answered: Yes, he may 23-Nov-2026 09:00, Front desk" in settled
    assert item(app, "reply").outcome == "answered; Yes, he may"
    assert desk.post(f"/work-list/{key}/reopen", follow_redirects=True).status_code == 200
    assert item(app, "reply").closed_at is None
    with app.app_context(), unit_of_work() as session:
        assert session.scalars(
            select(AuditEvent.action).where(AuditEvent.subject == "work_items").order_by(AuditEvent.id)
        ).all() == ["closed", "reopened"]


def test_only_its_own_endings_close_an_item(desk: Visitor, waiting: int, app: Flask) -> None:
    assert desk.post(f"/work-list/{item(app, 'reply').id}/close", outcome="seen").status_code == 400
    assert item(app, "reply").closed_at is None


def test_another_clinics_items_are_not_found(
    desk: Visitor, waiting: int, app: Flask, other_cast: factories.Cast
) -> None:
    with app.app_context(), unit_of_work() as session:
        session.query(WorkItem).update({"clinic_id": other_cast.clinic_id})
    page = words(desk.get("/work-list"))
    assert "Nothing waits for the desk" in page
    assert "Work list Messages" in page  # no number
    key = item(app, "reply").id
    assert desk.post(f"/work-list/{key}/close", outcome="answered").status_code == 404
    assert desk.post(f"/work-list/{key}/reopen").status_code == 404


def test_who_only_reads_sees_the_list_without_buttons(visitor: Visitor, waiting: int, app: Flask) -> None:
    visitor.sign_in("read_only")
    page = visitor.get("/work-list").text
    assert "Can I bring" in page
    assert "/close" not in page
    assert visitor.post(f"/work-list/{item(app, 'reply').id}/close", outcome="answered").status_code == 403


def test_the_number_is_asked_once_a_page_and_counted_no_further_than_needed(
    desk: Visitor, cast: factories.Cast, app: Flask, clock: FrozenClock
) -> None:
    with app.app_context(), unit_of_work() as session:
        for number in range(120):
            open_item(session, cast.clinic_id, "worker_was_gone", f"k{number}", clock.now())
    asked: list[str] = []
    with app.app_context():
        engine = db.engine

    def listener(*said: Any) -> None:
        asked.append(said[2])

    event.listen(engine, "before_cursor_execute", listener)
    page = desk.get("/patients")
    event.remove(engine, "before_cursor_execute", listener)
    assert "Work list 99+ open" in words(page)
    assert len([statement for statement in asked if "work_items" in statement]) == 1
    first = desk.get("/work-list")
    assert "/work-list?after=50" in first.text
    assert "/work-list?after=100" in desk.get("/work-list?after=50").text
    assert "after=" not in desk.get("/work-list?after=100").text
