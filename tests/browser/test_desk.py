"""The desk's work in a real browser: booking with mouse and keyboard, small screens, and what axe finds."""

import pytest
from playwright.sync_api import expect

from tests.browser.axe import flaws
from tests.browser.conftest import Open, sign_in

pytestmark = pytest.mark.browser


def test_two_presses_book_and_one_undoes(open_page: Open) -> None:
    page = open_page()
    sign_in(page)
    page.get_by_role("link", name="Book OKONKWO, Adaeze").click()
    first = page.get_by_role("button", name="Mon 23-Nov-2026").first
    when = first.inner_text().partition(",")[0]
    first.click()
    expect(page.get_by_role("status").first).to_contain_text(f"Booked OKONKWO, Adaeze, {when}")
    page.get_by_role("link", name="Schedule").click()
    page.get_by_role("link", name="OKONKWO, Adaeze Booked").click()
    page.get_by_role("button", name="Arrived: OKONKWO, Adaeze").click()
    expect(page.get_by_role("link", name="OKONKWO, Adaeze Arrived 09:00")).to_be_visible()


def test_the_keyboard_alone_books(open_page: Open) -> None:
    page = open_page()
    sign_in(page)

    def tab_to(name: str) -> None:
        page.wait_for_load_state()  # a page's script may put the focus somewhere first
        for _ in range(60):
            page.keyboard.press("Tab")
            focused = page.evaluate(
                "document.activeElement.getAttribute('aria-label') || document.activeElement.textContent"
            )
            if name in focused:
                return
        raise AssertionError(f"the Tab key never reaches {name!r}")

    tab_to("Book OKONKWO, Adaeze")
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    page.keyboard.press("Enter")
    page.wait_for_url("**/book")
    tab_to("Tue 24-Nov-2026")
    page.keyboard.press("Enter")
    page.wait_for_url("**/due")
    tab_to("Undo")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").first).to_contain_text("Booking taken back")


def test_why_opens_over_the_list_and_gives_the_focus_back(open_page: Open) -> None:
    page = open_page()
    sign_in(page)
    link = page.get_by_role("link", name="Why these dates for OKONKWO, Adaeze")
    link.click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("12 weeks (84 days) after 31-Aug-2026")
    assert flaws(page) == []
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(link).to_be_focused()
    assert page.url.endswith("/due")


def test_a_refusal_is_read_first(open_page: Open) -> None:
    page = open_page()
    sign_in(page)
    page.goto("/courses/1/book")
    page.get_by_role("textbox", name="Time").fill("03:00")
    page.get_by_role("button", name="Book this time").click()
    expect(page.get_by_role("alert")).to_be_focused()
    expect(page).to_have_title("Error: Book a visit – Day 84")
    expect(page.get_by_role("textbox", name="Time")).to_have_value("03:00")
    assert flaws(page) == []


def test_the_menu_opens_on_a_phone(open_page: Open) -> None:
    page = open_page(width=390)
    sign_in(page)
    page.get_by_text("Menu").click()
    page.get_by_role("link", name="Schedule").click()
    page.wait_for_url("**/schedule")
    assert flaws(page) == []
