"""A request in a real browser: the desk asks by keyboard or mouse, a provider answers in two presses."""

from datetime import date

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from clinic_scheduler.db import unit_of_work
from clinic_scheduler.models import Course, Provider, User
from clinic_scheduler.services.actors import Actor
from tests import factories
from tests.browser.axe import flaws
from tests.browser.conftest import Open
from tests.conftest import FrozenClock

pytestmark = pytest.mark.browser
EARLY = "2026-12-15"


@pytest.fixture
def course(served: Flask, clock: FrozenClock) -> int:
    """GARRIDO may not be booked before the end of January; Dr Reid has an account, and the desk has one."""
    with served.app_context(), unit_of_work() as session:
        now = clock.now()
        reid = session.query(Provider).order_by(Provider.id).first()
        assert reid is not None
        actor = Actor("Test", reid.clinic_id, None, frozenset({"admin"}))
        session.query(User).filter_by(email="provider@example.org").one().provider_id = reid.id
        factories.staff(session, actor, now, "front_desk")
        patient = factories.person(
            session, actor, now, mrn="D1038", family_name="Garrido", given_name="Lucia"
        )
        opened = factories.migraine(session, actor, now, patient, provider_id=reid.id)
        factories.treat(session, actor, now, opened, date(2026, 11, 2))
        return opened.id


def signed_in(page: Page, role: str) -> Page:
    page.goto("/sign-in")
    page.get_by_label("E-mail address").fill(f"{role}@example.org")
    page.get_by_label("Password").fill(factories.PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/provider" if role == "provider" else "**/due")
    return page


def ask(desk: Page, course: int) -> None:
    """What the desk does on the phone: the day the patient wants, what stands against it, and Ask."""
    desk.goto(f"/courses/{course}/book")
    desk.get_by_label("Date", exact=True).fill(EARLY)
    desk.get_by_label("Time", exact=True).fill("09:00")
    desk.get_by_role("button", name="Book this time").click()
    expect(desk.get_by_role("heading", name="1 thing stops a visit")).to_be_visible()
    desk.get_by_label("What the patient says").fill("Away from January on")
    assert flaws(desk) == []
    desk.get_by_role("button", name="Ask Dr Amara Reid and hold the time").click()
    expect(desk.get_by_role("status").first).to_contain_text("Held until the provider answers")


def test_the_desk_asks_and_two_presses_answer(open_page: Open, course: int) -> None:
    desk = signed_in(open_page(), "front_desk")
    ask(desk, course)
    reid = signed_in(open_page(), "provider")
    expect(reid.get_by_role("heading", name="Asked of you: 1 request")).to_be_visible()
    assert flaws(reid) == []
    reid.get_by_role("link", name="Allow or decline GARRIDO, Lucia").click()
    expect(reid.get_by_role("heading", name="Allow Tue 15-Dec-2026 09:00?")).to_be_visible()
    expect(reid.get_by_text("Away from January on")).to_be_visible()
    assert flaws(reid) == []
    reid.get_by_role("button", name="Travel").click()
    expect(reid.get_by_role("status").first).to_contain_text("Allowed GARRIDO, Lucia")
    desk.goto("/work-list")
    expect(
        desk.get_by_role("heading", name="Provider allowed Tue 15-Dec-2026: GARRIDO, Lucia")
    ).to_be_visible()
    assert flaws(desk) == []
    desk.get_by_role("link", name="Show the visit of GARRIDO, Lucia").click()
    expect(desk.locator("#panel").get_by_text("Booked on day 43: Travel (Provider)")).to_be_visible()


def test_a_proposed_time_says_so_and_is_taken_back(open_page: Open, course: int) -> None:
    desk = signed_in(open_page(), "front_desk")
    ask(desk, course)
    desk.goto(f"/schedule?day={EARLY}")
    desk.get_by_role("link", name="GARRIDO, Lucia Proposed").click()
    expect(desk.locator("#panel")).to_contain_text("Waiting for Dr Amara Reid until 24-Nov-2026")
    assert flaws(desk) == []
    desk.get_by_role("button", name="Take the question back: GARRIDO, Lucia").click()
    expect(desk.get_by_role("status").first).to_contain_text("Question taken back")


def test_declining_is_told_with_its_words(open_page: Open, course: int) -> None:
    desk = signed_in(open_page(width=390), "front_desk")
    ask(desk, course)
    reid = signed_in(open_page(width=390), "provider")
    reid.get_by_role("link", name="Allow or decline GARRIDO, Lucia").click()
    assert reid.evaluate("document.documentElement.scrollWidth") == 390
    reid.get_by_role("button", name="Decline").click()
    expect(reid.get_by_role("alert")).to_be_focused()
    assert flaws(reid) == []
    reid.get_by_label("Why not, in words for the desk").fill("Too soon; January is fine")
    reid.get_by_role("button", name="Decline").click()
    expect(reid.get_by_role("status").first).to_contain_text("Declined GARRIDO, Lucia")
    desk.goto("/work-list")
    expect(desk.get_by_text("Too soon; January is fine")).to_be_visible()
    expect(desk.get_by_role("link", name="Book GARRIDO, Lucia")).to_be_visible()


def test_several_blocks_are_chosen_from_and_one_is_left(
    open_page: Open, course: int, served: Flask, clock: FrozenClock
) -> None:
    with served.app_context(), unit_of_work() as session:
        row = session.get_one(Course, course)
        actor = Actor("Test", row.clinic_id, None, frozenset({"admin"}))
        factories.hold(session, actor, clock.now(), course, date(2026, 11, 20))
    desk = signed_in(open_page(), "front_desk")
    desk.goto(f"/courses/{course}/book")
    desk.get_by_label("Date", exact=True).fill(EARLY)
    desk.get_by_label("Time", exact=True).fill("09:00")
    desk.get_by_role("button", name="Book this time").click()
    desk.get_by_role("button", name="Ask Dr Amara Reid and hold the time").click()
    reid = signed_in(open_page(), "provider")
    reid.get_by_role("link", name="Allow or decline GARRIDO, Lucia").click()
    assert flaws(reid) == []
    reid.get_by_label("Travel").check()
    reid.get_by_role("button", name="Allow, as Provider").click()
    expect(reid.get_by_role("status").first).to_contain_text("Allowed in part")
    expect(reid.get_by_role("button", name="The reason for the hold has ended")).to_be_visible()


def test_a_move_is_asked_about_from_the_schedule_and_allowed(open_page: Open, course: int) -> None:
    desk = signed_in(open_page(), "front_desk")
    desk.goto(f"/courses/{course}/book")
    desk.get_by_label("Date", exact=True).fill("2027-01-25")
    desk.get_by_label("Time", exact=True).fill("10:00")
    desk.get_by_role("button", name="Book this time").click()
    expect(desk.get_by_role("status").first).to_contain_text("Booked GARRIDO, Lucia")
    desk.goto("/schedule?day=2027-01-25")
    desk.get_by_role("link", name="Move GARRIDO, Lucia").click()
    desk.goto(desk.url.replace("2027-01-25", EARLY))
    desk.get_by_role("link", name="Ask a provider to move to 09:00 with Dr Amara Reid").click()
    assert flaws(desk) == []
    desk.get_by_label("What the patient says").fill("Away in January")
    desk.get_by_role("button", name="Ask Dr Amara Reid and hold the time").click()
    expect(desk.get_by_role("status").first).to_contain_text("the visit stays where it is")
    desk.get_by_role("link", name="GARRIDO, Lucia Proposed move").click()
    expect(desk.locator("#panel")).to_contain_text("Mon 25-Jan-2027 10:00")
    assert flaws(desk) == []
    reid = signed_in(open_page(width=390), "provider")
    assert reid.evaluate("document.documentElement.scrollWidth") == 390
    reid.get_by_role("link", name="Allow or decline GARRIDO, Lucia").click()
    expect(reid.get_by_role("heading", name="Move to Tue 15-Dec-2026 09:00?")).to_be_visible()
    assert reid.evaluate("document.documentElement.scrollWidth") == 390
    assert flaws(reid) == []
    reid.get_by_role("button", name="Travel").click()
    expect(reid.get_by_role("status").first).to_contain_text("Allowed GARRIDO, Lucia")
    desk.goto(f"/schedule?day={EARLY}")
    desk.get_by_role("link", name="GARRIDO, Lucia Booked").click()
    expect(desk.locator("#panel").get_by_text("Booked on day 43: Travel (Provider)")).to_be_visible()
