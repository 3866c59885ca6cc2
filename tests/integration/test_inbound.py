"""What patients write back: kept once, done where it is plain, else on the desk's list."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from clinic_scheduler.domain.messaging.consent import wanted
from clinic_scheduler.domain.messaging.inbound import Inbound, InboundChannel
from clinic_scheduler.domain.messaging.kinds import PURPOSES
from clinic_scheduler.models import Appointment, InboundMessage, Message, Patient, Reminder, WorkItem
from clinic_scheduler.queries.messaging.consents import consent_standing
from clinic_scheduler.services.change import Change
from clinic_scheduler.services.courses import courses
from clinic_scheduler.services.courses.courses import CourseEntry
from clinic_scheduler.services.messaging import inbound
from tests import factories
from tests.integration.house import TODAY, House, at

PHONE = "+12065550123"
SOON = at(TODAY + timedelta(7), 10)


def write(house: House, body: str, reference: str = "1", phone: str = PHONE) -> str:
    said = Inbound("twilio", reference, InboundChannel.SMS, phone, body)
    assert repr(body) not in repr(said)
    assert phone not in repr(said)
    return house.change(lambda s: inbound.receive(s, said, house.now))


def reminded(house: House, visit: int, starts_at: Any = SOON) -> None:
    """A text about the visit, as the worker would have left it."""

    def work(session: Any) -> None:
        row = session.get_one(Appointment, visit)
        common = {"clinic_id": row.clinic_id, "patient_id": row.patient_id, "channel": "sms"}
        dates = {"expires_at": starts_at, "created_at": house.now}
        reminder = Reminder(
            **common,
            **dates,
            course_id=row.course_id,
            appointment_id=visit,
            kind="visit_reminder",
            step="visit-7",
            dedupe_key=f"{visit}:visit-7:sms:{starts_at}",
            due_at=house.now,
            state="sent",
            updated_at=house.now,
        )
        session.add(reminder)
        session.flush()
        session.add(
            Message(
                **common,
                **dates,
                reminder_id=reminder.id,
                address=PHONE,
                state="sent",
                sent_at=house.now,
                next_attempt_at=house.now,
                message_id=f"<{reminder.id}@x>",
            )
        )

    house.change(work)


def items(house: House) -> list[tuple[Any, ...]]:
    columns = (WorkItem.kind, WorkItem.clinic_id, WorkItem.patient_id, WorkItem.appointment_id)
    return [tuple(row) for row in house.rows(select(*columns).order_by(WorkItem.id))]


def wishes(house: House, patient_id: int) -> set[bool]:
    known = house.look(lambda s: consent_standing(s, patient_id))
    return {wanted(known, purpose, "sms") for purpose in PURPOSES}


def test_a_stop_counts_for_everybody_with_the_number_in_every_clinic(house: House) -> None:
    other = house.change(lambda s: factories.cast(s, house.now, clinic="Elsewhere", prefix="E"))
    assert write(house, "STOP") == "stop"
    for patient_id in (house.cast.patient_id, other.patient_id):
        assert wishes(house, patient_id) == {False}
    assert len(house.audit("consents")) == 6
    assert items(house) == []
    write(house, "YES", "2")
    assert wishes(house, house.cast.patient_id) == {False}
    assert write(house, "start", "3") == "start"
    assert wishes(house, house.cast.patient_id) == {True}


def test_the_same_message_handed_in_again_changes_nothing(house: House) -> None:
    write(house, "STOP")
    write(house, "start", "2")
    write(house, "STOP")
    assert wishes(house, house.cast.patient_id) == {True}
    assert len(house.rows(select(InboundMessage.id))) == 2


def test_a_yes_confirms_the_visit_that_was_told_of(house: House) -> None:
    visit = house.book_anyway(SOON)
    reminded(house, visit)
    assert write(house, "Sí, gracias") == "confirm"
    row = house.row(Appointment, visit)
    assert (row["confirmed_at"], row["confirmed_by"]) == (house.now, "text")
    assert items(house) == []
    house.move(visit, SOON + timedelta(days=1), overrides=factories.ANYWAY)
    assert house.row(Appointment, visit)["confirmed_at"] is None


@pytest.mark.parametrize("case", ["no visit", "not told", "told of another time", "too far ahead"])
def test_a_yes_that_is_about_no_known_visit_is_the_desks(house: House, case: str) -> None:
    starts_at = SOON + timedelta(days=21) if case == "too far ahead" else SOON
    visit = house.book_anyway(starts_at) if case != "no visit" else 0
    if case in ("told of another time", "too far ahead"):
        reminded(house, visit, SOON - timedelta(hours=1) if case == "told of another time" else starts_at)
    write(house, "yes")
    assert items(house) == [("reply", house.cast.clinic_id, house.cast.patient_id, None)]
    assert house.rows(select(Appointment.id).where(Appointment.confirmed_at.is_not(None))) == []


def test_where_a_number_is_two_patients_the_one_with_a_visit_is_meant_else_the_desk_asks(
    house: House,
) -> None:
    course = house.another_course()
    mine = house.book_anyway(SOON)
    reminded(house, mine)
    write(house, "YES")
    assert house.row(Appointment, mine)["confirmed_by"] == "text"
    theirs = house.book_anyway(SOON + timedelta(hours=1), course_id=course)
    reminded(house, theirs, SOON + timedelta(hours=1))
    write(house, "YES", "2")
    assert items(house) == [("reply", house.cast.clinic_id, None, None)]
    assert house.row(Appointment, theirs)["confirmed_at"] is None


@pytest.mark.parametrize(("said", "kind"), [("C", "reply"), ("R", "asks_to_move")])
def test_where_a_patient_was_told_of_two_visits_the_desk_asks_which(
    house: House, said: str, kind: str
) -> None:
    limb = CourseEntry(house.cast.patient_id, "spasticity_upper_limb", factories.ONABOT, TODAY)
    second = house.change(lambda s: courses.open_course(Change(s, house.cast.actor, house.now), limb).id)
    visits = [house.book_anyway(SOON), house.book_anyway(SOON + timedelta(days=2), course_id=second)]
    for visit in visits:
        reminded(house, visit, house.row(Appointment, visit)["starts_at"])
    write(house, said)
    assert items(house) == [(kind, house.cast.clinic_id, house.cast.patient_id, None)]
    assert house.rows(select(Appointment.id).where(Appointment.confirmed_at.is_not(None))) == []
    # Once one of them is over, there is one left to mean.
    house.cancel(visits[0])
    write(house, "C", "2")
    assert house.row(Appointment, visits[1])["confirmed_by"] == "text"


def test_move_and_what_nobody_can_read_are_the_desks_and_help_is_the_providers(house: House) -> None:
    visit = house.book_anyway(SOON)
    reminded(house, visit)
    write(house, "R")
    write(house, "is there a bus stop?", "2")
    write(house, "HELP", "3")
    mine = (house.cast.clinic_id, house.cast.patient_id)
    assert items(house) == [("asks_to_move", *mine, visit), ("reply", *mine, None)]
    assert house.row(Appointment, visit)["state"] == "booked"


def test_an_unknown_number_is_for_the_only_clinic_or_the_one_that_wrote_to_it(house: House) -> None:
    write(house, "who is this?", phone="+12065550199")
    assert [(kind, clinic) for kind, clinic, *_ in items(house)] == [("unknown_sender", house.cast.clinic_id)]
    house.change(lambda s: factories.cast(s, house.now, clinic="Elsewhere", prefix="E"))
    write(house, "who is this?", "2", phone="+12065550199")
    assert len(items(house)) == 1
    visit = house.book_anyway(SOON)
    reminded(house, visit)
    for patient in house.rows(select(Patient.id)):
        house.set(Patient, patient.id, phone=None)
    write(house, "who is this?", "3")
    assert [clinic for _, clinic, *_ in items(house)] == [house.cast.clinic_id] * 2
