"""Every screen, whoever adds one: nothing for axe to find, nothing sideways on a phone, nothing heavy."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Page

from tests.browser.conftest import Open
from tests.browser.screens import NOT_SCREENS, SCREENS, SEEN_ELSEWHERE
from tests.factories import PASSWORD

pytestmark = pytest.mark.browser
FIRST_LOAD = 150_000


def flaws(page: Page) -> list[str]:
    found = Axe().run(page).response["violations"]
    return [f"{page.url} {flaw['id']}: {node['html'][:200]}" for flaw in found for node in flaw["nodes"]]


def sign_in(page: Page) -> None:
    page.goto("/sign-in")
    page.get_by_label("E-mail address").fill("admin@example.org")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/due")


def test_the_list_of_screens_is_whole(app: Flask) -> None:
    """A page that is not on the list is a page that nobody looks at."""
    readable = {rule.endpoint for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ())}
    assert readable == set(SCREENS) | set(SEEN_ELSEWHERE) | NOT_SCREENS


@pytest.mark.parametrize(("dark", "width"), [(False, 1360), (True, 1360), (False, 390)])
def test_every_screen_is_sound(open_page: Open, dark: bool, width: int) -> None:
    """Console errors and requests to elsewhere fail in open_page."""
    page = open_page(dark=dark, width=width)
    sign_in(page)
    wrong = []
    for address in [*sum(SCREENS.values(), ()), "/no-such-page"]:
        answer = page.goto(address)
        assert answer is not None
        if answer.status != (404 if address == "/no-such-page" else 200):
            wrong.append(f"{address} answers {answer.status}")
        if page.evaluate("document.documentElement.scrollWidth") > width:
            wrong.append(f"{address} scrolls sideways")
        wrong += flaws(page)
    assert wrong == []


def test_no_first_load_is_heavy(open_page: Open) -> None:
    """Everything a page brings, styles and scripts among it, as if nothing were kept from before."""
    page = open_page()
    sign_in(page)
    network = page.context.new_cdp_session(page)
    network.send("Network.enable")
    network.send("Network.setCacheDisabled", {"cacheDisabled": True})
    received: list[float] = []
    network.on("Network.loadingFinished", lambda done: received.append(done["encodedDataLength"]))
    heavy = {}
    for address in sum(SCREENS.values(), ()):
        received.clear()
        page.goto(address, wait_until="networkidle")
        if sum(received) >= FIRST_LOAD:
            heavy[address] = sum(received)
    assert heavy == {}
