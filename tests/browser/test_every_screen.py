"""Every screen, whoever adds one: nothing for axe to find, nothing sideways on a phone, nothing heavy."""

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Browser, Page

from tests.browser.conftest import Open
from tests.browser.screens import NOT_SCREENS, SCREENS, SEEN_ELSEWHERE
from tests.factories import PASSWORD

pytestmark = pytest.mark.browser
FIRST_LOAD = 150_000
NOWHERE = "/no-such-page"
EVERY_ADDRESS = [*sum(SCREENS.values(), ()), NOWHERE]


AXE = Axe()


ALL_RULES: dict[str, Any] = {"resultTypes": ["violations"]}
OF_COLOURS = ALL_RULES | {"runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}}


def flaws(page: Page, options: dict[str, Any] = ALL_RULES) -> list[str]:
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.axe_script)
    found = page.evaluate("options => axe.run(options)", options)["violations"]
    return [f"{page.url} {flaw['id']}: {node['html'][:200]}" for flaw in found for node in flaw["nodes"]]


def flaws_in_light_and_dark(page: Page) -> list[str]:
    """Of the page as it stands: the server is not told of the colours, so it need not be asked again, and nothing
    but colours can be wrong in the dark alone.

    With reduced motion, since axe would else see buttons half way from one colour to the other.
    """
    found = []
    for scheme, rules in (("light", ALL_RULES), ("dark", OF_COLOURS)):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        found += [f"{scheme} {flaw}" for flaw in flaws(page, rules)]
    return found


DARK_ON_DARK = """<!doctype html><html lang="en"><title>Dim</title>
<style>@media (prefers-color-scheme: dark) { body { background: #111 } }</style><main><h1>Hardly seen</h1></main>"""


def test_a_flaw_of_dark_colours_alone_is_found(browser: Browser) -> None:
    page = browser.new_page()
    page.set_content(DARK_ON_DARK)
    (flaw,) = flaws_in_light_and_dark(page)
    page.close()
    assert flaw.startswith("dark about:blank color-contrast: <h1>")


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


def test_axe_finds_nothing_on_any_screen(open_page: Open) -> None:
    """Console errors and requests to elsewhere fail in open_page."""
    page = open_page()
    sign_in(page)
    wrong = []
    for address in EVERY_ADDRESS:
        answer = page.goto(address)
        assert answer is not None
        if answer.status != (404 if address == NOWHERE else 200):
            wrong.append(f"{address} answers {answer.status}")
        wrong += flaws_in_light_and_dark(page)
    assert wrong == []


def test_no_screen_is_wide_or_heavy(open_page: Open) -> None:
    """On a phone; a first load is all a page brings, styles and scripts too, as if nothing were kept from before."""
    page = open_page(width=390)
    sign_in(page)
    network = page.context.new_cdp_session(page)
    network.send("Network.enable")
    network.send("Network.setCacheDisabled", {"cacheDisabled": True})
    received: list[float] = []
    network.on("Network.loadingFinished", lambda done: received.append(done["encodedDataLength"]))
    wrong = []
    for address in EVERY_ADDRESS:
        received.clear()
        page.goto(address)
        if page.evaluate("document.documentElement.scrollWidth") > 390:
            wrong.append(f"{address} scrolls sideways")
        if not 0 < sum(received) < FIRST_LOAD:
            wrong.append(f"{address} brings {sum(received)} bytes")
    assert wrong == []
