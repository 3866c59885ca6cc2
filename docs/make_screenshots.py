"""Takes the README's pictures of a running service: python docs/make_screenshots.py URL E-MAIL PASSWORD [FOLDER]."""

import sys
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

ARGUMENTS = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--disable-background-networking"]


def main(base: str, email: str, password: str, folder: str = "docs/pictures") -> None:
    target = Path(folder)
    target.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=ARGUMENTS)
        for name, width, dark in (("", 1360, False), ("-dark", 1360, True), ("-phone", 390, False)):
            page = signed_in(browser, base.rstrip("/"), email, password, width, dark)
            take(page, target, name)
            page.context.close()
        browser.close()


def signed_in(browser: Browser, base: str, email: str, password: str, width: int, dark: bool) -> Page:
    context = browser.new_context(
        base_url=base,
        viewport={"width": width, "height": 800},
        color_scheme="dark" if dark else "light",
        device_scale_factor=2,
    )
    page = context.new_page()
    page.goto("/sign-in")
    page.fill("#email", email)
    page.fill("#password", password)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/due")
    return page


def take(page: Page, target: Path, name: str) -> None:
    """Due list, why, booking panel, patient, schedule: each as somebody would come to it."""
    page.screenshot(path=target / f"due{name}.png")
    page.locator("a[href$='/why']").first.click()
    page.get_by_role("dialog").wait_for()
    page.screenshot(path=target / f"why{name}.png")
    page.keyboard.press("Escape")
    page.locator("a[href$='/book']").first.click()
    page.wait_for_url("**/book")
    page.screenshot(path=target / f"book{name}.png")
    page.goto("/due?tab=all")
    page.locator("a.patient").first.click()
    page.wait_for_url("**/patients/*")
    page.screenshot(path=target / f"patient{name}.png")
    page.goto("/schedule")
    page.screenshot(path=target / f"schedule{name}.png")


if __name__ == "__main__":
    if len(sys.argv) not in (4, 5):
        sys.exit(__doc__)
    main(*sys.argv[1:])
