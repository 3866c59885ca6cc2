"""A clinic of the former rules, with data, is upgraded: its dates follow, and one report says what changed and why."""

from datetime import date, time, timedelta
from decimal import Decimal

import flask_migrate
import pytest
from sqlalchemy import select, text

from clinic_scheduler.db import db, unit_of_work
from clinic_scheduler.domain.local_time import to_utc
from clinic_scheduler.jobs.plan import plan
from clinic_scheduler.jobs.tools import tools_of
from clinic_scheduler.models import (
    Appointment,
    AuditEvent,
    Clinic,
    Course,
    ForecastChange,
    Patient,
    VisitOverride,
)
from clinic_scheduler.models.columns import opaque_id
from clinic_scheduler.queries.due_list import due_page, due_rows
from clinic_scheduler.services.courses import CourseEntry, start_course
from clinic_scheduler.services.forecasting import differences
from tests import databases, factories

BEFORE = "0005"
BOTOX, DYSPORT = factories.ONABOT, "abobotulinumtoxinA"
SPASTIC = "spasticity_upper_limb"
TODAY = date(2026, 11, 23)
HOUR = timedelta(hours=1)


@pytest.fixture
def app(empty_database_url, tmp_path, clock):
    with databases.opened(empty_database_url, tmp_path / "data", clock=clock) as app, app.app_context():
        flask_migrate.upgrade(str(databases.MIGRATIONS))
        yield app


def upgrade(revision="head"):
    db.session.remove()
    flask_migrate.upgrade(str(databases.MIGRATIONS), revision)


def written(statement, **values):
    with db.engine.begin() as connection:
        connection.execute(text(statement), values)


class FormerClinic:
    """A clinic as the tables and rules of 0005 had it, put together patient by patient."""

    def __init__(self, clock):
        self.now = clock.now()
        with unit_of_work() as session:
            self.cast = factories.cast(session, self.now)
            self.user_id = factories.staff(session, self.cast.actor, self.now, "provider").id
        self.slot = 0
        self.statements = []

    def course(self, mrn, indication=factories.MIGRAINE, product=BOTOX, *, started, plan=None, given=()):
        """Of a patient who may be there already; treated on these days, so many units."""
        with unit_of_work() as session:
            patient = session.scalar(select(Patient).where(Patient.mrn == mrn))
            patient = patient or factories.person(session, self.cast.actor, self.now, mrn=mrn)
            planned = Decimal(plan) if plan else None
            entry = CourseEntry(
                patient.id, indication, product, started, self.cast.provider_id, planned_units=planned
            )
            course = start_course(session, self.cast.actor, entry, self.now)
            for day, units in given:
                factories.treat(session, self.cast.actor, self.now, course, day, units)
            return course.id

    def visit(self, course_id, day):
        """Written past every guard, as the former rules let it."""
        self.slot += 1
        starts_at = to_utc(day, time(8), factories.ZONE) + self.slot * HOUR
        with unit_of_work() as session:
            course = session.get_one(Course, course_id)
            session.add(
                Appointment(
                    uid=opaque_id(),
                    clinic_id=course.clinic_id,
                    patient_id=course.patient_id,
                    course_id=course_id,
                    provider_id=self.cast.provider_id,
                    local_date=day,
                    local_time=(starts_at.astimezone(factories.ZONE)).time(),
                    zone=factories.ZONE.key,
                    starts_at=starts_at,
                    ends_at=starts_at + HOUR / 2,
                    state="booked",
                    created_at=self.now,
                    updated_at=self.now,
                )
            )
        self.sql("UPDATE courses SET booking = 'ok', booked_on = :day WHERE id = :id", day=day, id=course_id)

    def kept(self, course_id, **columns):
        """What the former rules had computed."""
        for name, value in columns.items():
            self.sql(f"UPDATE courses SET {name} = :value WHERE id = :id", value=value, id=course_id)

    def sql(self, statement, **values):
        """To be done once the tables are the former ones."""
        self.statements.append((statement, values))

    def becomes_former(self):
        db.session.remove()
        flask_migrate.downgrade(str(databases.MIGRATIONS), BEFORE)
        for statement, values in self.statements:
            written(statement, **values)


@pytest.fixture
def former(app, clock):
    return FormerClinic(clock)


def reopened(former):
    """Stopped and opened again within 84 days: to the former rules the new course had nothing behind it."""
    day = date(2026, 11, 2)
    old = former.course("R-1", started=date(2026, 1, 5), given=[(date(2026, 10, 20), 155)])
    with unit_of_work() as session:
        course = session.get_one(Course, old)
        course.stopped_on, course.closed_from = date(2026, 11, 1), date(2026, 11, 1)
    new = former.course("R-1", started=day)
    former.kept(
        new,
        earliest_date=day,
        due_date=day,
        overdue_date=date(2026, 12, 3),
        lapse_date=date(2027, 5, 3),
    )
    former.visit(new, TODAY + timedelta(1))
    return new


def over_cap_together(former):
    """195 U and 300 U of one product on one day, each within its own cap."""
    day = date(2026, 12, 28)
    one = former.course("C-1", started=date(2026, 11, 1), plan=195)
    other = former.course("C-1", SPASTIC, started=date(2026, 11, 1), plan=300)
    for course_id in (one, other):
        former.visit(course_id, day)
    return one, other


def other_toxin(former):
    """Botox elsewhere in the record eight weeks before a visit with Dysport, of which the former rules knew a block."""
    former.course("T-1", started=date(2026, 1, 5), given=[(date(2026, 10, 5), 155)])
    dysport = former.course("T-1", SPASTIC, DYSPORT, started=date(2026, 11, 1), plan=500)
    former.visit(dysport, date(2026, 12, 1))
    return dysport


def held(former):
    course = former.course("H-1", started=date(2026, 11, 1), plan=155)
    former.visit(course, date(2026, 12, 1))
    former.sql(
        "INSERT INTO holds (course_id, starts_on, ends_on, reason) VALUES (:id, :day, NULL, 'Surgery')",
        id=course,
        day=date(2026, 11, 30),
    )
    return course


def overridden(former):
    """On day 71 with 455 U of 400: one reason of a provider covered both."""
    course = former.course("O-1", started=date(2026, 1, 5), plan=300, given=[(date(2026, 9, 14), 155)])
    former.kept(course, earliest_date=date(2026, 12, 7))
    former.visit(course, TODAY + timedelta(1))
    former.sql(
        "UPDATE appointments SET override_reason = 'provider_decision', override_by_id = :by"
        " WHERE course_id = :id",
        by=former.user_id,
        id=course,
    )
    return course


def changes():
    rows = db.session.scalars(select(ForecastChange).order_by(ForecastChange.id))
    return {row.course_id: row for row in rows}


def booking(course_id):
    return db.session.get(Course, course_id).booking


def test_each_course_that_reads_otherwise_is_reported_with_both_dates_and_why(former):
    new = reopened(former)
    one, other = over_cap_together(former)
    dysport, on_hold = other_toxin(former), held(former)
    former.becomes_former()
    upgrade()
    found = changes()
    assert set(found) == {new, one, other, dysport, on_hold}  # the cast's own course reads as before
    row = found[new]
    assert (row.before["earliest_date"], row.after["earliest_date"]) == ("2026-11-02", "2027-01-12")
    assert (row.before["booking"], row.after["booking"]) == ("ok", "too_early")
    why = {reason["about"]: reason["text"] for reason in row.because}
    assert why["earliest_date"] == "12 weeks (84 days) after 20-Oct-2026"
    assert "Too early. The earliest is Tuesday, January 12, 2027" in why["booking"]
    assert {each: found[each].after["booking"] for each in (one, other, dysport, on_hold)} == {
        one: "over_cap",
        other: "over_cap",
        dysport: "blocked",
        on_hold: "blocked",
    }
    assert any("495 U" in reason["text"] for reason in found[one].because)
    assert any("On hold since Monday, November 30" in reason["text"] for reason in found[on_hold].because)


def test_what_the_rules_would_not_have_now_stands_under_booking_problems_unmoved(former):
    new, (one, other) = reopened(former), over_cap_together(former)
    former.becomes_former()
    days = "SELECT id, local_date, starts_at, state FROM appointments ORDER BY id"
    with db.engine.connect() as connection:
        before = connection.execute(text(days)).all()
    upgrade()
    clinic_id = former.cast.clinic_id
    listed = due_rows(db.session, clinic_id, TODAY, bucket="booking_problem")
    assert {row.course_id for row in listed} == {new, one, other}
    assert due_page(db.session, clinic_id, TODAY).counts["booking_problem"] == 3
    assert db.session.execute(text(days)).all() == before


def test_nothing_differs_afterwards_and_upgrading_again_changes_nothing(former, app):
    for tell in (reopened, over_cap_together, other_toxin, held, overridden):
        tell(former)
    former.becomes_former()
    upgrade()
    assert list(differences(db.session, former.cast.clinic_id, TODAY)) == []
    db.session.remove()
    before = {key: row.made_at for key, row in changes().items()}
    upgrade()
    assert {key: row.made_at for key, row in changes().items()} == before
    adopted = select(AuditEvent.details).where(AuditEvent.action == "adopted")
    assert db.session.scalars(adopted).all() == [
        {"edition": 2, "former_edition": 1, "courses_changed": len(before)}
    ]


def test_a_reason_that_covered_the_day_and_the_cap_is_named_for_both(former):
    course = overridden(former)
    former.becomes_former()
    upgrade()
    assert booking(course) == "ok"
    rows = db.session.scalars(select(VisitOverride).order_by(VisitOverride.id)).all()
    assert [(row.name, row.reason, row.decided_by_id) for row in rows] == [
        (name, "provider_decision", former.user_id) for name in ("too_early", "over_cap")
    ]
    assert rows[0].decided_at == rows[1].decided_at
    assert rows[0].decided_by == rows[1].decided_by


def test_what_other_visits_bring_over_the_cap_was_never_decided(former):
    """Within the cap with what was given, over it with what else is booked that day."""
    day = TODAY + timedelta(1)
    early = former.course("E-1", started=date(2026, 1, 5), plan=200, given=[(date(2026, 9, 14), 155)])
    other = former.course("E-1", SPASTIC, started=date(2026, 11, 1), plan=300)
    former.visit(early, day)
    former.visit(other, day)
    former.sql(
        "UPDATE appointments SET override_reason = 'travel', override_by_id = :by WHERE course_id = :id",
        by=former.user_id,
        id=early,
    )
    former.becomes_former()
    upgrade()
    assert db.session.scalars(select(VisitOverride.name)).all() == ["too_early"]
    assert booking(early) == "over_cap"


def test_reminders_are_planned_again_only_where_dates_moved(former, app):
    new, (one, _) = reopened(former), over_cap_together(former)
    former.becomes_former()
    written("UPDATE courses SET reminders_planned_at = created_at")
    upgrade()
    unplanned = select(Course.id).where(Course.reminders_planned_at.is_(None))
    assert db.session.scalars(unplanned).all() == [new]
    assert one != new
    db.session.remove()
    assert plan(tools_of(app)) == {"planned": 1}


def test_an_upgrade_that_stops_before_the_newest_computes_nothing(former):
    former.becomes_former()
    flask_migrate.downgrade(str(databases.MIGRATIONS), "0004")
    upgrade(BEFORE)
    written("UPDATE courses SET due_date = :day", day=date(2030, 1, 1))
    with db.engine.connect() as connection:
        assert connection.execute(text("SELECT DISTINCT due_date FROM courses")).all()
    upgrade()
    assert {row.before["due_date"] for row in changes().values()} == {"2030-01-01"}


def test_an_adoption_that_fails_says_what_to_run_and_loses_nothing(former, app, monkeypatch, caplog):
    new = reopened(former)
    former.becomes_former()
    with monkeypatch.context() as broken:
        broken.setattr("clinic_scheduler.services.adoption.refresh", lambda *_: 1 / 0)
        with pytest.raises(SystemExit) as ended:
            upgrade()
    assert ended.value.code == 1
    assert "flask --app wsgi recompute --write" in caplog.text
    assert "ZeroDivisionError" in caplog.text
    assert db.session.scalars(select(Clinic.rules_edition)).all() == [1]
    assert changes() == {}
    db.session.remove()
    result = app.test_cli_runner().invoke(args=["recompute", "--write"])
    assert result.output.endswith("0 differences\n")
    assert set(changes()) == {new}
    assert db.session.scalars(select(Clinic.rules_edition)).all() == [2]
