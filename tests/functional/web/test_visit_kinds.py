"""Consultations and follow-ups on the pages: booked, ended in a press, corrected, undone, made an injection."""

from datetime import datetime, time, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from clinic_scheduler.db import db, unit_of_work
from clinic_scheduler.domain.local_time import to_utc
from clinic_scheduler.models import Appointment, Course, Treatment
from clinic_scheduler.services.change import Change
from clinic_scheduler.services.courses import courses
from clinic_scheduler.services.visits import appointments
from clinic_scheduler.services.visits.booking_rules import BookingRequest
from tests import factories
from tests.conftest import FrozenClock
from tests.functional.web.conftest import Visitor, words
from tests.functional.web.schedule_rows import actions

TUESDAY = "2026-11-24"


@pytest.fixture
def lapsed(app: Flask, cast: factories.Cast, clock: FrozenClock) -> int:
    """The cast's course, with nothing given for so long that the patient is seen first."""
    with app.app_context(), unit_of_work() as session:
        course = session.get_one(Course, cast.course_id)
        day = factories.local_day(clock.now()) - timedelta(400)
        session.scalars(select(Treatment)).one().given_on = day
        course.started_on = day
        courses.settle(session, course, clock.now(), "opened")
    return cast.course_id


def book(app: Flask, cast: factories.Cast, now: datetime, kind: str, hour: int = 10) -> int:
    day = factories.local_day(now) + timedelta(1)
    wanted = BookingRequest(
        cast.course_id, cast.provider_id, to_utc(day, time(hour), factories.ZONE), kind=kind
    )
    with app.app_context(), unit_of_work() as session:
        return appointments.book(Change(session, cast.actor, now), wanted).id


def states(app: Flask) -> list[tuple[str, str, str | None]]:
    with app.app_context():
        rows = db.session().execute(
            select(Appointment.kind, Appointment.state, Appointment.outcome).order_by(Appointment.id)
        )
        return [tuple(row) for row in rows]


def consulted(app: Flask) -> object:
    with app.app_context():
        return db.session().scalar(select(Course.consulted_on))


def test_a_lapsed_patient_is_booked_for_a_consultation_seen_on_every_screen(
    desk: Visitor, cast: factories.Cast, app: Flask, lapsed: int
) -> None:
    refused = words(desk.get(f"/courses/{lapsed}/book"))
    assert "Book a consultation" in refused
    page = desk.get(f"/courses/{lapsed}/book?kind=consultation")
    assert "Book a consultation" in words(page)
    answer = desk.post(
        f"/courses/{lapsed}/book",
        provider=str(cast.provider_id),
        day=TUESDAY,
        at="10:00",
        kind="consultation",
        key=desk.key,
    )
    assert answer.status_code == 302
    assert states(app) == [("consultation", "booked", None)]
    assert "Booked Consultation, OKONKWO" in words(desk.get("/due?tab=lapsed"))
    assert "Consultation 24-Nov 10:00" in words(desk.get("/due?tab=lapsed"))
    patient = words(desk.get(f"/patients/{cast.patient_id}"))
    assert "Next visit Not booked" in patient
    assert "Consultation Tue 24-Nov-2026 10:00 , Dr Amara Reid" in patient
    assert "10:00, Consultation, Chronic migraine" in words(desk.get(f"/schedule?day={TUESDAY}"))


def test_a_consultation_ends_in_one_press_and_what_follows_is_offered(
    desk: Visitor, cast: factories.Cast, app: Flask, clock: FrozenClock, lapsed: int
) -> None:
    visit = book(app, cast, clock.now(), "consultation")
    assert "How did it end?" not in words(desk.get(f"/schedule?day={TUESDAY}&visit={visit}"))
    clock.move(timedelta(days=1, hours=2))
    desk.sign_in()
    assert "How did it end?" in words(desk.get(f"/schedule?day={TUESDAY}&visit={visit}"))
    answer = desk.post(f"/appointments/{visit}/outcome", outcome="go_on", place=f"day_{TUESDAY}_")
    panel = desk.get(answer.location)
    said = words(panel)
    assert "Consultation noted Consultation, OKONKWO" in said
    assert "Outcome Go on as before" in said
    assert f'href="/courses/{lapsed}/book">Book the injection' in panel.text
    assert 'name="what" value="consulted"' in panel.text
    assert str(consulted(app)) == TUESDAY
    assert "Record treatment" not in said
    desk.post(f"/appointments/{visit}/outcome", outcome="stop", correcting="1", place=f"day_{TUESDAY}_")
    panel = desk.get(f"/schedule?day={TUESDAY}&visit={visit}")
    assert f'href="/courses/{lapsed}/stop">Stop the course' in panel.text
    desk.post(f"/appointments/{visit}/outcome", outcome="change", correcting="1", place=f"day_{TUESDAY}_")
    panel = desk.get(f"/schedule?day={TUESDAY}&visit={visit}")
    assert "Change plan" in panel.text
    assert f"/patients/{cast.patient_id}/courses/new?indication=chronic_migraine" in panel.text
    assert (
        'selected value="chronic_migraine"'
        in desk.get(f"/patients/{cast.patient_id}/courses/new?indication=chronic_migraine").text
    )
    desk.post(f"/appointments/{visit}/undo", what="consulted", place=f"day_{TUESDAY}_")
    assert states(app) == [("consultation", "booked", None)]
    assert consulted(app) is None
    assert desk.post(f"/appointments/{visit}/undo", what="consulted").status_code == 409
    assert (
        desk.post(f"/appointments/{visit}/outcome", outcome="well", place=f"day_{TUESDAY}_").status_code
        == 409
    )


def test_a_follow_up_is_seen_and_said_so(
    desk: Visitor, cast: factories.Cast, app: Flask, clock: FrozenClock
) -> None:
    visit = book(app, cast, clock.now(), "follow_up")
    clock.move(timedelta(days=1, hours=2))
    desk.sign_in()
    answer = desk.post(f"/appointments/{visit}/seen", place=f"day_{TUESDAY}_")
    said = words(desk.get(answer.location))
    assert "State Seen" in said
    assert "Kind Follow-up" in said
    desk.post(f"/appointments/{visit}/undo", what="fulfilled", place=f"day_{TUESDAY}_")
    assert states(app) == [("follow_up", "booked", None)]


def test_a_consultation_into_an_injection_shows_what_stands_and_a_provider_may(
    desk: Visitor, provider: Visitor, cast: factories.Cast, app: Flask, clock: FrozenClock, lapsed: int
) -> None:
    visit = book(app, cast, clock.now(), "consultation")
    answer = desk.post(f"/appointments/{visit}/kind", kind="injection", place=f"day_{TUESDAY}_")
    said = words(answer)
    assert answer.status_code == 409
    assert "Nothing was changed" in said
    assert "Only a provider may override this" in said
    assert "Make it an injection" not in said
    assert states(app) == [("consultation", "booked", None)]
    shown = provider.post(f"/appointments/{visit}/kind", kind="injection", place=f"day_{TUESDAY}_")
    assert shown.status_code == 409
    names = {name for name in ("consultation_needed", "late") if f'name="reason-{name}"' in shown.text}
    assert "consultation_needed" in names
    reasons = {f"reason-{name}": "other" for name in names} | {f"note-{name}": "By phone" for name in names}
    done = provider.post(f"/appointments/{visit}/kind", kind="injection", place=f"day_{TUESDAY}_", **reasons)
    assert done.status_code == 302
    assert states(app) == [("injection", "booked", None)]
    assert "Changed Injection, OKONKWO" in words(provider.get(done.location))
    provider.post(f"/appointments/{visit}/kind", kind="follow_up", place=f"day_{TUESDAY}_")
    assert states(app) == [("follow_up", "booked", None)]
    assert actions(app) == ["booked", "kind_changed", "kind_changed"]


def test_seen_today_is_offered_to_providers_alone(
    desk: Visitor, provider: Visitor, cast: factories.Cast, app: Flask, lapsed: int
) -> None:
    assert "Seen today" not in words(desk.get(f"/patients/{cast.patient_id}"))
    assert desk.get(f"/courses/{lapsed}/seen").status_code == 403
    assert "Seen today" in words(provider.get(f"/patients/{cast.patient_id}"))
    assert "Seen without an appointment" in words(provider.get(f"/courses/{lapsed}/seen"))
    empty = provider.post(f"/courses/{lapsed}/seen", provider=str(cast.provider_id))
    assert (empty.status_code, "Choose how it ended" in words(empty)) == (422, True)
    answer = provider.post(f"/courses/{lapsed}/seen", provider=str(cast.provider_id), outcome="go_on")
    assert "Book the injection" in words(provider.get(answer.location))
    assert states(app) == [("consultation", "fulfilled", "go_on")]


def test_a_stopped_course_offers_a_consultation_and_then_a_new_course(
    desk: Visitor, cast: factories.Cast, app: Flask, clock: FrozenClock, lapsed: int
) -> None:
    desk.post(f"/courses/{lapsed}/stop", stopped_on="2026-11-23", reason="declined")
    page = desk.get(f"/patients/{cast.patient_id}")
    assert f"/courses/{lapsed}/book?kind=consultation" in page.text
    panel = words(desk.get(f"/courses/{lapsed}/book?kind=consultation"))
    assert "Stopped 23-Nov-2026" in panel
    visit = book(app, cast, clock.now(), "consultation")
    clock.move(timedelta(days=1, hours=2))
    desk.sign_in()
    answer = desk.post(f"/appointments/{visit}/outcome", outcome="go_on", place=f"day_{TUESDAY}_")
    shown = words(desk.get(answer.location))
    assert "Open a course" in shown
    assert "Book the injection" not in shown


def test_lengths_of_consultations_stand_beside_those_of_injections(
    app: Flask, cast: factories.Cast, clock: FrozenClock
) -> None:
    admin = Visitor(app.test_client())
    admin.sign_in("admin")
    page = admin.get("/settings/visit-lengths")
    assert "Other visits" in words(page)
    assert 'name="follow_up"' in page.text
    seen = page.text.partition('name="seen" type="hidden" value="')[2].partition('"')[0]
    assert admin.post("/settings/visit-lengths", seen=seen, consultation="20").status_code == 302
    visit = book(app, cast, clock.now(), "consultation")
    with app.app_context():
        row = db.session().get_one(Appointment, visit)
        assert row.ends_at - row.starts_at == timedelta(minutes=20)
