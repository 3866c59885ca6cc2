"""The editor of messages' words in a real browser: what axe finds, a phone's width, and the preview as one types."""

import pytest
from playwright.sync_api import expect

from tests.browser.axe import flaws_in_light_and_dark
from tests.browser.conftest import Open
from tests.browser.test_every_screen import sign_in

pytestmark = pytest.mark.browser

TEXT = "/settings/messages/visit_reminder/sms/en"
LETTER = "/settings/messages/visit_reminder/email/es"


def test_words_are_typed_previewed_and_saved(open_page: Open) -> None:
    page = open_page(width=390)
    sign_in(page)
    for screen in ("/settings/messages", LETTER, TEXT):
        page.goto(screen)
        assert flaws_in_light_and_dark(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") == 390, screen
    preview = page.locator("#preview")
    page.get_by_label("Words", exact=True).fill("{{ clinic_name }}: ¡adiós! STOP. Call {{ clinic_phone }}, ")
    expect(preview).to_contain_text("{{ visit }} is missing")
    page.get_by_role("button", name="Insert visit", exact=True).click()
    expect(preview).to_contain_text(
        "Harbor Neurology: ¡adiós! STOP. Call +12065550100, Mon 23 Nov 2026, 11:00 am"
    )
    expect(preview).to_contain_text("2 texts (UCS-2)")
    expect(preview).to_contain_text("This character makes every text hold 70 instead of 160: ó")
    page.get_by_label("Words", exact=True).press("End")
    page.get_by_label("Words", exact=True).press_sequentially(" Botox")
    expect(preview).to_contain_text("These words may tell what the visit is for: “Botox”")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert")).to_be_focused()
    assert flaws_in_light_and_dark(page) == []
    page.get_by_label("Save these words all the same").check()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status").first).to_contain_text("Wording saved")
    page.get_by_role("button", name="Go back to the shipped words").click()
    expect(page.get_by_label("Words", exact=True)).to_have_value(
        "{{ clinic_name }}: your {{ visit_name }}: {{ visit }}. "
        "Call {{ clinic_phone }}. Emergency: 911. Reply C to confirm, R to move, STOP to end"
    )
