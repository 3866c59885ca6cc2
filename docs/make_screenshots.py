"""Pictures of every screen of a running service: python docs/make_screenshots.py URL E-MAIL PASSWORD [FOLDER].

Sign in as an administrator to have them all. Each is taken at 1360 px, light and dark, and at 390 px. For the pages of
an import a small invented log is imported: take them from a demonstration, not from a clinic at work.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

ARGUMENTS = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--disable-background-networking"]
SCREENS = {
    "due-list": "/due",
    "due-all": "/due?tab=all",
    "schedule-day": "/schedule",
    "schedule-week": "/schedule/week",
    "closures": "/closures",
    "rule-changes": "/rule-changes",
    "blocked": "/due?tab=blocked",
    "booking-problems": "/due?tab=booking_problem",
    "provider": "/provider",
    "patients": "/patients",
    "messages": "/messages",
    "messages-planned": "/messages?tab=planned",
    "work-list": "/work-list",
    "settings": "/settings",
    "settings-providers": "/settings/providers",
    "settings-visit-lengths": "/settings/visit-lengths",
    "settings-protocols": "/settings/protocols",
    "settings-products": "/settings/products",
    "settings-label": "/settings/products/abobotulinumtoxinA/spasticity_upper_limb",
    "settings-reasons": "/settings/reasons",
    "settings-reminders": "/settings/reminders",
    "settings-reminder": "/settings/reminders/overdue/all",
    "settings-wording": "/settings/messages",
    "settings-wording-letter": "/settings/messages/visit_reminder/email/es",
    "settings-wording-text": "/settings/messages/visit_reminder/sms/en",
    "settings-calendars": "/settings/calendars",
    "settings-staff": "/settings/staff",
    "settings-audit": "/settings/audit",
    "imports": "/imports",
}
# Screens of one course or patient: the first such link on the list of all courses.
BEHIND_A_ROW = {
    "why": "a[href$='/why']",
    "book": "a[href$='/book']",
    "contact": "a[href*='/contact']",
    "patient": "a.patient",
}
# A log in which two headers and four words are known to nobody; {0} keeps the patients of each look apart.
LOG = (
    "Ref,Name,Date of birth,Indication,Toxin,Treatment date,Volume,Batch,Expiry,Clinician,Site,Comment\n"
    + "".join(
        f'P{{0}}-4{n:03},"{name}, {given}",{born},{what},{toxin},{day},{units},C77{n:02}B2,10/2027,Sato B,Ward 4,\n'
        for n, (name, given, born, what, toxin, day, units) in enumerate(
            [
                ("LINDKVIST", "Wanda", "1998-04-16", "Chronic migraine", "Botox", "2026-06-19", 155),
                ("ABERRA", "Selam", "1963-10-13", "HA clinic", "Toxin A", "2026-06-22", 175),
                ("DUARTE", "Ines", "1971-02-03", "Chronic migraine", "Botox", "2026-07-06", 195),
                ("FENWICK", "Tom", "1969-07-08", "Chronic migraine", "Botox", "2026-07-14", 155),
            ]
        )
    )
)
MEANINGS = {"Toxin A": "onabotulinumtoxinA", "HA clinic": "chronic_migraine"}
LOOKS = (("", 1360, False), ("-dark", 1360, True), ("-phone", 390, False))


def main(base: str, email: str, password: str, folder: str = "docs/screenshots") -> None:
    target = Path(folder)
    target.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=ARGUMENTS)
        for look, width, dark in LOOKS:
            page = signed_in(browser, base.rstrip("/"), email, password, width, dark)
            for name, path in {**SCREENS, **addresses(page)}.items():
                page.goto(path)
                page.screenshot(path=target / f"{name}{look}.png")
            for name in import_pages(page, str(width) + look):
                page.screenshot(path=target / f"{name}{look}.png")
            page.context.close()
        browser.close()


def signed_in(browser: Browser, base: str, email: str, password: str, width: int, dark: bool) -> Page:
    context = browser.new_context(
        base_url=base, viewport={"width": width, "height": 800}, color_scheme="dark" if dark else "light"
    )
    page = context.new_page()
    page.goto("/sign-in")
    page.fill("#email", email)
    page.fill("#password", password)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(lambda address: "/sign-in" not in address)
    return page


def import_pages(page: Page, apart: str) -> Iterator[str]:
    """From an upload to its result: the name of each page, once it is there."""
    page.goto("/imports")
    log = {"name": "bay-neuro-2026.csv", "mimeType": "text/csv", "buffer": LOG.replace("{0}", apart).encode()}
    page.set_input_files("input[name=log]", [log])
    page.get_by_role("button", name="Check the file").click()
    page.wait_for_url("**/imports/columns")
    yield "import-columns"
    page.get_by_label("Remember this").uncheck()
    page.get_by_role("button", name="Check the file").click()
    page.wait_for_url("**/imports/columns/words")
    for word, meaning in MEANINGS.items():
        page.get_by_label(f"{word} means").select_option(meaning)
    yield "import-words"
    page.get_by_role("button", name="Check the file").click()
    page.wait_for_url("**/imports/check")
    yield "import-check"
    page.get_by_role("button", name="Import").last.click()
    page.wait_for_url("**/imports/result")
    yield "import-result"


def addresses(page: Page) -> dict[str, str]:
    page.goto("/due?tab=all")
    return {
        name: page.locator(link).first.get_attribute("href") or "/due" for name, link in BEHIND_A_ROW.items()
    }


if __name__ == "__main__":
    if len(sys.argv) not in (4, 5):
        sys.exit(__doc__)
    main(*sys.argv[1:])
