"""An indication nobody ever wrote a line for, by its record alone: settings, import, dates, booking, reminder, feed."""

from dataclasses import replace
from datetime import date

import pytest
from flask import Flask
from sqlalchemy import select

from clinic_scheduler.db import db, unit_of_work
from clinic_scheduler.domain.calendars.links import Whose
from clinic_scheduler.domain.forecast.intervals import parse_interval
from clinic_scheduler.domain.forecast.json_contract import answer
from clinic_scheduler.domain.protocols.indications import INDICATIONS, Indication, Span
from clinic_scheduler.importing import read_log
from clinic_scheduler.importing.spool import by_patient
from clinic_scheduler.models import Appointment, Course, Reminder, Treatment
from clinic_scheduler.services.calendars import feeds
from clinic_scheduler.services.change import Change
from clinic_scheduler.services.imports.applying import apply
from clinic_scheduler.services.messaging.reminder_planning import replan_unplanned
from tests import factories
from tests.conftest import FrozenClock
from tests.functional.web.conftest import Visitor, words

CODE = "writers_cramp"
LAST, DUE = date(2026, 8, 3), date(2026, 11, 30)
LOG = (
    "MRN,Last Name,First Name,DOB,Diagnosis,ICD-10,Product,DOS,Units,Lot,Provider,Email\n"
    "W-1,Lindqvist,Maja,1980-05-04,Writer's cramp,G25.89,Botox,2026-04-06,60,C1,Dr Amara Reid,m@example.org\n"
    "W-1,Lindqvist,Maja,1980-05-04,Writer's cramp,G25.89,Botox,2026-08-03,60,C2,Dr Amara Reid,m@example.org\n"
)


@pytest.fixture
def record(monkeypatch: pytest.MonkeyPatch) -> Indication:
    neck = INDICATIONS["cervical_dystonia"]
    made_up = replace(
        neck,
        code=CODE,
        words="Writer's cramp",
        icd10=("G25.89",),
        names=("writer's cramp", "focal hand dystonia"),
        protocol=replace(
            neck.protocol, indication=CODE, earliest_recommended_interval=parse_interval("P17W")
        ),
        typical_units=60,
        milestones=(Span("onset_check", 10, 20),),
    )
    monkeypatch.setitem(INDICATIONS, CODE, made_up)
    return made_up


def test_one_record_is_all_it_takes(
    app: Flask, visitor: Visitor, clock: FrozenClock, cast: factories.Cast, record: Indication
) -> None:
    assert visitor.sign_in("admin").status_code == 302
    offered(visitor)
    course_id, patient_id = imported(app, clock, cast)
    known_to_the_contract()
    with app.app_context(), unit_of_work() as session:
        replan_unplanned(session, clock.now())
    with app.app_context():
        kinds = select(Reminder.kind).where(Reminder.course_id == course_id, Reminder.state == "pending")
        assert "time_to_book" in set(db.session().scalars(kinds))
    booked(app, visitor, cast, course_id)
    in_the_calendar(app, visitor, clock, cast, patient_id)


def offered(visitor: Visitor) -> None:
    """Its page shows what is shipped; the clinic offers it, and every setting by indication knows it."""
    assert "17 weeks (119 days)" in words(visitor.get(f"/settings/protocols/{CODE}"))
    answer = visitor.post("/settings/protocols/offered", offered=["chronic_migraine", CODE])
    assert answer.status_code == 302
    label = words(visitor.get(f"/settings/products/onabotulinumtoxinA/{CODE}"))
    assert (
        "Usual dose Planned where nothing better is known; without it a dose has to be planned 60 U" in label
    )
    for page in ("visit-lengths", "reminders", "products"):
        assert "Writer's cramp" in words(visitor.get(f"/settings/{page}")), page


def imported(app: Flask, clock: FrozenClock, cast: factories.Cast) -> tuple[int, int]:
    """Told by its words and its code; its dates are by its own interval. Ids of course and patient.

    Read here, since the process that reads uploads has the shipped records alone.
    """
    patients = list(by_patient(read_log(LOG.encode(), as_of=date(2026, 11, 23)).rows))
    with app.app_context(), unit_of_work() as session:
        apply(Change(session, cast.actor, clock.now()), patients)
    with app.app_context():
        course = db.session().scalars(select(Course).where(Course.indication == CODE)).one()
        treated = select(Treatment.evaluation).where(Treatment.course_id == course.id)
        assert list(db.session().scalars(treated.order_by(Treatment.given_on))) == ["valid", "late"]
        assert (course.reference_on, course.due_date) == (LAST, DUE)
        return course.id, course.patient_id


def known_to_the_contract() -> None:
    course = {
        "id": "c",
        "indication": CODE,
        "product": "onabotulinumtoxinA",
        "started_on": "2026-04-06",
    }
    given = {
        "id": "s",
        "course_id": "c",
        "given_on": LAST.isoformat(),
        "units": 60,
        "product": "onabotulinumtoxinA",
    }
    asked = {
        "as_of": "2026-11-23",
        "patient": {"birth_date": "1980-05-04"},
        "courses": [course],
        "sessions": [given],
    }
    (found,) = answer(asked)["courses"]
    assert (found["due_date"], found["blocks"]) == (DUE.isoformat(), [])


def booked(app: Flask, visitor: Visitor, cast: factories.Cast, course_id: int) -> None:
    """On the due list, in the panel, and onto a day."""
    assert "LINDQVIST" in words(visitor.get("/due?tab=all"))
    assert "Writer's cramp" in words(visitor.get(f"/courses/{course_id}/book"))
    answer = visitor.post(
        f"/courses/{course_id}/book",
        kind="injection",
        provider=cast.provider_id,
        day=DUE.isoformat(),
        at="09:00",
        key=visitor.key,
    )
    assert answer.status_code == 302, words(answer)
    with app.app_context():
        visit = db.session().scalars(select(Appointment).where(Appointment.course_id == course_id)).one()
        assert (visit.state, visit.local_date) == ("booked", DUE)


def in_the_calendar(
    app: Flask, visitor: Visitor, clock: FrozenClock, cast: factories.Cast, patient_id: int
) -> None:
    """The visit is there; what is treated is not said."""
    with app.app_context(), unit_of_work() as session:
        token = feeds.issue(
            Change(session, cast.actor, clock.now()),
            Whose(kind="patient", patient_id=patient_id),
            app.extensions["clinic"].links.calendar_token,
            name="Phone",
        ).token
    body = visitor.client.get(f"/calendar/{token}.ics").text
    assert "20261130T090000" in body
    assert "cramp" not in body.lower()
