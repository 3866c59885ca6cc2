"""A patient's page on a phone, in both languages, and what patients want on their record."""

from datetime import timedelta

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from clinic_scheduler.links import VisitLink
from tests.browser.axe import flaws, flaws_of_controls
from tests.browser.conftest import Open, sign_in
from tests.conftest import FrozenClock

pytestmark = pytest.mark.browser

TARGETS = "[...document.querySelectorAll('main a, main button, summary')].map(e => e.getBoundingClientRect().height)"
SIZES = "[...document.querySelectorAll('main *')].map(e => parseFloat(getComputedStyle(e).fontSize))"


def large_enough(page: Page) -> bool:
    heights: list[float] = page.evaluate(TARGETS)
    sizes: list[float] = page.evaluate(SIZES)
    return (
        min(heights) >= 44
        and min(sizes) >= 16
        and page.evaluate("document.documentElement.scrollWidth") <= 390
    )


def in_spanish(page: Page) -> None:
    sign_in(page)
    page.goto("/patients/2/edit")
    page.get_by_label("Messages in").select_option("es")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status").first).to_contain_text("Record saved")


def test_a_patient_answers_on_a_phone_in_either_language(
    open_page: Open, clock: FrozenClock, served: Flask
) -> None:
    """Tom Harris is booked today at 11:00; the clock stands at 9:00."""
    visit = VisitLink(1, clock.now() + timedelta(hours=2))
    link = "/v/" + served.extensions["clinic"].links.visit(visit).rsplit("/", 1)[1]
    phone, dark = open_page(width=390), open_page(width=390, dark=True)
    phone.goto(link)
    assert large_enough(phone)
    assert flaws(phone) + flaws_of_controls(phone) == []
    phone.get_by_role("button", name="I will come").click()
    expect(phone.get_by_role("status")).to_contain_text("You have confirmed this appointment")
    assert flaws(phone) == []
    in_spanish(open_page())
    dark.goto(link)
    expect(dark.get_by_role("status")).to_contain_text("Ha confirmado esta cita")
    dark.get_by_text("¿Necesita otra hora?").click()
    assert large_enough(dark)
    assert flaws(dark) == []
    dark.get_by_role("button", name="Necesito otra hora").click()
    expect(dark.get_by_role("status")).to_contain_text("La clínica ha recibido su petición")
    assert flaws(dark) == []


def test_the_desk_notes_what_a_patient_wants(open_page: Open) -> None:
    page = open_page(width=390)
    sign_in(page)
    page.goto("/patients/1/messages-wanted")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert")).to_contain_text("Choose yes or no")
    assert flaws(page) == []
    page.get_by_label("No, do not send them").check()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status").first).to_contain_text("What the patient wants is saved")
    assert flaws(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
