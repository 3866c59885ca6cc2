"""The patient's forms in a real browser: what axe finds, small screens, and adding somebody from the search on."""

import pytest
from playwright.sync_api import expect

from tests.browser.axe import flaws
from tests.browser.conftest import Open, sign_in

pytestmark = pytest.mark.browser


def test_a_likely_match_keeps_what_was_typed_and_is_created_anyway(open_page: Open) -> None:
    page = open_page()
    sign_in(page)
    page.goto("/patients")
    page.get_by_role("link", name="New patient").click()
    for label, text in (
        ("Family name", "Okonkow"),
        ("Given name", "Adaeze"),
        ("MRN", "Z-1"),
        ("Phone", "2065550199"),
    ):
        page.get_by_label(label, exact=True).fill(text)
    page.get_by_label("Date of birth", exact=True).fill("1978-03-14")
    page.get_by_role("button", name="Add the patient").click()
    expect(page.get_by_role("link", name="Use the record A-100")).to_be_visible()
    assert flaws(page) == []
    expect(page.get_by_label("Family name", exact=True)).to_have_value("Okonkow")
    page.get_by_role("button", name="Create anyway").click()
    expect(page.get_by_role("status").first).to_contain_text("Patient added")
    page.get_by_role("button", name="Open the course").click()
    expect(page.get_by_role("status").first).to_contain_text("Course opened")


def test_what_is_missing_is_said_at_the_field_and_read_first(open_page: Open) -> None:
    page = open_page()
    sign_in(page)
    page.goto("/patients/new")
    page.get_by_role("button", name="Add the patient").click()
    expect(page.get_by_role("alert")).to_be_focused()
    page.get_by_role("link", name="Enter the MRN").click()
    expect(page.get_by_label("MRN", exact=True)).to_be_focused()
    assert page.get_by_label("MRN", exact=True).get_attribute("aria-invalid") == "true"
    assert flaws(page) == []
