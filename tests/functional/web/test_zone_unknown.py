"""A clinic whose time zone the zone database has dropped: its messages wait, its desk is told, others go on."""

from datetime import timedelta

from flask import Flask
from sqlalchemy import select, update

from clinic_scheduler.db import db, unit_of_work
from clinic_scheduler.jobs.context import tools_of
from clinic_scheduler.jobs.runner import run_once
from clinic_scheduler.models import Appointment, Clinic, Message, Reminder, WorkItem
from clinic_scheduler.services.change import Change
from clinic_scheduler.services.practice import clinics
from tests import factories
from tests.conftest import FrozenClock
from tests.functional.web.conftest import Visitor, words

VANISHED, CHOSEN = "America/Atlantis", "America/Los_Angeles"


def set_zone(app: Flask, clinic_id: int, zone: str) -> None:
    with app.app_context(), unit_of_work() as session:
        session.execute(update(Clinic).where(Clinic.id == clinic_id).values(zone=zone))


def work(app: Flask) -> None:
    failed = [str(outcome) for outcome in run_once(app, tools_of(app), "w") if not outcome.ok]
    assert failed == []


def items(app: Flask) -> list[tuple[int, str | None, str | None]]:
    wanted = select(WorkItem.clinic_id, WorkItem.note, WorkItem.outcome).where(
        WorkItem.kind == "zone_unknown"
    )
    with app.app_context():
        return [tuple(row) for row in db.session.execute(wanted)]


def test_messages_wait_and_the_desk_is_told_until_the_zone_is_chosen(
    app: Flask,
    cast: factories.Cast,
    other_cast: factories.Cast,
    booked: int,
    clock: FrozenClock,
) -> None:
    set_zone(app, cast.clinic_id, VANISHED)
    clock.move(timedelta(hours=1, minutes=30))  # both clinics' patients were to be told at 10:00
    work(app)
    with app.app_context():
        waits = select(Reminder.state).where(
            Reminder.clinic_id == cast.clinic_id, Reminder.due_at < clock.now()
        )
        assert set(db.session.scalars(waits)) <= {"pending", "queued", "suppressed"}
        told = set(db.session.scalars(select(Message.clinic_id).where(Message.state == "sent")))
    assert told == {other_cast.clinic_id}
    assert items(app) == [(cast.clinic_id, VANISHED, None)]

    admin = Visitor(app.test_client())
    assert admin.sign_in("admin").status_code == 302
    for address in ("/due", "/work-list", "/schedule", "/patients", "/settings"):
        page = admin.get(address)
        assert page.status_code == 200, address
        assert f"The clinic’s time zone, {VANISHED}, is not known here any more" in words(page), address
    assert "An administrator chooses the time zone" in words(admin.get("/work-list"))

    set_zone(app, cast.clinic_id, CHOSEN)
    clock.move(timedelta(minutes=20))
    work(app)
    assert items(app) == [(cast.clinic_id, VANISHED, "zone_chosen")]
    with app.app_context():
        told = set(db.session.scalars(select(Message.clinic_id).where(Message.state == "sent")))
    assert told == {cast.clinic_id, other_cast.clinic_id}


def test_nothing_is_booked_by_a_clock_nobody_knows(app: Flask, desk: Visitor, cast: factories.Cast) -> None:
    set_zone(app, cast.clinic_id, VANISHED)
    address = f"/courses/{cast.course_id}/book"
    desk.get(address)
    answer = desk.post(address, key="a-key", provider=cast.provider_id, day="2026-11-24", at="09:00")
    assert answer.status_code == 409
    assert "Nothing was changed. An administrator chooses another" in words(answer)
    with app.app_context():
        assert db.session.scalars(select(Appointment.id)).all() == []


def test_the_zone_can_be_chosen_although_visits_are_ahead(
    app: Flask, cast: factories.Cast, booked: int, clock: FrozenClock
) -> None:
    set_zone(app, cast.clinic_id, VANISHED)
    with app.app_context(), unit_of_work() as session:
        clinics.change_clinic(Change(session, cast.actor, clock.now()), {"zone": CHOSEN})
    with app.app_context():
        assert db.session.scalars(select(Clinic.zone).where(Clinic.id == cast.clinic_id)).one() == CHOSEN
