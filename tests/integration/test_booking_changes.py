"""Moving, cancelling, arriving and not arriving: what becomes of the visit, the course and the reminders."""

from datetime import date, timedelta

import pytest

from clinic_scheduler.domain.errors import ActionRefused, BookingRefused, InvalidInput
from clinic_scheduler.models import Appointment, Course, Provider
from clinic_scheduler.queries.due.rows import due_rows
from clinic_scheduler.services.change import Change
from clinic_scheduler.services.courses import courses
from clinic_scheduler.services.visits import appointments, undo
from tests import factories
from tests.integration.house import TODAY, House, at

FRIDAY = date(2026, 11, 27)
MONDAY = date(2026, 11, 30)
APPROVED = factories.override("too_early", "payer_approved")
LATE = factories.override("late", "patient_wish")
PLANNED = [("visit-7", "pending", None), ("visit-3", "pending", None), ("visit-1", "pending", None)]


def bucket(house: House) -> str:
    (row,) = house.look(lambda s: due_rows(s, house.cast.clinic_id, TODAY))
    return row.bucket


def test_a_booking_takes_the_windows_uid_with_a_higher_sequence(house: House) -> None:
    window = house.course()
    visit = house.row(Appointment, house.book(at(FRIDAY, 9)))
    assert visit["uid"] == window["next_visit_uid"]
    assert visit["sequence"] > window["forecast_sequence"]


def test_a_moved_visit_keeps_its_uid_and_is_audited_with_where_it_was(house: House) -> None:
    visit = house.book(at(FRIDAY, 9))
    before = house.row(Appointment, visit)
    house.later(minutes=5)
    house.move(visit, at(MONDAY, 14), provider_id=house.cast.other_provider_id)
    after = house.row(Appointment, visit)
    assert (after["uid"], after["sequence"]) == (before["uid"], before["sequence"] + 1)
    assert (after["local_date"], after["provider_id"]) == (MONDAY, house.cast.other_provider_id)
    assert after["updated_at"] == house.now
    assert house.course()["booked_on"] == MONDAY
    action, details = house.audit("appointments")[-1]
    assert (action, details["previous"]) == ("moved", before["starts_at"].isoformat())


def test_moving_a_visit_onto_itself_changes_nothing(house: House) -> None:
    visit = house.book(at(FRIDAY, 9))
    before, planned = house.row(Appointment, visit), house.reminders()
    house.move(visit, at(FRIDAY, 9))
    assert (house.row(Appointment, visit), house.reminders()) == (before, planned)
    assert [action for action, _ in house.audit("appointments")] == ["booked"]


def test_a_visit_may_move_into_its_own_time_but_not_into_anothers(house: House) -> None:
    visit = house.book(at(FRIDAY, 9))
    house.book(at(FRIDAY, 10), course_id=house.another_course())
    house.move(visit, at(FRIDAY, 9, 15))
    with pytest.raises(BookingRefused) as refused:
        house.move(visit, at(FRIDAY, 9, 45))
    assert refused.value.rule == "taken"
    assert house.row(Appointment, visit)["starts_at"] == at(FRIDAY, 9, 15)


def test_a_move_is_checked_like_a_booking(house: House, desk, provider) -> None:
    visit = house.book(at(FRIDAY, 9))
    house.treat(TODAY)
    early = at(date(2027, 1, 11), 9)
    with pytest.raises(BookingRefused) as refused:
        house.move(visit, early, by=desk, overrides=(APPROVED,))
    assert refused.value.rule == "too_early"
    house.move(visit, early, by=provider, overrides=(APPROVED,))
    allowed = [("too_early", "payer_approved", provider.name)]
    assert house.overrides(visit) == allowed
    house.move(visit, early + timedelta(hours=1), by=desk)
    assert house.overrides(visit) == allowed  # the same day
    with pytest.raises(BookingRefused):
        house.move(visit, early + timedelta(1), by=desk)
    house.move(visit, at(date(2027, 2, 15), 9))
    assert house.overrides(visit) == []


def test_the_words_of_an_override_come_back_with_the_visit(house: House) -> None:
    """Without them "another reason, written below" would say nothing at all."""
    late = date(2026, 12, 7)
    visit = house.book(at(late, 9), overrides=(factories.override("late", "other", "Flies on Sunday"),))
    for to in (at(late, 10), at(FRIDAY, 9)):
        house.move(visit, to)
        house.change(lambda s: undo.move_back(Change(s, house.cast.actor, house.now), visit).id)
        assert house.look(lambda s: [row.note for row in s.get_one(Appointment, visit).overrides]) == [
            "Flies on Sunday"
        ]


def test_a_move_plans_reminders_anew_and_keeps_what_was_sent(house: House) -> None:
    visit = house.book(at(date(2026, 12, 7), 9), overrides=(LATE,))
    assert house.reminders()[1:] == PLANNED
    house.clock.move(at(date(2026, 11, 30), 10) - house.now)
    assert house.send_due() == 1
    house.move(visit, at(date(2026, 12, 9), 9), overrides=(LATE,))
    states = house.reminders()
    assert states.count(("visit-7", "sent", None)) == 1
    assert [step for step, state, _ in states if state == "pending"] == ["visit-7", "visit-3", "visit-1"]
    assert [step for step, state, why in states if why == "moved"] == ["visit-3", "visit-1"]


def test_a_cancelled_visit_goes_back_to_the_due_list(house: House) -> None:
    visit = house.book(at(MONDAY, 9))
    booked = house.row(Appointment, visit)
    assert bucket(house) == "booked"
    house.later(minutes=5)
    house.cancel(visit, "illness")
    gone = house.row(Appointment, visit)
    assert (gone["state"], gone["cancel_reason"]) == ("cancelled", "illness")
    assert (gone["uid"], gone["sequence"]) == (booked["uid"], booked["sequence"] + 1)
    course = house.course()
    assert course["next_visit_uid"] != booked["uid"]
    assert (course["booked_on"], course["booking"], bucket(house)) == (None, "none", "due")
    assert {why for step, _, why in house.reminders() if step != "time_to_book"} == {"cancelled"}
    assert house.audit("appointments")[-1][0] == "cancelled"


def test_a_cancellation_needs_a_known_reason_and_an_open_visit(house: House) -> None:
    visit = house.book(at(FRIDAY, 9))
    with pytest.raises(InvalidInput, match="patient_asked"):
        house.cancel(visit, "whim")
    house.cancel(visit)
    with pytest.raises(BookingRefused, match="already cancelled"):
        house.cancel(visit)
    with pytest.raises(BookingRefused, match="already cancelled"):
        house.move(visit, at(FRIDAY, 11))


def test_booking_again_after_a_cancellation_is_another_event(house: House) -> None:
    first = house.book(at(FRIDAY, 9))
    house.cancel(first)
    second = house.book(at(FRIDAY, 9))
    assert house.row(Appointment, first)["uid"] != house.row(Appointment, second)["uid"]


def test_nobody_is_a_no_show_before_the_time(house: House) -> None:
    visit = house.book(at(FRIDAY, 9))
    with pytest.raises(BookingRefused, match="has not come yet"):
        house.change(lambda s: appointments.no_show(Change(s, house.cast.actor, house.now), visit).id)
    house.clock.move(at(FRIDAY, 9) - house.now)
    house.change(lambda s: appointments.no_show(Change(s, house.cast.actor, house.now), visit).id)
    assert house.row(Appointment, visit)["state"] == "noshow"
    assert house.course()["booking"] == "none"
    assert house.audit("appointments")[-1][0] == "noshow"


def test_who_arrives_is_kept_with_the_time_and_stays_booked(house: House) -> None:
    visit = house.book(at(FRIDAY, 9))
    house.clock.move(at(FRIDAY, 8, 50) - house.now)
    house.change(lambda s: appointments.arrive(Change(s, house.cast.actor, house.now), visit).id)
    row = house.row(Appointment, visit)
    assert (row["state"], row["arrived_at"]) == ("arrived", house.now)
    assert house.course()["booked_on"] == FRIDAY
    assert house.audit("appointments")[-1][0] == "arrived"


def test_who_comes_before_the_visits_day_is_checked_in_only_if_today_is_good_too(house: House, desk) -> None:
    visit = house.book(at(FRIDAY, 9))
    house.treat(TODAY - timedelta(60), fingerprint="found out")
    late = house.course()["earliest_date"]
    house.move(visit, at(late + timedelta(1), 9), overrides=factories.ANYWAY)
    with pytest.raises(BookingRefused, match="Today: Too early") as refused:
        house.change(lambda s: appointments.arrive(Change(s, desk, house.now), visit).id)
    assert "Nothing was checked in" in refused.value.message
    assert house.row(Appointment, visit)["state"] == "booked"


def test_who_comes_after_the_visits_day_is_checked_in_only_if_today_is_good(house: House, desk) -> None:
    """Nobody marked the visit missed; what has come up since speaks against today, not against its day."""
    visit = house.book(at(FRIDAY, 9))
    monday = FRIDAY + timedelta(3)
    house.clock.move(at(monday, 9) - house.now)
    held = house.change(
        lambda s: factories.hold(s, house.cast.actor, house.now, house.cast.course_id, monday, monday).id
    )
    with pytest.raises(BookingRefused, match=r"This visit was on .* Today: On hold") as refused:
        house.change(lambda s: appointments.arrive(Change(s, desk, house.now), visit).id)
    assert "Nothing was checked in" in refused.value.message
    assert house.row(Appointment, visit)["state"] == "booked"
    house.clock.move(timedelta(days=1))
    house.change(lambda s: appointments.arrive(Change(s, desk, house.now), visit).id)
    assert (held, house.row(Appointment, visit)["state"]) == (held, "arrived")


@pytest.mark.parametrize("since", ["moved", "arrived"])
def test_an_old_notice_takes_back_no_booking_that_changed_since(house: House, since: str) -> None:
    visit = house.book(at(TODAY, 16))
    house.later(minutes=1)
    if since == "moved":
        house.move(visit, at(FRIDAY, 9))
    else:
        house.change(lambda s: appointments.arrive(Change(s, house.cast.actor, house.now), visit).id)
    before = house.row(Appointment, visit)
    with pytest.raises(BookingRefused, match="This visit changed since it was booked"):
        house.change(lambda s: undo.unbook(Change(s, house.cast.actor, house.now), visit).id)
    assert house.row(Appointment, visit) == before


def test_a_course_is_stopped_once(house: House) -> None:
    def stop(reason: str) -> None:
        house.change(
            lambda s: (
                courses.stop(Change(s, house.cast.actor, house.now), house.cast.course_id, TODAY, reason).id
            )
        )

    stop("moved away")
    with pytest.raises(ActionRefused, match=r"was stopped on .* already"):
        stop("an old page")
    assert house.course()["stop_reason"] == "moved away"


def test_an_aborted_treatment_ends_the_visit_and_the_next_one_can_be_booked(house: House) -> None:
    """The dates stay, since nothing was satisfied, but the next visit is another event."""
    visit = house.book(at(FRIDAY, 9))
    house.clock.move(at(FRIDAY, 10) - house.now)
    house.treat(FRIDAY, 50, outcome="aborted")
    assert house.row(Appointment, visit)["state"] == "fulfilled"
    course = house.course()
    assert course["next_visit_uid"] != house.row(Appointment, visit)["uid"]
    house.book(at(course["earliest_date"] + timedelta(3), 9))


def test_a_visit_lasts_as_long_as_its_providers_visits(house: House) -> None:
    house.set(Provider, house.cast.other_provider_id, visit_minutes=60)
    visit = house.book(at(FRIDAY, 9))
    house.move(visit, at(FRIDAY, 9), provider_id=house.cast.other_provider_id)
    row = house.row(Appointment, visit)
    assert row["ends_at"] - row["starts_at"] == timedelta(minutes=60)
    assert house.row(Course, house.cast.course_id)["booking"] == "ok"
