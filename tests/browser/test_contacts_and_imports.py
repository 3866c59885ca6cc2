"""A contact logged in two presses, and a log imported in steps, in a real browser."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.axe import flaws
from tests.browser.conftest import Open
from tests.browser.conftest import sign_in as sign_in_provider
from tests.browser.test_every_screen import sign_in as sign_in_admin

pytestmark = pytest.mark.browser

LOG = "MRN,Last Name,First Name,DOB,Diagnosis,Product,DOS,Units,Provider\n" + "".join(
    f"N-{n},Person{n},Ada,1980-05-04,Chronic migraine,Botox,6/{n % 28 + 1}/2026,155,Dr New Person\n"
    for n in range(120)
)


def test_two_presses_log_a_contact_and_one_takes_it_back(open_page: Open) -> None:
    page = open_page()
    sign_in_provider(page)
    page.goto("/due?tab=to_book&sort=name")
    page.get_by_role("link", name="Log a contact with OKONKWO, Adaeze").click()
    assert flaws(page) == []
    page.get_by_role("dialog").get_by_role("button", name="Called: left a message").click()
    page.wait_for_url("**/due?tab=to_book&sort=name")
    expect(page.get_by_role("link", name="Contacted 1")).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("status").first).to_contain_text("Contact taken back")
    expect(page.get_by_role("link", name="Contacted 0")).to_be_visible()


def test_the_key_enter_in_a_field_logs_nothing(open_page: Open) -> None:
    page = open_page()
    sign_in_provider(page)
    page.goto("/courses/1/contact")
    page.get_by_label("Note").press("Enter")
    expect(page.get_by_role("heading", name="Log a contact")).to_be_visible()
    page.goto("/due")
    expect(page.get_by_role("link", name="Contacted 0")).to_be_visible()


@pytest.mark.parametrize(("dark", "width"), [(False, 1360), (True, 390)], ids=["light", "dark-phone"])
def test_a_log_is_checked_and_imported_in_steps(open_page: Open, dark: bool, width: int) -> None:
    page = open_page(dark=dark, width=width)
    sign_in_admin(page)
    page.goto("/imports")
    page.get_by_label("Injection log", exact=True).set_input_files(
        {"name": "log.csv", "mimeType": "text/csv", "buffer": (LOG + "N-9,x\n").encode()}
    )
    page.get_by_role("button", name="Check the file").click()
    expect(page.get_by_role("heading", name="Nothing was added yet")).to_be_visible()
    assert_sound(page, width)
    page.get_by_role("button", name="Import 120 patients").click()
    page.wait_for_url("**/imports/result")
    expect(page.get_by_text("120 patients, 120 courses, 120 treatments")).to_be_visible()
    assert_sound(page, width)


def test_a_large_file_shows_how_far_reading_is(open_page: Open) -> None:
    page = open_page()
    sign_in_admin(page)
    page.goto("/imports")
    header, *rows = LOG.splitlines(keepends=True)
    page.get_by_label("Injection log", exact=True).set_input_files(
        {"name": "log.csv", "mimeType": "text/csv", "buffer": (header + "".join(rows * 250)).encode()}
    )
    page.get_by_role("button", name="Check the file").click()
    expect(page.get_by_role("heading", name="Reading log.csv")).to_be_visible()
    expect(page.get_by_role("progressbar", name="Rows checked")).to_be_visible()
    assert_sound(page, 1360)
    page.wait_for_url("**/imports/check", timeout=60_000)
    expect(page.get_by_text("30000: 120 visits of 120 patients, 29880 repeats, 0 left out")).to_be_visible()


def assert_sound(page: Page, width: int) -> None:
    assert flaws(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
