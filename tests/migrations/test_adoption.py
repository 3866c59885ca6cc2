"""A clinic of the former rules, with data, is upgraded: its dates follow, and one report says what changed and why."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select, text

from clinic_scheduler.db import db
from clinic_scheduler.domain.forecast.rules_edition import RULES_EDITION
from clinic_scheduler.jobs.context import tools_of
from clinic_scheduler.jobs.plan import plan
from clinic_scheduler.models import (
    AuditEvent,
    Clinic,
    Course,
    ForecastChange,
    VisitOverride,
)
from clinic_scheduler.queries.due.rows import due_page, due_rows
from clinic_scheduler.services.courses.forecasting import differences
from tests import databases
from tests.migrations.former_clinic import (
    BEFORE,
    SPASTIC,
    TODAY,
    FormerClinic,
    held,
    other_toxin,
    over_cap_together,
    overridden,
    reopened,
    upgrade,
    written,
)


@pytest.fixture
def former(app, clock):
    return FormerClinic(clock)


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
        {"edition": RULES_EDITION, "former_edition": 1, "courses_changed": len(before)}
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
    databases.downgrade("0004")
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
        broken.setattr("clinic_scheduler.services.courses.adoption.refresh", lambda *_: 1 / 0)
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
    assert db.session.scalars(select(Clinic.rules_edition)).all() == [RULES_EDITION]
