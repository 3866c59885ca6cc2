"""A provider's calendars from elsewhere, on pages: added, told of, read anew, removed; what they do to bookings."""

from datetime import timedelta
from io import BytesIO

import pytest
from flask import Flask

from clinic_scheduler.db import unit_of_work
from clinic_scheduler.models import BusyCalendar
from clinic_scheduler.services.calendars.busy_times import keep_failure
from tests import factories
from tests.conftest import FrozenClock
from tests.functional.web.conftest import Visitor, words

URL = "https://rota.example.org/secret-5c1.ics"
# Tuesday 24 November, 10:00 to 11:30 in Los Angeles.
ICS = (
    b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nBEGIN:VEVENT\r\nUID:1\r\nSUMMARY:Ward round\r\n"
    b"DTSTART:20261124T180000Z\r\nDTEND:20261124T193000Z\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
)


@pytest.fixture
def admin(visitor: Visitor) -> Visitor:
    visitor.sign_in("admin")
    return visitor


def hand_in(admin: Visitor, content: bytes = ICS, name: str = "Ward") -> object:
    file = (BytesIO(content), "rota.ics")
    return admin.post("/settings/providers/1/calendars/file", **{"of-name": name, "of-file": file})


def test_an_address_is_added_shown_by_its_host_read_again_and_removed(
    admin: Visitor, app: Flask, clock: FrozenClock
) -> None:
    admin.get("/settings/providers/1")
    added = admin.post("/settings/providers/1/calendars/address", **{"from-name": "Rota", "from-url": URL})
    assert added.location == "/settings/providers/1#elsewhere"
    page = admin.get("/settings/providers/1")
    assert "Calendar added. It is read within 15 minutes" in words(page)
    assert "Rota rota.example.org Not yet" in words(page)
    with app.app_context(), unit_of_work() as session:
        row = session.get_one(BusyCalendar, 1)
        row.tried_at = row.read_at = clock.now() - timedelta(hours=1)
        keep_failure(session, 1, "The calendar's server could not be reached.")
    page = admin.get("/settings/providers/1")
    assert "23-Nov-2026 08:00 Last try failed The calendar's server could not be reached." in words(page)
    assert "Read within" not in words(page)
    admin.post("/settings/busy-calendars/1/read")
    page = admin.get("/settings/providers/1")
    assert "Read within 15 minutes" in words(page)
    assert "secret-5c1" not in page.text + admin.get("/settings/audit").text
    admin.post("/settings/busy-calendars/1/remove")
    page = admin.get("/settings/providers/1")
    assert "Calendar removed" in words(page)
    assert "rota.example.org" not in page.text


def test_what_cannot_be_used_is_said_beside_its_field(admin: Visitor) -> None:
    admin.get("/settings/providers/1")
    refused = admin.post(
        "/settings/providers/1/calendars/address", **{"from-url": "http://rota.example.org/"}
    )
    assert refused.status_code == 422
    assert '<a href="#from-name">Enter a name, such as Hospital rota</a>' in refused.text
    assert '<a href="#from-url">The address must begin with https:// or webcal://</a>' in refused.text
    assert 'value="Dr Amara Reid"' in refused.text  # the page's other form is as stored
    page = hand_in(admin, b"<html>")
    assert page.status_code == 422
    assert '<a href="#of-file">There is a web page, not a calendar.' in page.text
    assert "Nothing was changed" in words(page)


def test_busy_hours_show_in_the_schedule_warn_by_hand_and_list_the_visits_they_hit(
    admin: Visitor, cast: factories.Cast, booked: int
) -> None:
    admin.get("/settings/providers/1")
    assert hand_in(admin).status_code == 302
    page = words(admin.get("/settings/providers/1"))
    assert "Ward A file 23-Nov-2026 09:00 2 hours" in page
    day = admin.get("/schedule?day=2026-11-24")
    assert "Busy elsewhere" in words(day)
    assert "Ward round" not in day.text
    assert "Visits during busy hours (1)" in words(day)
    warning = "Take care. Dr Amara Reid busy elsewhere 10:00-11:30"
    assert warning in words(admin.get(f"/schedule?day=2026-11-24&visit={booked}"))
    listed = admin.get("/schedule/busy-hours")
    assert "1 visit stands in hours their provider is busy elsewhere. Nothing was moved" in words(listed)
    assert "Busy elsewhere 10:00-11:30" in words(listed)
    place = "busy_2026-11-23_"
    moved = admin.post(f"/appointments/{booked}/move-here", slot="1_2026-11-24_13:00", place=place)
    assert moved.location == "/schedule/busy-hours"
    assert "No visit stands in busy hours" in words(admin.get(moved.location))
    by_hand = admin.post(f"/appointments/{booked}/move-here", slot="1_2026-11-24_10:30", place=place)
    assert by_hand.status_code == 302  # a warning, never a stop
    assert warning in words(admin.get("/schedule?day=2026-11-24"))


def test_the_booking_panel_warns_of_the_day_looked_at(admin: Visitor, cast: factories.Cast) -> None:
    admin.get("/settings/providers/1")
    hand_in(admin)
    panel = admin.get(f"/courses/{cast.course_id}/book")
    assert "busy elsewhere" not in words(panel)
    sent = {"provider": "1", "day": "2026-11-24", "at": "03:00", "key": admin.key}
    refused = admin.post(f"/courses/{cast.course_id}/book", **sent)
    assert refused.status_code == 409
    assert "Take care. Dr Amara Reid busy elsewhere 10:00-11:30" in words(refused)


def test_only_admins_change_calendars_and_only_their_own_clinics(
    desk: Visitor, app: Flask, other_cast: factories.Cast
) -> None:
    assert desk.post("/settings/busy-calendars/1/remove").status_code == 403
    admin = Visitor(app.test_client())
    admin.sign_in("admin")
    theirs = other_cast.provider_id
    sent = {"from-name": "Rota", "from-url": URL}
    assert admin.post(f"/settings/providers/{theirs}/calendars/address", **sent).status_code == 404
    assert admin.post("/settings/busy-calendars/1/read").status_code == 404
