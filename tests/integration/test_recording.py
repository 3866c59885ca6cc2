"""Recording a treatment: once, on a day that can be, off the authorization, with every date set anew."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select

from clinic_scheduler.domain.errors import BookingRefused, InvalidInput, NotFound
from clinic_scheduler.models import Appointment, Authorization, Course, Treatment
from clinic_scheduler.queries.due.rows import due_rows
from clinic_scheduler.services.change import Change
from clinic_scheduler.services.courses import courses
from clinic_scheduler.services.courses.courses import CourseEntry
from clinic_scheduler.services.patients import records
from clinic_scheduler.services.patients.records import PatientEntry
from tests.integration.house import TODAY, House, at

FRIDAY = date(2026, 11, 27)


def authorization(house: House, starts_on: date, ends_on: date, visits: int | None, units: int | None) -> int:
    return house.change(
        lambda s: (
            courses.authorize(
                Change(s, house.cast.actor, house.now),
                house.cast.course_id,
                starts_on,
                ends_on,
                visits_left=visits,
                units_left=None if units is None else Decimal(units),
            ).id
        )
    )


def left(house: House, key: int) -> tuple[int | None, Decimal | None]:
    row = house.row(Authorization, key)
    return row["visits_left"], row["units_left"]


def test_a_treatment_moves_every_date_and_is_audited(house: House) -> None:
    key = house.treat(TODAY)
    course, row = house.course(), house.row(Treatment, key)
    assert (course["reference_on"], course["cycles_given"]) == (TODAY, 2)
    assert (course["earliest_date"], course["due_date"]) == (date(2027, 2, 15), date(2027, 2, 15))
    assert (row["evaluation"], row["recorded_at"]) == ("valid", house.now)
    assert [action for action, _ in house.audit("treatments")] == ["recorded", "recorded"]


def test_the_same_entry_twice_is_one_treatment(house: House) -> None:
    key = authorization(house, TODAY, TODAY, 2, None)
    assert house.treat(TODAY, fingerprint="form:1") == house.treat(TODAY, fingerprint="form:1")
    assert house.course()["cycles_given"] == 2
    assert left(house, key) == (1, None)


def test_the_visit_of_the_day_is_fulfilled(house: House) -> None:
    visit = house.book(at(FRIDAY, 9))
    before = house.row(Appointment, visit)
    house.clock.move(at(FRIDAY, 10) - house.now)
    key = house.treat(FRIDAY)
    after = house.row(Appointment, visit)
    assert (after["state"], after["sequence"]) == ("fulfilled", before["sequence"] + 1)
    assert house.row(Treatment, key)["appointment_id"] == visit
    assert house.course()["booking"] == "none"


def test_a_visit_of_another_day_stays_booked_unless_it_is_named(house: House) -> None:
    visit = house.book(at(FRIDAY, 9))
    house.treat(TODAY - timedelta(1), 20, kind="touch_up")
    assert house.row(Appointment, visit)["state"] == "booked"
    house.treat(TODAY, appointment_id=visit)
    assert house.row(Appointment, visit)["state"] == "fulfilled"
    with pytest.raises(BookingRefused, match="already treated"):
        house.treat(TODAY - timedelta(2), 10, appointment_id=visit)


def test_the_authorization_that_ends_first_is_counted_down(house: House) -> None:
    later = authorization(house, TODAY - timedelta(9), TODAY + timedelta(90), 2, None)
    sooner = authorization(house, TODAY - timedelta(9), TODAY + timedelta(9), 1, 400)
    house.treat(TODAY - timedelta(1))
    assert (left(house, sooner), left(house, later)) == ((0, Decimal(245)), (2, None))
    house.treat(TODAY, 300)
    assert (left(house, sooner), left(house, later)) == ((0, Decimal(245)), (1, None))


def test_units_left_never_fall_below_none_and_nothing_given_uses_nothing(house: House) -> None:
    key = authorization(house, TODAY, TODAY, None, 100)
    assert house.row(Treatment, house.treat(TODAY, 0))["authorization_id"] is None
    assert left(house, key) == (None, Decimal(100))
    house.treat(TODAY, 155)
    assert left(house, key) == (None, Decimal(0))


@pytest.mark.parametrize(
    ("given_on", "entry", "said"),
    [
        (TODAY + timedelta(1), {}, "24-Nov-2026 is in the future"),
        (date(1978, 3, 13), {}, "before the patient was born"),
        (TODAY, {"units": -1}, "less than 0"),
        (TODAY, {"outcome": "splendid"}, "complete"),
        (TODAY, {"kind": "encore"}, "touch_up"),
    ],
)
def test_what_cannot_be_is_refused(house: House, given_on: date, entry: dict, said: str) -> None:
    with pytest.raises(InvalidInput, match=said):
        house.treat(given_on, **entry)
    assert len(house.rows(select(Treatment.id))) == 1


def test_another_clinics_provider_is_not_found(house: House) -> None:
    with pytest.raises(NotFound):
        house.treat(TODAY, provider_id=999)


def test_a_late_entry_between_two_treatments_judges_the_later_one_anew(house: House) -> None:
    house.treat(TODAY)
    first = {row.given_on: row.evaluation for row in treatments(house)}
    assert first == {date(2026, 8, 31): "valid", TODAY: "valid"}
    house.treat(date(2026, 10, 1))
    assert {row.given_on: row.evaluation for row in treatments(house)} == {
        date(2026, 8, 31): "valid",
        date(2026, 10, 1): "too_soon",
        TODAY: "too_soon",
    }
    assert house.course()["reference_on"] == TODAY


def treatments(house: House) -> list:
    return house.rows(select(Treatment.given_on, Treatment.evaluation).order_by(Treatment.given_on))


def test_a_treatment_moves_the_patients_other_course_through_the_cap(house: House) -> None:
    """V10's shape: 155 U given, 300 U planned elsewhere, 400 U allowed in 84 days."""
    entry = CourseEntry(house.cast.patient_id, "spasticity_upper_limb", "onabotulinumtoxinA", TODAY)
    other = house.change(lambda s: courses.start_course(Change(s, house.cast.actor, house.now), entry).id)
    assert house.course(other)["earliest_date"] == TODAY
    house.treat(TODAY)
    assert house.course(other)["earliest_date"] == date(2027, 2, 15)
    assert [state for _, state, _ in house.reminders(other)] == ["pending"]


def test_what_was_given_moves_open_visits_into_booking_problems_at_once(house: House) -> None:
    """In the same commit, and across courses: 250 U where 200 were planned leave no room for 155 on Friday."""
    entry = CourseEntry(
        house.cast.patient_id,
        "spasticity_upper_limb",
        "onabotulinumtoxinA",
        TODAY,
        planned_units=Decimal(200),
    )
    limb = house.change(lambda s: courses.start_course(Change(s, house.cast.actor, house.now), entry).id)
    house.book(at(FRIDAY, 9))
    house.book(at(date(2026, 12, 7), 9), course_id=limb)
    assert (house.course()["booking"], house.course(limb)["booking"]) == ("ok", "ok")
    house.treat(TODAY, 250, course_id=limb)
    assert (house.course()["booking"], house.course(limb)["booking"]) == ("too_early", "too_early")
    found = house.look(lambda s: due_rows(s, house.cast.clinic_id, TODAY))
    assert {row.course_id: row.bucket for row in found} == {
        house.cast.course_id: "booking_problem",
        limb: "booking_problem",
    }


def test_a_consultation_of_the_day_is_not_what_the_injections_were_for(house: House) -> None:
    visit = house.book(at(TODAY, 11), kind="consultation")
    key = house.treat(TODAY)
    assert house.row(Appointment, visit)["state"] == "booked"
    assert house.row(Treatment, key)["appointment_id"] is None


def test_a_patient_number_is_one_patients_and_a_course_is_opened_once(house: House) -> None:
    person = PatientEntry("A-100", "Okafor", "Ada", date(1990, 1, 1))
    with pytest.raises(InvalidInput, match="belongs to another patient"):
        house.change(lambda s: records.add_patient(Change(s, house.cast.actor, house.now), person).id)
    again = CourseEntry(house.cast.patient_id, "chronic_migraine", "onabotulinumtoxinA", TODAY)
    with pytest.raises(InvalidInput, match="already has an open course"):
        house.change(lambda s: courses.start_course(Change(s, house.cast.actor, house.now), again).id)
    assert len(house.rows(select(Course.id))) == 1
