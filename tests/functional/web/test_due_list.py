"""The due list's tabs, filter and pages; why a date is what it is; contacts."""

from datetime import time, timedelta

from flask import Flask
from sqlalchemy import event

from clinic_scheduler.db import db, unit_of_work
from clinic_scheduler.services.change import Change
from clinic_scheduler.services.visits import override_requests
from clinic_scheduler.services.visits.booking_rules import Question
from tests import factories
from tests.conftest import FrozenClock
from tests.functional.web.conftest import Visitor, words


def add_due(app: Flask, cast: factories.Cast, clock: FrozenClock, number: int) -> None:
    """`number` more patients, every second one the other provider's, last treated 100 days ago."""
    now = clock.now()
    with app.app_context(), unit_of_work() as session:
        for n in range(number):
            owner = (cast.provider_id, cast.other_provider_id)[n % 2]
            patient = factories.person(session, cast.actor, now, mrn=f"N-{n}", family_name=f"Many{n:03}")
            course = factories.migraine(session, cast.actor, now, patient, provider_id=owner)
            factories.treat(session, cast.actor, now, course, factories.local_day(now) - timedelta(100))


def test_tabs_filter_and_pages_stay_in_the_address(
    desk: Visitor, app: Flask, cast: factories.Cast, clock: FrozenClock
) -> None:
    add_due(app, cast, clock, 53)
    first = desk.get("/due?tab=overdue")
    assert "Overdue 53" in words(first)
    assert "Page 1 of 2, 53 courses" in words(first)
    assert "Overdue 9 days" in words(first)
    assert "MANY052" in desk.get("/due?tab=overdue&page=2").text
    assert "MANY052" in desk.get("/due?tab=overdue&page=99").text
    mine = desk.get(f"/due?tab=overdue&provider={cast.other_provider_id}")
    assert "Overdue 26" in words(mine)
    assert f"/due?tab=all&amp;provider={cast.other_provider_id}" in mine.text
    assert "MANY000" not in mine.text
    assert words(desk.get("/due?tab=nonsense&provider=x&page=y")).count("Overdue 53") == 1


def add_troubled(app: Flask, cast: factories.Cast, clock: FrozenClock, number: int) -> None:
    """`number` patients on hold, and as many whose booked visit was put on hold since and is asked about."""
    now, today = clock.now(), factories.local_day(clock.now())
    with app.app_context(), unit_of_work() as session:
        for n in range(number):
            for kind in ("H", "A"):
                patient = factories.person(
                    session, cast.actor, now, mrn=f"{kind}-{number}-{n}", family_name=f"{kind}{number}{n:03}"
                )
                course = factories.migraine(session, cast.actor, now, patient, provider_id=cast.provider_id)
                factories.treat(session, cast.actor, now, course, today - timedelta(84))
                if kind == "A":
                    day, at = today + timedelta(1 + n % 4), time((9 if number > 1 else 14) + n // 4 % 3)
                    visit = factories.book(session, cast.actor, now, course.id, cast.provider_id, day, at)
                factories.hold(session, cast.actor, now, course.id, today)
                if kind == "A":
                    question = Question(cast.provider_id, "Well again")
                    override_requests.ask_about(Change(session, cast.actor, now), visit.id, question)


def test_a_page_asks_the_same_few_queries_however_long(
    desk: Visitor, app: Flask, cast: factories.Cast, clock: FrozenClock
) -> None:
    def queries() -> int:
        seen: list[str] = []
        with app.app_context():
            engine = db.engine
        listener = lambda connection, cursor, statement, *rest: seen.append(statement)  # noqa: E731
        event.listen(engine, "before_cursor_execute", listener)
        try:
            assert desk.get("/due?tab=all").status_code == 200
        finally:
            event.remove(engine, "before_cursor_execute", listener)
        return sum(statement.lstrip().upper().startswith("SELECT") for statement in seen)

    few = queries()
    add_due(app, cast, clock, 20)
    assert queries() == few <= 9
    add_troubled(app, cast, clock, 1)
    with_a_question = queries()
    assert with_a_question == few
    add_troubled(app, cast, clock, 12)
    assert queries() == with_a_question
    blocked = words(desk.get("/due?tab=blocked"))
    assert blocked.count("See the hold") == 13
    assert words(desk.get("/due?tab=booking_problem")).count("Waiting for Dr Amara Reid") == 13


def test_why_gives_rule_inputs_and_source_for_every_date(desk: Visitor, cast: factories.Cast) -> None:
    page = words(desk.get(f"/courses/{cast.course_id}/why"))
    assert (
        "Earliest date 23-Nov-2026 12 weeks (84 days) after 31-Aug-2026 from 2026-08-31; interval P84D DD-3a"
        in page
    )
    assert "Due date 23-Nov-2026" in page
    assert "Overdue from 01-Dec-2026" in page
    assert "Lapsed from 02-Mar-2027" in page
    assert "prescribing information" in page
    assert "31-Aug-2026 155 U Botox (onabotulinumtoxinA) Lot C1234 On time" in page


def test_an_empty_list_says_what_to_do_next(desk: Visitor, cast: factories.Cast) -> None:
    page = words(desk.get("/due?tab=lapsed"))
    assert "Nothing under “Lapsed”. Show every open course (1)" in page
