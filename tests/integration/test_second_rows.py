"""Two rows of one course and day: shown before they are kept, then one visit, with its authorization and undoing."""

from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select

from clinic_scheduler.domain.errors import BookingRefused
from clinic_scheduler.domain.visits.seen import NOTHING_SEEN, Seen
from clinic_scheduler.domain.visits.treatment_checks import StopsUnseen
from clinic_scheduler.models import Appointment, Authorization, Treatment
from clinic_scheduler.services.actors import Actor
from clinic_scheduler.services.change import Change
from clinic_scheduler.services.courses import courses
from clinic_scheduler.services.treatments import voiding
from tests import factories
from tests.integration.house import TODAY, House, at


@pytest.fixture
def dana(house: House) -> Actor:
    user_id = house.change(lambda s: _dana(s, house).id)
    return Actor("Dana Whitfield", house.cast.clinic_id, user_id, frozenset({"front_desk"}))


def _dana(session, house: House):
    user = factories.staff(session, house.cast.actor, house.now, "front_desk")
    user.name = "Dana Whitfield"
    return user


@pytest.fixture
def leave(house: House) -> int:
    def work(session):
        who, course_id, day = house.cast.actor, house.cast.course_id, TODAY + timedelta(30)
        return courses.authorize(
            Change(session, who, house.now), course_id, TODAY, day, visits_left=2, units_left=Decimal(400)
        ).id

    return house.change(work)


def left(house: House, key: int) -> tuple[int, Decimal]:
    row = house.row(Authorization, key)
    return row["visits_left"], row["units_left"]


def rows(house: House) -> list:
    """(id, visit, counted visits) of what counts today."""
    wanted = select(Treatment.id, Treatment.appointment_id, Treatment.authorization_visits)
    today = wanted.where(Treatment.given_on == TODAY, Treatment.voided_at.is_(None))
    return [tuple(row) for row in house.rows(today.order_by(Treatment.id))]


def void(house: House, key: int) -> None:
    who = house.cast.actor
    house.change(lambda s: voiding.void(Change(s, who, house.now), key, "wrong_details").id)


def undo(house: House, key: int) -> None:
    house.change(lambda s: voiding.undo_void(Change(s, house.cast.actor, house.now), key).id)


def test_a_second_row_is_shown_the_first_and_kept_once_that_was_seen(house: House, dana: Actor) -> None:
    house.clock.move(at(TODAY, 10, 2) - house.now)
    first = house.treat(TODAY, by=dana)
    house.later(minutes=3)
    with pytest.raises(StopsUnseen) as shown:
        house.treat(TODAY, 20, seen=NOTHING_SEEN)
    (stop,) = shown.value.unseen
    assert stop.text.startswith("155 U were recorded for this day at 10:02 by Dana Whitfield.")
    assert [key for key, *_ in rows(house)] == [first]
    second = house.treat(TODAY, 20, seen=Seen(frozenset({stop.mark})))
    assert [key for key, *_ in rows(house)] == [first, second]
    assert house.row(Treatment, first)["recorded_by_id"] == dana.user_id
    assert house.audit("treatments")[-1][1]["stops"] == ["same_day"]
    with pytest.raises(StopsUnseen) as again:
        house.treat(TODAY, 5, seen=Seen(frozenset({stop.mark})))
    assert [unseen.text[:4] for unseen in again.value.unseen] == ["20 U"]
    assert len(again.value.stops) == 2


def test_the_rows_of_a_day_are_one_visit_counted_once_with_all_their_units(house: House, leave: int) -> None:
    visit = house.book(at(TODAY, 11))
    first, second = house.treat(TODAY, 100), house.treat(TODAY, 55)
    assert rows(house) == [(first, visit, 1), (second, visit, 0)]
    assert left(house, leave) == (1, 245)
    assert house.course()["cycles_given"] == 2
    assert house.row(Appointment, visit)["sequence"] == 2  # booked and fulfilled, each once


def test_the_last_visit_of_an_authorization_pays_for_its_second_row_too(house: House, leave: int) -> None:
    house.set(Authorization, leave, visits_left=1)
    house.treat(TODAY, 100)
    house.treat(TODAY, 55)
    assert left(house, leave) == (0, 245)


def test_a_row_without_a_visit_joins_the_one_of_a_later_row(house: House) -> None:
    first = house.treat(TODAY, 100)
    visit = house.change(lambda s: _booked_anyway(s, house))
    second = house.treat(TODAY, 55)
    assert [(key, of) for key, of, _ in rows(house)] == [(first, visit), (second, visit)]


def _booked_anyway(session, house: House) -> int:
    cast = house.cast
    visit = Appointment(
        uid="u", clinic_id=cast.clinic_id, patient_id=cast.patient_id, course_id=cast.course_id,
        provider_id=cast.provider_id, local_date=TODAY, local_time=at(TODAY, 11).time(), zone="UTC",
        starts_at=at(TODAY, 11), ends_at=at(TODAY, 12), state="booked", created_at=house.now, updated_at=house.now,
    )  # fmt: skip
    session.add(visit)
    session.flush()
    return visit.id


@pytest.mark.parametrize("which", [0, 1])
def test_voiding_one_row_keeps_the_visit_attended_while_the_other_counts(
    house: House, leave: int, which: int
) -> None:
    visit = house.book(at(TODAY, 11))
    keys = [house.treat(TODAY, 100), house.treat(TODAY, 55)]
    void(house, keys[which])
    other = keys[1 - which]
    assert house.row(Appointment, visit)["state"] == "fulfilled"
    assert rows(house) == [(other, visit, 1)]
    assert left(house, leave) == (1, 400 - (55, 100)[which])
    undo(house, keys[which])
    assert house.row(Appointment, visit)["state"] == "fulfilled"
    assert {(key, of) for key, of, _ in rows(house)} == {(key, visit) for key in keys}
    assert sum(visits for *_, visits in rows(house)) == 1
    assert left(house, leave) == (1, 245)


def test_with_the_last_row_the_visit_is_open_again_and_comes_back_with_either(
    house: House, leave: int
) -> None:
    visit = house.book(at(TODAY, 11))
    keys = [house.treat(TODAY, 100), house.treat(TODAY, 55)]
    for key in keys:
        void(house, key)
    assert house.row(Appointment, visit)["state"] == "booked"
    assert left(house, leave) == (2, 400)
    for key in reversed(keys):
        undo(house, key)
    assert house.row(Appointment, visit)["state"] == "fulfilled"
    assert {of for _, of, _ in rows(house)} == {visit}
    assert left(house, leave) == (1, 245)


def test_what_was_recorded_in_its_place_stands_in_the_way_of_the_undoing(house: House) -> None:
    beside = house.treat(TODAY, 20)
    wrong = house.treat(TODAY, 200)
    void(house, wrong)
    right = house.treat(TODAY, 155)
    with pytest.raises(BookingRefused, match="recorded since"):
        undo(house, wrong)
    void(house, right)
    undo(house, wrong)
    assert [key for key, *_ in rows(house)] == [beside, wrong]


def test_a_visit_the_guard_refuses_by_now_stays_attended(house: House) -> None:
    """The row was wrong; a dose of yesterday came in meanwhile, so the visit of today may not stand open."""
    visit = house.book(at(TODAY, 11))
    key = house.treat(TODAY)
    house.treat(TODAY - timedelta(1), 100)
    void(house, key)
    assert house.row(Appointment, visit)["state"] == "fulfilled"
    assert house.course()["booking"] == "none"


def test_what_a_provider_overrode_for_the_visit_lets_it_open_again(house: House, provider: Actor) -> None:
    early = factories.override("too_early", "travel")
    house.treat(TODAY - timedelta(50))
    visit = house.book(at(TODAY, 11), by=provider, overrides=(early,))
    key = house.treat(TODAY)
    void(house, key)
    assert house.row(Appointment, visit)["state"] == "booked"
    assert house.course()["booking"] == "ok"
