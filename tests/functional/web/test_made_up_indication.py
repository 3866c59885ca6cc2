"""An indication nobody ever wrote a line for, by its record alone: settings, import, dates, booking, reminder, feed."""

import io
import json
from dataclasses import replace
from datetime import date

import pytest
from flask import Flask
from sqlalchemy import select

from clinic_scheduler.db import db, unit_of_work
from clinic_scheduler.domain.calendar_links import Whose
from clinic_scheduler.domain.contract import answer
from clinic_scheduler.domain.indications import INDICATIONS, Indication, Span
from clinic_scheduler.domain.intervals import parse_interval
from clinic_scheduler.models import Appointment, Course, Reminder, Treatment
from clinic_scheduler.services import calendar_feeds
from clinic_scheduler.services.reminders import replan_unplanned
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

    # Settings: its page shows what is shipped; the clinic offers it and edits a figure of its label.
    assert "17 weeks (119 days)" in words(visitor.get(f"/settings/protocols/{CODE}"))
    offered = visitor.post("/settings/protocols/offered", offered=["chronic_migraine", CODE])
    assert offered.status_code == 302
    label = f"/settings/products/onabotulinumtoxinA/{CODE}"
    assert (
        "Usual dose Planned where nothing better is known; without it a dose has to be planned 60 U"
        in words(visitor.get(label))
    )
    assert "Writer's cramp" in words(visitor.get("/settings/visit-lengths"))
    assert "Writer's cramp" in words(visitor.get("/settings/reminders"))

    # Import: told by its words and its code.
    visitor.get("/imports")
    visitor.post("/imports", log=(io.BytesIO(LOG.encode()), "log.csv"))
    visitor.post("/imports/run")
    with app.app_context():
        course = db.session().scalars(select(Course).where(Course.indication == CODE)).one()
        treated = select(Treatment.evaluation).where(Treatment.course_id == course.id)
        assert list(db.session().scalars(treated.order_by(Treatment.given_on))) == ["valid", "valid"]
        course_id, patient_id = course.id, course.patient_id
        # Dates: by its own interval, not another's.
        assert (course.reference_on, course.due_date) == (LAST, DUE)

    # The contract knows it as the screens do.
    asked = {
        "as_of": "2026-11-23",
        "patient": {"birth_date": "1980-05-04"},
        "courses": [
            {"id": "c", "indication": CODE, "product": "onabotulinumtoxinA", "started_on": "2026-04-06"}
        ],
        "sessions": [
            {
                "id": "s",
                "course_id": "c",
                "given_on": "2026-08-03",
                "units": 60,
                "product": "onabotulinumtoxinA",
            }
        ],
    }
    (found,) = answer(json.loads(json.dumps(asked)))["courses"]
    assert (found["due_date"], found["blocks"]) == (DUE.isoformat(), [])

    # Reminder: planned from its dates.
    with app.app_context(), unit_of_work() as session:
        replan_unplanned(session, clock.now())
    with app.app_context():
        kinds = select(Reminder.kind).where(Reminder.course_id == course_id, Reminder.state == "pending")
        assert "time_to_book" in set(db.session().scalars(kinds))

    # Booking: on the due list, in the panel, and booked with the shipped checks.
    assert "LINDQVIST" in words(visitor.get("/due?tab=all"))
    panel = visitor.get(f"/courses/{course_id}/book")
    assert "Writer's cramp" in words(panel)
    booked = visitor.post(
        f"/courses/{course_id}/book",
        kind="injection",
        provider=cast.provider_id,
        day=DUE.isoformat(),
        at="09:00",
        key=visitor.key,
    )
    assert booked.status_code == 302, words(booked)
    with app.app_context():
        visit = db.session().scalars(select(Appointment).where(Appointment.course_id == course_id)).one()
        assert (visit.state, visit.local_date) == ("booked", DUE)

    # Feed: the visit is in the patient's calendar; the diagnosis is not.
    links = app.extensions["clinic"].links
    with app.app_context(), unit_of_work() as session:
        token = calendar_feeds.issue(
            session,
            cast.actor,
            clock.now(),
            Whose(kind="patient", patient_id=patient_id),
            links.calendar_token,
            name="Phone",
        ).token
    body = visitor.client.get(f"/calendar/{token}.ics").text
    assert "20261130T090000" in body
    assert "cramp" not in body.lower()
