"""Standing decisions: a block is off the list until a day, by a provider alone, and stands again once ended."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from clinic_scheduler.domain.errors import ActionRefused, InvalidInput, NotFound
from clinic_scheduler.domain.forecast.blocks import Against
from clinic_scheduler.models import StandingDecision
from clinic_scheduler.queries.courses.decisions import decisions_in_force
from clinic_scheduler.services.actors import Actor
from clinic_scheduler.services.change import Change
from clinic_scheduler.services.courses import courses, decisions
from clinic_scheduler.services.courses.courses import CourseEntry
from clinic_scheduler.services.courses.elsewhere import ElsewhereEntry, record_elsewhere
from clinic_scheduler.services.visits.guard import OverrideEntry
from tests import factories
from tests.integration.house import TODAY, House, at

DYSPORT = "abobotulinumtoxinA"
UNTIL = date(2027, 1, 18)
SWITCHED = factories.override("other_toxin_review", "product_switched", "As agreed")


@pytest.fixture
def course(house: House, desk: Actor) -> int:
    """Opened by the desk, which decides nothing by that."""
    return opened(house, desk)


def opened(house: House, by: Actor) -> int:
    """A course of another product for the cast's patient, who had Botox 84 days ago."""
    entry = CourseEntry(
        house.cast.patient_id,
        "spasticity_upper_limb",
        DYSPORT,
        TODAY,
        provider_id=house.cast.provider_id,
    )
    return house.change(lambda s: courses.start_course(Change(s, by, house.now), entry).id)


def decide(
    house: House, who: Actor, course: int, entry: OverrideEntry = SWITCHED, until: date = UNTIL
) -> int:
    return house.change(lambda s: decisions.decide(Change(s, who, house.now), course, entry, until).id)


def blocks(house: House, course: int) -> list[str]:
    return [block for block in house.course(course)["blocks"].split() if block == "other_toxin_review"]


def test_what_is_given_elsewhere_afterwards_ends_a_decision_that_did_not_know_it(
    house: House, provider: Actor, desk: Actor, course: int
) -> None:
    decision = decide(house, provider, course)
    house.book(at(TODAY + timedelta(2), 9), course_id=course)
    house.later(minutes=1)
    entry = ElsewhereEntry(
        house.cast.patient_id,
        TODAY - timedelta(2),
        "patient",
        "new",
        units=Decimal(400),
        product=factories.ONABOT,
    )
    house.change(lambda s: record_elsewhere(Change(s, desk, house.now), entry).id)
    assert house.row(StandingDecision, decision)["ended_at"] == house.now
    assert blocks(house, course) == ["other_toxin_review"]
    assert house.course(course)["booking"] != "ok"
    assert house.audit("standing_decisions")[-1][0] == "ended"


def test_more_of_its_own_product_leaves_a_decision(
    house: House, provider: Actor, desk: Actor, course: int
) -> None:
    decision = decide(house, provider, course)
    entry = ElsewhereEntry(house.cast.patient_id, TODAY - timedelta(200), "patient", "old", product=DYSPORT)
    house.change(lambda s: record_elsewhere(Change(s, desk, house.now), entry).id)
    assert house.row(StandingDecision, decision)["ended_at"] is None


def test_a_decision_takes_the_block_off_until_its_day_and_says_who_and_why(
    house: House, provider: Actor, course: int
) -> None:
    assert blocks(house, course) == ["other_toxin_review"]
    decide(house, provider, course)
    assert blocks(house, course) == []
    house.book(at(TODAY + timedelta(2), 9), course_id=course)
    assert house.course(course)["booking"] == "ok"
    ((line,),) = house.look(
        lambda s: list(decisions_in_force(s, house.cast.clinic_id, house.cast.patient_id, TODAY).values())
    )
    assert (line.until, line.reason, line.note, line.decided_by) == (
        UNTIL,
        "The product was switched on purpose",
        "As agreed",
        "Dr Amara Reid",
    )
    after = UNTIL + timedelta(1)
    assert (
        house.look(lambda s: decisions_in_force(s, house.cast.clinic_id, house.cast.patient_id, after)) == {}
    )
    (audited,) = house.audit("standing_decisions")
    assert (audited[0], audited[1]["block"], audited[1]["until"]) == (
        "decided",
        "other_toxin_review",
        "2027-01-18",
    )


def test_ending_it_early_makes_the_visit_a_problem_in_the_same_commit(
    house: House, provider: Actor, course: int
) -> None:
    decision = decide(house, provider, course)
    house.book(at(TODAY + timedelta(2), 9), course_id=course)
    house.change(lambda s: decisions.end(Change(s, provider, house.now), decision).id)
    assert house.course(course)["booking"] == "blocked"
    with pytest.raises(ActionRefused):
        house.change(lambda s: decisions.end(Change(s, provider, house.now), decision).id)
    assert house.row(StandingDecision, decision)["ended_by_id"] == provider.user_id


def test_a_second_decision_takes_the_place_of_the_first(house: House, provider: Actor, course: int) -> None:
    first = decide(house, provider, course)
    decide(house, provider, course, until=TODAY)
    assert house.row(StandingDecision, first)["ended_at"] is not None
    found = house.look(lambda s: decisions_in_force(s, house.cast.clinic_id, house.cast.patient_id, TODAY))
    assert [line.until for line in found[course]] == [TODAY]


def test_the_desk_decides_nothing(house: House, desk: Actor, provider: Actor, course: int) -> None:
    with pytest.raises(NotFound):
        decide(house, desk, course)
    decision = decide(house, provider, course)
    with pytest.raises(NotFound):
        house.change(lambda s: decisions.end(Change(s, desk, house.now), decision).id)
    elsewhere = Actor("Dr Else", house.cast.clinic_id + 1, None, frozenset({"provider"}))
    with pytest.raises(NotFound):
        house.change(lambda s: decisions.end(Change(s, elsewhere, house.now), decision).id)


@pytest.mark.parametrize(
    ("entry", "until"),
    [
        (factories.override("on_hold", "reason_ended"), UNTIL),
        (factories.override("other_toxin_review", "travel"), UNTIL),
        (factories.override("other_toxin_review", "other", " "), UNTIL),
        (SWITCHED, TODAY - timedelta(1)),
        (SWITCHED, TODAY + timedelta(367)),
    ],
)
def test_what_cannot_be_decided_is_refused(
    house: House, provider: Actor, course: int, entry: OverrideEntry, until: date
) -> None:
    with pytest.raises(InvalidInput):
        decide(house, provider, course, entry, until)
    assert house.rows(StandingDecision.__table__.select()) == []


def test_a_provider_who_orders_another_product_decides_by_that(house: House, provider: Actor) -> None:
    """Until sixteen weeks after the last of the other product; see V17 of the rules."""
    course = opened(house, provider)
    assert blocks(house, course) == []
    (row,) = house.rows(StandingDecision.__table__.select())
    assert (row.block, row.reason, row.decided_by) == (
        Against.OTHER_TOXIN_REVIEW,
        "product_switched",
        "Dr Amara Reid",
    )
    assert row.until == TODAY - timedelta(84) + timedelta(7 * 16)


def test_the_same_product_again_decides_nothing(house: House, provider: Actor) -> None:
    entry = CourseEntry(house.cast.patient_id, "spasticity_upper_limb", "onabotulinumtoxinA", TODAY)
    house.change(lambda s: courses.start_course(Change(s, provider, house.now), entry).id)
    assert house.rows(StandingDecision.__table__.select()) == []
