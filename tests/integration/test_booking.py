"""Booking a visit: what the rules and the diary allow, and what is kept of it."""

from dataclasses import replace
from datetime import date, time, timedelta

import pytest
from sqlalchemy import select

from clinic_scheduler.domain.errors import BookingRefused, InvalidInput, NotFound
from clinic_scheduler.models import Appointment, Authorization, Course, Provider
from clinic_scheduler.services.actors import Actor
from clinic_scheduler.services.change import Change
from clinic_scheduler.services.courses import courses
from clinic_scheduler.services.patients import status
from clinic_scheduler.services.practice import clinics
from tests import factories
from tests.integration.house import OVERDUE, TODAY, House, at, utc

FRIDAY = date(2026, 11, 27)
APPROVED = factories.override("too_early", "payer_approved")


def refusal(house: House, starts_at, **request) -> BookingRefused:
    """The refusal of this booking, after which nothing is booked that was not before."""
    before = house.occupied()
    with pytest.raises(BookingRefused) as refused:
        house.book(starts_at, **request)
    assert house.occupied() == before
    assert "Nothing was booked" in refused.value.message
    return refused.value


def test_a_visit_inside_the_window_is_booked_and_shown_on_the_course(house: House, desk: Actor) -> None:
    visit = house.row(Appointment, house.book(at(FRIDAY, 9), by=desk))
    assert (visit["state"], visit["local_date"], visit["local_time"]) == ("booked", FRIDAY, time(9))
    assert (visit["starts_at"], visit["ends_at"]) == (utc(2026, 11, 27, 17), utc(2026, 11, 27, 17, 30))
    assert (visit["zone"], visit["kind"]) == ("America/Los_Angeles", "injection")
    assert house.overrides(visit["id"]) == []
    course = house.course()
    assert (course["booked_on"], course["booking"]) == (FRIDAY, "ok")
    assert house.audit("appointments") == [
        ("booked", {"starts_at": "2026-11-27T17:00:00+00:00", "provider_id": house.cast.provider_id})
    ]


def test_a_visit_after_the_window_takes_the_desks_reason(house: House, desk: Actor) -> None:
    refused = refusal(house, at(OVERDUE, 9), by=desk)
    assert (refused.rule, "Choose a reason" in refused.message) == ("late", True)
    visit = house.book(at(OVERDUE, 9), by=desk, overrides=(factories.override("late", "patient_wish"),))
    assert house.overrides(visit) == [("late", "patient_wish", desk.name)]
    assert house.course()["booking"] == "ok"


def test_a_course_overdue_already_names_late_by_itself(house: House, desk: Actor) -> None:
    house.clock.move(timedelta(20))
    visit = house.book(at(TODAY + timedelta(21), 9), by=desk)
    assert house.overrides(visit) == [("late", "already_overdue", desk.name)]
    assert house.course()["booking"] == "ok"


def test_before_the_earliest_date_the_refusal_names_the_date_and_the_rule(house: House) -> None:
    house.treat(TODAY)
    refused = refusal(house, at(date(2027, 2, 12), 9))
    assert (refused.rule, refused.safe_from) == ("too_early", date(2027, 2, 15))
    assert "Monday, February 15, 2027" in refused.message


def test_a_provider_overrides_with_a_reason_which_is_kept_and_audited(house: House, provider: Actor) -> None:
    house.treat(TODAY)
    early = at(date(2027, 2, 12), 9)
    visit = house.book(early, by=provider, overrides=(APPROVED,))
    assert house.overrides(visit) == [("too_early", "payer_approved", provider.name)]
    assert house.course()["booking"] == "ok"
    action, details = house.audit("appointments")[-1]
    (overridden,) = details["overridden"]
    assert (action, overridden["name"], overridden["reason"]) == ("booked", "too_early", "payer_approved")
    assert overridden["decided_by_id"] == provider.user_id


def test_an_override_that_was_not_needed_is_not_kept(house: House, provider: Actor) -> None:
    visit = house.book(at(FRIDAY, 9), by=provider, overrides=(APPROVED,))
    assert house.overrides(visit) == []


def test_the_front_desk_cannot_override(house: House, desk: Actor) -> None:
    house.treat(TODAY)
    refused = refusal(house, at(date(2027, 2, 12), 9), by=desk, overrides=(APPROVED,))
    assert "Only a provider" in refused.message


def test_an_override_for_an_unknown_reason_is_refused(house: House, provider: Actor) -> None:
    house.treat(TODAY)
    with pytest.raises(InvalidInput, match="The payer approved the earlier date in writing"):
        house.book(
            at(date(2027, 2, 12), 9), by=provider, overrides=(factories.override("too_early", "because"),)
        )
    assert house.occupied() == []


def test_another_reason_is_written_out(house: House, provider: Actor) -> None:
    house.treat(TODAY)
    other = factories.override("too_early", "other")
    with pytest.raises(InvalidInput, match="own words"):
        house.book(at(date(2027, 2, 12), 9), by=provider, overrides=(other,))
    house.book(at(date(2027, 2, 12), 9), by=provider, overrides=(replace(other, note="Moves abroad"),))


def test_the_past_a_closure_and_other_hours_are_refused_even_to_a_provider(
    house: House, provider: Actor
) -> None:
    def close(session):
        clinics.add_closure(Change(session, house.cast.actor, house.now), FRIDAY, FRIDAY, "Thanksgiving")

    house.change(close)
    for starts_at, rule in (
        (house.now, "past"),
        (house.now - timedelta(days=7), "past"),
        (at(FRIDAY, 9), "closure"),
        (at(date(2026, 11, 24), 12), "hours"),
        (at(date(2026, 11, 24), 16, 45), "hours"),
        (at(date(2026, 11, 28), 10), "hours"),
    ):
        refused = refusal(
            house, starts_at, by=provider, overrides=(factories.override("too_early", "travel"),)
        )
        assert refused.rule == rule, starts_at


def test_one_providers_closure_leaves_the_others_free(house: House) -> None:
    away = house.cast.provider_id
    house.change(
        lambda s: (
            clinics.add_closure(
                Change(s, house.cast.actor, house.now), FRIDAY, FRIDAY, "", provider_id=away
            ).id
        )
    )
    assert refusal(house, at(FRIDAY, 9)).rule == "closure"
    house.book(at(FRIDAY, 9), provider_id=house.cast.other_provider_id)


def test_an_inactive_provider_takes_no_bookings(house: House) -> None:
    house.set(Provider, house.cast.provider_id, is_active=False)
    assert refusal(house, at(FRIDAY, 9)).rule == "provider"


def test_a_stopped_course_and_a_deceased_patients_are_closed(house: House) -> None:
    other = house.another_course()
    house.change(
        lambda s: (
            courses.stop(Change(s, house.cast.actor, house.now), house.cast.course_id, TODAY, "moved away").id
        )
    )
    assert refusal(house, at(FRIDAY, 9)).rule == "DD-9"
    patient_id = house.course(other)["patient_id"]
    house.change(lambda s: status.mark_deceased(Change(s, house.cast.actor, house.now), patient_id, TODAY).id)
    assert refusal(house, at(FRIDAY, 9), course_id=other).rule == "DD-9"


def test_another_clinics_rows_are_not_found(house: House) -> None:
    def open_another(session):
        return factories.cast(session, house.now, clinic="Elm Street Clinic", prefix="B")

    other = house.change(open_another)
    for wrong in ({"course_id": other.course_id}, {"provider_id": other.provider_id}, {"course_id": 9999}):
        with pytest.raises(NotFound):
            house.book(at(FRIDAY, 9), **wrong)
    with pytest.raises(NotFound):
        house.change(lambda s: factories.hold(s, house.cast.actor, house.now, other.course_id, TODAY))
    visit = house.book(
        at(FRIDAY, 9), by=other.actor, course_id=other.course_id, provider_id=other.provider_id
    )
    with pytest.raises(NotFound):
        house.cancel(visit)
    with pytest.raises(NotFound):
        house.move(visit, at(FRIDAY, 10))
    with pytest.raises(NotFound):
        house.treat(TODAY, appointment_id=visit)
    assert house.row(Appointment, visit)["state"] == "booked"


def test_a_course_holds_one_booking_at_a_time(house: House) -> None:
    house.book(at(FRIDAY, 9))
    refused = refusal(house, at(FRIDAY, 11))
    assert refused.rule == "already_booked"
    assert "27-Nov-2026 at 09:00" in refused.message


def test_the_same_request_twice_is_one_visit(house: House) -> None:
    first = house.book(at(FRIDAY, 9), idempotency_key="form-1")
    assert house.book(at(FRIDAY, 9), idempotency_key="form-1") == first
    assert len(house.occupied()) == 1
    assert [action for action, _ in house.audit("appointments")] == ["booked"]


def test_a_used_key_books_nothing_for_another_course(house: House) -> None:
    house.book(at(FRIDAY, 9), idempotency_key="form-1")
    other = house.another_course()
    assert refusal(house, at(FRIDAY, 10), course_id=other, idempotency_key="form-1").rule == "key_used"


def test_a_cap_broken_on_the_day_needs_an_override(house: House, provider: Actor) -> None:
    """300 U for another indication ten days ago and 155 U planned are more than 400 U in 84 days."""

    def given_elsewhere(session):
        course = session.get_one(Course, house.cast.course_id)
        other = courses.CourseEntry(
            course.patient_id, "spasticity_upper_limb", course.product, TODAY - timedelta(60)
        )
        return courses.start_course(Change(session, house.cast.actor, house.now), other).id

    other = house.change(given_elsewhere)
    house.treat(TODAY - timedelta(10), 300, course_id=other)
    assert house.course()["earliest_date"] == date(2027, 2, 5)
    assert refusal(house, at(FRIDAY, 9)).rule == "too_early"
    early, over_cap = (
        factories.override("too_early", "travel"),
        factories.override("over_cap", "dose_adjusted"),
    )
    assert refusal(house, at(FRIDAY, 9), by=provider, overrides=(early,)).rule == "over_cap"
    visit = house.book(at(FRIDAY, 9), by=provider, overrides=(early, over_cap))
    assert [name for name, _, _ in house.overrides(visit)] == ["too_early", "over_cap"]


def test_local_time_is_right_across_both_clock_changes(house: House) -> None:
    """14-Mar-2027 is the spring change; 12 weeks after an autumn visit the wall clock says the same."""
    anyway = (
        factories.override("late", "patient_wish"),
        factories.override("consultation_needed", "same_visit"),
    )
    visits = {}
    for day, hour_utc in ((date(2027, 3, 12), 17), (date(2027, 3, 15), 16)):
        course = house.another_course(f"D-{day.day}")
        visits[day] = house.row(Appointment, house.book(at(day, 9), course_id=course, overrides=anyway))
        assert visits[day]["starts_at"].hour == hour_utc
        assert visits[day]["local_time"] == time(9)
    house.clock.move(timedelta(days=340))
    course = house.another_course("D-0")
    autumn = house.book(at(date(2027, 11, 8), 9), course_id=course, overrides=anyway)
    row = house.row(Appointment, autumn)
    assert (row["starts_at"].hour, row["local_time"]) == (17, time(9))


def test_an_authorization_that_ends_before_the_visit_takes_the_desks_reason(
    house: House, desk: Actor
) -> None:
    house.set(Course, house.cast.course_id, authorization_required=True)
    house.change(
        lambda s: (
            courses.authorize(
                Change(s, house.cast.actor, house.now), house.cast.course_id, TODAY, TODAY, visits_left=1
            ).id
        )
    )
    assert refusal(house, at(FRIDAY, 9), by=desk).rule == "outside_authorization"
    pays = factories.override("outside_authorization", "patient_pays")
    visit = house.book(at(FRIDAY, 9), by=desk, overrides=(pays,))
    assert house.overrides(visit) == [("outside_authorization", "patient_pays", desk.name)]
    assert house.course()["booking"] == "ok"
    assert house.rows(select(Authorization.visits_left)) == [(1,)]
