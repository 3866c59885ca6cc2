"""From an uploaded log with two headers nobody knows to the result, counted in presses; and how its pages look."""

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from tests.browser.axe import flaws
from tests.browser.conftest import Open
from tests.browser.test_every_screen import sign_in as sign_in_admin
from tests.browser.test_presses import COUNTER, presses
from tests.conftest import BOTH
from tests.shared import Shared

pytestmark = pytest.mark.browser

HEADER = "Ref,Last Name,First Name,DOB,Diagnosis,Product,DOS,Volume,Serie,Provider\n"
LOG = HEADER + "".join(
    f"N-{n + 100},Person{n},Ada,19{n % 40 + 50}-05-04,Chronic migraine,Botox,6/{n % 28 + 1}/2026,"
    f"{150 + n % 4 * 5},C{n}99A,Dr. Amara Reid\n"
    for n in range(40)
)

# Nothing tells the day of birth from the day of service.
TWO_DAYS = "MRN,Last Name,First Name,Aa,Diagnosis,Product,Bb,Units,Provider\n" + "".join(
    f"N-{n + 100},Person{n},Ada,2025-05-{n % 28 + 1:02},Chronic migraine,Botox,2026-06-{n % 28 + 1:02},155,"
    "Dr. Amara Reid\n"
    for n in range(40)
)


@pytest.fixture
def shared_app(request: pytest.FixtureRequest) -> Flask:
    """On SQLite; a test that names both databases is asked on both."""
    shared: Shared = request.getfixturevalue(f"shared_{getattr(request, 'param', 'sqlite')}")
    return shared.emptied()


def upload(page: Page, log: str, words: str = "Check the file") -> None:
    page.goto("/imports")
    page.evaluate("sessionStorage.clear()")
    with page.expect_file_chooser() as chooser:
        page.get_by_label("Injection log", exact=True).click()
    chooser.value.set_files({"name": "log.csv", "mimeType": "text/csv", "buffer": log.encode()})
    page.get_by_role("button", name=words).click()


def test_two_unknown_headers_take_at_most_six_presses(open_page: Open) -> None:
    page = open_page()
    page.context.add_init_script(COUNTER)
    sign_in_admin(page)
    upload(page, LOG)
    expect(page.get_by_label("Ref is")).to_have_value("mrn")
    expect(page.get_by_label("Volume is")).to_have_value("units")
    page.get_by_role("button", name="Check the file").click()
    page.get_by_role("button", name="Import 40 patients").click()
    page.wait_for_url("**/imports/result")
    expect(page.get_by_text("40 patients, 40 courses, 40 treatments")).to_be_visible()
    assert presses(page) == 4


def test_a_wrong_guess_is_mended_within_six_presses(open_page: Open) -> None:
    """A select takes two presses of a hand: one opens it, one chooses."""
    page = open_page()
    page.context.add_init_script(COUNTER)
    sign_in_admin(page)
    upload(page, LOG)
    page.get_by_label("Serie is").select_option("notes")
    page.get_by_role("button", name="Check the file").click()
    page.get_by_role("button", name="Import 40 patients").click()
    page.wait_for_url("**/imports/result")
    assert presses(page) + 2 <= 6


@pytest.mark.parametrize("shared_app", BOTH, indirect=True)
def test_two_headers_that_must_be_chosen_take_a_press_each(open_page: Open) -> None:
    page = open_page()
    page.context.add_init_script(COUNTER)
    sign_in_admin(page)
    upload(page, TWO_DAYS)
    ahead = page.get_by_text("check the file.")
    expect(ahead).to_contain_text("2 columns need you, then check the file.")
    page.get_by_role("button", name="Aa is the date of birth").click()
    expect(ahead).to_contain_text("1 column needs you, then check the file.")
    page.get_by_role("button", name="Bb is the date of service").click()
    expect(ahead).to_contain_text("No column needs you: check the file.")
    page.get_by_role("button", name="Check the file").click()
    page.get_by_role("button", name="Import 40 patients").click()
    page.wait_for_url("**/imports/result")
    expect(page.get_by_text("40 patients, 40 courses, 40 treatments")).to_be_visible()
    assert presses(page) <= 6


def test_columns_that_need_nobody_are_put_out_of_sight_and_sent_all_the_same(open_page: Open) -> None:
    page = open_page()
    sign_in_admin(page)
    upload(page, TWO_DAYS)
    expect(page.get_by_label("Product is")).to_be_visible()
    page.get_by_text("Need you 2").click()
    expect(page.get_by_label("Product is")).to_be_hidden()
    page.get_by_label("Aa is", exact=True).select_option("birth_date")
    page.get_by_role("button", name="Check the file").click()
    problem = page.get_by_role("alert")
    expect(problem).to_contain_text("No column is chosen yet for: date of service. Nothing was imported.")
    expect(page.get_by_label("Aa is", exact=True)).to_have_value("birth_date")
    expect(page.get_by_label("Product is")).to_have_value("product")
    page.get_by_label("Bb is", exact=True).select_option("given_on")
    page.get_by_role("button", name="Check the file").click()
    expect(page.get_by_role("button", name="Import 40 patients")).to_be_visible()


def test_going_back_to_the_columns_and_on_again_leads_to_the_check(open_page: Open) -> None:
    page = open_page()
    sign_in_admin(page)
    upload(page, LOG)
    page.get_by_label("Serie is").select_option("notes")
    page.get_by_role("button", name="Check the file").click()
    expect(page.get_by_role("button", name="Import 40 patients")).to_be_visible()
    page.go_back()
    expect(page.get_by_label("Serie is")).to_have_value("notes")
    page.get_by_role("button", name="Check the file").click()
    expect(page.get_by_role("button", name="Import 40 patients")).to_be_visible()


@pytest.mark.parametrize(("dark", "width"), [(False, 1360), (True, 390)], ids=["light", "dark-phone"])
def test_the_pages_of_columns_and_words_are_sound(open_page: Open, dark: bool, width: int) -> None:
    page = open_page(dark=dark, width=width)
    sign_in_admin(page)
    upload(page, LOG.replace("Botox", "Toxin A").replace("N-1", "Z-1"), "Look at the columns first")
    expect(page.get_by_role("heading", name="Import an injection log")).to_be_visible()
    assert_sound(page, width)
    page.get_by_role("button", name="Check the file").click()
    expect(page.get_by_role("heading", name="Words that are not known")).to_be_visible()
    assert_sound(page, width)
    page.get_by_label("Toxin A means").select_option("onabotulinumtoxinA")
    page.get_by_role("button", name="Check the file").click()
    expect(page.get_by_role("heading", name="Nothing was added yet")).to_be_visible()
    page.goto("/settings/import-mappings")
    page.get_by_role("link", name="Ref, Last Name").click()
    expect(page.get_by_role("heading", name="Change remembered columns")).to_be_visible()
    assert_sound(page, width)


def assert_sound(page: Page, width: int) -> None:
    assert flaws(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
