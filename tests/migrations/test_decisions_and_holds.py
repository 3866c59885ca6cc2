"""What a clinic of the former tables knew of overrides, holds and who recorded is kept in the tables of their own."""

from datetime import time, timedelta
from decimal import Decimal

import flask_migrate
import pytest
from sqlalchemy import inspect, select, text
from sqlalchemy.exc import IntegrityError

from clinic_scheduler.db import db, unit_of_work
from clinic_scheduler.domain.forecast.rules_edition import RULES_EDITION
from clinic_scheduler.domain.visits.seen import ACCEPTS_ALL
from clinic_scheduler.models import (
    Appointment,
    AuditEvent,
    Clinic,
    Course,
    Hold,
    ProcedureLength,
    Treatment,
    VisitOverride,
)
from clinic_scheduler.models.column_types import opaque_id
from clinic_scheduler.services.actors import Actor
from clinic_scheduler.services.audit import record
from clinic_scheduler.services.change import Change
from clinic_scheduler.services.practice import clinics
from clinic_scheduler.services.treatments import treatments
from tests import databases, factories

BEFORE = "0005"


def to(revision):
    db.session.remove()
    if revision == BEFORE:
        databases.downgrade(revision)
    else:
        flask_migrate.upgrade(str(databases.MIGRATIONS), revision)


def written(statement, **values):
    with db.engine.begin() as connection:
        connection.execute(text(statement), values)


def rows(*columns, by):
    return [tuple(row) for row in db.session.execute(select(*columns).order_by(by))]


def opened(clock):
    """A clinic with its provider's and its desk's account. Returns ids as `factories.cast` and both actors."""
    with unit_of_work() as session:
        now = clock.now()
        cast = factories.cast(session, now)
        provider, desk = (
            Actor(user.name, cast.clinic_id, user.id, frozenset({role}))
            for role in ("provider", "front_desk")
            for user in [factories.staff(session, cast.actor, now, role)]
        )
        return cast, provider, desk


def booked(session, cast, now):
    """Today at two."""
    day = factories.local_day(now)
    return factories.book(session, cast.actor, now, cast.course_id, cast.provider_id, day, time(14))


def another(visit, **changed):
    """A visit like it but for what is `changed`."""
    own = ("id", "uid", "idempotency_key")
    columns = (column.key for column in inspect(Appointment).columns)
    like = {name: getattr(visit, name) for name in columns if name not in own}
    return Appointment(**like | {"uid": opaque_id()} | changed)


def overridden(visit_id, reason, user_id):
    """As the former tables kept it."""
    written(
        "UPDATE appointments SET override_reason = :reason, override_by_id = :by WHERE id = :id",
        reason=reason,
        by=user_id,
        id=visit_id,
    )


def test_a_visits_override_is_named_by_its_day_and_its_reason(app, clock):
    """The cast's course may be booked from today on: a visit before that was too early, another over the cap."""
    cast, provider, _ = opened(clock)
    now, today = clock.now(), factories.local_day(clock.now())
    kept = (
        (-2, "patient_travels", provider.user_id),
        (1, "symptoms", provider.user_id),
        (-3, "dose_adjusted", None),
        (2, "dose_adjusted", provider.user_id),
        (3, None, None),
    )
    with unit_of_work() as session:
        visit = booked(session, cast, now)
        visit.state = "cancelled"
        visits = [visit, *(another(visit) for _ in kept[1:])]
        for each, (days, _, _) in zip(visits, kept, strict=True):
            each.local_date, each.updated_at = today + timedelta(days), now
            session.add(each)
            session.flush()
    to(BEFORE)
    written("UPDATE users SET name = '' WHERE id = :id", id=provider.user_id)
    for visit_id, (_, reason, user_id) in enumerate(kept, 1):
        overridden(visit_id, reason, user_id)
    to("head")
    columns = (
        VisitOverride.appointment_id,
        VisitOverride.name,
        VisitOverride.reason,
        VisitOverride.decided_by_id,
    )
    assert sorted(rows(*columns, by=VisitOverride.id)) == [
        (1, "too_early", "patient_travels", provider.user_id),
        (2, "over_cap", "symptoms", provider.user_id),
        (3, "over_cap", "dose_adjusted", None),
        (3, "too_early", "dose_adjusted", None),
        (4, "over_cap", "dose_adjusted", provider.user_id),
    ]
    assert set(rows(VisitOverride.decided_by, VisitOverride.decided_at, by=VisitOverride.id)) == {
        ("A provider", now)
    }
    assert set(rows(Appointment.kind, Appointment.outcome, by=Appointment.id)) == {("injection", None)}


def test_who_decided_is_called_by_name(app, clock):
    cast, provider, _ = opened(clock)
    with unit_of_work() as session:
        visit_id = booked(session, cast, clock.now()).id
    to(BEFORE)
    overridden(visit_id, "symptoms", provider.user_id)
    to("head")
    assert rows(VisitOverride.decided_by, by=VisitOverride.id) == [(provider.name,)]


def test_holds_become_the_patients_with_their_reason_and_who_set_them(app, clock):
    cast, provider, desk = opened(clock)
    day = factories.local_day(clock.now())
    with unit_of_work() as session:
        patient_id = cast.patient_id
        for number in range(4):
            course = factories.migraine(
                session,
                cast.actor,
                clock.now(),
                factories.person(session, cast.actor, clock.now(), mrn=f"H-{number}"),
            )
            patient_id = course.patient_id
            for who in ([], [desk], [desk, provider], [provider, desk])[number]:
                record(Change(session, who, clock.now()), "held", "courses", course.id)
    to(BEFORE)
    hold = (
        "INSERT INTO holds (course_id, starts_on, ends_on, reason)"
        " SELECT max(id) - :back, :day, NULL, :reason FROM courses"
    )
    for back, reason in ((3, "Pregnant since May"), (2, "SURGERY planned"), (1, "infections"), (0, "")):
        written(hold, back=back, day=day, reason=reason)
    to("head")
    found = rows(
        *(Hold.patient_id, Hold.indication, Hold.reason, Hold.note),
        *(Hold.set_by_id, Hold.set_by_provider, Hold.created_at),
        by=Hold.id,
    )
    of = ("chronic_migraine",)
    assert found == [
        (patient_id - 3, *of, "pregnancy", "Pregnant since May", None, False, None),
        (patient_id - 2, *of, "surgery", "SURGERY planned", desk.user_id, False, clock.now()),
        (patient_id - 1, *of, "infection", "infections", provider.user_id, True, clock.now()),
        (patient_id, *of, "other", None, desk.user_id, False, clock.now()),
    ]
    assert rows(Hold.set_by, by=Hold.id) == [(None,), (desk.name,), (provider.name,), (desk.name,)]


def test_going_back_a_patients_hold_is_one_of_each_course_and_comes_again_as_one_of_each_indication(
    app, clock
):
    cast, _, _ = opened(clock)
    day = factories.local_day(clock.now())
    with unit_of_work() as session:
        first = session.get_one(Course, cast.course_id)
        first.stopped_on, first.stop_reason = day, "another product"
        session.flush()
        factories.migraine(session, cast.actor, clock.now(), first.patient)
        session.add(Hold(patient_id=cast.patient_id, starts_on=day, reason="pregnancy", note="since May"))
    to(BEFORE)
    with db.engine.connect() as connection:
        assert connection.execute(text("SELECT course_id, reason FROM holds ORDER BY id")).all() == [
            (1, "since May"),
            (2, "since May"),
        ]
    to("head")
    assert rows(Hold.patient_id, Hold.indication, Hold.note, by=Hold.id) == [
        (cast.patient_id, "chronic_migraine", "since May")
    ]


def test_who_recorded_a_treatment_is_found_in_the_audit_record(app, clock):
    cast, provider, _ = opened(clock)
    day = factories.local_day(clock.now()) - timedelta(200)
    entry = treatments.TreatmentEntry(cast.course_id, day, Decimal(155), factories.ONABOT, "entry:1")
    with unit_of_work() as session:
        treatments.record(Change(session, provider, clock.now()), entry)
    before = rows(Treatment.recorded_by_id, by=Treatment.id)
    assert before == [(None,), (provider.user_id,)]
    to(BEFORE)
    to("head")
    assert rows(Treatment.recorded_by_id, by=Treatment.id) == before


def test_of_several_rows_of_a_visit_the_first_stays_with_it_going_back(app, clock):
    cast, _, _ = opened(clock)
    day = factories.local_day(clock.now())
    with unit_of_work() as session:
        visit = booked(session, cast, clock.now())
        given = [
            treatments.TreatmentEntry(
                cast.course_id, day, Decimal(50), factories.ONABOT, f"entry:{n}", seen=ACCEPTS_ALL
            )
            for n in (1, 2)
        ]
        for each in given:
            treatments.record(Change(session, cast.actor, clock.now()), each).appointment_id = visit.id
    to(BEFORE)
    to("head")
    assert rows(Treatment.appointment_id, by=Treatment.id) == [(None,), (1,), (None,)]


def test_editions_and_lengths_of_clinics_that_were_there(app, clock):
    """Dates kept so far are of the first edition, and computed anew by the newest; lengths are those of injections."""
    cast, _, _ = opened(clock)
    assert rows(Clinic.rules_edition, by=Clinic.id) == [(RULES_EDITION,)]
    with unit_of_work() as session:
        clinics.set_procedure_lengths(Change(session, cast.actor, clock.now()), {factories.MIGRAINE: 40})
        session.add(
            ProcedureLength(clinic_id=cast.clinic_id, visit_kind="consultation", indication="", minutes=20)
        )
    to(BEFORE)
    to("head")
    assert rows(Clinic.rules_edition, by=Clinic.id) == [(RULES_EDITION,)]
    adopted = select(AuditEvent.details).where(AuditEvent.action == "adopted")
    assert db.session.scalars(adopted).all() == [
        {"edition": RULES_EDITION, "former_edition": 1, "courses_changed": 0}
    ]
    assert rows(
        *(ProcedureLength.visit_kind, ProcedureLength.indication, ProcedureLength.minutes),
        by=ProcedureLength.id,
    ) == [("injection", factories.MIGRAINE, 40)]


def test_visits_the_former_tables_cannot_hold_are_cancelled_going_back(app, clock):
    cast, _, _ = opened(clock)
    with unit_of_work() as session:
        visit = booked(session, cast, clock.now())
        visit.state = "proposed"
        session.add(another(visit, kind="consultation", state="booked", **an_hour_later(visit)))
    to(BEFORE)
    to("head")
    assert rows(Appointment.state, by=Appointment.id) == [("cancelled",), ("cancelled",)]


def an_hour_later(visit):
    hour = timedelta(hours=1)
    return {"starts_at": visit.starts_at + hour, "ends_at": visit.ends_at + hour}


def test_a_proposal_takes_its_hour_and_is_the_courses_one_visit_of_its_kind(app, clock):
    cast, _, _ = opened(clock)
    with unit_of_work() as session:
        visit = booked(session, cast, clock.now())
        visit.state = "proposed"
        same_hour = another(visit, kind="consultation")
        same_kind = another(visit, **an_hour_later(visit))
        neither = another(visit, kind="follow_up", **an_hour_later(visit))
    for refused in (same_hour, same_kind):
        with pytest.raises(IntegrityError), unit_of_work() as session:
            session.add(refused)
    with unit_of_work() as session:
        session.add(neither)
