"""flask demo, its data: the invented clinic shows everything whatever the day. Its processes: test_demo_servers.py."""

import re
from collections import Counter
from contextlib import ExitStack
from datetime import UTC, timedelta
from functools import cache

import pytest
from sqlalchemy import func, select

from clinic_scheduler.db import db
from clinic_scheduler.domain.forecast.judgements import Bucket
from clinic_scheduler.models import (
    Appointment,
    Closure,
    Course,
    Hold,
    Message,
    OverrideRequest,
    Patient,
    Provider,
    Reminder,
    StandingDecision,
    Treatment,
    VisitOverride,
    WorkItem,
)
from clinic_scheduler.queries.due.rows import due_page
from clinic_scheduler.seeding.demo.clinic_setup import REID, SATO, VARGA, holidays
from clinic_scheduler.services.courses.forecasting import differences
from tests.functional.cli.loaded_demo import (
    MONDAY_MORNING,
    NOWS,
    Built,
    load,
    opened_at,
    opened_in,
)


@pytest.fixture(scope="module")
def build(loaded_demo):
    kept_open = ExitStack()

    @cache
    def once(name: str) -> Built:
        return Built(kept_open.enter_context(opened_in(loaded_demo(name), NOWS[name])), NOWS[name])

    with kept_open:
        yield once


@pytest.fixture(params=NOWS)
def built(build, request):
    return build(request.param)


def test_every_bucket_block_and_booking_problem_is_there(built):
    rows = built.due()
    assert {row.bucket for row in rows} == set(Bucket) - {"closed"}
    assert {block for row in rows for block in row.blocks} == {
        "on_hold",
        "consultation_needed",
        "weight_missing",
        "other_toxin_review",
        "authorization_missing",
        "authorization_expires_before_due",
        "authorization_exhausted",
    }
    assert {row.booking for row in rows if row.bucket == "booking_problem"} == {"too_early", "blocked"}
    assert 55 <= len(rows) <= 65
    assert len(built.all(select(Treatment.id).where(Treatment.course_id.is_(None)))) == 2  # given elsewhere
    assert len({row.indication for row in rows}) == 4
    assert {row.product for row in rows} == {"onabotulinumtoxinA", "abobotulinumtoxinA"}


def test_the_desk_and_a_provider_have_set_holds(built):
    held = select(Hold.reason, Hold.indication, Hold.set_by_provider).order_by(Hold.set_by_provider)
    assert sorted((tuple(row) for row in built.all(held)), key=lambda row: row[0], reverse=True) == [
        ("surgery", "chronic_migraine", False),
        ("pregnancy", None, True),
        ("infection", "chronic_migraine", False),
    ]


def test_each_course_is_in_the_bucket_its_story_is_for(built):
    counts = Counter(row.bucket for row in built.due())
    expected = {"lapsed": 4, "overdue": 8, "due": 4, "due_soon": 5, "blocked": 8, "booking_problem": 2}
    # Whoever did not come today is to be booked again.
    (missed,) = built.all(
        select(func.count()).where(Appointment.state == "noshow", Appointment.local_date == built.today)
    )[0]
    expected["due"] += missed
    assert {bucket: counts[bucket] for bucket in expected} == expected
    with built.app.app_context():
        assert due_page(db.session(), built.clinic_id, built.today).counts["contacted"] >= 2


def test_visits_of_every_kind_are_there(built):
    ahead = built.all(
        select(Appointment.kind, func.count())
        .where(Appointment.state == "booked", Appointment.local_date >= built.today)
        .group_by(Appointment.kind)
    )
    assert {kind for kind, _ in ahead} == {"injection", "consultation", "follow_up"}
    waiting = built.all(
        select(Course.booking, Course.booked_on)
        .join(Appointment, Appointment.course_id == Course.id)
        .where(Appointment.kind == "consultation", Appointment.state == "booked")
    )
    assert [tuple(row) for row in waiting] == [("none", None)]
    ((outcome, consulted_on, day, booked_on),) = built.all(
        select(Appointment.outcome, Course.consulted_on, Appointment.local_date, Course.booked_on)
        .join(Course, Course.id == Appointment.course_id)
        .where(Appointment.kind == "consultation", Appointment.state == "fulfilled")
    )
    assert (outcome, consulted_on) == ("go_on", day)
    assert booked_on >= built.today


def test_a_provider_is_asked_has_allowed_and_has_decided(built):
    """Two questions wait for Dr. Reid's home, one visit says why it is early, one block is decided."""
    asked = built.all(
        select(Provider.name, Appointment.state, OverrideRequest.expires_at)
        .join(Provider, Provider.id == OverrideRequest.provider_id)
        .join(Appointment, Appointment.id == OverrideRequest.appointment_id)
    )
    assert sorted(row[:2] for row in asked) == [(REID, "pending"), (REID, "proposed")]
    assert all(built.now < row.expires_at <= built.now + timedelta(days=1) for row in asked)
    early = VisitOverride.name == "too_early"
    assert built.all(select(VisitOverride.decided_by).where(early)) == [(REID,)]
    ((block, until, who),) = built.all(
        select(StandingDecision.block, StandingDecision.until, StandingDecision.decided_by)
    )
    assert (block, who) == ("other_toxin_review", REID)
    assert until >= built.today


def test_what_is_kept_is_what_the_rules_say(built):
    with built.app.app_context():
        assert list(differences(db.session(), built.clinic_id, built.today)) == []


def test_visits_are_on_the_next_day_the_clinic_is_open(built):
    visits = built.all(
        select(Appointment.local_date, func.count())
        .where(Appointment.local_date >= built.today)
        .group_by(Appointment.local_date)
        .order_by(Appointment.local_date)
    )
    day, number = visits[0]
    assert number >= 8
    assert (day == built.today) == (built.today.weekday() < 5)
    assert day - built.today <= timedelta(days=4)


def test_nothing_happened_later_than_now(built):
    now = built.now.astimezone(UTC)
    assert built.all(select(Treatment.id).where(Treatment.recorded_at > now)) == []
    assert built.all(select(Appointment.id).where(Appointment.updated_at > now)) == []
    assert built.all(select(Message.id).where(Message.sent_at > now)) == []
    assert built.all(select(Treatment.given_on).where(Treatment.given_on > built.today)) == []


def test_reminders_were_sent_and_others_wait_for_their_hour(built):
    now = built.now.astimezone(UTC)
    states = dict(built.all(select(Reminder.state, func.count()).group_by(Reminder.state)))
    assert states["sent"] > 20
    assert states["pending"] > 20
    assert built.all(select(Reminder.id).where(Reminder.state == "pending", Reminder.due_at <= now)) == []
    assert built.all(select(Message.state).where(Message.state != "sent")) == []


def test_patients_have_written_back_and_the_desk_has_something_to_settle(built):
    kinds = [row.kind for row in built.all(select(WorkItem.kind).order_by(WorkItem.kind))]
    assert kinds == ["asks_to_allow", "asks_to_allow", "asks_to_move", "reply"]
    confirmed = select(Appointment.confirmed_by).where(Appointment.confirmed_by.is_not(None))
    assert built.all(confirmed) == [("link",)]


def test_people_are_invented_and_numbers_collide_with_no_log(built):
    people = [patient for (patient,) in built.all(select(Patient))]
    assert len({person.mrn for person in people}) == len(people) == 65
    for person in people:
        assert re.fullmatch(r"D1\d{3}", person.mrn)
        assert person.email.endswith("@example.org")
        assert person.phone is None or re.fullmatch(r"\+1\d{3}55501\d\d", person.phone)
    assert len({person.phone for person in people if person.phone}) == sum(1 for p in people if p.phone)


def test_providers_and_closed_days_are_as_a_clinic_has_them(built):
    assert {name for (name,) in built.all(select(Provider.name))} == {REID, SATO, VARGA}
    leaves = built.all(select(Closure.starts_on).where(Closure.provider_id.is_not(None)))
    assert len(leaves) == 3
    assert all(timedelta(0) < day - built.today < timedelta(days=42) for (day,) in leaves)
    closed = built.all(select(Closure.reason).where(Closure.provider_id.is_(None)))
    assert {reason for (reason,) in closed} == {"Thanksgiving", "Christmas", "New Year's Day"}


def test_no_visit_was_ever_on_a_closed_day(built):
    closed = {
        first + timedelta(days=n)
        for first, last, _ in holidays(2025, 2030)
        for n in range((last - first).days + 1)
    }
    days = {day for (day,) in built.all(select(Appointment.local_date))}
    given = {day for (day,) in built.all(select(Treatment.given_on))}
    assert len(days) > 5
    assert (days | {day for day in given if day.year >= 2025}) & closed == set()


def test_the_same_day_makes_the_same_clinic_on_both_databases(build, postgresql_url, tmp_path):
    with opened_at(postgresql_url, tmp_path, MONDAY_MORNING) as app:
        load(app)
        there = comparable(Built(app, MONDAY_MORNING))
    assert there == comparable(build("weekday in the morning"))


def comparable(built: Built) -> list[tuple]:
    return [(row.mrn, row.due_date, row.booked_on, row.booked_at, row.bucket) for row in built.due()]


@pytest.mark.parametrize(
    ("year", "thanksgiving"), [(2024, 28), (2025, 27), (2026, 26), (2027, 25), (2028, 23), (2029, 22)]
)
def test_thanksgiving_is_the_fourth_thursday_of_november(year, thanksgiving):
    days = {reason: first for first, _, reason in holidays(year, year + 1)}
    assert (days["Thanksgiving"].month, days["Thanksgiving"].day) == (11, thanksgiving)


def test_the_past_has_visits_of_every_ending(built):
    states = {state for (state,) in built.all(select(Appointment.state).distinct())}
    assert {"booked", "fulfilled", "noshow"} <= states
    assert built.all(select(Course.id).where(Course.stopped_on.is_not(None))) != []


def test_a_patient_is_written_to_in_spanish(built):
    hers = (Patient.language == "es", Patient.id == Appointment.patient_id, Appointment.state == "booked")
    assert built.all(select(Patient.family_name, Patient.given_name).where(*hers)) == [
        ("Fuentes", "María Elena")
    ]
    told = (
        select(Message.body).join(Patient, Patient.id == Message.patient_id).where(Patient.language == "es")
    )
    bodies = [body for (body,) in built.all(told)]
    assert bodies
    assert all("Hola" in body for body in bodies), bodies
