"""Visits left outside a provider's hours by a change of hours, or by taking no bookings any more."""

import re

import pytest
from flask import Flask
from sqlalchemy import select

from clinic_scheduler.models import Appointment
from tests import factories
from tests.conftest import FrozenClock
from tests.functional.web.conftest import Visitor, words
from tests.functional.web.test_settings import PROVIDER, admin, book, rows

__all__ = ["admin"]


@pytest.mark.parametrize("change", [{"bookings": ""}, {"day_1": "", "day_2": "9:00-12:00"}])
def test_a_visit_no_longer_within_hours_is_shown_with_times_to_move_it_to(
    app: Flask, admin: Visitor, clock: FrozenClock, cast: factories.Cast, change: dict[str, str]
) -> None:
    visit = book(app, clock, cast)
    address = f"/settings/providers/{cast.provider_id}"
    listed = f"/providers/{cast.provider_id}/outside-hours"
    assert admin.post(address, **PROVIDER | {"day_1": "9:00-17:00"}).location == "/settings/providers"
    assert "outside hours" not in words(admin.get(address))
    answer = admin.post(address, **PROVIDER | change)
    assert answer.location == listed
    page = admin.get(listed)
    assert "1 visit stands outside the hours of Dr Noor Lind. Nothing was moved" in words(page)
    assert page.text.count('name="slot"') >= 1
    assert "Tue 24-Nov-2026" in words(page)
    assert "1 visit outside hours" in words(admin.get(address))
    ((row,),) = rows(app, select(Appointment))
    assert (row.state, row.provider_id) == ("booked", cast.provider_id)
    place, slot = (re.search(f'name="{name}" value="([^"]+)"', page.text)[1] for name in ("place", "slot"))
    moved = admin.post(f"/appointments/{visit}/move-here", slot=slot, place=place)
    assert moved.location == listed
    assert "No visit stands outside the hours of Dr Noor Lind" in words(admin.get(listed))


def test_another_clinics_hours_are_not_found(admin: Visitor, other_cast: factories.Cast) -> None:
    assert admin.get(f"/providers/{other_cast.provider_id}/outside-hours").status_code == 404
