"""Calendar links in a real browser: the page patients open on a phone, two presses at the desk, the printed card."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.axe import flaws, flaws_of_controls
from tests.browser.conftest import Open, sign_in

pytestmark = pytest.mark.browser

SMALL = """() => [...document.querySelectorAll('a, button')]
  .filter((one) => one.checkVisibility() && one.getBoundingClientRect().height < 44).map((one) => one.textContent)"""
FONT = "getComputedStyle(document.querySelector('main p')).fontSize"


def test_two_presses_send_a_link_and_one_takes_it_back(open_page: Open) -> None:
    page = open_page()
    sign_in(page)
    page.goto("/patients/1")
    presses = 0
    for control in (
        page.get_by_text("Calendar link", exact=True),
        page.get_by_role("button", name="E-mail it"),
    ):
        control.click()
        presses += 1
    expect(page.get_by_role("status").first).to_contain_text("Calendar link goes out by e-mail")
    assert presses == 2
    assert flaws(page) == []
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("status").first).to_contain_text("Calendar link not sent")


def test_the_card_prints_alone_and_its_page_opens_on_a_phone(open_page: Open) -> None:
    page = open_page()
    sign_in(page)
    page.goto("/patients/1")
    page.get_by_text("Calendar link", exact=True).click()
    page.get_by_role("button", name="Print a card").click()
    assert flaws(page) == []
    page.emulate_media(media="print")
    expect(page.get_by_label("The card")).to_be_visible()
    for gone in (page.get_by_role("navigation"), page.get_by_role("button", name="Print the card")):
        expect(gone.first).to_be_hidden()
    box = page.get_by_label("The card").bounding_box()
    assert box
    assert box["height"] <= 148 / 25.4 * 96 + 1  # one A6 sheet
    document = page.pdf(prefer_css_page_size=True)
    pages = len(re.findall(rb"/Type\s*/Page\b", document))
    assert pages == 1
    address = page.get_by_text(re.compile("/c/")).inner_text().partition("/c/")[2]
    for dark in (False, True):
        phone = open_page(width=390, dark=dark)
        for language in ("en", "es"):
            phone.goto(f"/c/{address}?lang={language}")
            assert flaws(phone) == []
            assert phone.evaluate("document.documentElement.scrollWidth") <= 390
            assert phone.evaluate(SMALL) == []
            assert phone.evaluate(FONT) == "16px"
        assert dark or flaws_of_controls(phone) == []
    phone.get_by_role("button", name="Detener este enlace").click()
    expect(phone.get_by_role("heading", level=1)).to_have_text("Este enlace se ha detenido")
    assert flaws(phone) == []


def test_managing_pages_have_no_flaws(open_page: Open) -> None:
    page = open_page(width=390, dark=True)
    sign_in(page)
    page.goto("/patients/1/calendar-links")
    assert flaws(page) == []
    page.get_by_label("Name", exact=True).fill("Family calendar")
    page.get_by_role("button", name="Make the link").click()
    expect(page.get_by_role("heading", name="Family calendar")).to_be_visible()
    assert flaws(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
