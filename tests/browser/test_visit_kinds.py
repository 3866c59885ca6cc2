"""A consultation in a real browser: booked, ended in one press, what follows offered, and nothing for axe to find."""

from datetime import time

import pytest
from flask import Flask
from playwright.sync_api import expect

from clinic_scheduler.db import unit_of_work
from clinic_scheduler.domain.local_time import to_utc
from clinic_scheduler.models import Course
from clinic_scheduler.services.change import Change
from clinic_scheduler.services.visits import appointments
from clinic_scheduler.services.visits.booking_rules import BookingRequest
from tests import factories
from tests.browser.axe import flaws_in_light_and_dark
from tests.browser.conftest import Open, sign_in
from tests.conftest import FrozenClock

pytestmark = pytest.mark.browser
DAY = "2026-11-23"


@pytest.fixture
def consultation(served: Flask, clock: FrozenClock) -> int:
    """For the first course, today at two."""
    with served.app_context(), unit_of_work() as session:
        course = session.get_one(Course, 1)
        at = to_utc(factories.local_day(clock.now()), time(14), factories.ZONE)
        wanted = BookingRequest(course.id, course.provider_id or 1, at, kind="consultation")
        actor = factories.Actor("Test", course.clinic_id, None, frozenset({"admin"}))
        return appointments.book(Change(session, actor, clock.now()), wanted).id


def test_a_consultation_is_ended_corrected_and_undone(open_page: Open, consultation: int) -> None:
    page = open_page()
    sign_in(page)
    page.goto(f"/schedule?day={DAY}&visit={consultation}")
    expect(page.get_by_role("heading", name="How did it end?")).to_be_visible()
    assert flaws_in_light_and_dark(page) == []
    page.get_by_role("button", name="Go on as before").click()
    expect(page.locator(".notice")).to_contain_text("Consultation noted")
    expect(page.get_by_role("link", name="Book the injection")).to_be_visible()
    page.get_by_text("Noted wrongly?").click()
    assert flaws_in_light_and_dark(page) == []
    page.get_by_role("button", name="It ended otherwise: Stop the treatment").click()
    expect(page.get_by_role("link", name="Stop the course")).to_be_visible()
    page.get_by_text("Noted wrongly?").click()
    page.get_by_role("button", name="It did not take place").click()
    expect(page.get_by_role("heading", name="How did it end?")).to_be_visible()


def test_a_consultation_becomes_an_injection_and_a_narrow_screen_holds_it(
    open_page: Open, consultation: int
) -> None:
    page = open_page(width=390)
    sign_in(page)
    page.goto(f"/schedule?day={DAY}&visit={consultation}")
    page.get_by_text("Is for something else").click()
    assert flaws_in_light_and_dark(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.get_by_role("button", name="Make it an injection").click()
    expect(page.locator(".notice")).to_contain_text("Changed Injection")
    page.goto("/patients/1")
    expect(page.get_by_role("link", name="Book a consultation")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
