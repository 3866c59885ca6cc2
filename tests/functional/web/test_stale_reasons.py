"""A reason given on a page that others have overtaken passes over nothing: what is new is shown and asked first."""

from datetime import date, timedelta

import pytest
from flask import Flask

from clinic_scheduler.db import unit_of_work
from clinic_scheduler.models import Appointment
from tests import factories
from tests.conftest import FrozenClock
from tests.functional.web.asking import DAY, ask_to_move, booked
from tests.functional.web.conftest import Visitor, words
from tests.functional.web.test_answering import treat

TRAVEL = {"reason-too_early": "travel", "note-too_early": "Flies out"}
NEW = "This page had not shown what stands against the day now"
MONDAY = date(2026, 11, 23)


def overridden(app: Flask) -> list[tuple[str, list[str]]]:
    """(day, what was passed over) of each visit."""
    with app.app_context(), unit_of_work() as session:
        rows = session.query(Appointment).order_by(Appointment.id)
        return [(str(row.local_date), [one.reason for one in row.overrides]) for row in rows]


@pytest.mark.parametrize("way", ["book", "move", "move-here"])
def test_a_treatment_entered_meanwhile_is_shown_before_a_time_is_taken(
    desk: Visitor,
    provider: Visitor,
    cast: factories.Cast,
    app: Flask,
    early: int,
    clock: FrozenClock,
    way: str,
) -> None:
    fields = {"provider": cast.provider_id, "day": DAY, "at": "09:00"}
    if way == "book":
        shown = address = f"/courses/{early}/book"
        shown += f"?provider={cast.provider_id}&day={DAY}&at=09:00"
    else:
        booked(desk, cast, early)
        shown, address = f"/schedule?day={DAY}&move=1", f"/appointments/1/{way}"
        if way == "move-here":
            fields = {"slot": f"{cast.provider_id}_{DAY}_09:00", "place": f"day_{DAY}_"}
        else:
            shown = f"/appointments/1/move?provider={cast.provider_id}&day={DAY}&at=09:00"
    before = overridden(app)
    assert "The earliest is Monday, January 25, 2027" in words(provider.get(shown))
    treat(app, cast, clock, early, date(2026, 11, 22))
    refused = provider.post(address, **fields, **TRAVEL, key="once")
    assert refused.status_code == 409
    assert NEW in words(refused)
    assert "The earliest is Sunday, February 14, 2027" in words(refused)
    assert f"Nothing was {'booked' if way == 'book' else 'moved'}. Decide again." in words(refused)
    assert 'value="Flies out"' in refused.text
    assert overridden(app) == before
    # What was answered is the new page: it has been looked at.
    assert provider.post(address, **fields, **TRAVEL, key="once").status_code == 302
    assert overridden(app) == [(DAY, ["travel"])]


@pytest.mark.parametrize("way", ["allow", "arrived"])
def test_what_came_up_since_the_visits_panel_was_opened_is_shown_first(
    provider: Visitor,
    cast: factories.Cast,
    app: Flask,
    booked: int,
    clock: FrozenClock,
    way: str,
) -> None:
    reason = {"reason-on_hold": "reason_ended"}
    with app.app_context(), unit_of_work() as session:
        factories.hold(session, cast.actor, clock.now(), cast.course_id, MONDAY)
    provider.get(f"/schedule?day=2026-11-24&visit={booked}")
    treat(app, cast, clock, cast.course_id, date(2026, 11, 22))
    refused = provider.post(f"/appointments/{booked}/{way}", **reason, place="day_2026-11-24_")
    assert refused.status_code == 409
    assert f"{NEW}. Too early." in words(refused)
    assert overridden(app)[0][1] == []
    with_both = {**reason, "reason-too_early": "travel"}
    # Without what was shown, as from a page made by hand, nothing is decided.
    blind = provider.post(f"/appointments/{booked}/{way}", **with_both, place="day_2026-11-24_", stood="")
    assert blind.status_code == 409
    assert overridden(app)[0][1] == []


def test_what_was_allowed_in_part_and_is_overtaken_can_be_allowed_again(
    desk: Visitor, provider: Visitor, cast: factories.Cast, app: Flask, early: int, clock: FrozenClock
) -> None:
    booked(desk, cast, early)
    with app.app_context(), unit_of_work() as session:
        factories.hold(session, cast.actor, clock.now(), early, MONDAY)
    ask_to_move(desk, cast)
    provider.get("/requests/1")
    assert provider.post("/requests/1/allow", **TRAVEL).location == "/requests/1"
    assert 'name="reason-too_early"' not in provider.get("/requests/1").text
    clock.move(timedelta(minutes=1))
    treat(app, cast, clock, early, date(2026, 11, 22))
    assert 'name="reason-too_early"' in provider.get("/requests/1").text
    both = {**TRAVEL, "reason-on_hold": "reason_ended"}
    assert provider.post("/requests/1/allow", **both).status_code == 302
    assert overridden(app)[0] == (DAY, ["travel", "reason_ended"])
