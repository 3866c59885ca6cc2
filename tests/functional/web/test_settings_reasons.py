"""Settings of reasons: added, reworded, retired and brought back, and what pages offer then."""

from flask import Flask
from sqlalchemy import select

from clinic_scheduler.db import unit_of_work
from clinic_scheduler.models import AuditEvent
from tests import factories
from tests.functional.web.conftest import Visitor, words

EARLY = "/settings/reasons/too_early"


def admin(app: Flask) -> Visitor:
    visitor = Visitor(app.test_client())
    assert visitor.sign_in("admin").status_code == 302
    return visitor


def audited(app: Flask) -> list[tuple[str, str]]:
    with app.app_context(), unit_of_work() as session:
        wanted = select(AuditEvent).where(AuditEvent.subject == "override_reasons").order_by(AuditEvent.id)
        return [(event.action, event.details["code"]) for event in session.scalars(wanted)]


def offered(provider: Visitor, course_id: int) -> str:
    """The booking panel of a day that is too early."""
    provider.get(f"/courses/{course_id}/book")
    return words(
        provider.post(f"/courses/{course_id}/book", provider=1, day="2026-11-24", at="09:00", key="k")
    )


def test_a_reason_is_added_offered_retired_and_brought_back(
    desk: Visitor, provider: Visitor, cast: factories.Cast, app: Flask
) -> None:
    keeper = admin(app)
    assert "Too early A provider" in words(keeper.get("/settings/reasons"))
    keeper.get(EARLY)
    assert keeper.post(EARLY, text="  Wedding   abroad ").location == EARLY
    assert "Reason added" in words(keeper.get(EARLY))
    with app.app_context(), unit_of_work() as session:
        course = session.get_one(factories.Course, cast.course_id)
        now = course.created_at
        factories.treat(session, cast.actor, now, course, factories.local_day(now))
    assert "Wedding abroad" in offered(provider, cast.course_id)
    assert keeper.post(f"{EARLY}/own_1/retire").location == EARLY
    assert "Wedding abroad Own Retired" in words(keeper.get(EARLY))
    assert "Wedding abroad" not in offered(provider, cast.course_id)
    keeper.post(f"{EARLY}/own_1/retire")
    keeper.post(f"{EARLY}/travel/retire")
    assert "Travel" not in offered(provider, cast.course_id)
    keeper.post(f"{EARLY}/own_1/bring-back")
    assert "Wedding abroad" in offered(provider, cast.course_id)
    assert audited(app) == [
        ("added", "own_1"),
        ("retired", "own_1"),
        ("retired", "travel"),
        ("brought_back", "own_1"),
    ]


def test_what_is_on_the_list_or_nothing_at_all_is_not_added(cast: factories.Cast, app: Flask) -> None:
    keeper = admin(app)
    keeper.get(EARLY)
    assert "Write the reason" in words(keeper.post(EARLY, text="   "))
    twice = keeper.post(EARLY, text="travel")
    assert twice.status_code == 422
    assert "This reason is on the list already" in words(twice)
    assert keeper.post(f"{EARLY}/other/retire").status_code == 400
    assert keeper.get("/settings/reasons/nonsense").status_code == 404
    assert keeper.get(f"{EARLY}/nonsense").status_code == 404
    assert audited(app) == []


def test_two_who_reword_one_reason_at_once_are_told(cast: factories.Cast, app: Flask) -> None:
    """The second sees what the first has saved, and may save again."""
    first, second = admin(app), admin(app)
    seen = [each.get(f"{EARLY}/travel").text.partition('name="seen"')[2] for each in (first, second)]
    stamps = [text.partition('value="')[2].partition('"')[0] for text in seen]
    assert first.post(f"{EARLY}/travel", text="On a journey", seen=stamps[0]).status_code == 302
    clash = second.post(f"{EARLY}/travel", text="Travelling", seen=stamps[1])
    assert clash.status_code == 409
    assert "Somebody changed this since you opened it" in words(clash)
    assert "Saved meanwhile: On a journey" in words(clash)
    again = clash.text.partition('name="seen"')[2].partition('value="')[2].partition('"')[0]
    assert second.post(f"{EARLY}/travel", text="Travelling", seen=again).status_code == 302
    assert audited(app) == [("reworded", "travel"), ("reworded", "travel")]


def test_only_administrators_change_the_list(desk: Visitor, provider: Visitor, cast: factories.Cast) -> None:
    for visitor in (desk, provider):
        assert visitor.get("/settings/reasons").status_code == 403
        assert visitor.get(EARLY).status_code == 403
        visitor.get("/patients")
        assert visitor.post(EARLY, text="Whatever").status_code == 403
