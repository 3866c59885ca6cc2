"""Two visits at one time: refused by the look-up, and by the database itself should the look-up be passed by."""

from datetime import date, timedelta

import pytest
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from clinic_scheduler.domain.errors import BookingRefused
from clinic_scheduler.models import Appointment, Course
from clinic_scheduler.services.change import Change
from clinic_scheduler.services.courses import courses
from clinic_scheduler.services.courses.courses import CourseEntry
from clinic_scheduler.services.visits import appointments
from tests.integration.house import TODAY, House, at

DAY = date(2026, 11, 24)
LOWER_LIMB = "spasticity_lower_limb"


@pytest.fixture
def unlooked(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if each booking had looked before the other was there."""
    monkeypatch.setattr(appointments, "require_free", lambda *_args, **_kwargs: None)
    monkeypatch.setattr(appointments, "require_none_held", lambda *_: None)


def second_course(house: House) -> int:
    """The same patient's spasticity course, planned low enough for the cap."""
    entry = CourseEntry(house.cast.patient_id, LOWER_LIMB, "onabotulinumtoxinA", TODAY, planned_units=100)
    return house.change(lambda s: courses.start_course(Change(s, house.cast.actor, house.now), entry).id)


def test_a_taken_time_is_refused_by_the_look_up(house: House) -> None:
    house.book(at(DAY, 9))
    other = house.another_course()
    for start in (at(DAY, 9), at(DAY, 9, 15), at(DAY, 9) + timedelta(minutes=29)):
        with pytest.raises(BookingRefused, match=r"24-Nov-2026 is taken\. Nothing was booked") as refused:
            house.book(start, course_id=other)
        assert refused.value.rule == "taken"
    house.book(at(DAY, 9, 30), course_id=other)


@pytest.mark.usefixtures("unlooked")
def test_a_taken_time_is_refused_by_the_database(house: House) -> None:
    house.book(at(DAY, 9))
    other = house.another_course()
    with pytest.raises(BookingRefused) as refused:
        house.book(at(DAY, 9, 15), course_id=other)
    assert refused.value.rule == "taken"
    assert len(house.occupied()) == 1
    assert house.reminders(other) == [("time_to_book", "pending", None)]


@pytest.mark.usefixtures("unlooked")
def test_a_move_onto_a_taken_time_is_refused_by_the_database(house: House) -> None:
    house.book(at(DAY, 9))
    visit = house.book(at(DAY, 11), course_id=house.another_course())
    before = house.row(Appointment, visit)
    with pytest.raises(BookingRefused) as refused:
        house.move(visit, at(DAY, 9, 15))
    assert refused.value.rule == "taken"
    assert house.row(Appointment, visit) == before


@pytest.mark.usefixtures("unlooked")
def test_a_second_open_visit_of_a_course_is_refused_by_the_database(house: House) -> None:
    house.book(at(DAY, 9))
    house.set(Course, house.cast.course_id, next_visit_uid="another")
    with pytest.raises(BookingRefused) as refused:
        house.book(at(DAY, 11))
    assert refused.value.rule == "already_booked"


def test_a_patient_is_not_in_two_rooms_at_once(house: House) -> None:
    second = second_course(house)
    house.book(at(DAY, 9))
    with pytest.raises(BookingRefused) as refused:
        house.book(at(DAY, 9, 15), course_id=second, provider_id=house.cast.other_provider_id)
    assert refused.value.rule == "taken"
    house.book(at(DAY, 9, 30), course_id=second, provider_id=house.cast.other_provider_id)


@pytest.mark.usefixtures("unlooked")
def test_a_patient_in_two_rooms_is_refused_by_the_database(house: House) -> None:
    second = second_course(house)
    house.book(at(DAY, 9))
    with pytest.raises(BookingRefused):
        house.book(at(DAY, 9, 15), course_id=second, provider_id=house.cast.other_provider_id)


@pytest.mark.usefixtures("unlooked")
def test_an_overbooked_visit_is_left_out_of_the_guards(house: House) -> None:
    first, other = house.book(at(DAY, 9)), house.another_course()
    house.set(Appointment, first, overbooked=True)
    second = house.book(at(DAY, 9), course_id=other)
    assert len(house.occupied()) == 2
    with pytest.raises(IntegrityError, match="overlap"):
        house.set(Appointment, first, overbooked=False)
    house.cancel(second)
    house.set(Appointment, first, overbooked=False)


@pytest.mark.usefixtures("unlooked")
def test_a_cancelled_visit_leaves_its_time_free_and_cannot_come_back_to_it(house: House) -> None:
    visit = house.book(at(DAY, 9))
    house.cancel(visit)
    house.book(at(DAY, 9), course_id=house.another_course())
    back = update(Appointment).where(Appointment.id == visit).values(state="booked")
    with pytest.raises(IntegrityError, match="overlap"):
        house.change(lambda s: s.execute(back).close())


def test_visits_end_to_end_do_not_overlap(house: House) -> None:
    house.book(at(DAY, 9, 30))
    house.book(at(DAY, 9), course_id=house.another_course("A-2"))
    house.book(at(DAY, 10), course_id=house.another_course("A-3"))
    assert [start for _, start, _ in house.occupied()] == [at(DAY, 9), at(DAY, 9, 30), at(DAY, 10)]
