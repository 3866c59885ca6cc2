"""What calendars are given to show: windows, visits and milestones of a patient or a provider."""

import secrets
from datetime import date, timedelta

from clinic_scheduler.domain.calendars.links import CLINIC_DAY, DUE_WINDOWS, PATIENT, PROVIDER
from clinic_scheduler.domain.calendars.values import (
    DueWindow,
    Milestone,
    PlannedCycle,
    ReviewWeek,
    Row,
    Visit,
)
from clinic_scheduler.models import Course, Patient, Provider
from clinic_scheduler.models.staff import user_clinics
from clinic_scheduler.queries.calendars.rows import (
    Besides,
    Subject,
    calendar_rows,
    patient_feed_rows,
    provider_feed_rows,
)
from clinic_scheduler.services.change import Change
from clinic_scheduler.services.courses import courses
from tests import factories
from tests.integration.house import OVERDUE, TODAY, House, at

FRIDAY = date(2026, 11, 27)


ALL = Besides(windows=True, milestones=True)


def shown(house: House, kind: type, provider_id: int | None = None, besides: Besides = ALL) -> list:
    def look(session):
        if provider_id is None:
            return patient_feed_rows(session, house.cast.patient_id, house.now)
        return provider_feed_rows(session, provider_id, house.now, besides)

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


def test_a_provider_who_chose_nothing_sees_visits_alone(house: House) -> None:
    house.treat(TODAY)
    house.another_course()
    house.book(at(TODAY + timedelta(85), 9))
    assert {type(row) for row in shown(house, Row, house.cast.provider_id, Besides())} == {Visit}
    assert {type(row) for row in shown(house, Row, house.cast.provider_id)} == {Visit, DueWindow, Milestone}


def second_cycle(house: House, given_on: date) -> None:
    """Somebody else's, whose response is reviewed ten weeks after it."""
    course = house.another_course(f"R-{secrets.token_hex(4)}", treated_on=given_on - timedelta(84))
    house.treat(given_on, course_id=course, fingerprint=secrets.token_hex())


def test_reviews_are_one_event_a_week(house: House) -> None:
    """Each is in the week in which its days begin, and is not among the milestones besides."""
    for days in (0, 1, 7):
        second_cycle(house, TODAY - timedelta(days))
    asked = Besides(milestones=True, reviews=True)
    weeks = shown(house, ReviewWeek, house.cast.provider_id, asked)
    first = TODAY + timedelta(70) - timedelta((TODAY + timedelta(70)).weekday())
    assert sum(week.reviews for week in weeks) == 3
    assert {week.monday.isoweekday() for week in weeks} == {1}
    assert first in {week.monday for week in weeks}
    assert "response_review" not in {
        row.kind for row in shown(house, Milestone, house.cast.provider_id, asked)
    }
    known = {week.id for week in weeks}
    second_cycle(house, TODAY)
    now = {week.id: week for week in shown(house, ReviewWeek, house.cast.provider_id, asked)}
    assert len(now.keys() - known) == 1, (
        "a week whose number changed is another event: readers ignore changed text"
    )
    assert sum(week.reviews for week in now.values()) == 4


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
    house.change(
        lambda s: courses.stop(Change(s, house.cast.actor, house.now), house.cast.course_id, TODAY, "").id
    )
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


def test_planned_cycles_follow_the_next_visit_and_only_as_many_as_asked_for(house: House) -> None:
    def cycles(count: int) -> list[PlannedCycle]:
        mine = Subject(PATIENT, house.cast.clinic_id, patient_id=house.cast.patient_id, cycles_ahead=count)
        rows = house.look(lambda s: calendar_rows(s, mine, house.now))
        return [row for row in rows if isinstance(row, PlannedCycle)]

    assert cycles(0) == []
    assert [row.earliest_date - TODAY for row in cycles(2)] == [timedelta(84), timedelta(168)]
    house.book(at(FRIDAY, 9))
    assert [row.earliest_date - FRIDAY for row in cycles(2)] == [timedelta(84), timedelta(168)]
    assert {row.id for row in cycles(1)} < {row.id for row in cycles(4)}


def test_a_clinics_calendars_show_everybodys_visits_and_only_windows_that_open_soon(house: House) -> None:
    other = house.another_course()
    later = house.another_course("A-300", treated_on=TODAY - timedelta(10))
    house.book(at(FRIDAY, 9))
    house.book(at(FRIDAY, 10), course_id=other, provider_id=house.cast.other_provider_id)

    def references(kind: str) -> set[str]:
        rows = house.look(lambda s: calendar_rows(s, Subject(kind, house.cast.clinic_id), house.now))
        return {row.reference for row in rows}

    marks = {key: house.course(key)["uid"][:8] for key in (house.cast.course_id, other, later)}
    assert references(CLINIC_DAY) == {marks[house.cast.course_id], marks[other]}
    assert references(DUE_WINDOWS) == set()
    house.later(days=30)
    assert references(DUE_WINDOWS) == {marks[later]}


def test_a_provider_is_the_same_person_only_where_whoever_made_the_link_works(house: House) -> None:
    """Any clinic can write any address into its own list: that alone must not open another's calendar."""
    cast, theirs = house.cast, house.change(lambda s: factories.cast(s, house.now, clinic="Elm", prefix="E"))
    for provider_id in (cast.provider_id, theirs.provider_id):
        house.set(Provider, provider_id, email="reid@example.org")
    house.book(at(FRIDAY, 9), course_id=theirs.course_id, provider_id=theirs.provider_id, by=theirs.actor)
    user_id = house.change(lambda s: factories.staff(s, cast.actor, house.now, "provider").id)

    def places() -> set[str]:
        mine = Subject(
            PROVIDER, cast.clinic_id, provider_id=cast.provider_id, all_clinics=True, by_user_id=user_id
        )
        rows = house.look(lambda s: calendar_rows(s, mine, house.now))
        return {place for row in rows if (place := getattr(row, "place", ""))}

    assert places() == set()
    house.change(
        lambda s: s.execute(user_clinics.insert().values(user_id=user_id, clinic_id=theirs.clinic_id))
    )
    assert places() == {"Elm"}
    house.set(Patient, theirs.patient_id, do_not_contact=True)
    assert places() == {"Elm"}
