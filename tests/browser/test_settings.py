"""The administrator's settings in a real browser: what axe finds, small screens, and a protocol's preview."""

import pytest
from playwright.sync_api import expect

from tests.browser.axe import flaws
from tests.browser.conftest import Open
from tests.browser.test_every_screen import sign_in

pytestmark = pytest.mark.browser

MIGRAINE = "/settings/protocols/chronic_migraine"


def test_a_protocol_is_previewed_and_saved(open_page: Open) -> None:
    page = open_page()
    sign_in(page)
    page.goto(f"{MIGRAINE}/edit")
    page.get_by_label("Value of minimum", exact=True).fill("P80D")
    page.get_by_role("button", name="See what this changes").click()
    expect(page.get_by_role("alert")).to_be_focused()
    assert flaws(page) == []
    page.get_by_role("link", name="The label's minimum is").click()
    expect(page.get_by_label("Source of minimum", exact=True)).to_be_focused()
    page.get_by_label("Value of minimum", exact=True).fill("13 weeks")
    page.get_by_label("Source of minimum", exact=True).fill("Payer policy")
    page.get_by_role("button", name="See what this changes").click()
    expect(page.get_by_role("heading", name="Who would be affected")).to_be_visible()
    assert flaws(page) == []
    page.get_by_label("Bring all").check()
    page.get_by_role("button", name="Save version 2").click()
    expect(page.get_by_role("status").first).to_contain_text("Protocol saved")
    expect(page.get_by_role("heading", name="Version 2, current")).to_be_visible()


def test_a_password_link_leads_to_a_page_without_flaws(open_page: Open) -> None:
    page = open_page()
    sign_in(page)
    page.goto("/settings/staff/new")
    page.get_by_label("Name", exact=True).fill("Sol Reyes")
    page.get_by_label("Signs in with").fill("sol@example.org")
    page.get_by_role("button", name="Add the person").click()
    link = page.locator("#link").inner_text()
    assert flaws(page) == []
    page.goto(link[link.index("/set-password/") :])
    expect(page.get_by_role("heading", name="Choose a password")).to_be_visible()
    assert flaws(page) == []
