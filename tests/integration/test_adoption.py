"""Kept dates under a new edition of the rules: in batches, broken off and begun again, and never moved unseen."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from clinic_scheduler.db import unit_of_work
from clinic_scheduler.domain.forecast.rules_edition import RULES_EDITION
from clinic_scheduler.jobs.adopt import adopt_clinics
from clinic_scheduler.models import AuditEvent, Clinic, Course, ForecastChange, Reminder
from clinic_scheduler.queries.due.news import FRESH, due_news
from clinic_scheduler.queries.protocols.rule_changes import rule_change_page, rule_changes
from clinic_scheduler.services.courses import adoption
from clinic_scheduler.services.messaging import reminder_planning
from tests import factories
from tests.integration.house import TODAY, House

FORMER = date(2026, 11, 2)


@pytest.fixture
def behind(house: House) -> House:
    """Three patients whose earliest date an earlier edition put on FORMER, and one whose dates it had as they are."""
    for number in range(2):
        house.another_course(f"A-20{number}")
    house.another_course("A-300", treated_on=TODAY - timedelta(50))

    def forget(session):
        for course in session.scalars(select(Course)):
            course.rules_edition = 1
            course.earliest_date = FORMER if course.id <= 3 else course.earliest_date
        session.get_one(Clinic, house.cast.clinic_id).rules_edition = 1

    house.change(forget)
    return house


def adopt(house: House) -> int:
    with house.app.app_context():
        return adopt_clinics(unit_of_work, house.now)


def kept_changes(house: House) -> list[tuple[int, str, str]]:
    return house.look(
        lambda s: [
            (row.course_id, row.before["earliest_date"], row.after["earliest_date"])
            for row in s.scalars(select(ForecastChange).order_by(ForecastChange.course_id))
        ]
    )


EVERY_CHANGE = [(key, FORMER.isoformat(), TODAY.isoformat()) for key in (1, 2, 3)]


def edition(house: House) -> int:
    return house.row(Clinic, house.cast.clinic_id)["rules_edition"]


def test_only_what_reads_otherwise_is_reported_and_the_edition_is_set_last(behind: House) -> None:
    assert adopt(behind) == 1
    assert kept_changes(behind) == EVERY_CHANGE
    assert behind.course()["earliest_date"] == TODAY
    assert edition(behind) == RULES_EDITION
    assert ("adopted", {"edition": RULES_EDITION, "former_edition": 1, "courses_changed": 3}) in behind.audit(
        "clinics"
    )
    assert adopt(behind) == 0


def test_broken_off_it_goes_on_and_nothing_is_lost_or_doubled(
    behind: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(adoption, "BATCH", 2)
    original, seen = adoption.refresh, []

    def fails_the_second_time(*arguments):
        seen.append(arguments)
        if len(seen) == 2:
            raise OSError("the power is gone")
        return original(*arguments)

    with monkeypatch.context() as broken:
        broken.setattr(adoption, "refresh", fails_the_second_time)
        with pytest.raises(OSError, match="power"):
            adopt(behind)
    assert (edition(behind), kept_changes(behind)) == (1, EVERY_CHANGE[:2])
    behind.later(minutes=1)
    adopt(behind)
    assert (edition(behind), kept_changes(behind)) == (RULES_EDITION, EVERY_CHANGE)
    made = behind.rows(select(ForecastChange.made_at).order_by(ForecastChange.id))
    assert made[0] == made[1] != made[2]


def test_told_to_stop_it_goes_on_another_time(behind: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(adoption, "BATCH", 1)
    asked = iter([False, True])
    with behind.app.app_context():
        assert adopt_clinics(unit_of_work, behind.now, lambda: next(asked)) == 0
    assert kept_changes(behind) == EVERY_CHANGE[:1]
    adopt(behind)
    assert kept_changes(behind) == EVERY_CHANGE


def test_whatever_else_computes_a_date_meanwhile_reports_it_too(behind: House) -> None:
    """A treatment recorded before the clinic's turn came: its row is there, with the date the former rules had."""
    behind.treat(TODAY - timedelta(1))
    ((_, was, reads),) = kept_changes(behind)
    assert (was, reads) == (FORMER.isoformat(), (TODAY - timedelta(1) + timedelta(84)).isoformat())
    adopt(behind)
    assert kept_changes(behind) == [(1, was, reads), *EVERY_CHANGE[1:]]


def test_a_course_opened_meanwhile_had_no_date_to_report(behind: House) -> None:
    behind.another_course("A-400")
    adopt(behind)
    assert kept_changes(behind) == EVERY_CHANGE


def test_once_adopted_ordinary_changes_are_no_rule_changes(behind: House) -> None:
    adopt(behind)
    behind.treat(TODAY)
    assert kept_changes(behind) == EVERY_CHANGE


def test_what_was_sent_is_not_sent_again(behind: House) -> None:
    """Told that it was time to book by the former dates; by the new ones it is time again."""
    behind.change(lambda s: reminder_planning.replan(s, s.get_one(Course, 1), behind.now, "test"))
    assert behind.reminders(kinds=("time_to_book",))
    behind.later(days=1)
    assert behind.send_due()
    adopt(behind)
    assert behind.course()["reminders_planned_at"] is None
    assert behind.course(4)["reminders_planned_at"] is not None
    behind.change(lambda s: reminder_planning.replan_unplanned(s, behind.now))
    told = behind.rows(select(Reminder.state).where(Reminder.course_id == 1, Reminder.kind == "time_to_book"))
    assert told == [("sent",)]


def test_the_report_is_a_page_at_a_time_of_one_clinic_and_fresh_for_a_while(
    behind: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = behind.change(lambda s: factories.cast(s, behind.now, clinic="Elsewhere", prefix="E"))
    mine = behind.cast.clinic_id
    assert not behind.look(lambda s: due_news(s, mine, TODAY, behind.now)).rules_changed
    adopt(behind)
    assert behind.look(lambda s: due_news(s, mine, TODAY, behind.now)).rules_changed
    assert not behind.look(lambda s: due_news(s, mine, TODAY, behind.now + FRESH)).rules_changed
    monkeypatch.setattr("clinic_scheduler.queries.protocols.rule_changes.PAGE", 2)
    first = behind.look(lambda s: rule_change_page(s, mine))
    second = behind.look(lambda s: rule_change_page(s, mine, first.older_than))
    assert [row.mrn for page in (first, second) for row in page.rows] == ["A-201", "A-200", "A-100"]
    assert second.older_than is None
    (change,) = first.rows[0].changed
    assert (change.about, change.before, change.after) == ("earliest_date", FORMER, TODAY)
    assert change.why == ("12 weeks (84 days) after 31-Aug-2026",)
    assert behind.look(lambda s: list(rule_changes(s, other.clinic_id))) == []


def test_the_audit_names_no_person(behind: House) -> None:
    adopt(behind)
    (who,) = behind.rows(
        select(AuditEvent.actor, AuditEvent.user_id, AuditEvent.patient_id).where(
            AuditEvent.action == "adopted"
        )
    )
    assert tuple(who) == ("new date rules", None, None)
