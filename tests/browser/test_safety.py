"""The patient's safety in a real browser: what a front desk once got past, and how it ends now."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Page, expect
from sqlalchemy import func, select

from clinic_scheduler.db import db, unit_of_work
from clinic_scheduler.domain.patients.holds import HoldReason
from clinic_scheduler.models import Appointment, Course, Treatment
from clinic_scheduler.services.actors import Actor
from clinic_scheduler.services.change import Change
from clinic_scheduler.services.courses import courses
from clinic_scheduler.services.courses.courses import CourseEntry
from tests import factories
from tests.browser.conftest import Open, sign_in
from tests.browser.test_every_screen import flaws
from tests.conftest import FrozenClock

pytestmark = pytest.mark.browser

ACTOR = Actor("Test", 1, None, frozenset({"admin"}))
BOTOX, DYSPORT = factories.ONABOT, "abobotulinumtoxinA"
UPPER, LOWER = "spasticity_upper_limb", "spasticity_lower_limb"
TODAY = date(2026, 11, 23)
Act = Callable[[Callable[[Any], Any]], Any]


@pytest.fixture
def change(served: Flask) -> Act:
    def changed(work: Callable[[Any], Any]) -> Any:
        with served.app_context(), unit_of_work() as session:
            return work(session)

    return changed


@pytest.fixture
def desk(open_page: Open, change: Act, clock: FrozenClock) -> Page:
    """The front desk, signed in; it may override nothing that is a provider's."""
    change(lambda session: factories.staff(session, ACTOR, clock.now(), "front_desk").id)
    page = open_page()
    page.goto("/sign-in")
    page.get_by_label("E-mail address").fill("front_desk@example.org")
    page.get_by_label("Password").fill(factories.PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/due")
    return page


def patient_with(change: Act, clock: FrozenClock, indication: str, product: str, **plan: Any) -> int:
    """The course of a new patient; treated `ago` days before today with `units`, unless that is None."""
    born = plan.pop("born", date(1978, 3, 14))
    ago, units = plan.pop("ago", 84), plan.pop("units", 155)

    def work(session: Any) -> int:
        now = clock.now()
        who = factories.person(
            session, ACTOR, now, mrn="S-1", family_name="Garrido", given_name="Lucia", birth_date=born
        )
        entry = CourseEntry(who.id, indication, product, TODAY - timedelta(400), provider_id=1, **plan)
        course = courses.start_course(Change(session, ACTOR, now), entry)
        if ago is not None:
            factories.treat(session, ACTOR, now, course, TODAY - timedelta(ago), units)
        return course.id

    return change(work)


def another_course(change: Act, clock: FrozenClock, course_id: int, **differs: Any) -> int:
    def work(session: Any) -> int:
        course = session.get_one(Course, course_id)
        same = CourseEntry(course.patient_id, course.indication, course.product, TODAY, provider_id=1)
        return courses.start_course(Change(session, ACTOR, clock.now()), replace(same, **differs)).id

    return change(work)


def stop(change: Act, clock: FrozenClock, course_id: int) -> None:
    change(lambda s: courses.stop(Change(s, ACTOR, clock.now()), course_id, TODAY, "Change").id)


def visits(served: Flask, course_id: int) -> list[str]:
    with served.app_context():
        mine = select(Appointment.state).where(Appointment.course_id == course_id)
        return list(db.session.scalars(mine.order_by(Appointment.id)))


def book(page: Page, course_id: int, day: str, at: str = "10:00") -> None:
    page.goto(f"/courses/{course_id}/book")
    page.get_by_role("textbox", name="Date").fill(day)
    page.get_by_role("textbox", name="Time").fill(at)
    page.get_by_role("button", name="Book this time").click()


def refused(page: Page, *said: str) -> None:
    """The refusal is read first, says what stands in the way, and nothing was booked."""
    expect(page.get_by_role("alert")).to_be_focused()
    expect(page.get_by_role("alert")).to_contain_text("Nothing was booked.")
    for text in said:
        expect(page.locator("main")).to_contain_text(text)
    assert flaws(page) == []


def test_a_course_stopped_and_opened_again_keeps_the_interval(
    desk: Page, change: Act, clock: FrozenClock, served: Flask
) -> None:
    old = patient_with(change, clock, factories.MIGRAINE, BOTOX, ago=18)
    stop(change, clock, old)
    new = another_course(change, clock, old)
    desk.goto(f"/courses/{new}/book")
    expect(desk.get_by_role("button", name="Thu 28-Jan-2027").first).to_be_visible()
    book(desk, new, "2026-11-24")
    refused(desk, "Too early", "The earliest is Thursday, January 28, 2027")
    assert visits(served, new) == []


def test_another_product_keeps_the_interval(
    desk: Page, change: Act, clock: FrozenClock, served: Flask
) -> None:
    old = patient_with(change, clock, UPPER, BOTOX, ago=62, units=250)
    stop(change, clock, old)
    new = another_course(change, clock, old, product=DYSPORT, planned_units=Decimal(300))
    book(desk, new, "2026-11-24")
    refused(desk, "Too early", "Another toxin was given", "Tuesday, December 15, 2026")
    assert visits(served, new) == []


def test_two_courses_share_the_cap_of_a_day(
    desk: Page, change: Act, clock: FrozenClock, served: Flask
) -> None:
    first = patient_with(change, clock, factories.MIGRAINE, BOTOX, planned_units=Decimal(195))
    second = another_course(change, clock, first, indication=LOWER, planned_units=Decimal(300))
    book(desk, first, "2026-11-24", "09:00")
    desk.wait_for_url("**/due")
    book(desk, second, "2026-11-24", "10:00")
    refused(desk, "Over the unit cap", "495 U", "the cap is 400 U")
    assert (visits(served, first), visits(served, second)) == (["booked"], [])


@pytest.mark.parametrize(
    ("indication", "reason"),
    [(None, HoldReason.PREGNANCY), (factories.MIGRAINE, HoldReason.SURGERY)],
)
def test_a_hold_is_no_matter_of_two_presses(
    desk: Page, change: Act, clock: FrozenClock, served: Flask, indication: str | None, reason: HoldReason
) -> None:
    course = patient_with(change, clock, factories.MIGRAINE, BOTOX)
    change(
        lambda s: (
            factories.hold(s, ACTOR, clock.now(), course, TODAY, reason=reason, every=indication is None).id
        )
    )
    desk.goto("/due?tab=blocked")
    expect(desk.get_by_role("row", name="GARRIDO, Lucia")).to_contain_text("On hold")
    assert desk.evaluate("document.documentElement.scrollWidth") <= 1360
    desk.goto(f"/courses/{course}/book")
    expect(desk.locator("main")).to_contain_text("No day is good until what stops it is mended")
    book(desk, course, "2026-11-24")
    refused(desk, "On hold", reason.label)
    assert visits(served, course) == []


def test_a_child_without_weight_is_weighed_first(
    desk: Page, change: Act, clock: FrozenClock, served: Flask
) -> None:
    course = patient_with(
        change, clock, LOWER, BOTOX, born=date(2017, 5, 1), ago=100, units=80, planned_units=Decimal(80)
    )
    book(desk, course, "2026-11-24")
    refused(desk, "No weight is known")
    assert visits(served, course) == []
    desk.get_by_role("link", name="Enter weight").click()
    desk.wait_for_url("**/edit")


@pytest.mark.parametrize(
    ("ends", "left"),
    [(None, None), (TODAY + timedelta(300), 0), (TODAY - timedelta(1), 3)],
    ids=["missing", "used up", "ending too early"],
)
def test_what_nobody_pays_for_takes_a_reason_that_is_seen_afterwards(
    desk: Page,
    change: Act,
    clock: FrozenClock,
    served: Flask,
    ends: date | None,
    left: int | None,
) -> None:
    course = patient_with(change, clock, factories.MIGRAINE, BOTOX, authorization_required=True)
    if ends is not None:
        starts = TODAY - timedelta(60)
        change(
            lambda s: (
                courses.authorize(Change(s, ACTOR, clock.now()), course, starts, ends, visits_left=left).id
            )
        )
    book(desk, course, "2026-11-24")
    refused(desk, "No authorization pays for that day")
    expect(desk.get_by_role("link", name="Add authorization").first).to_be_visible()
    assert visits(served, course) == []
    desk.get_by_label("The patient pays").check()
    desk.get_by_role("button", name="Book this time").click()
    desk.wait_for_url("**/due")
    assert visits(served, course) == ["booked"]
    desk.goto("/schedule?day=2026-11-24")
    visit = desk.locator(".visit", has_text="GARRIDO, Lucia")
    expect(visit).to_contain_text("Booked without an authorization: The patient pays (Front desk)")


def test_who_was_away_for_long_is_seen_first(
    desk: Page, change: Act, clock: FrozenClock, served: Flask
) -> None:
    course = patient_with(change, clock, factories.MIGRAINE, BOTOX, ago=200)
    book(desk, course, "2026-11-24")
    refused(desk, "A consultation comes first")
    assert visits(served, course) == []
    desk.get_by_role("link", name="Book a consultation").first.click()
    desk.get_by_role("button", name="Mon 23-Nov-2026").first.click()
    desk.wait_for_url("**/due")
    assert visits(served, course) == ["booked"]


def test_taking_back_a_cancellation_asks_again(
    desk: Page, change: Act, clock: FrozenClock, served: Flask
) -> None:
    course = patient_with(change, clock, factories.MIGRAINE, BOTOX)
    book(desk, course, "2026-11-24")
    desk.goto("/schedule?day=2026-11-24")
    desk.get_by_role("link", name="GARRIDO, Lucia Booked").click()
    desk.get_by_label("Cancel because").select_option("illness")
    desk.get_by_role("button", name="Cancel the visit").click()
    expect(desk.get_by_role("status").first).to_contain_text("Cancelled GARRIDO, Lucia")
    change(lambda s: factories.hold(s, ACTOR, clock.now(), course, TODAY).id)
    desk.get_by_role("button", name="Undo").click()
    expect(desk.locator("main")).to_contain_text("On hold")
    expect(desk.locator("main")).to_contain_text("Nothing was changed")
    assert visits(served, course) == ["cancelled"]


def test_a_provider_decides_by_name_and_the_visit_says_so(
    open_page: Open, change: Act, clock: FrozenClock, served: Flask
) -> None:
    course = patient_with(change, clock, factories.MIGRAINE, BOTOX, ago=60)
    page = open_page()
    sign_in(page)
    book(page, course, "2026-11-24")
    refused(page, "Too early")
    page.get_by_label("Travel").check()
    page.get_by_role("button", name="Allow and book").click()
    page.wait_for_url("**/due")
    page.goto("/schedule?day=2026-11-24")
    expect(page.locator(".visit", has_text="GARRIDO, Lucia")).to_contain_text(
        "Booked on day 61: Travel (Provider)"
    )
    assert flaws(page) == []


def test_another_toxin_waits_for_a_provider(
    desk: Page, change: Act, clock: FrozenClock, served: Flask
) -> None:
    old = patient_with(change, clock, UPPER, BOTOX, ago=95, units=250)
    stop(change, clock, old)
    new = another_course(change, clock, old, product=DYSPORT, planned_units=Decimal(300))
    book(desk, new, "2026-11-24")
    refused(desk, "Another toxin was given", "Botox, 250 U, was given on Thursday, August 20, 2026")
    assert visits(served, new) == []
    desk.get_by_label("What the patient says").fill("It wore off early")
    desk.get_by_role("button", name="Ask Dr Amara Reid and hold the time").click()
    desk.wait_for_url("**/due")
    assert visits(served, new) == ["proposed"]
    desk.goto("/schedule?day=2026-11-24")
    expect(desk.locator(".visit", has_text="GARRIDO, Lucia")).to_contain_text("Proposed")


def test_two_desks_that_record_one_visit_see_each_other(
    desk: Page, open_page: Open, change: Act, clock: FrozenClock, served: Flask
) -> None:
    course = patient_with(change, clock, factories.MIGRAINE, BOTOX)
    other = open_page()
    sign_in(other)
    for page in (desk, other):
        page.goto(f"/courses/{course}/treatments/new")
    desk.get_by_role("button", name="Record the treatment").click()
    desk.wait_for_url("**/next?treatment=*")
    other.get_by_role("button", name="Record the treatment").click()
    expect(other.get_by_role("alert")).to_be_focused()
    expect(other.get_by_role("alert")).to_contain_text("155 U were recorded")
    expect(other.get_by_role("alert")).to_contain_text("at 09:00 by Front desk")
    assert flaws(other) == []
    given = select(func.count()).select_from(Treatment).where(Treatment.course_id == course)
    with served.app_context():
        assert db.session.scalar(given) == 2  # the one of long ago and the desk's
