"""A merge undone leaves every row as it was; what was done since keeps it from being undone."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from clinic_scheduler.domain.errors import InvalidInput
from clinic_scheduler.models import AuditEvent, Course, Message, Patient, Reminder
from clinic_scheduler.queries.patients.search import search
from clinic_scheduler.services import contact_attempts
from clinic_scheduler.services.change import Change
from clinic_scheduler.services.courses import courses, forecasting
from clinic_scheduler.services.courses.courses import CourseEntry
from clinic_scheduler.services.patients import records, unmerging
from clinic_scheduler.services.patients.records import entry_of
from tests import factories
from tests.integration.house import TODAY, House, at
from tests.integration.merging import dump
from tests.integration.test_patient_merge import course_of, merge, twin

__all__ = ["twin"]
LOWER_LIMB = "spasticity_lower_limb"


def unmerge(house: House, keep: int, lose: int) -> None:
    house.change(lambda s: unmerging.unmerge(Change(s, house.cast.actor, house.now), keep, lose))


@pytest.mark.parametrize("twin_is_kept", [False, True])
def test_undone_every_row_is_as_before(house: House, twin: int, twin_is_kept: bool) -> None:
    house.book(at(TODAY, 11))
    house.set(Patient, house.cast.patient_id, do_not_contact=twin_is_kept)
    keep, lose = (twin, house.cast.patient_id) if twin_is_kept else (house.cast.patient_id, twin)
    before = dump(house)
    house.later(minutes=7)
    merge(house, keep, lose)
    assert dump(house) != before
    house.later(minutes=7)
    unmerge(house, keep, lose)
    assert house.look(lambda s: [row.id for row in search(s, house.cast.clinic_id, "A-999")]) == [twin]
    after = dump(house)
    for name, rows in before.items():
        assert after[name] == rows, name
    assert house.look(lambda s: list(forecasting.differences(s, house.cast.clinic_id, TODAY))) == []
    told = select(AuditEvent.patient_id).where(AuditEvent.action == "merge_undone")
    assert {row[0] for row in house.rows(told)} == {keep, lose}
    merge(house, keep, lose)  # and again


def test_calendars_see_undoing_as_one_more_change(house: House, twin: int) -> None:
    course_id = course_of(house, twin)
    house.set(Course, course_id, forecast_sequence=3)
    shown = select(Course.next_visit_uid, Course.forecast_sequence).where(Course.id == course_id)
    ((uid, _),) = house.rows(shown)
    merge(house, twin, house.cast.patient_id)
    assert house.rows(shown)[0][0] != uid  # the other record's treatment began another cycle
    unmerge(house, twin, house.cast.patient_id)
    assert house.rows(shown) == [(uid, 4)]


def test_how_to_reach_somebody_stays_out_of_the_audit_record(house: House, twin: int) -> None:
    house.set(Patient, twin, phone="+12065550166", email="ada@example.org")
    house.set(Patient, house.cast.patient_id, phone=None, email=None)
    before = dump(house)
    merge(house, house.cast.patient_id, twin)
    ((details,),) = house.rows(select(AuditEvent.details).where(AuditEvent.action == "merged"))
    assert "555" not in str(details)
    assert "ada@" not in str(details)
    unmerge(house, house.cast.patient_id, twin)
    assert dump(house) == before


def test_of_two_merges_the_later_is_undone_first(house: House, twin: int) -> None:
    third = house.change(
        lambda s: factories.person(s, house.cast.actor, house.now, mrn="A-998", given_name="Adah").id
    )
    before = dump(house)
    house.later(minutes=1)
    merge(house, twin, third)
    merge(house, house.cast.patient_id, twin)
    with pytest.raises(InvalidInput, match="cannot be undone"):
        unmerge(house, house.cast.patient_id, third)
    unmerge(house, house.cast.patient_id, twin)
    unmerge(house, twin, third)
    assert dump(house) == before


def rename(house: House) -> None:
    def work(session: Any) -> None:
        row = session.get_one(Patient, house.cast.patient_id)
        entry = replace(entry_of(row), given_name="Adaora")
        records.edit_patient(Change(session, house.cast.actor, house.now), row.id, entry, row.updated_at)

    house.change(work)


@pytest.mark.parametrize(
    ("done", "said"),
    [
        (lambda house: house.treat(TODAY), "a treatment was added"),
        (lambda house: house.book(at(date(2026, 11, 25), 9)), "a visit was added"),
        (rename, "the record was changed"),
        (
            lambda house: house.change(
                lambda s: (
                    contact_attempts.log(
                        Change(s, house.cast.actor, house.now), house.cast.course_id, "phone", "no_answer"
                    ).id
                )
            ),
            "a contact was added",
        ),
    ],
)
def test_what_was_done_since_keeps_it_merged(
    house: House, twin: int, done: Callable[[House], Any], said: str
) -> None:
    house.later(minutes=5)
    merge(house, house.cast.patient_id, twin)
    house.later(minutes=5)
    done(house)
    before = dump(house)
    with pytest.raises(InvalidInput, match=said):
        unmerge(house, house.cast.patient_id, twin)
    assert dump(house) == before


def test_undone_on_a_later_day_reminders_are_planned_again(house: House, twin: int) -> None:
    merge(house, house.cast.patient_id, twin)
    house.later(days=2)
    unmerge(house, house.cast.patient_id, twin)
    assert house.course(course_of(house, twin))["patient_id"] == twin
    assert {row[0] for row in house.rows(select(Course.reminders_planned_at))} == {None}
    assert house.rows(select(Message.id)) == []
    owners = {tuple(row) for row in house.rows(select(Reminder.patient_id, Reminder.course_id))}
    homes = {tuple(row) for row in house.rows(select(Course.patient_id, Course.id))}
    assert owners <= homes


def test_a_merge_from_before_this_was_kept_cannot_be_undone(house: House, twin: int) -> None:
    merge(house, house.cast.patient_id, twin)
    ((key,),) = house.rows(select(AuditEvent.id).where(AuditEvent.action == "merged"))
    house.set(AuditEvent, key, details={"other_patient_id": twin})
    with pytest.raises(InvalidInput, match="cannot be undone"):
        unmerge(house, house.cast.patient_id, twin)


@pytest.fixture
def child(house: House) -> int:
    """A child of nine with a visit ahead, booked while the weight was on the record; now it is not."""

    def work(session: Session) -> int:
        born = date(2017, 5, 4)
        row = factories.person(session, house.cast.actor, house.now, mrn="K-1", birth_date=born)
        row.weight_kg = Decimal(34)
        plan = CourseEntry(row.id, LOWER_LIMB, factories.ONABOT, TODAY, planned_units=Decimal(100))
        courses.start_course(Change(session, house.cast.actor, house.now), plan)
        return row.id

    patient_id = house.change(work)
    house.book(at(TODAY, 11), course_id=course_of(house, patient_id, LOWER_LIMB))
    weigh(house, patient_id, None)
    return patient_id


def weigh(house: House, patient_id: int, weight: Decimal | None) -> None:
    def work(session: Session) -> None:
        row = session.get_one(Patient, patient_id)
        entry = replace(entry_of(row), weight_kg=weight)
        records.edit_patient(Change(session, house.cast.actor, house.now), row.id, entry, row.updated_at)

    house.change(work)


def booking(house: House, patient_id: int) -> str:
    return house.course(course_of(house, patient_id, LOWER_LIMB))["booking"]


def test_no_visit_comes_to_stand_against_the_rules_unseen(house: House, child: int) -> None:
    """The other record knew the weight by which the cap goes; without it the visit could not stay."""
    other = house.change(lambda s: factories.person(s, house.cast.actor, house.now, mrn="K-2").id)
    weigh(house, other, Decimal(34))
    house.later(minutes=1)
    assert booking(house, child) == "blocked"
    merge(house, child, other)
    assert booking(house, child) == "ok"
    before = dump(house)
    with pytest.raises(InvalidInput) as refused:
        unmerge(house, child, other)
    assert "the visit on Monday, November 23, 2026 at 11:00 could not stay" in str(refused.value)
    assert "No weight is known" in str(refused.value)
    assert str(refused.value).endswith("nothing was changed")
    assert dump(house) == before


def test_what_stood_against_a_visit_anyhow_does_not_keep_the_records_one(house: House, child: int) -> None:
    other = house.change(lambda s: factories.person(s, house.cast.actor, house.now, mrn="K-2").id)
    house.later(minutes=1)
    merge(house, child, other)
    assert booking(house, child) == "blocked"
    unmerge(house, child, other)
    assert booking(house, child) == "blocked"
