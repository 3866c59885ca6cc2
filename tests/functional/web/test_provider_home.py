"""A provider's home: who lands there, the weeks in the address, the lists and the review queue."""

from datetime import date, time, timedelta

from flask import Flask

from clinic_scheduler.db import unit_of_work
from clinic_scheduler.models import Course, User
from tests import factories
from tests.conftest import FrozenClock
from tests.functional.web.conftest import Visitor, words


def tie(app: Flask, cast: factories.Cast) -> None:
    """The provider's account belongs to Dr Reid."""
    with app.app_context(), unit_of_work() as session:
        session.query(User).filter_by(email="provider@example.org").one().provider_id = cast.provider_id


def another(app: Flask, cast: factories.Cast, clock: FrozenClock, name: str, days: int) -> int:
    """A second patient's course of Dr Reid, last treated so many days ago."""
    with app.app_context(), unit_of_work() as session:
        now = clock.now()
        patient = factories.person(session, cast.actor, now, mrn=name, family_name=name, given_name="Tom")
        course = factories.migraine(session, cast.actor, now, patient, provider_id=cast.provider_id)
        factories.treat(session, cast.actor, now, course, factories.local_day(now) - timedelta(days))
        return course.id


def test_a_provider_lands_on_the_own_weeks_and_others_do_not(
    provider: Visitor, desk: Visitor, cast: factories.Cast, app: Flask
) -> None:
    assert desk.get("/").location == "/due"
    assert provider.get("/").location == "/provider"
    assert "not tied to a provider" in words(provider.get("/provider"))
    tie(app, cast)
    page = words(provider.get("/provider"))
    assert "The next 12 weeks" in page
    assert "Due, not booked (1)" in page
    assert "OKONKWO, Adaeze" in page
    assert "No provider is chosen" in words(desk.get("/provider"))
    assert "OKONKWO, Adaeze" in words(desk.get(f"/provider?provider={cast.provider_id}"))
    assert "OKONKWO" not in desk.get(f"/provider?provider={cast.other_provider_id}").text


def test_the_weeks_are_in_the_address_and_nonsense_falls_back(desk: Visitor, cast: factories.Cast) -> None:
    address = f"/provider?provider={cast.provider_id}"
    page = desk.get(f"{address}&weeks=26")
    assert "The next 26 weeks" in words(page)
    assert page.text.count('aria-current="page">26 weeks') == 1
    assert f"/provider?weeks=4&amp;provider={cast.provider_id}" in page.text
    assert "The next 12 weeks" in words(desk.get(f"{address}&weeks=5000"))
    assert desk.get("/provider?provider=999").status_code == 404


def test_another_clinics_provider_is_not_found(desk: Visitor, other_cast: factories.Cast) -> None:
    assert desk.get(f"/provider?provider={other_cast.provider_id}").status_code == 404


def test_weeks_count_what_is_booked_and_what_is_due(
    desk: Visitor, cast: factories.Cast, app: Flask, clock: FrozenClock
) -> None:
    another(app, cast, clock, "Harris", 99)  # overdue: counts for this week
    later = another(app, cast, clock, "Lund", 70)  # due on 07-Dec
    another(app, cast, clock, "Gone", 300)  # lapsed: consult again before booking
    with app.app_context(), unit_of_work() as session:
        factories.book(
            session, cast.actor, clock.now(), cast.course_id, cast.provider_id, date(2026, 11, 24), time(9)
        )
    page = words(desk.get(f"/provider?provider={cast.provider_id}&weeks=4"))
    assert "Mon 23-Nov-2026 1 1 " in page
    assert "Mon 07-Dec-2026 0 1 " in page
    assert "4 weeks from 23-Nov-2026: 1 booked, 2 due and not booked." in page
    assert "Late (1)" in page
    assert "Lapsed (1)" in page
    assert "Tue 24-Nov-2026 09:00 Booked" in page
    with app.app_context(), unit_of_work() as session:
        factories.hold(session, cast.actor, clock.now(), later, date(2026, 11, 20))
    held = words(desk.get(f"/provider?provider={cast.provider_id}&weeks=4"))
    assert "Mon 07-Dec-2026 0 0 " in held
    assert "Chronic migraine , on hold since 20-Nov-2026 , until further notice: Infection" in held


def test_a_response_review_waits_after_the_second_cycle(
    desk: Visitor, cast: factories.Cast, app: Flask, clock: FrozenClock
) -> None:
    address = f"/provider?provider={cast.provider_id}"
    assert "Response review" not in words(desk.get(address))
    with app.app_context(), unit_of_work() as session:
        course = session.get_one(Course, cast.course_id)
        factories.treat(session, cast.actor, clock.now(), course, factories.local_day(clock.now()))
    page = words(desk.get(address))
    assert "Response review after cycle 2: 01-Feb-2027 to 15-Feb-2027" in page
    assert "Response review" not in words(desk.get(f"{address}&weeks=4"))


def test_who_only_reads_sees_the_weeks_without_buttons(visitor: Visitor, cast: factories.Cast) -> None:
    visitor.sign_in("read_only")
    page = visitor.get(f"/provider?provider={cast.provider_id}").text
    assert "OKONKWO" in page
    assert "/book" not in page
