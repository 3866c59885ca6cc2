"""Messages and the work list in a real browser: what axe finds, small screens, and settling an item."""

from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import expect
from sqlalchemy import select, update

from clinic_scheduler.db import unit_of_work
from clinic_scheduler.domain.work_kinds import WORK_KINDS
from clinic_scheduler.jobs.context import tools_of
from clinic_scheduler.jobs.dispatch import dispatch
from clinic_scheduler.models import Clinic, Course, InboundMessage, JobRun, Message, Reminder
from clinic_scheduler.senders.memory import MemorySender
from clinic_scheduler.services.work_items import open_item
from tests import databases
from tests.browser.axe import flaws_in_light_and_dark
from tests.browser.conftest import Open, sign_in
from tests.conftest import FrozenClock

pytestmark = pytest.mark.browser


@pytest.fixture
def told(site: str, served: Flask, clock: FrozenClock, tmp_path: Path) -> str:
    """Messages of several states, an item of each kind, and a worker not seen for an hour. A message's uid."""
    senders = {"email": MemorySender("email")}
    address = served.config["SQLALCHEMY_DATABASE_URI"]
    with databases.opened(address, tmp_path / "worker", clock=clock, senders=senders) as app:
        return trouble(app, clock)


def trouble(app: Flask, clock: FrozenClock) -> str:
    now = clock.now()
    with app.app_context():
        with unit_of_work() as session:
            first = session.scalars(select(Reminder.id).order_by(Reminder.id).limit(2)).all()
            session.execute(update(Reminder).where(Reminder.id.in_(first)).values(due_at=now))
        dispatch(tools_of(app))
        with unit_of_work() as session:
            message = session.scalars(select(Message).order_by(Message.id)).first()
            assert message is not None
            message.state, message.maybe_sent, message.reason = (
                "uncertain",
                True,
                "perhaps sent; then expired",
            )
            hour_ago = now - timedelta(hours=1)
            session.add(JobRun(job="dispatch", worker="w", started_at=hour_ago, finished_at=hour_ago))
            course = session.scalars(select(Course).where(Course.patient_id == message.patient_id)).one()
            clinic = session.scalars(select(Clinic.id)).one()
            said = InboundMessage(
                clinic_id=clinic,
                sender="sms",
                provider_reference="r",
                channel="sms",
                from_address="+12065550177",
                body="Running late, sorry",
                meaning="other",
                received_at=now,
            )
            session.add(said)
            session.flush()
            for kind in WORK_KINDS:
                known = {"patient_id": course.patient_id, "course_id": course.id, "message_id": message.id}
                about = {} if kind in ("unknown_sender", "worker_was_gone") else known
                inbound = said.id if kind in ("reply", "unknown_sender") else None
                open_item(session, clinic, kind, kind, now, inbound_message_id=inbound, **about)
            return message.uid


def screens(uid: str) -> list[str]:
    lists = ["/messages", "/messages?tab=planned", "/messages?tab=not_sent", "/work-list"]
    return [*lists, f"/messages/{uid}", "/work-list?tab=closed", "/due"]


def test_messages_and_the_work_list_have_no_flaws_and_fit_a_phone(open_page: Open, told: str) -> None:
    page = open_page()
    sign_in(page)
    page.goto("/work-list")
    expect(page.get_by_text("Reminders have not been going out since 08:00.")).to_be_visible()
    reply = page.get_by_role("region", name="Wrote back")
    reply.get_by_placeholder("Note, if needed").fill("will wait")
    reply.get_by_role("button", name="Answered").click()
    expect(page.get_by_role("status").filter(has_text="Settled")).to_be_visible()
    expect(page.get_by_role("link", name=f"Work list {len(WORK_KINDS) - 1} open").first).to_be_visible()
    found, wide = [], []
    for screen in screens(told):
        page.set_viewport_size({"width": 1360, "height": 800})
        page.goto(screen)
        found += flaws_in_light_and_dark(page)
        page.set_viewport_size({"width": 390, "height": 800})
        found += flaws_in_light_and_dark(page)
        page.locator(".menu summary").click()
        if page.evaluate("document.documentElement.scrollWidth") > 390:
            wide.append(screen)
    assert (found, wide) == ([], [])
