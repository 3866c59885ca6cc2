"""Whether a course is closed is kept on its row, and is what its stop and its patient say, whatever was done."""

from datetime import date, timedelta
from random import Random

import pytest
from sqlalchemy import select

from clinic_scheduler.domain.errors import ActionRefused, InvalidInput
from clinic_scheduler.models import Course, Patient
from clinic_scheduler.queries.due.rows import due_page, due_rows
from clinic_scheduler.services.change import Change
from clinic_scheduler.services.courses import courses, forecasting
from clinic_scheduler.services.courses.courses import CourseEntry
from clinic_scheduler.services.patients import merging, status
from tests.integration.house import TODAY, House

STEPS = 25


def kept_as_it_should_be(house: House) -> bool:
    """Said once more from the sources; and what recomputing would change, which is nothing."""
    columns = (Course.closed_from, Course.stopped_on, Patient.deceased_on, Patient.moved_on)
    rows = house.rows(select(*columns).join(Patient, Course.patient_id == Patient.id))
    kept = all(
        row.closed_from == (date.min if row.deceased_on or row.moved_on else row.stopped_on) for row in rows
    )
    clinic_id, today = house.cast.clinic_id, house.now.date()
    return kept and house.look(lambda s: list(forecasting.differences(s, clinic_id, today))) == []


def random_change(house: House, chance: Random) -> None:
    """One thing that opens or closes courses, whether or not it is allowed now."""
    actor, now, today = house.cast.actor, house.now, house.now.date()
    patients = [row.id for row in house.rows(select(Patient.id).order_by(Patient.id))]
    patient, other = chance.sample(patients, 2)
    course = chance.choice(house.rows(select(Course.id).order_by(Course.id))).id
    indication = chance.choice(("spasticity_upper_limb", "spasticity_lower_limb"))
    entry = CourseEntry(patient, indication, "onabotulinumtoxinA", today)
    stop = today + timedelta(chance.choice((0, 1, 9)))
    change = chance.choice(
        (
            lambda s: status.mark_deceased(Change(s, actor, now), patient, today),
            lambda s: status.undo_deceased(Change(s, actor, now), patient),
            lambda s: status.mark_moved(Change(s, actor, now), patient, today),
            lambda s: status.undo_moved(Change(s, actor, now), patient),
            lambda s: courses.start_course(Change(s, actor, now), entry),
            lambda s: courses.stop(Change(s, actor, now), course, stop, "another product"),
            lambda s: merging.merge(Change(s, actor, now), patient, other),
        )
    )
    house.change(lambda s: change(s).id)


@pytest.mark.parametrize("seed", [1, 2])
def test_a_course_is_closed_when_its_stop_or_its_patient_says_so(house: House, seed: int) -> None:
    chance = Random(seed)
    for mrn in ("A-200", "A-300", "A-400"):
        house.another_course(mrn)
    done = closed = 0
    for _ in range(STEPS):
        try:
            random_change(house, chance)
            done += 1
        except (ActionRefused, InvalidInput):
            pass
        assert kept_as_it_should_be(house)
        house.later(hours=chance.choice((1, 24)))
        closed += len(house.rows(select(Course.id).where(Course.closed_from.is_not(None))))
    assert done > STEPS // 3
    assert closed > 0


def test_a_course_to_be_stopped_is_listed_and_counted_until_that_day(house: House) -> None:
    stop = TODAY + timedelta(2)
    house.change(
        lambda s: (
            courses.stop(Change(s, house.cast.actor, house.now), house.cast.course_id, stop, "moving").id
        )
    )
    for day, listed in ((stop - timedelta(1), 1), (stop, 0)):
        page = house.look(lambda s, day=day: due_page(s, house.cast.clinic_id, day, bucket="to_book"))
        assert (page.total, page.counts["all"], len(page.rows)) == (listed, listed, listed)
        assert len(house.look(lambda s, day=day: due_rows(s, house.cast.clinic_id, day))) == listed
