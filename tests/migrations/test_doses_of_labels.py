"""Doses and caps a clinic kept with its protocols become those of the label they were taken from, and none rises."""

import json
from datetime import date
from decimal import Decimal

import flask_migrate
from sqlalchemy import select, text

from clinic_scheduler.db import db, unit_of_work
from clinic_scheduler.models import Clinic, Course, ForecastChange, LabelVersion, ProtocolVersion, Treatment
from clinic_scheduler.queries.protocols.clinic_figures import own_figures
from clinic_scheduler.services.change import Change
from clinic_scheduler.services.courses.courses import CourseEntry, start_course
from clinic_scheduler.services.courses.forecasting import differences
from tests import databases, factories

BEFORE = "0006"
DYSPORT, LEGS = "abobotulinumtoxinA", "spasticity_lower_limb"
TODAY = date(2026, 11, 23)
MIGRAINE_OWN = {
    "minimum_interval": {"value": "P90D", "source": "Payer"},
    "unit_cap": {"value": 300, "source": "Pharmacy"},
    "typical_units": {"value": 175, "source": "Chart review"},
}
LEGS_OWN = {
    "unit_cap": {"value": 1500, "source": "For Dysport"},
    "paediatric_unit_cap": {"value": 300, "source": "Dr. Okafor"},
    "minimum_age": {"value": 4, "source": "Dr. Okafor"},
    "typical_units": {"value": 250, "source": "Chart review"},
}


def written(statement, **values):
    with db.engine.begin() as connection:
        connection.execute(text(statement), values)


def a_clinic_before(clock):
    """A migraine course with a treatment, and a Dysport course that 400 U for every product blocked."""
    with unit_of_work() as session:
        cast = factories.cast(session, clock.now())
        course = session.get_one(Course, cast.course_id)
        factories.treat(session, cast.actor, clock.now(), course, date(2026, 8, 31), 155)
        patient = factories.person(session, cast.actor, clock.now(), mrn="D-1")
        entry = CourseEntry(patient.id, LEGS, DYSPORT, TODAY, planned_units=Decimal(1000))
        dysport = start_course(Change(session, cast.actor, clock.now()), entry).id
    db.session.remove()
    databases.downgrade(BEFORE)
    written("UPDATE clinics SET rules_edition = 2")
    written("UPDATE courses SET rules_edition = 2")
    written("UPDATE courses SET blocks = 'cap_exceeded' WHERE id = :id", id=dysport)
    for indication, own in ((factories.MIGRAINE, MIGRAINE_OWN), (LEGS, LEGS_OWN)):
        written(
            "INSERT INTO protocol_versions (clinic_id, indication, version, overrides, created_at) "
            "SELECT clinic_id, indication, 2, :own, created_at FROM protocol_versions WHERE indication = :of",
            own=json.dumps(own),
            of=indication,
        )
    return cast, dysport


def upgraded():
    db.session.remove()
    flask_migrate.upgrade(str(databases.MIGRATIONS))


def test_a_clinics_own_doses_go_to_their_label_and_raised_caps_to_the_record(app, clock):
    cast, _ = a_clinic_before(clock)
    upgraded()
    own = own_figures(db.session(), cast.clinic_id)
    assert own == {
        # The lower ones; what was raised for every product alike is no product's cap.
        (factories.ONABOT, ""): {
            "unit_cap": MIGRAINE_OWN["unit_cap"],
            "paediatric_unit_cap": LEGS_OWN["paediatric_unit_cap"],
        },
        (factories.ONABOT, factories.MIGRAINE): {"typical_units": MIGRAINE_OWN["typical_units"]},
        (factories.ONABOT, LEGS): {
            "minimum_age": LEGS_OWN["minimum_age"],
            "typical_units": LEGS_OWN["typical_units"],
        },
        # Its usual dose is its own: units do not convert.
        (DYSPORT, LEGS): {"minimum_age": LEGS_OWN["minimum_age"]},
    }
    newest = select(ProtocolVersion.overrides, ProtocolVersion.former_doses).where(
        ProtocolVersion.version == 2
    )
    kept = [tuple(row) for row in db.session.execute(newest.order_by(ProtocolVersion.id))]
    doses = {name: given for name, given in MIGRAINE_OWN.items() if name != "minimum_interval"}
    assert kept == [({"minimum_interval": MIGRAINE_OWN["minimum_interval"]}, doses), ({}, LEGS_OWN)]


def test_dates_are_computed_anew_and_the_report_says_what_changed(app, clock):
    cast, dysport = a_clinic_before(clock)
    upgraded()
    row = db.session.get_one(Course, dysport)
    assert row.blocks == ""
    report = db.session.scalars(select(ForecastChange)).all()
    assert [(change.course_id, change.before["blocks"], change.after["blocks"]) for change in report] == [
        (dysport, ["cap_exceeded"], [])
    ]
    assert list(differences(db.session, cast.clinic_id, TODAY)) == []


def test_a_clinic_offers_what_it_treated_and_treatments_are_as_they_were(app, clock):
    a_clinic_before(clock)
    upgraded()
    assert db.session.scalars(select(Clinic.indications)).all() == [
        [factories.MIGRAINE, "spasticity_upper_limb", LEGS]
    ]
    (given,) = db.session.scalars(select(Treatment)).all()
    assert (given.units, given.product, given.indication, given.is_approximate) == (
        155,
        factories.ONABOT,
        None,
        False,
    )


def test_down_again_protocols_have_their_doses_and_unknown_ones_stay_exposures(app, clock):
    a_clinic_before(clock)
    upgraded()
    with unit_of_work() as session:
        given = session.scalars(select(Treatment)).one()
        given.course_id, given.units, given.product, given.indication = None, None, None, "other"
    db.session.remove()
    databases.downgrade(BEFORE)
    with db.engine.connect() as connection:
        own = connection.execute(
            text("SELECT overrides FROM protocol_versions WHERE version = 2 ORDER BY id")
        ).scalars()
        assert [json.loads(each) if isinstance(each, str) else each for each in own] == [
            MIGRAINE_OWN,
            LEGS_OWN,
        ]
        assert connection.execute(text("SELECT units > 0, product FROM treatments")).all() == [(1, "unknown")]
    upgraded()
    assert db.session.scalar(select(LabelVersion.version).limit(1)) == 1
