"""A clinic's visit lengths by indication hold for suggestions, checks and bookings; then the provider's own."""

from datetime import date, timedelta

import pytest

from clinic_scheduler.domain.errors import BookingRefused, InvalidInput
from clinic_scheduler.models import Course
from clinic_scheduler.queries.schedule.suggestions import TimesWanted, suggestions
from clinic_scheduler.services.change import Change
from clinic_scheduler.services.practice import clinics
from tests.integration.house import House, at

DAY = date(2026, 11, 24)


def set_length(house: House, minutes: int | None, indication: str = "chronic_migraine") -> None:
    house.change(
        lambda s: clinics.set_procedure_lengths(Change(s, house.cast.actor, house.now), {indication: minutes})
    )


def lengths(house: House) -> list[timedelta]:
    return [end - start for _, start, end in house.occupied()]


def test_a_visit_takes_what_the_clinic_says_for_its_indication(house: House) -> None:
    set_length(house, 45)
    house.book(at(DAY, 9))
    assert lengths(house) == [timedelta(minutes=45)]


def test_without_one_or_for_another_indication_the_providers_length_holds(house: House) -> None:
    set_length(house, 45, "spasticity_upper_limb")
    house.book(at(DAY, 9))
    assert lengths(house) == [timedelta(minutes=30)]


def test_a_move_takes_the_length_of_now_and_what_is_booked_keeps_its_own(house: House) -> None:
    visit = house.book(at(DAY, 9))
    set_length(house, 60)
    assert lengths(house) == [timedelta(minutes=30)]
    house.move(visit, at(DAY, 10))
    assert lengths(house) == [timedelta(minutes=60)]
    set_length(house, None)
    house.move(visit, at(DAY, 9))
    assert lengths(house) == [timedelta(minutes=30)]


def test_a_long_visit_must_end_within_hours_and_before_the_next(house: House) -> None:
    set_length(house, 90)
    with pytest.raises(BookingRefused) as refused:
        house.book(at(DAY, 11))
    assert refused.value.rule == "hours"
    house.book(at(DAY, 10))
    other = house.another_course()
    with pytest.raises(BookingRefused) as refused:
        house.book(at(DAY, 9), course_id=other)
    assert refused.value.rule == "taken"


def test_suggestions_fit_the_length(house: House) -> None:
    set_length(house, 120)
    wanted = TimesWanted(40)
    found = house.look(lambda s: suggestions(s, s.get_one(Course, house.cast.course_id), house.now, wanted))
    assert found
    for slot in found:
        start = at(slot.local_date, slot.local_time.hour, slot.local_time.minute)
        noon, five = at(slot.local_date, 12), at(slot.local_date, 17)
        assert start + timedelta(minutes=120) <= (noon if start < noon else five)


@pytest.mark.parametrize("minutes", [4, 481])
def test_a_length_out_of_reason_is_refused(house: House, minutes: int) -> None:
    with pytest.raises(InvalidInput, match="5 to 480"):
        set_length(house, minutes)


def test_lengths_are_audited_once(house: House) -> None:
    set_length(house, 45)
    set_length(house, 45)
    assert house.audit("procedure_lengths") == [("changed", {"chronic_migraine": 45})]
