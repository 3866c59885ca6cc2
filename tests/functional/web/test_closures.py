"""Closed days: entered, removed, shown in the schedule, and the visits that stand on them until they are moved."""

from datetime import date

from flask import Flask

from clinic_scheduler.db import unit_of_work
from clinic_scheduler.models import Appointment, AuditEvent, Closure
from clinic_scheduler.services.change import Change
from clinic_scheduler.services.practice.clinics import add_closure
from tests import factories
from tests.conftest import FrozenClock
from tests.functional.web.conftest import Visitor, words

TOMORROW = date(2026, 11, 24)


def close(desk: Visitor, **fields: str) -> str:
    desk.get("/closures")
    sent = {"starts_on": "2026-11-24", "ends_on": "", "provider": "0", "reason": "Snow", **fields}
    answer = desk.post("/closures", **sent)
    assert answer.status_code == 302
    return answer.location or ""


def test_a_closure_lists_the_visits_it_hits_with_times_to_move_to(
    desk: Visitor, cast: factories.Cast, app: Flask, booked: int
) -> None:
    assert "No days are closed" in words(desk.get("/closures"))
    location = close(desk)
    assert location == "/closures/1"
    page = desk.get(location)
    shown = words(page)
    assert "Days closed. No visit was moved" in shown
    assert "1 visit stands on closed days. Nothing was moved" in shown
    assert "OKONKWO, Adaeze" in shown
    assert page.text.count('name="slot"') == 3
    assert "Mon 23-Nov-2026 09:15, Dr Amara Reid" in shown
    assert "24-Nov-2026 09:00" not in shown  # no time on the closed day itself
    assert "Visits on closed days (1)" in words(desk.get("/schedule"))
    assert "Held Snow" in words(desk.get("/schedule?day=2026-11-24"))
    slot = f"{cast.provider_id}_2026-11-25_09:00"
    moved = desk.post(f"/appointments/{booked}/move-here", slot=slot, place="closed_2026-11-23_")
    assert moved.location == "/schedule/closed-days"
    assert "No visit stands on a closed day" in words(desk.get(moved.location))
    assert "Visits on closed days" not in words(desk.get("/schedule"))
    with app.app_context(), unit_of_work() as session:
        assert session.get_one(Appointment, booked).local_date == date(2026, 11, 25)
    desk.post(f"/appointments/{booked}/undo", what="moved", place="closed_2026-11-23_")
    assert "OKONKWO" in words(desk.get("/schedule/closed-days"))  # back to where it stood


def test_a_cancelled_visit_is_not_booked_again_on_a_day_closed_since(
    desk: Visitor, app: Flask, booked: int
) -> None:
    desk.post(f"/appointments/{booked}/cancel", reason="illness")
    close(desk)
    refused = desk.post(f"/appointments/{booked}/undo", what="cancelled")
    assert refused.status_code == 409
    assert "24-Nov-2026 is closed. Nothing was changed" in words(refused)


def test_one_providers_leave_leaves_the_others_open(desk: Visitor, cast: factories.Cast, booked: int) -> None:
    close(desk, provider=str(cast.other_provider_id), ends_on="2026-11-25", reason="Leave")
    assert "No visit stands on a closed day" in words(desk.get("/closures/1"))
    day = words(desk.get("/schedule?day=2026-11-25"))
    assert "Held Leave" in day
    assert "Book 09:00 with Dr Amara Reid" in day
    assert "Book 09:00 with Dr Ben Sato" not in day
    assert "Dr Ben Sato Leave None" in words(desk.get("/closures"))


def test_removing_a_closure_opens_its_days_and_is_audited(
    desk: Visitor, app: Flask, cast: factories.Cast, booked: int
) -> None:
    close(desk)
    assert desk.post("/closures/1/remove").location == "/closures"
    assert "Days open again" in words(desk.get("/closures"))
    assert "Visits on closed days (" not in words(desk.get("/schedule"))
    with app.app_context(), unit_of_work() as session:
        assert session.query(Closure).count() == 0
        rows = session.query(AuditEvent).filter_by(subject="closures").order_by(AuditEvent.id)
        assert [row.action for row in rows] == ["added", "removed"]
    assert desk.post("/closures/1/remove").status_code == 404


WRONG = [
    ({"starts_on": ""}, "Enter the first day"),
    ({"ends_on": "2026-11-23"}, "The last day is before the first"),
    ({"ends_on": "2036-11-23"}, "That is more than a year"),
    ({"reason": " "}, "Enter a reason"),
    ({"provider": "999"}, "Not a valid choice"),
]


def test_what_is_wrong_is_said_beside_the_field(desk: Visitor, app: Flask) -> None:
    desk.get("/closures")
    for fields, message in WRONG:
        sent = {"starts_on": "2026-11-24", "ends_on": "", "provider": "0", "reason": "Snow", **fields}
        answer = desk.post("/closures", **sent)
        assert answer.status_code == 422, fields
        assert words(answer).count(message) == 2, fields
    with app.app_context(), unit_of_work() as session:
        assert session.query(Closure).count() == 0


def test_only_the_desk_and_administrators_close_days(provider: Visitor, app: Flask) -> None:
    assert "Close these days" not in words(provider.get("/closures"))
    answer = provider.post("/closures", starts_on="2026-11-24", provider="0", reason="Snow")
    assert answer.status_code == 403


def test_another_clinics_closures_are_not_found(
    desk: Visitor, app: Flask, other_cast: factories.Cast, clock: FrozenClock
) -> None:
    with app.app_context(), unit_of_work() as session:
        theirs = add_closure(Change(session, other_cast.actor, clock.now()), TOMORROW, TOMORROW, "Theirs").id
    assert "Theirs" not in words(desk.get("/closures"))
    assert desk.get(f"/closures/{theirs}").status_code == 404
    assert desk.post(f"/closures/{theirs}/remove").status_code == 404
    wrong = desk.post("/closures", starts_on="2026-11-24", provider=str(other_cast.provider_id), reason="x")
    assert wrong.status_code == 422
