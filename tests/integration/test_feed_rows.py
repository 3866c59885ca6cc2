"""What calendars are given to show: windows, visits and milestones of a patient or a provider."""

from datetime import date, timedelta

from clinic_scheduler.domain.calendar_values import DueWindow, Milestone, Visit
from clinic_scheduler.models import Course, Patient
from clinic_scheduler.queries.calendars import patient_feed_rows, provider_feed_rows
from clinic_scheduler.services import courses
from tests.integration.house import OVERDUE, TODAY, House, at

FRIDAY = date(2026, 11, 27)


def shown(house: House, kind: type, provider_id: int | None = None) -> list:
    def look(session):
        if provider_id is None:
            return patient_feed_rows(session, house.cast.patient_id, house.now)
        return provider_feed_rows(session, provider_id, house.now)

    return [row for row in house.look(look) if isinstance(row, kind)]


def test_a_window_becomes_the_visit_under_one_uid_with_a_higher_sequence(house: House) -> None:
    (window,) = shown(house, DueWindow)
    assert (window.earliest_date, window.overdue_date) == (TODAY, OVERDUE)
    house.book(at(FRIDAY, 9))
    (visit,) = shown(house, Visit)
    assert shown(house, DueWindow) == []
    assert (visit.id, visit.status, visit.starts_at) == (window.id, "booked", at(FRIDAY, 9))
    assert visit.sequence > window.sequence


def test_a_cancelled_visit_is_shown_beside_the_window_that_opens_again(house: House) -> None:
    visit_id = house.book(at(FRIDAY, 9))
    (booked,) = shown(house, Visit)
    house.cancel(visit_id)
    (cancelled,), (window,) = shown(house, Visit), shown(house, DueWindow)
    assert (cancelled.id, cancelled.status) == (booked.id, "cancelled")
    assert cancelled.sequence == booked.sequence + 1
    assert window.id != cancelled.id


def test_each_published_change_raises_the_windows_sequence(house: House) -> None:
    (before,) = shown(house, DueWindow)
    house.later(minutes=1)
    house.treat(date(2026, 11, 2), 30, kind="touch_up")
    (after,) = shown(house, DueWindow)
    assert after.earliest_date == date(2027, 1, 25)
    assert (after.id, after.sequence, after.updated_at) == (before.id, before.sequence + 1, house.now)


def test_milestones_follow_the_latest_treatment_that_counts(house: House) -> None:
    house.treat(TODAY)
    house.treat(TODAY, 0)
    spans = {row.kind: (row.starts_on - TODAY).days for row in shown(house, Milestone)}
    assert spans == {"onset_check": 14, "four_week_count": 28, "wear_off_watch": 56, "response_review": 70}
    assert len({row.id for row in shown(house, Milestone)}) == 4
    house.later(days=130)
    assert shown(house, Milestone) == []


def test_a_booking_with_another_provider_hides_the_window(house: House) -> None:
    own, other = house.cast.provider_id, house.cast.other_provider_id
    assert len(shown(house, DueWindow, own)) == 1
    assert shown(house, DueWindow, other) == []
    house.book(at(FRIDAY, 9), provider_id=other)
    assert (shown(house, DueWindow, own), shown(house, Visit, own)) == ([], [])
    (visit,) = shown(house, Visit, other)
    assert visit.provider_name == "Dr Ben Sato"


def test_a_providers_rows_name_no_patient(house: House) -> None:
    house.book(at(FRIDAY, 9))
    (visit,) = shown(house, Visit, house.cast.provider_id)
    assert visit.reference == house.course()["uid"][:8]
    assert "Okonkwo" not in repr(visit)


def test_stopped_courses_and_those_of_the_dead_show_nothing_to_come(house: House) -> None:
    house.set(Patient, house.cast.patient_id, deceased_on=TODAY)
    assert (shown(house, DueWindow), shown(house, Milestone)) == ([], [])
    house.set(Patient, house.cast.patient_id, deceased_on=None)
    assert len(shown(house, DueWindow)) == 1
    house.change(lambda s: courses.stop(s, house.cast.actor, house.cast.course_id, TODAY, "", house.now).id)
    assert (shown(house, DueWindow), shown(house, Milestone)) == ([], [])


def test_a_visit_is_shown_for_a_year_and_then_dropped(house: House) -> None:
    house.book(at(FRIDAY, 9))
    house.later(days=366)
    assert len(shown(house, Visit)) == 1
    house.later(days=4)
    assert shown(house, Visit) == []


def test_a_new_cycles_window_is_a_new_event(house: House) -> None:
    (before,) = shown(house, DueWindow)
    house.treat(TODAY)
    (after,) = shown(house, DueWindow)
    assert after.id != before.id
    assert after.earliest_date == TODAY + timedelta(84)
    assert house.row(Course, house.cast.course_id)["next_visit_uid"] == after.id
