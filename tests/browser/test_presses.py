"""How many presses each of the desk's errands takes, counted by the browser itself, on both databases."""

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from tests.browser.conftest import Open, sign_in
from tests.conftest import BOTH
from tests.shared import Shared

pytestmark = pytest.mark.browser

# Counts what a hand would do: trusted clicks, kept over the pages that follow. A key's click has no detail.
COUNTER = """
addEventListener("click", (event) => {
  if (event.isTrusted && event.detail > 0)
    sessionStorage.setItem("presses", Number(sessionStorage.getItem("presses") ?? 0) + 1);
}, true);
window.print = () => sessionStorage.setItem("printed", "yes");
"""


@pytest.fixture(params=BOTH)
def shared_app(request: pytest.FixtureRequest) -> Flask:
    shared: Shared = request.getfixturevalue(f"shared_{request.param}")
    return shared.emptied()


@pytest.fixture
def desk(open_page: Open) -> Page:
    page = open_page()
    page.context.add_init_script(COUNTER)
    sign_in(page)
    page.evaluate("sessionStorage.clear()")
    return page


def presses(page: Page) -> int:
    return int(page.evaluate("Number(sessionStorage.getItem('presses') ?? 0)"))


def at_the_schedule(page: Page) -> None:
    page.goto("/schedule")
    page.evaluate("sessionStorage.clear()")


def told(page: Page, words: str) -> None:
    expect(page.get_by_role("status").first).to_contain_text(words)


def test_a_due_patient_is_booked_in_two(desk: Page) -> None:
    desk.get_by_role("link", name="Book OKONKWO, Adaeze").click()
    desk.get_by_role("button", name="Mon 23-Nov-2026").first.click()
    told(desk, "Booked OKONKWO, Adaeze")
    assert presses(desk) == 2


def test_a_call_is_logged_in_two(desk: Page) -> None:
    desk.get_by_role("link", name="Log a contact with OKONKWO, Adaeze").click()
    desk.get_by_role("dialog").get_by_role("button", name="Called: no answer").click()
    told(desk, "Contact logged")
    assert presses(desk) == 2


def test_a_calendar_link_is_sent_in_two(desk: Page) -> None:
    desk.goto("/patients/1")
    desk.evaluate("sessionStorage.clear()")
    desk.get_by_text("Calendar link", exact=True).click()
    desk.get_by_role("button", name="E-mail it").click()
    told(desk, "Calendar link goes out by e-mail")
    assert presses(desk) == 2


def test_a_patient_arrives_in_two(desk: Page) -> None:
    at_the_schedule(desk)
    desk.get_by_role("link", name="HARRIS, Tom Booked").click()
    desk.get_by_role("button", name="Arrived: HARRIS, Tom").click()
    expect(desk.get_by_role("link", name="HARRIS, Tom Arrived 09:00")).to_be_visible()
    assert presses(desk) == 2


def test_a_visit_is_moved_in_two(desk: Page) -> None:
    at_the_schedule(desk)
    desk.get_by_role("link", name="Move HARRIS, Tom").click()
    desk.get_by_role("button", name="Move to 14:00 with Dr Ben Sato").click()
    told(desk, "Moved HARRIS, Tom, Mon 23-Nov-2026 14:00")
    assert presses(desk) == 2


def test_a_gap_is_filled_in_two(desk: Page) -> None:
    at_the_schedule(desk)
    desk.get_by_role("link", name="Book 13:00 with Dr Amara Reid").click()
    desk.get_by_role("button", name="Book OKONKWO, Adaeze at 13:00").click()
    told(desk, "Booked OKONKWO, Adaeze, Mon 23-Nov-2026 13:00")
    assert presses(desk) == 2


def test_the_day_is_printed_in_one(desk: Page) -> None:
    at_the_schedule(desk)
    desk.get_by_role("button", name="Print").click()
    assert desk.evaluate("sessionStorage.getItem('printed')") == "yes"
    assert presses(desk) == 1
