"""Sixteen processes at once: no two visits share a time, and whoever loses is told so plainly."""

from collections import Counter
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import select

from clinic_scheduler.models import Appointment, Course, Provider
from tests.integration.contention import Fight, add_minutes, fight, overlaps, quarters, together
from tests.integration.house import House, at

PROCESSES = 16
# Only so that a process that hangs fails the test; how long it takes is benchmarks/booking_contention.py's matter.
LIMIT_SECONDS = 120.0
TOLD = {"taken", "already_booked", "not_open"}


def test_sixteen_processes_fighting_for_one_hour_never_overlap(house: House, tmp_path: Path) -> None:
    others = [house.another_course(f"C-{n}") for n in range(5)]
    what = Fight(
        house.database_url,
        tmp_path / "data",
        house.cast.actor,
        house.now,
        courses=(house.cast.course_id, *others),
        providers=(house.cast.provider_id, house.cast.other_provider_id),
        starts=quarters(at(date(2026, 11, 24), 9), 4),
        tries=4,
    )
    answers = together(fight, [(seed, what) for seed in range(PROCESSES)], LIMIT_SECONDS)
    tally = sum((own for own, _ in answers), Counter())
    assert tally.total() == PROCESSES * what.tries
    assert set(tally) <= TOLD | {"booked", "moved", "cancelled"}, tally
    # Who moves and who finds an hour taken is up to the scheduler; that somebody won and somebody lost is not.
    assert tally["booked"] > 0
    assert sum(tally[word] for word in TOLD) > 0
    assert overlaps(house.occupied()) == 0
    booked_for = house.rows(
        select(Appointment.patient_id, Appointment.starts_at, Appointment.ends_at).where(
            Appointment.state == "booked"
        )
    )
    assert overlaps([tuple(row) for row in booked_for]) == 0
    assert len({row.patient_id for row in booked_for}) == len(booked_for)
    assert_dates_are_what_was_booked(house)


def assert_dates_are_what_was_booked(house: House) -> None:
    """Each course says the day of its open visit, whichever of the changes came last."""
    said = select(Course.id, Course.booked_on, Appointment.local_date).outerjoin(
        Appointment, (Appointment.course_id == Course.id) & (Appointment.state == "booked")
    )
    assert [row for row in house.rows(said) if row.booked_on != row.local_date] == []


@pytest.mark.parametrize("shared_app", ["sqlite"], indirect=True)
def test_reading_and_writing_back_loses_nothing_on_sqlite(house: House, tmp_path: Path) -> None:
    provider = house.cast.provider_id
    work = (house.database_url, tmp_path / "data", provider, 20)
    together(add_minutes, [work] * 4, LIMIT_SECONDS)
    assert house.row(Provider, provider)["visit_minutes"] == 30 + 4 * 20
