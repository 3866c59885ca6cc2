"""Booking a visit: what the rules and the diary allow, and what is kept of it."""

from datetime import date, time, timedelta

import pytest
from sqlalchemy import select

from clinic_scheduler.domain.errors import BookingRefused, InvalidInput, NotFound
from clinic_scheduler.models import Appointment, Authorization, Course, Patient, Provider
from clinic_scheduler.services import clinics, courses
from clinic_scheduler.services.actors import Actor
from tests import factories
from tests.integration.house import OVERDUE, TODAY, House, at, utc

FRIDAY = date(2026, 11, 27)


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
    assert (visit["zone"], visit["override_reason"]) == ("America/Los_Angeles", None)
    course = house.course()
    assert (course["booked_on"], course["booking"]) == (FRIDAY, "ok")
    assert house.audit("appointments") == [
        ("booked", {"starts_at": "2026-11-27T17:00:00+00:00", "provider_id": house.cast.provider_id})
    ]


def test_a_visit_after_the_window_is_booked_and_called_late(house: House) -> None:
    house.book(at(OVERDUE, 9))
    assert house.course()["booking"] == "late"


def test_before_the_earliest_date_the_refusal_names_the_date_and_the_rule(house: House) -> None:
    house.treat(TODAY)
    refused = refusal(house, at(date(2027, 2, 12), 9))
    assert (refused.rule, refused.safe_from) == ("DD-3a", date(2027, 2, 15))
    assert "15-Feb-2027" in refused.message


def test_a_provider_overrides_with_a_reason_which_is_kept_and_audited(house: House, provider: Actor) -> None:
    house.treat(TODAY)
    early = at(date(2027, 2, 12), 9)
    visit = house.row(Appointment, house.book(early, by=provider, override_reason="payer_approved"))
    assert (visit["override_reason"], visit["override_by_id"]) == ("payer_approved", provider.user_id)
    assert house.course()["booking"] == "too_early"
    action, details = house.audit("appointments")[-1]
    assert (action, details["override_reason"]) == ("booked", "payer_approved")


def test_an_override_that_was_not_needed_is_not_kept(house: House, provider: Actor) -> None:
    visit = house.book(at(FRIDAY, 9), by=provider, override_reason="payer_approved")
    assert house.row(Appointment, visit)["override_reason"] is None


def test_the_front_desk_cannot_override(house: House, desk: Actor) -> None:
    house.treat(TODAY)
    refused = refusal(house, at(date(2027, 2, 12), 9), by=desk, override_reason="payer_approved")
    assert "Only a provider" in refused.message


def test_an_override_for_an_unknown_reason_is_refused(house: House, provider: Actor) -> None:
    house.treat(TODAY)
    with pytest.raises(InvalidInput, match="payer_approved"):
        house.book(at(date(2027, 2, 12), 9), by=provider, override_reason="because")
    assert house.occupied() == []


def test_the_past_a_closure_and_other_hours_are_refused_even_to_a_provider(
    house: House, provider: Actor
) -> None:
    def close(session):
        clinics.add_closure(session, house.cast.actor, FRIDAY, FRIDAY, "Thanksgiving", house.now)

    house.change(close)
    for starts_at, rule in (
        (house.now, "past"),
        (house.now - timedelta(days=7), "past"),
        (at(FRIDAY, 9), "closure"),
        (at(date(2026, 11, 24), 12), "hours"),
        (at(date(2026, 11, 24), 16, 45), "hours"),
        (at(date(2026, 11, 28), 10), "hours"),
    ):
        refused = refusal(house, starts_at, by=provider, override_reason="provider_decision")
        assert refused.rule == rule, starts_at


def test_one_providers_closure_leaves_the_others_free(house: House) -> None:
    away = house.cast.provider_id
    house.change(
        lambda s: clinics.add_closure(s, house.cast.actor, FRIDAY, FRIDAY, "", house.now, provider_id=away).id
    )
    assert refusal(house, at(FRIDAY, 9)).rule == "closure"
    house.book(at(FRIDAY, 9), provider_id=house.cast.other_provider_id)


def test_an_inactive_provider_takes_no_bookings(house: House) -> None:
    house.set(Provider, house.cast.provider_id, is_active=False)
    assert refusal(house, at(FRIDAY, 9)).rule == "provider"


def test_a_stopped_course_and_a_deceased_patients_are_closed(house: House) -> None:
    other = house.another_course()
    house.change(
        lambda s: courses.stop(s, house.cast.actor, house.cast.course_id, TODAY, "moved away", house.now).id
    )
    assert refusal(house, at(FRIDAY, 9)).rule == "DD-9"
    house.set(Patient, house.course(other)["patient_id"], deceased_on=TODAY)
    assert refusal(house, at(FRIDAY, 9), course_id=other).rule == "DD-9"


def test_another_clinics_rows_are_not_found(house: House) -> None:
    def open_another(session):
        return factories.cast(session, house.now, clinic="Elm Street Clinic", prefix="B")

    other = house.change(open_another)
    for wrong in ({"course_id": other.course_id}, {"provider_id": other.provider_id}, {"course_id": 9999}):
        with pytest.raises(NotFound):
            house.book(at(FRIDAY, 9), **wrong)
    with pytest.raises(NotFound):
        house.change(lambda s: courses.hold(s, house.cast.actor, other.course_id, TODAY, None, "", house.now))
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
        return courses.start_course(session, house.cast.actor, other, house.now).id

    other = house.change(given_elsewhere)
    house.treat(TODAY - timedelta(10), 300, course_id=other)
    assert house.course()["earliest_date"] == date(2027, 2, 5)
    assert refusal(house, at(FRIDAY, 9)).rule == "DD-3c"
    visit = house.book(at(FRIDAY, 9), by=provider, override_reason="dose_adjusted")
    assert house.row(Appointment, visit)["override_reason"] == "dose_adjusted"


def test_local_time_is_right_across_both_clock_changes(house: House) -> None:
    """14-Mar-2027 is the spring change; 12 weeks after an autumn visit the wall clock says the same."""
    visits = {}
    for day, hour_utc in ((date(2027, 3, 12), 17), (date(2027, 3, 15), 16)):
        course = house.another_course(f"D-{day.day}", treated_on=day - timedelta(84) if day < TODAY else None)
        visits[day] = house.row(Appointment, house.book(at(day, 9), course_id=course))
        assert visits[day]["starts_at"].hour == hour_utc
        assert visits[day]["local_time"] == time(9)
    house.clock.move(timedelta(days=340))
    course = house.another_course("D-0")
    autumn = house.row(Appointment, house.book(at(date(2027, 11, 8), 9), course_id=course))
    assert (autumn["starts_at"].hour, autumn["local_time"]) == (17, time(9))


def test_an_authorization_that_ends_before_the_visit_is_told_on_the_course(house: House) -> None:
    house.set(Course, house.cast.course_id, authorization_required=True)
    house.change(
        lambda s: (
            courses.authorize(
                s, house.cast.actor, house.cast.course_id, TODAY, TODAY, house.now, visits_left=1
            ).id
        )
    )
    house.book(at(FRIDAY, 9))
    assert house.course()["booking"] == "outside_authorization"
    assert house.rows(select(Authorization.visits_left)) == [(1,)]
