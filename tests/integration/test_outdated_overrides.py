"""An override stands for what was known then, on both databases: what is entered later is asked about anew."""

from datetime import date, datetime, timedelta

import pytest

from clinic_scheduler.domain.errors import ActionRefused, BookingRefused
from clinic_scheduler.models import Appointment
from clinic_scheduler.services.actors import Actor
from clinic_scheduler.services.change import Change
from clinic_scheduler.services.courses import courses
from clinic_scheduler.services.courses.courses import CourseEntry
from clinic_scheduler.services.patients import holds
from clinic_scheduler.services.patients.holds import HoldEntry
from clinic_scheduler.services.visits import appointments, undo
from tests import factories
from tests.integration.house import TODAY, House, at

DAY = TODAY + timedelta(9)
HELD = factories.override("on_hold", "benefit_outweighs")


def put_on_hold(house: House, reason: str, *, until: date | None = None) -> None:
    entry = HoldEntry(house.cast.patient_id, None, TODAY, until, reason)
    house.change(lambda s: holds.hold(Change(s, house.cast.actor, house.now), entry).id)


@pytest.fixture
def visit(house: House, provider: Actor) -> int:
    """Booked on hold, by a provider's word."""
    put_on_hold(house, "infection")
    house.later(minutes=1)
    late = factories.override("late", "patient_wish")
    visit = house.book(at(DAY, 9), by=provider, overrides=(HELD, late))
    house.later(minutes=1)
    return visit


def test_another_hold_entered_later_is_not_passed_over(house: House, visit: int, provider: Actor) -> None:
    assert house.course()["booking"] == "ok"
    put_on_hold(house, "pregnancy")
    assert house.course()["booking"] == "blocked"
    assert [name for name, *_ in house.overrides(visit)] == ["late"]
    (audited,) = [details for action, details in house.audit("appointments") if action == "override_outdated"]
    assert audited == {"names": ["on_hold"]}
    house.change(lambda s: appointments.allow(Change(s, provider, house.now), visit, (HELD,)).id)
    assert house.course()["booking"] == "ok"
    with pytest.raises(ActionRefused, match="Nothing stands against this visit"):
        house.change(lambda s: appointments.allow(Change(s, provider, house.now), visit, (HELD,)).id)
    assert [action for action, _ in house.audit("appointments")].count("allowed") == 1


def test_a_hold_that_is_over_by_the_visit_leaves_it(house: House, visit: int) -> None:
    put_on_hold(house, "surgery", until=TODAY + timedelta(2))
    assert house.course()["booking"] == "ok"
    assert [name for name, *_ in house.overrides(visit)] == ["on_hold", "late"]


def test_a_cancelled_visit_is_not_opened_again_over_a_hold_entered_since(house: House, visit: int) -> None:
    house.cancel(visit)
    put_on_hold(house, "pregnancy")
    with pytest.raises(BookingRefused, match="On hold"):
        house.change(lambda s: undo.reopen(Change(s, house.cast.actor, house.now), visit).id)
    assert house.row(Appointment, visit)["state"] == "cancelled"


def early_visit(house: House, provider: Actor, starts_at: datetime) -> int:
    house.treat(TODAY - timedelta(1))
    house.later(minutes=1)
    visit = house.book(starts_at, by=provider, overrides=(factories.override("too_early", "travel"),))
    house.later(minutes=1)
    return visit


def test_a_day_too_early_allowed_is_not_two_months_too_early(house: House, provider: Actor) -> None:
    """What was given in between makes the visit a problem again."""
    visit = early_visit(house, provider, at(date(2027, 2, 12), 9))
    house.later(days=40)
    assert house.course()["booking"] == "ok"
    house.treat(TODAY + timedelta(39), 50)
    assert (house.course()["booking"], house.overrides(visit)) == ("too_early", [])


def test_what_nothing_was_given_at_changes_nothing(house: House, provider: Actor) -> None:
    visit = early_visit(house, provider, at(date(2027, 2, 12), 9))
    house.treat(TODAY, 0, outcome="aborted")
    assert (house.course()["booking"], len(house.overrides(visit))) == ("ok", 1)


def test_a_toxin_looked_at_is_not_one_given_since(house: House, provider: Actor) -> None:
    other = "abobotulinumtoxinA"
    limb = CourseEntry(house.cast.patient_id, "spasticity_upper_limb", other, TODAY - timedelta(300))
    second = house.change(lambda s: courses.start_course(Change(s, house.cast.actor, house.now), limb).id)
    house.treat(TODAY - timedelta(60), 300, course_id=second, product=other)
    house.later(minutes=1)
    seen = (
        factories.override("other_toxin_review", "small_dose"),
        factories.override("late", "patient_wish"),
    )
    visit = house.book(at(DAY, 9), by=provider, overrides=seen)
    assert house.course()["booking"] == "ok"
    house.later(minutes=1)
    house.treat(TODAY, 300, course_id=second, product=other)
    assert house.course()["booking"] == "blocked"
    assert "other_toxin_review" not in [name for name, *_ in house.overrides(visit)]
