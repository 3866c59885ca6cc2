"""The due list's SQL, against the rules it speaks for and against the list computed in Python."""

import random
from collections import Counter
from collections.abc import Sequence
from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from clinic_scheduler.db import unit_of_work
from clinic_scheduler.domain.forecast.judgements import Bucket
from clinic_scheduler.domain.forecast.status import CLOSED_COURSE, bucket_of, timing_on
from clinic_scheduler.domain.forecast.values import Hold as HoldValue
from clinic_scheduler.domain.visits.day_checks import covers_day
from clinic_scheduler.models import Course, Hold, Patient
from clinic_scheduler.models.column_types import opaque_id
from clinic_scheduler.queries.due.contact_attempts import tried
from clinic_scheduler.queries.due.rows import TABS, TO_BOOK, due_page, due_rows
from clinic_scheduler.queries.due.tabs import PROBLEMS
from clinic_scheduler.services import contact_attempts, due_counts
from clinic_scheduler.services.change import Change
from clinic_scheduler.web.formats import BOOKING_WORDS
from tests import factories
from tests.conftest import FrozenClock

TODAY = date(2026, 11, 23)
BLOCKS = ("", "", "", "cap_exceeded", "weight_missing other_toxin_review")
BOOKINGS = ("none",) * 6 + ("ok", "ok", *PROBLEMS)
DRAWN = 400


INDICATIONS = (None, "chronic_migraine", "spasticity_upper_limb")


def random_holds(rng: random.Random, patient_id: int) -> list[Hold]:
    """None or a few, of whatever is treated or of one indication, on the very edges around TODAY."""
    days = (
        (TODAY, TODAY),
        (TODAY + timedelta(1), None),
        (TODAY - timedelta(9), None),
        (TODAY - timedelta(9), TODAY - timedelta(1)),
    )
    return [
        Hold(
            patient_id=patient_id,
            indication=rng.choice(INDICATIONS),
            starts_on=start,
            ends_on=end,
            reason="away",
        )
        for start, end in rng.sample(days, rng.choice((0, 0, 0, 1, 2)))
    ]


def random_course(
    rng: random.Random, clinic_id: int, version_id: int, patient_id: int, now: object
) -> Course:
    """Dates in their order, many of them on the very edges around TODAY."""
    earliest = TODAY + timedelta(rng.choice((-1, 0, 1, 13, 14, 15, rng.randint(-250, 60))))
    due = earliest + timedelta(rng.choice((0, 0, 1, 7)))
    overdue = due + timedelta(rng.choice((1, 8, 30)))
    return Course(
        uid=opaque_id(),
        clinic_id=clinic_id,
        patient_id=patient_id,
        protocol_version_id=version_id,
        indication=rng.choice(INDICATIONS[1:]),
        product=opaque_id(),  # a patient has one open course of a product
        started_on=date(2025, 1, 1),
        stopped_on=rng.choice((None, None, None, TODAY - timedelta(1), TODAY, TODAY + timedelta(1))),
        created_at=now,
        earliest_date=earliest,
        due_date=due,
        overdue_date=overdue,
        lapse_date=overdue + timedelta(rng.choice((0, 1, 90))),
        blocks=rng.choice(BLOCKS),
        booking=rng.choice(BOOKINGS),
        forecast_changed_at=now,
    )


def expected(
    course: Course, patient: Patient, holds: Sequence[Hold]
) -> tuple[str, tuple[str, ...], str] | None:
    """What the domain says of one row; None where it is closed and nothing stands under it."""
    held = any(covers_day(HoldValue(h.starts_on, h.ends_on), TODAY) for h in holds)
    blocks = (("on_hold",) if held else ()) + tuple(course.blocks.split())
    timing = timing_on(course.earliest_date, course.due_date, course.overdue_date, course.lapse_date, TODAY)
    if patient.deceased_on or (course.stopped_on is not None and course.stopped_on <= TODAY):
        if course.booking == "none":
            return None
        timing = "closed"
    return timing, blocks, bucket_of(timing, blocks, course.booking)


def holds_of(course: Course, every: Sequence[Hold]) -> list[Hold]:
    return [
        hold
        for hold in every
        if hold.patient_id == course.patient_id and hold.indication in (None, course.indication)
    ]


@pytest.mark.parametrize("seed", [1, 2])
def test_sql_and_domain_agree_on_many_random_rows(app: Flask, clock: FrozenClock, seed: int) -> None:
    rng = random.Random(seed)
    with app.app_context(), unit_of_work() as session:
        cast = factories.cast(session, clock.now())
        version = session.get_one(Course, cast.course_id).protocol_version_id
        dead = factories.person(session, cast.actor, clock.now(), mrn="D-1")
        dead.deceased_on = TODAY
        living = [factories.person(session, cast.actor, clock.now(), mrn=f"L-{n}") for n in range(DRAWN // 3)]
        session.add_all(hold for patient in living for hold in random_holds(rng, patient.id))
        for n in range(DRAWN):
            patient = dead if n % 10 == 0 else rng.choice(living)
            course = random_course(rng, cast.clinic_id, version, patient.id, clock.now())
            course.closed_from = date.min if patient is dead else course.stopped_on
            if course.closed_from and course.closed_from <= TODAY and course.booking != "none":
                course.booking = CLOSED_COURSE  # as it is kept
            session.add(course)
        session.flush()
        for course in session.scalars(select(Course)).all():
            due_counts.recount_course(session, course)
        every = session.scalars(select(Hold)).all()
        wanted = {
            course.id: verdict
            for course, patient in session.execute(
                select(Course, Patient).join(Patient, Course.patient_id == Patient.id)
            )
            if (verdict := expected(course, patient, holds_of(course, every))) is not None
        }
        rows = due_rows(session, cast.clinic_id, TODAY)
        assert {row.course_id: (row.timing, row.blocks, row.bucket) for row in rows} == wanted
        held_together(session, cast.clinic_id, wanted)


def held_together(
    session: Session, clinic_id: int, wanted: dict[int, tuple[str, tuple[str, ...], str]]
) -> None:
    """Counts, tabs and pages tell the same story as the rows."""
    buckets = Counter(bucket for _, _, bucket in wanted.values())
    assert set(buckets) == set(Bucket) - {"closed"}  # every bucket was drawn
    for tab, members in TABS.items():
        if tab == "contacted":
            continue
        total = sum(number for bucket, number in buckets.items() if members is None or bucket in members)
        pages = [
            due_page(session, clinic_id, TODAY, bucket=tab, page=n + 1, per_page=40)
            for n in range(-(-total // 40))
        ]
        ids = [row.course_id for page in pages for row in page.rows]
        assert all(page.total == page.counts[tab] == total for page in pages)
        assert len(ids) == len(set(ids)) == total
        keys = [(row.overdue_date, row.due_date) for page in pages for row in page.rows]
        assert keys == sorted(keys)


def test_whatever_is_kept_of_a_booking_has_its_words_and_its_place() -> None:
    assert set(BOOKING_WORDS) == set(PROBLEMS)


def test_the_tabs_cover_what_the_desk_works_through() -> None:
    assert {bucket for members in TABS.values() if members for bucket in members} == set(Bucket) - {
        "closed",
        "not_due",
    }
    assert set(TO_BOOK) == {"overdue", "due", "due_soon"}


def test_a_row_tells_dose_contact_and_visit(app: Flask, clock: FrozenClock) -> None:
    with app.app_context(), unit_of_work() as session:
        now = clock.now()
        cast = factories.cast(session, now)
        contact_attempts.log(Change(session, cast.actor, now), cast.course_id, "phone", "no_answer")
        contact_attempts.log(
            Change(session, cast.actor, now),
            cast.course_id,
            "text",
            "will_call_back",
            hide_until=date(2026, 11, 24),
        )
        (row,) = due_rows(session, cast.clinic_id, TODAY)
        assert (row.family_name, row.mrn, row.provider_name) == ("Okonkwo", "A-100", "Dr Amara Reid")
        assert (row.last_units, row.last_given_on) == (155, date(2026, 8, 31))
        contact = tried(session, [row.course_id])[row.course_id]
        assert (contact.channel, contact.outcome) == ("text", "will_call_back")
        hidden = due_page(session, cast.clinic_id, TODAY, bucket="to_book")
        assert (hidden.rows, hidden.counts["contacted"], hidden.counts["all"]) == ([], 1, 1)
        back = due_page(session, cast.clinic_id, date(2026, 11, 24), bucket="to_book")
        assert [found.course_id for found in back.rows] == [cast.course_id]


def test_a_clinic_sees_its_own_courses_alone(app: Flask, clock: FrozenClock) -> None:
    with app.app_context(), unit_of_work() as session:
        own = factories.cast(session, clock.now())
        other = factories.cast(session, clock.now(), clinic="Elsewhere", prefix="E")
        assert [row.course_id for row in due_rows(session, own.clinic_id, TODAY)] == [own.course_id]
        assert [row.course_id for row in due_rows(session, other.clinic_id, TODAY)] == [other.course_id]
        assert due_rows(session, own.clinic_id, TODAY, provider_id=own.other_provider_id) == []
