"""A patient who died, moved away or is not to be contacted: visits, dates, reminders, and taking it back."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from clinic_scheduler.domain.errors import BookingRefused, InvalidInput, NotFound
from clinic_scheduler.models import Appointment, AuditEvent, Course, Patient
from clinic_scheduler.queries.due.rows import due_rows
from clinic_scheduler.services.change import Change
from clinic_scheduler.services.messaging.reminder_planning import replan
from clinic_scheduler.services.patients import status
from tests import factories
from tests.integration.house import TODAY, House, at

ENDINGS = [
    (
        status.mark_deceased,
        status.undo_deceased,
        "deceased",
        "patient_deceased",
        "deceased_on",
    ),
    (status.mark_moved, status.undo_moved, "moved_away", "patient_moved", "moved_on"),
]
each_ending = pytest.mark.parametrize(("mark", "undo", "action", "reason", "column"), ENDINGS)


def mark_on(house: House, mark, on: date = TODAY) -> None:
    house.change(lambda s: mark(Change(s, house.cast.actor, house.now), house.cast.patient_id, on).id)


def due(house: House) -> list[int]:
    return [row.course_id for row in house.look(lambda s: due_rows(s, house.cast.clinic_id, TODAY))]


@each_ending
def test_visits_ahead_are_cancelled_and_nothing_is_told(
    house: House, mark, undo, action, reason, column
) -> None:
    visit = house.book_anyway(at(TODAY + timedelta(1), 9))
    house.later(hours=1)
    mark_on(house, mark)
    row = house.row(Appointment, visit)
    assert (row["state"], row["cancel_reason"]) == ("cancelled", reason)
    assert house.row(Patient, house.cast.patient_id)[column] == TODAY
    assert due(house) == []
    assert {(state, why) for _, state, why in house.reminders()} <= {
        ("suppressed", action), ("suppressed", "booked"), ("suppressed", "cancelled")
    }  # fmt: skip
    (event,) = house.rows(select(AuditEvent.details).where(AuditEvent.action == action))
    assert event[0] == {"on": "2026-11-23", "cancelled": [visit]}
    with pytest.raises(BookingRefused, match="closed"):
        house.book_anyway(at(TODAY + timedelta(2), 9))


@each_ending
def test_a_mistake_is_taken_back_and_says_what_was_cancelled(
    house: House, mark, undo, action, reason, column
) -> None:
    visit = house.book_anyway(at(TODAY + timedelta(1), 9))
    before = dict(house.course())
    mark_on(house, mark)
    house.change(lambda s: undo(Change(s, house.cast.actor, house.now), house.cast.patient_id).id)
    assert house.row(Patient, house.cast.patient_id)[column] is None
    assert house.course()["due_date"] == before["due_date"]
    assert due(house) == [house.cast.course_id]
    assert ("time_to_book", "pending", None) in house.reminders()
    cancelled = house.look(
        lambda s: [v.id for v in status.cancelled_for(s, house.cast.patient_id, action, house.now)]
    )
    assert cancelled == [visit]
    house.book_anyway(at(TODAY + timedelta(1), 9))


def test_a_visit_that_has_begun_is_left_to_the_desk(house: House) -> None:
    visit = house.book_anyway(at(TODAY, 10))
    house.later(hours=2)
    mark_on(house, status.mark_deceased)
    assert house.row(Appointment, visit)["state"] == "booked"


@pytest.mark.parametrize(
    ("on", "message"),
    [
        (date(2026, 11, 24), "in the future"),
        (date(1978, 3, 13), "before the patient was born"),
        (date(2026, 8, 30), "treatment was given on 31-Aug-2026, after that day"),
    ],
)
def test_a_day_on_which_nobody_can_have_died_is_refused(house: House, on: date, message: str) -> None:
    visit = house.book_anyway(at(TODAY + timedelta(1), 9))
    with pytest.raises(InvalidInput, match=message):
        mark_on(house, status.mark_deceased, on)
    assert house.row(Appointment, visit)["state"] == "booked"
    assert house.row(Patient, house.cast.patient_id)["deceased_on"] is None


def test_who_is_not_to_be_contacted_is_told_nothing_and_keeps_the_visit(house: House) -> None:
    visit = house.book_anyway(at(TODAY + timedelta(10), 9))
    set_to(house, True)
    assert house.row(Appointment, visit)["state"] == "booked"
    assert "pending" not in {state for _, state, _ in house.reminders()}
    assert ("visit-7", "suppressed", "do_not_contact") in house.reminders()
    set_to(house, False)
    assert ("visit-7", "pending", None) in house.reminders()
    set_to(house, False)
    actions = [action for action, _ in house.audit("patients")]
    assert actions[-2:] == ["do_not_contact", "do_not_contact_undone"]


def set_to(house: House, wish: bool) -> None:
    house.change(
        lambda s: (
            status.set_do_not_contact(Change(s, house.cast.actor, house.now), house.cast.patient_id, wish).id
        )
    )


def test_a_plan_made_again_stays_silent(house: House) -> None:
    mark_on(house, status.mark_moved)
    house.change(lambda s: replan(s, s.get_one(Course, house.cast.course_id), house.now, "replanned"))
    assert {state for _, state, _ in house.reminders()} == {"suppressed"}


def test_another_clinics_patient_is_not_found(house: House) -> None:
    other = house.change(lambda s: factories.cast(s, house.now, clinic="Elsewhere", prefix="E").patient_id)
    for mark in (status.mark_deceased, status.mark_moved):
        with pytest.raises(NotFound):
            house.change(lambda s, mark=mark: mark(Change(s, house.cast.actor, house.now), other, TODAY))
