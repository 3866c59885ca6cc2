"""A course opened by hand takes over what an import kept for the patient: once, and no day gets free by it."""

from datetime import date
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from clinic_scheduler.models import Course, Patient, Treatment, WorkItem
from clinic_scheduler.services.change import Change
from clinic_scheduler.services.courses.courses import CourseEntry, start_course
from clinic_scheduler.services.courses.forecasting import differences
from clinic_scheduler.services.imports.unassigned_sessions import start_course_with_kept
from tests.factories import ONABOT
from tests.integration.house import TODAY, House
from tests.integration.log_rows import bring_in, row

UNCLEAR = {"Diagnosis": "Spasticity", "icd10": "G81.11"}
UPPER = "spasticity_upper_limb"
LOG = (
    row("2026-06-25", units="300", **UNCLEAR),
    row("2026-10-30", units="250", **UNCLEAR),
    row("2026-05-04", "Dysport", "500", **UNCLEAR),
    row("2026-02-02", units="250", Diagnosis="Cervical dystonia"),
)


def opened(house: House, entry: CourseEntry) -> int:
    def work(session: Session) -> int:
        return start_course_with_kept(Change(session, house.cast.actor, house.now), entry)[1]

    return house.change(work)


def entry_of(house: House) -> CourseEntry:
    (patient_id,) = house.rows(select(Patient.id).where(Patient.mrn == "L-1"))[0]
    return CourseEntry(patient_id, UPPER, ONABOT, started_on=TODAY)


def given(house: House) -> list[tuple[Any, ...]]:
    """Day, units, and for which course or indication."""
    told = (
        select(Treatment.given_on, Treatment.units, Course.indication, Treatment.indication)
        .join(Patient, Patient.id == Treatment.patient_id)
        .outerjoin(Course, Course.id == Treatment.course_id)
        .where(Patient.mrn == "L-1")
    )
    return [tuple(each) for each in house.rows(told.order_by(Treatment.given_on))]


def test_what_fits_joins_the_course_and_is_counted_once(house: House) -> None:
    bring_in(house, *LOG)
    assert opened(house, entry_of(house)) == 2
    assert given(house) == [
        (date(2026, 2, 2), 250, None, "cervical_dystonia"),
        (date(2026, 5, 4), 500, None, None),
        (date(2026, 6, 25), 300, UPPER, None),
        (date(2026, 10, 30), 250, UPPER, None),
    ]
    course = house.rows(select(Course.started_on, Course.cycles_given).where(Course.indication == UPPER))
    assert [tuple(each) for each in course] == [(date(2026, 6, 25), 2)]
    assert house.look(lambda s: list(differences(s, house.cast.clinic_id, TODAY))) == []
    # The one of another product still waits for its course.
    assert house.rows(select(WorkItem.outcome)) == [(None,)]
    # The log knows them again, wherever they are.
    assert bring_in(house, *LOG).known == 4
    assert house.rows(select(func.sum(Treatment.units)).join(Patient).where(Patient.mrn == "L-1")) == [
        (1300,)
    ]


def test_the_question_ends_with_the_last_session_that_had_no_course(house: House) -> None:
    bring_in(house, *LOG[:2])
    assert opened(house, entry_of(house)) == 2
    assert house.rows(select(WorkItem.outcome)) == [("course_opened",)]


def test_no_day_is_free_with_them_that_is_not_without(house: House) -> None:
    bring_in(house, *LOG)
    entry = entry_of(house)

    def dates(joined: bool) -> tuple[date, date | None]:
        """The first day the guard allows, and the last exposure it counts from; nothing stays of it."""

        def work(session: Session) -> tuple[date, date | None]:
            with session.begin_nested() as trial:
                start = start_course_with_kept if joined else start_course
                made = start(Change(session, house.cast.actor, house.now), entry)
                course = made[0] if isinstance(made, tuple) else made
                found = course.earliest_date, course.exposed_on
                trial.rollback()
            return found

        return house.change(work)

    assert dates(joined=True) == dates(joined=False)
    assert dates(joined=True)[0] > TODAY
