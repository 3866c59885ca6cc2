"""What axe finds on a page that stands still, in light and dark and in each state of its controls; no tests here."""

from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

AXE = Axe()
ALL_RULES: dict[str, Any] = {"resultTypes": ["violations"]}
OF_COLOURS = ALL_RULES | {"runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}}
CONTROLS = "a, button, summary, input, select, textarea"
# Of a control that is pressed, the pointer is over it too.
STATES = {
    "under the pointer": ["hover"],
    "in focus": ["focus", "focus-visible"],
    "pressed": ["hover", "active"],
}
# A page that never comes to rest is a flaw of its own.
AT_REST = """async () => {
  const moves = document.getAnimations().map((one) => one.finished);
  const late = new Promise((_, refuse) => setTimeout(() => refuse(new Error("the page does not stop moving")), 5000));
  await Promise.race([Promise.allSettled([document.fonts.ready, ...moves]), late]);
}"""


def flaws(page: Page, options: dict[str, Any] = ALL_RULES) -> list[str]:
    """Asked once nothing moves and the pointer is on nothing, where the last click left it by chance."""
    page.mouse.move(-1, -1)
    page.evaluate(AT_REST)
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.axe_script)
    found = page.evaluate("options => axe.run(options)", options)["violations"]
    return [f"{page.url} {flaw['id']}: {node['html'][:200]}" for flaw in found for node in flaw["nodes"]]


def flaws_in_light_and_dark(page: Page) -> list[str]:
    """Of the page as it stands: the server is not told of the colours, so it need not be asked again, and nothing
    but colours can be wrong in the dark alone. The page is left in the light.
    """
    found = []
    for scheme, rules in (("dark", OF_COLOURS), ("light", ALL_RULES)):
        page.emulate_media(color_scheme=scheme)
        found += [f"{scheme} {flaw}" for flaw in flaws(page, rules)]
    return found


def flaws_of_controls(page: Page) -> list[str]:
    """Of the colours alone, with every control under the pointer at once, then each in focus, then each pressed."""
    browser = page.context.new_cdp_session(page)
    browser.send("DOM.enable")
    browser.send("CSS.enable")
    root = browser.send("DOM.getDocument")["root"]["nodeId"]
    controls = browser.send("DOM.querySelectorAll", {"nodeId": root, "selector": CONTROLS})["nodeIds"]
    found = []
    for state, classes in STATES.items():
        for control in controls:
            browser.send("CSS.forcePseudoState", {"nodeId": control, "forcedPseudoClasses": classes})
        for scheme in ("dark", "light"):
            page.emulate_media(color_scheme=scheme)
            found += [f"{scheme} {state} {flaw}" for flaw in flaws(page, OF_COLOURS)]
    browser.detach()
    return found
