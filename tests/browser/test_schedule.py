"""The schedule in a real browser: visits moved by keyboard and by dragging, gaps filled, keys and their switch."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.axe import flaws
from tests.browser.conftest import Open, sign_in

pytestmark = pytest.mark.browser
VISIT = "HARRIS, Tom Booked"


def tab_to(page: Page, name: str) -> None:
    page.wait_for_load_state()  # a page's script listens for keys, and may put the focus somewhere first
    for _ in range(120):
        page.keyboard.press("Tab")
        if name in page.evaluate("document.activeElement.textContent.replace(/\\s+/g, ' ')"):
            return
    raise AssertionError(f"the Tab key never reaches {name!r}")


def test_the_keyboard_alone_moves_a_visit_and_takes_it_back(open_page: Open) -> None:
    page = open_page()
    sign_in(page)
    page.locator("h1").click()
    page.keyboard.press("g")
    page.keyboard.press("s")
    page.wait_for_url("**/schedule")
    tab_to(page, VISIT)
    page.keyboard.press("m")
    page.wait_for_url("**move=1*")
    page.keyboard.press("Escape")
    page.wait_for_url(lambda address: "move=" not in address)
    expect(page.get_by_text("Move a visit")).to_have_count(0)
    tab_to(page, VISIT)
    page.keyboard.press("m")
    page.wait_for_url("**move=1*")
    page.locator("h1").click()
    tab_to(page, "Move to 14:00 with Dr Ben Sato")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").first).to_contain_text("Moved HARRIS, Tom, Mon 23-Nov-2026 14:00")
    tab_to(page, "Undo")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").first).to_contain_text("Moved back HARRIS, Tom, Mon 23-Nov-2026 11:00")


def test_dragging_a_visit_moves_it(open_page: Open) -> None:
    page = open_page()
    sign_in(page)
    page.goto("/schedule")
    page.get_by_role("link", name=VISIT).drag_to(page.get_by_role("link", name="Book 13:00 with Dr Ben Sato"))
    expect(page.get_by_role("status").first).to_contain_text("Moved HARRIS, Tom, Mon 23-Nov-2026 13:00")


def test_a_gap_is_filled_in_two_presses_beside_the_table(open_page: Open) -> None:
    page = open_page()
    sign_in(page)
    page.goto("/schedule")
    page.get_by_role("link", name="Book 13:00 with Dr Amara Reid").click()
    expect(page.locator("#panel")).to_be_focused()
    expect(page.get_by_role("link", name=VISIT)).to_be_visible()  # the table stays in view
    page.get_by_role("button", name="Book OKONKWO, Adaeze at 13:00").click()
    expect(page.get_by_role("status").first).to_contain_text("Booked OKONKWO, Adaeze, Mon 23-Nov-2026 13:00")


def test_keys_are_listed_and_can_be_turned_off(open_page: Open) -> None:
    page = open_page()
    sign_in(page)
    page.goto("/schedule")
    page.keyboard.press("]")
    page.wait_for_url("**day=2026-11-24*")
    page.keyboard.press("t")
    page.wait_for_url("**day=2026-11-23*")
    page.keyboard.press("?")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Arrived: the visit in focus")
    assert flaws(page) == []
    page.get_by_label("Single keys do this").uncheck()
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    page.keyboard.press("?")
    expect(dialog).to_have_count(0)
    page.get_by_role("button", name="Keys").click()
    page.get_by_label("Single keys do this").check()
    page.keyboard.press("Escape")
    page.get_by_role("link", name=VISIT).focus()
    page.keyboard.press("a")
    expect(page.get_by_role("link", name="HARRIS, Tom Arrived 09:00")).to_be_visible()


def test_a_phone_shows_one_provider_at_a_time(open_page: Open) -> None:
    page = open_page(width=390)
    sign_in(page)
    page.goto("/schedule")
    expect(page.get_by_role("columnheader", name="Dr Amara Reid")).to_be_visible()
    expect(page.get_by_role("columnheader", name="Dr Ben Sato")).to_be_hidden()
    page.get_by_role("navigation", name="Providers").get_by_role("link", name="Dr Ben Sato").click()
    expect(page.get_by_role("columnheader", name="Dr Ben Sato")).to_be_visible()
