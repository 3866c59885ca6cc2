"""Visits as a record system tells them: facts, whatever the rules say, and the same told twice changes nothing."""

from dataclasses import replace
from datetime import date, time

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from clinic_scheduler.domain.record_system import OutsideStatus, OutsideVisit
from clinic_scheduler.domain.visits.kinds_and_states import VisitKind
from clinic_scheduler.models import Appointment, AuditEvent, Reminder
from clinic_scheduler.queries.due.rows import due_rows
from clinic_scheduler.services.actors import Actor
from clinic_scheduler.services.change import Change
from clinic_scheduler.services.courses import courses
from clinic_scheduler.services.imports.diary import OutsideApplied, apply_visits
from tests import factories
from tests.integration.house import BEFORE_A_VISIT, TODAY, House, at
from tests.integration.safety.invariant import faults

GOOD_DAY = date(2026, 11, 30)
TOO_EARLY = date(2026, 12, 1)  # for the course of `early`
TOLD = ("visit_booked", "visit_moved", "visit_cancelled")
ROW = OutsideVisit(2, "A-100", GOOD_DAY, time(9), provider_name="REID, Amara MD", outside_id="V-1")
OTHER = replace(ROW, line=3, mrn="A-200", outside_id="V-2")


def tell(house: House, *rows: OutsideVisit) -> tuple[dict[str, int], list[tuple[int, str]]]:
    """(counts, refused); whatever was told, no open injection visit stands wrongly and unseen."""
    actor = Actor("import folder", house.cast.clinic_id)

    def work(session: Session) -> OutsideApplied:
        return apply_visits(Change(session, actor, house.now), rows)

    applied = house.change(work)
    assert house.look(lambda session: faults(session, house.now)) == []
    return dict(applied.counts), applied.refused


def visits(house: House) -> list[tuple[str, date, time, int]]:
    wanted = select(
        Appointment.state, Appointment.local_date, Appointment.local_time, Appointment.provider_id
    )
    return [tuple(row) for row in house.rows(wanted.order_by(Appointment.id))]


def problems(house: House) -> list[int]:
    def rows(session: Session) -> list[int]:
        found = due_rows(session, house.cast.clinic_id, TODAY, bucket="booking_problem")
        return [row.course_id for row in found]

    return house.look(rows)


def written(house: House) -> list[int]:
    """How much there is: what a second telling must not add to."""
    return [
        house.look(lambda session, table=table: session.scalar(select(func.count()).select_from(table)) or 0)
        for table in (Appointment, AuditEvent, Reminder)
    ]


def test_a_booked_visit_stands_here_too_and_is_only_reminded_of(house: House) -> None:
    assert tell(house, ROW) == ({"booked": 1}, [])
    assert visits(house) == [("booked", GOOD_DAY, time(9), house.cast.provider_id)]
    assert house.course()["booking"] == "ok"
    assert "pending" in {state for _, state, _ in house.reminders(kinds=("visit_reminder",))}
    assert house.reminders(kinds=TOLD) == []
    assert house.audit("appointments")[-1][1]["outside"] == "true"


def test_the_same_told_twice_changes_nothing(house: House) -> None:
    rows = (ROW, replace(ROW, line=3, outside_id=None, on=date(2027, 3, 1), kind=VisitKind.CONSULTATION))
    assert tell(house, *rows) == ({"booked": 2}, [])
    before = written(house)
    assert tell(house, *rows) == ({"known": 2}, [])
    assert written(house) == before


def test_what_the_guard_would_refuse_is_a_fact_under_booking_problems(house: House, early: int) -> None:
    assert tell(house, replace(OTHER, on=TOO_EARLY)) == ({"booked": 1}, [])
    assert problems(house) == [early]


def test_a_visit_on_hold_is_one_too(house: House) -> None:
    held = (house.cast.course_id, TODAY, date(2027, 1, 31))
    house.change(lambda s: factories.hold(s, house.cast.actor, house.now, *held).id)
    tell(house, ROW)
    assert problems(house) == [house.cast.course_id]


def test_a_visit_moved_there_is_moved_here_and_what_was_overridden_is_not_taken_along(
    house: House, early: int, provider: Actor
) -> None:
    house.book_anyway(at(TOO_EARLY, 9), course_id=early, by=provider)
    tell(house, replace(OTHER, on=TOO_EARLY))
    assert problems(house) == []
    moved = replace(OTHER, on=date(2026, 12, 2), at=time(10, 30), provider_name="Dr Ben Sato")
    assert tell(house, moved) == ({"moved": 1}, [])
    assert visits(house) == [("booked", date(2026, 12, 2), time(10, 30), house.cast.other_provider_id)]
    assert problems(house) == [early]
    assert tell(house, moved) == ({"known": 1}, [])
    # The desk's own booking is still told, of the time that holds now; the move itself is not.
    assert "pending" not in {state for _, state, _ in house.reminders(early, kinds=("visit_moved",))}


def test_a_cancellation_there_silences_what_was_planned(house: House) -> None:
    tell(house, ROW)
    assert tell(house, replace(ROW, status=OutsideStatus.CANCELLED)) == ({"cancelled": 1}, [])
    assert [state for state, *_ in visits(house)] == ["cancelled"]
    assert house.row(Appointment, 1)["cancel_reason"] == "cancelled_elsewhere"
    assert "pending" not in {state for _, state, _ in house.reminders(kinds=("visit_reminder",))}
    assert house.reminders(kinds=TOLD) == []
    assert house.course()["booking"] == "none"
    assert tell(house, replace(ROW, status=OutsideStatus.CANCELLED)) == ({"known": 1}, [])


def test_a_visit_that_the_desk_booked_too_is_matched_and_cancelled_by_its_hour(house: House) -> None:
    house.book(at(GOOD_DAY, 9))
    off = replace(ROW, outside_id=None, provider_name=None, status=OutsideStatus.CANCELLED)
    assert tell(house, ROW) == ({"known": 1}, [])
    assert len(visits(house)) == 1
    assert tell(house, off) == ({"cancelled": 1}, [])


def test_a_number_booked_again_after_its_cancellation_is_another_visit(house: House) -> None:
    tell(house, ROW)
    tell(house, replace(ROW, status=OutsideStatus.CANCELLED))
    assert tell(house, ROW) == ({"booked": 1}, [])
    assert tell(house, ROW) == ({"known": 1}, [])
    assert [state for state, *_ in visits(house)] == ["cancelled", "booked"]


def test_what_the_desk_cancelled_is_not_booked_again_behind_its_back(house: House) -> None:
    tell(house, ROW)
    house.cancel(1)
    counts, [(line, why)] = tell(house, ROW)
    assert (counts, line) == ({}, 2)
    assert "is cancelled here" in why
    assert [state for state, *_ in visits(house)] == ["cancelled"]


def test_cancelled_and_booked_anew_in_one_file(house: House) -> None:
    tell(house, ROW)
    anew = replace(ROW, line=2, outside_id="V-9", on=date(2026, 12, 1))
    off = replace(ROW, line=3, status=OutsideStatus.CANCELLED)
    assert tell(house, anew, off) == ({"cancelled": 1, "booked": 1}, [])
    assert [state for state, *_ in visits(house)] == ["cancelled", "booked"]
    assert tell(house, anew, off) == ({"known": 2}, [])


def test_who_did_not_come_is_marked_once_the_time_has_come(house: House) -> None:
    missed = replace(ROW, status=OutsideStatus.MISSED)
    tell(house, ROW)
    counts, refused = tell(house, missed)
    assert (counts, len(refused)) == ({}, 1)
    house.later(days=8)
    assert tell(house, missed) == ({"missed": 1}, [])
    assert [state for state, *_ in visits(house)] == ["noshow"]
    assert tell(house, missed, ROW) == ({"known": 2}, [])


def test_what_is_over_or_past_adds_nothing(house: House) -> None:
    past = replace(ROW, on=date(2026, 11, 20), provider_name="Room 4")
    assert tell(house, replace(ROW, status=OutsideStatus.OVER), past) == ({"over": 1, "past": 1}, [])
    nobody = replace(ROW, mrn="Z-9")
    rows = (replace(nobody, on=past.on), replace(nobody, status=OutsideStatus.CANCELLED))
    assert tell(house, *rows) == ({"unknown": 2}, [])
    assert visits(house) == []


def test_two_patients_at_one_hour_both_stand(house: House) -> None:
    house.another_course()
    assert tell(house, ROW, OTHER) == ({"booked": 2}, [])
    assert len(visits(house)) == 2
    assert tell(house, ROW, OTHER) == ({"known": 2}, [])
    # Moved to an hour of its own by the desk, it holds that hour against others like any visit.
    house.move(2, at(GOOD_DAY, 11))
    assert not house.row(Appointment, 2)["overbooked"]


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (replace(ROW, mrn="Z-9"), "no patient here has this MRN"),
        (replace(ROW, provider_name="Room 4"), "no provider here is called Room 4"),
        (replace(ROW, indication="cervical_dystonia"), "no open course for this diagnosis"),
    ],
)
def test_nothing_is_guessed(house: House, row: OutsideVisit, said: str) -> None:
    counts, [(line, why)] = tell(house, row)
    assert (counts, line) == ({}, 2)
    assert said in why
    assert visits(house) == []


def test_without_a_provider_the_course_s_own_is_meant(house: House) -> None:
    assert tell(house, replace(ROW, provider_name=None)) == ({"booked": 1}, [])
    assert visits(house)[0][3] == house.cast.provider_id


def test_under_a_closed_course_nothing_is_added(house: House) -> None:
    stop = (house.cast.course_id, TODAY, "patient_wish")
    house.change(lambda s: courses.stop(Change(s, house.cast.actor, house.now), *stop).id)
    counts, [(_, why)] = tell(house, ROW)
    assert counts == {}
    assert "no open course" in why


def test_another_open_visit_of_the_course_is_named_and_the_other_rows_go_on(house: House) -> None:
    house.another_course()
    house.book(at(GOOD_DAY, 14))
    counts, [(line, why)] = tell(house, ROW, OTHER)
    assert (counts, line) == ({"booked": 1}, 2)
    assert "30-Nov-2026 at 14:00" in why
    assert "30-Nov-2026 at 09:00" in why


def test_a_number_that_is_another_patient_s_is_not_taken_for_theirs(house: House) -> None:
    house.another_course()
    tell(house, ROW)
    counts, [(_, why)] = tell(house, replace(OTHER, outside_id="V-1"))
    assert counts == {}
    assert "another patient" in why


def test_nobody_waits_for_a_call_about_a_visit_told_from_outside(house: House) -> None:
    """The call to book is over once the visit stands."""
    tell(house, ROW)
    pending = [step for step, state, _ in house.reminders(kinds=BEFORE_A_VISIT) if state == "pending"]
    assert pending
    assert all(step != "time_to_book" for step in pending)
