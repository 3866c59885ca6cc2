"""Every screen, whoever adds one: nothing for axe to find, nothing sideways on a phone, nothing heavy."""

import pytest
from flask import Flask
from playwright.sync_api import Browser, Error, Page

from tests.browser.axe import flaws, flaws_in_light_and_dark, flaws_of_controls
from tests.browser.conftest import Open
from tests.browser.screens import NOT_SCREENS, SCREENS, SEEN_ELSEWHERE
from tests.factories import PASSWORD

pytestmark = pytest.mark.browser
FIRST_LOAD = 150_000
NOWHERE = "/no-such-page"
EVERY_ADDRESS = [*sum(SCREENS.values(), ()), NOWHERE]
# Among them they have every kind of control there is behind the sign-in.
WITH_ALL_CONTROLS = (
    "/due",
    "/schedule?visit=1",
    "/schedule?move=1",
    "/patients/1",
    "/work-list",
    "/imports",
    "/settings/reminders",
)

DARK_ON_DARK = """<!doctype html><html lang="en"><title>Dim</title>
<style>@media (prefers-color-scheme: dark) { body { background: #111 } }</style><main><h1>Hardly seen</h1></main>"""


def test_a_flaw_of_dark_colours_alone_is_found(browser: Browser) -> None:
    page = browser.new_page()
    page.set_content(DARK_ON_DARK)
    (flaw,) = flaws_in_light_and_dark(page)
    page.close()
    assert flaw.startswith("dark about:blank color-contrast: <h1>")


FADING = """<!doctype html><html lang="en"><title>Fading</title>
<style>main { color: #fff; transition: color .5s } main.seen, button { color: #111; background: #fff }
button:hover { color: #eee }</style><main><h1>Seen in the end</h1><button>Pressed</button></main>"""


def test_axe_is_asked_when_nothing_moves_and_the_pointer_is_away(browser: Browser) -> None:
    page = browser.new_page()
    page.set_content(FADING)
    page.get_by_role("button").click()
    page.evaluate("document.querySelector('main').className = 'seen'")
    assert page.evaluate("document.getAnimations().length") == 1
    assert flaws(page) == []
    found = flaws_of_controls(page)
    page.close()
    assert {flaw.partition(" about:")[0] for flaw in found} == {
        f"{scheme} {state}" for scheme in ("dark", "light") for state in ("under the pointer", "pressed")
    }


def test_a_page_that_never_rests_is_not_waited_for(browser: Browser) -> None:
    page = browser.new_page()
    page.set_content(
        "<style>@keyframes k { to { opacity: 0 } } p { animation: k 1s infinite }</style><p>On and on"
    )
    with pytest.raises(Error, match="does not stop moving"):
        flaws(page)
    page.close()


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


def test_every_screen_is_sound_narrow_and_light(open_page: Open) -> None:
    """Console errors and requests to elsewhere fail in open_page. A first load is all a page brings, styles and
    scripts too, as if nothing were kept from before; each is shown as wide as a phone once it was looked at.
    """
    page = open_page()
    sign_in(page)
    network = page.context.new_cdp_session(page)
    network.send("Network.enable")
    network.send("Network.setCacheDisabled", {"cacheDisabled": True})
    received: list[float] = []
    network.on("Network.loadingFinished", lambda done: received.append(done["encodedDataLength"]))
    wrong = []
    for address in EVERY_ADDRESS:
        received.clear()
        answer = page.goto(address)
        assert answer is not None
        if answer.status != (404 if address == NOWHERE else 200):
            wrong.append(f"{address} answers {answer.status}")
        if not 0 < sum(received) < FIRST_LOAD:
            wrong.append(f"{address} brings {sum(received)} bytes")
        wrong += flaws_in_light_and_dark(page)
        page.set_viewport_size({"width": 390, "height": 800})
        if page.evaluate("document.documentElement.scrollWidth") > 390:
            wrong.append(f"{address} scrolls sideways")
        page.set_viewport_size({"width": 1360, "height": 800})
    assert wrong == []


def test_controls_can_be_read_under_the_pointer_in_focus_and_pressed(open_page: Open) -> None:
    page = open_page()
    page.goto("/sign-in")
    found = flaws_of_controls(page)
    sign_in(page)
    for address in WITH_ALL_CONTROLS:
        page.goto(address)
        found += flaws_of_controls(page)
    assert found == []


def test_colours_change_at_once(open_page: Open) -> None:
    """A fade is a moment in which words cannot be read; what a closed part held would fade in when it is opened."""
    page = open_page()
    sign_in(page)
    for address in ("/due", "/courses/1/book", "/imports"):
        page.goto(address)
        page.emulate_media(color_scheme="dark")
        moving = page.evaluate("document.getAnimations().map((one) => one.effect.target.outerHTML)")
        page.emulate_media(color_scheme="light")
        assert moving == [], address
