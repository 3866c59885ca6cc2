"""The due list's counts are kept, stay few rows, and two who change courses at once do not wait for each other."""

from datetime import date, timedelta

import pytest
from sqlalchemy import func, insert, select, text
from sqlalchemy.orm import Session

from clinic_scheduler.db import db
from clinic_scheduler.models import DueCount, DueCountChange
from clinic_scheduler.queries.due.rows import tab_counts
from clinic_scheduler.services import contact_attempts, due_counts
from clinic_scheduler.services.change import Change
from tests import factories
from tests.integration.due_counting import miscounts
from tests.integration.house import TODAY, House, at


def wrong(house: House, today: date = TODAY) -> list[str]:
    return house.look(lambda s: list(miscounts(s, house.cast.clinic_id, today)))


def fold(house: House, today: date = TODAY) -> int:
    return house.change(lambda s: due_counts.fold(s, house.cast.clinic_id, today))


def rows(house: House, table: type[DueCount | DueCountChange]) -> int:
    return house.look(lambda s: s.scalar(select(func.count()).select_from(table))) or 0


def try_to_reach(house: House, course_id: int, rests: int | None = None) -> None:
    until = None if rests is None else TODAY + timedelta(rests)
    tried = (course_id, "phone", "no_answer")
    house.change(
        lambda s: contact_attempts.log(Change(s, house.cast.actor, house.now), *tried, hide_until=until).id
    )


def test_counts_are_those_of_the_rows_after_each_deed(house: House) -> None:
    course = house.cast.course_id
    other = house.another_course(treated_on=TODAY - timedelta(100))
    assert wrong(house) == []
    visit = house.book(at(TODAY + timedelta(1), 9))
    assert wrong(house) == []
    house.cancel(visit)
    for _ in range(5):
        try_to_reach(house, other)
    assert wrong(house) == []
    try_to_reach(house, course, 6)
    assert wrong(house) == []
    held = (other, TODAY, TODAY + timedelta(9))
    house.change(lambda s: factories.hold(s, house.cast.actor, house.now, *held).id)
    assert wrong(house) == []
    house.treat(TODAY)
    assert wrong(house) == []


def test_what_counts_as_tried_is_kept_without_the_clinics_limit(house: House) -> None:
    """So that another limit needs no counting anew."""
    for _ in range(3):
        try_to_reach(house, house.cast.course_id)
    found = [
        house.look(lambda s, n=limit: tab_counts(s, house.cast.clinic_id, TODAY, None, n))["staff_decision"]
        for limit in (1, 3, 4)
    ]
    assert found == [1, 1, 0]


def test_folding_changes_no_number_and_leaves_as_many_rows_as_days(house: House) -> None:
    for n in range(6):
        house.another_course(f"F-{n}", treated_on=TODAY - timedelta(84 + n % 2))
    assert rows(house, DueCountChange) > 0
    assert fold(house) > 0
    assert (rows(house, DueCountChange), wrong(house)) == (0, [])
    folded = rows(house, DueCount)
    for n in range(6, 18):
        house.another_course(f"F-{n}", treated_on=TODAY - timedelta(84 + n % 2))
    fold(house)
    assert (rows(house, DueCount), wrong(house)) == (folded, [])
    assert fold(house) == 0


def test_days_that_are_well_past_become_one(house: House) -> None:
    house.another_course()
    fold(house)
    years_on = TODAY + timedelta(700)
    assert fold(house, years_on) > 0
    assert rows(house, DueCount) == 1  # both lapsed long ago, from the first of all days on
    assert wrong(house, years_on) == []
    # What changes of a day before is still a difference to what was folded.
    house.treat(TODAY)
    assert wrong(house, years_on) == []
    fold(house, years_on)
    assert wrong(house, years_on) == []


def test_mending_takes_what_is_too_much(house: House) -> None:
    fold(house)
    stray = {"clinic_id": house.cast.clinic_id, "starts_on": TODAY, "provider_id": 0, "number": 7}
    added = insert(DueCountChange).values(**stray, bucket="due", resting=False, tries=0)
    house.change(lambda s: s.execute(added).close())
    assert wrong(house) != []
    house.change(lambda s: due_counts.mend(s, house.cast.clinic_id, TODAY).total())
    assert wrong(house) == []


@pytest.mark.parametrize("shared_app", ["postgresql"], indirect=True)
def test_two_who_change_one_number_do_not_wait_for_each_other(house: House) -> None:
    """Nor for whoever folds the counts meanwhile, who leaves out what is not committed yet."""
    courses = (house.cast.course_id, house.another_course())
    fold(house)
    try_to_reach(house, courses[0], 2)
    with house.app.app_context():
        engine = db.engine
    with Session(engine) as one, Session(engine) as two, Session(engine) as third:
        for session, course_id in zip((one, two), courses, strict=True):
            session.execute(text("SET LOCAL lock_timeout = '2s'"))
            change, until = Change(session, house.cast.actor, house.now), TODAY + timedelta(5)
            contact_attempts.log(change, course_id, "phone", "no_answer", hide_until=until)
            session.flush()
        third.execute(text("SET LOCAL lock_timeout = '2s'"))
        assert due_counts.fold(third, house.cast.clinic_id, TODAY) > 0
        two.commit()
        third.commit()
        one.commit()
    assert wrong(house) == []
    fold(house)
    assert wrong(house) == []
    assert house.look(lambda s: tab_counts(s, house.cast.clinic_id, TODAY, None))["contacted"] == 2
