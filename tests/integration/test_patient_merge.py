"""Two records of one person made one: everything moves, nothing is lost, and what cannot be is refused whole."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import func, select

from clinic_scheduler.db import Base
from clinic_scheduler.domain.errors import InvalidInput, NotFound
from clinic_scheduler.models import (
    Appointment,
    AuditEvent,
    Authorization,
    CalendarFeed,
    ContactAttempt,
    Course,
    Message,
    Patient,
    Reminder,
    Treatment,
)
from clinic_scheduler.queries.lookups import patient_by_mrn
from clinic_scheduler.queries.patients.merge_preview import MergePreview, preview
from clinic_scheduler.queries.patients.search import search
from clinic_scheduler.services import contact_attempts
from clinic_scheduler.services.calendars import feeds
from clinic_scheduler.services.change import Change
from clinic_scheduler.services.courses import courses, forecasting
from clinic_scheduler.services.courses.courses import CourseEntry
from clinic_scheduler.services.patients import merging, records, status
from clinic_scheduler.services.patients.records import entry_of
from clinic_scheduler.services.treatments import treatments
from tests import factories
from tests.integration.house import TODAY, House, at

# These are written anew or only ever added; everything else must be there afterwards, row for row.
WRITTEN_ANEW = {"patient_search_keys", "audit_events", "reminders", "due_count_changes"}


@pytest.fixture
def twin(house: House) -> int:
    """A second record of the cast's patient, with the same course, another one, and a bit of everything."""

    def work(session) -> int:
        actor, now = house.cast.actor, house.now
        patient = factories.person(session, actor, now, mrn="A-999", given_name="Ada")
        patient.phone, patient.weight_kg, patient.weighed_on = None, Decimal(70), TODAY
        course = factories.migraine(session, actor, now, patient, started_on=date(2024, 1, 8))
        factories.treat(session, actor, now, course, date(2026, 5, 4))
        entry = CourseEntry(patient.id, "spasticity_upper_limb", "onabotulinumtoxinA", TODAY)
        courses.start_course(Change(session, actor, now), entry)
        factories.hold(session, actor, now, course.id, date(2027, 1, 1), date(2027, 1, 2))
        courses.authorize(Change(session, actor, now), course.id, TODAY, TODAY + timedelta(90), visits_left=2)
        contact_attempts.log(Change(session, actor, now), course.id, "phone", "no_answer")
        feeds.issue(Change(session, actor, now), feeds.Whose("patient", patient.id), str, name="A")
        return patient.id

    return house.change(work)


def course_of(house: House, patient_id: int, indication: str = factories.MIGRAINE) -> int:
    mine = (Course.patient_id == patient_id, Course.indication == indication, Course.stopped_on.is_(None))
    return house.rows(select(Course.id).where(*mine))[0][0]


def merge(house: House, keep: int, lose: int) -> int:
    return house.change(lambda s: merging.merge(Change(s, house.cast.actor, house.now), keep, lose).id)


def look(house: House, keep: int, lose: int) -> MergePreview:
    return house.look(lambda s: preview(s, house.cast.clinic_id, keep, lose))


def counts(house: House) -> dict[str, int]:
    tables = {name: table for name, table in Base.metadata.tables.items() if name not in WRITTEN_ANEW}
    return {name: house.rows(select(func.count()).select_from(table))[0][0] for name, table in tables.items()}


def test_nothing_is_lost_and_nothing_is_left_behind(house: House, twin: int) -> None:
    house.later(minutes=1)
    reminders = select(Reminder.id)
    kept = len(house.rows(reminders))
    before, old_audit = counts(house), house.rows(select(AuditEvent.id, AuditEvent.patient_id))
    assert merge(house, house.cast.patient_id, twin) == house.cast.patient_id
    assert counts(house) == before
    assert len(house.rows(reminders)) >= kept
    for name, table in Base.metadata.tables.items():
        if "patient_id" in table.c and name != "audit_events":
            left = house.rows(select(func.count()).select_from(table).where(table.c.patient_id == twin))
            assert left == [(0,)], name
    assert set(old_audit) <= set(house.rows(select(AuditEvent.id, AuditEvent.patient_id)))


def test_the_same_course_of_both_goes_on_as_one(house: House, twin: int) -> None:
    other = course_of(house, twin)
    merge(house, house.cast.patient_id, twin)
    kept, stopped = house.course(), house.course(other)
    assert (stopped["stopped_on"], stopped["stop_reason"]) == (TODAY, "merged")
    assert stopped["patient_id"] == house.cast.patient_id
    assert kept["started_on"] == date(2024, 1, 8)
    assert (kept["cycles_given"], kept["reference_on"]) == (2, date(2026, 8, 31))
    for table in (Treatment, Authorization, ContactAttempt):
        owners = {row[0] for row in house.rows(select(table.course_id))}
        assert owners == {house.cast.course_id}, table.__name__
    assert course_of(house, house.cast.patient_id, "spasticity_upper_limb")


def test_dates_and_reminders_are_those_of_the_whole_person(house: House, twin: int) -> None:
    house.treat(TODAY - timedelta(7), course_id=course_of(house, twin), fingerprint="twin")
    merge(house, house.cast.patient_id, twin)
    assert house.course()["due_date"] == TODAY - timedelta(7) + timedelta(84)
    assert house.look(lambda s: list(forecasting.differences(s, house.cast.clinic_id, TODAY))) == []
    waiting = house.rows(
        select(Reminder.course_id, func.count())
        .where(Reminder.state == "pending", Reminder.kind == "time_to_book")
        .group_by(Reminder.course_id)
    )
    assert all(number == 1 for _, number in waiting)
    assert course_of(house, house.cast.patient_id) == house.cast.course_id


def test_blanks_are_filled_and_what_is_known_stays(house: House, twin: int) -> None:
    house.set(Patient, twin, do_not_contact=True)
    merge(house, house.cast.patient_id, twin)
    row = house.row(Patient, house.cast.patient_id)
    assert (row["given_name"], row["phone"], row["weight_kg"]) == ("Adaeze", "+12065550123", Decimal(70))
    assert row["do_not_contact"] is True
    assert house.row(Patient, twin)["merged_into_id"] == house.cast.patient_id


def test_the_lost_number_finds_the_record_kept(house: House, twin: int) -> None:
    merge(house, house.cast.patient_id, twin)

    def seen(text: str) -> list[int]:
        return house.look(lambda s: [row.id for row in search(s, house.cast.clinic_id, text)])

    assert seen("A-999") == seen("A-100") == seen("okonkwo") == [house.cast.patient_id]
    assert house.look(lambda s: patient_by_mrn(s, house.cast.clinic_id, "A-999").id) == house.cast.patient_id
    house.later(minutes=1)

    def rename(session) -> None:
        keep = session.get_one(Patient, house.cast.patient_id)
        entry = replace(entry_of(keep), family_name="Eze")
        records.edit_patient(Change(session, house.cast.actor, house.now), keep.id, entry, keep.updated_at)

    house.change(rename)
    assert seen("A-999") == seen("eze") == [house.cast.patient_id]
    assert seen("okonkwo") == []


def test_a_visit_moves_with_its_course_and_its_reminders_stay_planned(house: House, twin: int) -> None:
    visit = house.book_anyway(at(TODAY + timedelta(10), 9), course_id=course_of(house, twin))
    merge(house, house.cast.patient_id, twin)
    row = house.row(Appointment, visit)
    assert (row["patient_id"], row["course_id"]) == (house.cast.patient_id, house.cast.course_id)
    assert row["state"] == "booked"
    assert house.course()["booked_on"] == TODAY + timedelta(10)
    pending = house.rows(
        select(Reminder.step)
        .where(Reminder.state == "pending", Reminder.appointment_id == visit)
        .order_by(Reminder.step)
    )
    assert pending == [("visit-1",), ("visit-3",), ("visit-7",)]
    house.move(visit, at(TODAY + timedelta(11), 9), overrides=factories.ANYWAY)


def test_what_was_sent_stays_with_its_message(house: House, twin: int) -> None:
    course_id = course_of(house, twin, "spasticity_upper_limb")

    def sent(session) -> None:
        reminder = session.scalars(select(Reminder).where(Reminder.course_id == course_id)).first()
        reminder.state = "sent"
        session.add(
            Message(
                clinic_id=house.cast.clinic_id,
                patient_id=twin,
                reminder_id=reminder.id,
                channel="email",
                address="ada@example.org",
                state="sent",
                expires_at=house.now,
                next_attempt_at=house.now,
                message_id="<1@example.org>",
                created_at=house.now,
            )
        )

    house.change(sent)
    assert look(house, house.cast.patient_id, twin).moves["messages"] == 1
    merge(house, house.cast.patient_id, twin)
    assert house.rows(select(Message.patient_id, Message.state)) == [(house.cast.patient_id, "sent")]


def test_the_preview_says_what_moves(house: House, twin: int) -> None:
    plan = look(house, house.cast.patient_id, twin)
    assert plan.moves == {
        "courses": 2, "treatments": 1, "visits": 0, "reminders": 4, "messages": 0, "calendar_links": 1, "contacts": 1
    }  # fmt: skip
    assert [(kept.id, other.id) for kept, other in plan.courses_joined] == [
        (house.cast.course_id, course_of(house, twin))
    ]
    assert plan.in_the_way == plan.to_check == []
    house.treat(date(2026, 8, 31), course_id=course_of(house, twin), fingerprint="same day")
    house.set(Patient, twin, birth_date=date(1978, 3, 4))
    checks = look(house, house.cast.patient_id, twin).to_check
    assert "dates of birth differ: 14-Mar-1978 is kept, 04-Mar-1978 is not" in checks[0]
    assert "both have a treatment on 31-Aug-2026" in checks[1]
    house.set(Patient, twin, family_name="Harris")
    assert "the names differ" in look(house, house.cast.patient_id, twin).to_check[0]
    house.set(Patient, twin, family_name="Adaeze", given_name="Okonkwo")
    assert "names" not in look(house, house.cast.patient_id, twin).to_check[0]


def test_one_person_is_not_in_two_rooms(house: House, twin: int) -> None:
    limb = course_of(house, twin, "spasticity_upper_limb")
    house.book_anyway(at(TODAY + timedelta(10), 9))
    house.book_anyway(at(TODAY + timedelta(10), 9), course_id=limb, provider_id=house.cast.other_provider_id)
    refused(
        house, twin, "both have a visit at that time: 03-Dec-2026 09:00 and 03-Dec-2026 09:00; cancel one"
    )


def test_one_course_has_one_visit_ahead(house: House, twin: int) -> None:
    house.book_anyway(at(TODAY + timedelta(10), 9))
    house.book_anyway(at(TODAY + timedelta(11), 9), course_id=course_of(house, twin))
    refused(
        house, twin, "visit booked for chronic migraine: 03-Dec-2026 09:00 and 04-Dec-2026 09:00; cancel one"
    )


def test_who_died_by_one_record_has_no_visit_by_the_other(house: House, twin: int) -> None:
    house.change(lambda s: status.mark_deceased(Change(s, house.cast.actor, house.now), twin, TODAY).id)
    house.book(at(TODAY, 11))
    refused(house, twin, "the one with the MRN A-100 has a visit on 23-Nov-2026 11:00; correct one")


def refused(house: House, twin: int, why: str) -> None:
    before = house.rows(select(Course.id, Course.patient_id, Course.stopped_on).order_by(Course.id))
    with pytest.raises(InvalidInput, match=why):
        merge(house, house.cast.patient_id, twin)
    assert before == house.rows(select(Course.id, Course.patient_id, Course.stopped_on).order_by(Course.id))
    assert house.row(Patient, twin)["merged_into_id"] is None


def test_a_record_is_merged_once_and_not_with_itself(house: House, twin: int) -> None:
    with pytest.raises(InvalidInput, match="with itself"):
        merge(house, twin, twin)
    merge(house, house.cast.patient_id, twin)
    with pytest.raises(InvalidInput, match="was merged before"):
        merge(house, house.cast.patient_id, twin)
    with pytest.raises(InvalidInput, match="merged into the one with the MRN A-100"):
        house.change(lambda s: status.mark_moved(Change(s, house.cast.actor, house.now), twin, TODAY))
    entry = CourseEntry(twin, "spasticity_lower_limb", "onabotulinumtoxinA", TODAY)
    with pytest.raises(InvalidInput, match="merged into the one with the MRN A-100"):
        house.change(lambda s: courses.start_course(Change(s, house.cast.actor, house.now), entry))


def test_a_record_that_took_another_over_passes_its_number_on(house: House, twin: int) -> None:
    merge(house, twin, house.cast.patient_id)
    third = house.change(lambda s: factories.person(s, house.cast.actor, house.now, mrn="A-3").id)
    merge(house, third, twin)
    assert house.row(Patient, house.cast.patient_id)["merged_into_id"] == third
    seen = house.look(lambda s: [row.id for row in search(s, house.cast.clinic_id, "A-100")])
    assert seen == [third]
    assert house.rows(select(CalendarFeed.patient_id)) == [(third,)]


def test_both_records_tell_that_they_were_merged(house: House, twin: int) -> None:
    merge(house, house.cast.patient_id, twin)
    told = house.rows(
        select(AuditEvent.action, AuditEvent.patient_id)
        .where(AuditEvent.action.in_(("merged", "merged_into")))
        .order_by(AuditEvent.id)
    )
    assert told == [("merged", house.cast.patient_id), ("merged_into", twin)]


def test_another_clinics_record_is_not_found(house: House) -> None:
    other = house.change(lambda s: factories.cast(s, house.now, clinic="Elsewhere", prefix="E").patient_id)
    with pytest.raises(NotFound):
        merge(house, house.cast.patient_id, other)
    with pytest.raises(NotFound):
        merge(house, other, house.cast.patient_id)


def test_what_was_imported_under_the_lost_number_is_known(house: House, twin: int) -> None:
    """A treatment recorded under the lost record is still the same entry, and is not added again."""
    other = course_of(house, twin)
    merge(house, house.cast.patient_id, twin)
    given = (date(2026, 5, 4), Decimal(155), factories.ONABOT, f"test:{other}:2026-05-04")
    entry = treatments.TreatmentEntry(house.cast.course_id, *given, lot="C1234")
    house.change(lambda s: treatments.record(Change(s, house.cast.actor, house.now), entry).id)
    assert house.rows(select(func.count()).select_from(Treatment)) == [(2,)]
