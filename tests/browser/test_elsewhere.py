"""Toxin given elsewhere in a browser: a slip mended, what it changed, its mark in the chart, taken out and back."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.axe import flaws_in_light_and_dark
from tests.browser.conftest import Open, sign_in

pytestmark = pytest.mark.browser


def wrong_with(page: Page) -> list[str]:
    wide = page.evaluate("document.documentElement.scrollWidth") > page.viewport_size["width"]
    return [*flaws_in_light_and_dark(page), *([f"{page.url} scrolls sideways"] if wide else [])]


@pytest.mark.parametrize("width", [1360, 390])
def test_toxin_given_elsewhere_from_first_to_last_press(open_page: Open, width: int) -> None:
    page = open_page(width=width)
    sign_in(page)
    page.goto("/patients/2")
    page.get_by_role("link", name="Add toxin given elsewhere").click()
    page.get_by_label("Month").select_option("October")
    page.get_by_label("Where").fill("Skin Studio, Ballard")
    page.get_by_label("How it is known").select_option("Letter or record of the other clinic")
    page.get_by_role("button", name="Add it").click()
    expect(page.get_by_role("alert")).to_be_focused()
    expect(page.get_by_label("Where")).to_have_value("Skin Studio, Ballard")
    found = wrong_with(page)
    page.get_by_role("alert").get_by_role("link", name="Enter the year").click()
    expect(page.get_by_label("Year")).to_be_focused()
    page.keyboard.type("2026")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").first).to_contain_text("Toxin given elsewhere is kept")
    expect(page.get_by_text("About, by 31-Oct-2026")).to_be_visible()
    expect(page.get_by_text("This visit stands under Booking problems")).to_be_visible()
    found += wrong_with(page)
    page.get_by_role("link", name="The patient’s page").click()
    expect(page.get_by_role("heading", name="Given elsewhere")).to_be_visible()
    expect(page.locator(".chart-elsewhere").first).to_be_visible()
    page.get_by_text("Show as table").click()
    found += wrong_with(page)
    page.get_by_role("link", name="Details of what was given elsewhere").click()
    page.get_by_role("link", name="Entered in error").click()
    found += wrong_with(page)
    page.get_by_label("Why").select_option("It was not given after all")
    page.get_by_role("button", name="Take it out").click()
    expect(page.get_by_text("No visit of the patient stands under Booking problems.")).to_be_visible()
    found += wrong_with(page)
    page.get_by_role("button", name="Undo: it was right").click()
    expect(page.get_by_role("status").first).to_contain_text("It counts again")
    assert found == []
