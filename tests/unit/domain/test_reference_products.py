"""The naive reading itself: the public vectors of several products, and the longer minimum of a label."""

import pytest
from reference_cases import (
    ADULT,
    LIMB,
    LOWER_LIMB,
    Json,
    blocks,
    course,
    dysport,
    given_as,
    read,
    read_all,
    session,
)
from reference_figures import BOTOX, DYSPORT, INDICATIONS, LABELS, MYOBLOC, PRODUCTS, XEOMIN

NINE: Json = {"birth_date": "2017-05-01", "weight_kg": 30}
DRIBBLE: Json = {"product": XEOMIN, "indication": "sialorrhea"}
NECK: Json = {"indication": "cervical_dystonia"}


def test_there_are_nine_indications_five_products_and_nineteen_pairs_of_their_own() -> None:
    assert (len(INDICATIONS), len(PRODUCTS), len(LABELS)) == (9, 5, 19)
    assert {product for product, _ in LABELS} == set(PRODUCTS)
    assert {indication for _, indication in LABELS} == set(INDICATIONS)


@pytest.mark.parametrize(
    ("until", "found"),
    [(None, ["other_toxin_review"]), ("2027-01-18", []), ("2026-11-21", ["other_toxin_review"])],
)
def test_v17_another_product_keeps_the_distance_and_asks_for_review(
    until: str | None, found: list[str]
) -> None:
    stopped = course(id="c0", indication=LIMB, stopped_on="2026-11-21")
    decisions = [{"block": "other_toxin_review", "until": until}] if until else []
    plan: Json = {"product": DYSPORT, "planned_units": 500, "decisions": decisions}
    new = course(indication=LIMB, started_on="2026-11-22", **plan)
    given = [session("2026-09-28", course_id="c0", units=250)]
    answer = read_all([stopped, new], given)[1]
    assert (answer["earliest_date"], answer["due_date"]) == ("2026-12-21", "2026-12-21")
    assert (answer["overdue_date"], answer["blocks"]) == ("2026-12-29", found)


@pytest.mark.parametrize(("plan", "found"), [(1500, []), (1501, ["cap_exceeded"])])
def test_v21_an_adults_plan_at_the_cap(plan: int, found: list[str]) -> None:
    assert blocks(product=DYSPORT, indication=LOWER_LIMB, planned_units=plan) == found


@pytest.mark.parametrize(("plan", "found"), [(None, []), (480, []), (481, ["cap_exceeded"])])
def test_v22_a_childs_longer_floor_and_units_a_kilogram(plan: int | None, found: list[str]) -> None:
    limb: Json = {"product": DYSPORT, "indication": LIMB, "planned_units": plan}
    answer = read([dysport("2026-08-31")], patient=NINE, **limb)
    assert (answer["earliest_date"], answer["due_date"], answer["blocks"]) == (
        "2026-12-21",
        "2026-12-21",
        found,
    )


def test_v28_a_hold_of_the_patient_holds_an_indication_of_its_own_too() -> None:
    pregnant = {**ADULT, "holds": [{"from": "2026-10-01", "reason": "pregnant"}]}
    assert blocks(patient=pregnant, **NECK) == ["on_hold"]


@pytest.mark.parametrize(
    ("given_on", "evaluation"),
    [("2026-11-25", "too_soon"), ("2026-12-20", "too_soon"), ("2026-12-21", "valid")],
)
def test_v30_a_labels_longer_minimum_is_the_absolute_one_too(given_on: str, evaluation: str) -> None:
    given = [dysport("2026-08-31"), dysport(given_on)]
    found = given_as(given, as_of=given_on, patient=NINE, product=DYSPORT, indication=LIMB)
    assert found["evaluation"] == evaluation


def test_the_longer_minimum_goes_by_the_age_on_the_day_it_counts_from() -> None:
    """On 2026-08-31 the patient is 17 and has a birthday the day after, or has come of age that very day."""
    for born, earliest, evaluation in (
        ("2008-09-01", "2026-12-21", "too_soon"),
        ("2008-08-31", "2026-11-23", "valid"),
    ):
        asked: Json = {
            "patient": {"birth_date": born, "weight_kg": 60},
            "product": DYSPORT,
            "indication": LIMB,
        }
        assert read([dysport("2026-08-31")], **asked)["earliest_date"] == earliest
        given = [dysport("2026-08-31"), dysport("2026-11-23")]
        assert given_as(given, as_of="2026-11-23", **asked)["evaluation"] == evaluation


def test_the_courses_own_label_counts_whatever_product_was_given() -> None:
    given = [session("2026-08-31", course_id="c0", units=100)]
    for product, earliest in ((DYSPORT, "2026-12-21"), (BOTOX, "2026-11-23"), (XEOMIN, "2026-11-23")):
        courses = [course(id="c0", indication=LIMB), course(indication=LIMB, product=product)]
        assert read_all(courses, given, **NINE)[1]["earliest_date"] == earliest


def test_a_longer_minimum_for_every_age() -> None:
    given = [session("2026-08-31", units=100, product=XEOMIN)]
    answer = read(given, **DRIBBLE)
    assert [answer["earliest_date"], answer["due_date"], answer["overdue_date"], answer["lapse_date"]] == [
        *("2026-12-21", "2026-12-21", "2027-01-19", "2027-03-30"),
    ]
    second = session("2026-12-20", units=100, product=XEOMIN)
    assert given_as([*given, second], as_of="2026-12-20", **DRIBBLE)["evaluation"] == "too_soon"
    myobloc = [session("2026-08-31", units=2500, product=MYOBLOC)]
    answer = read(myobloc, product=MYOBLOC, indication="sialorrhea")
    assert (answer["earliest_date"], answer["due_date"]) == ("2026-11-23", "2026-12-21")


def test_two_visits_keep_the_longer_of_their_two_distances() -> None:
    """Of two products for one indication; a child on the earlier day, whichever of the two that is."""
    for born, days, booked in (
        ("2017-05-01", ("2026-12-01", "2027-03-22"), "too_early"),
        ("2017-05-01", ("2026-12-01", "2027-03-23"), "ok"),
        ("2017-05-01", ("2027-03-22", "2026-12-01"), "too_early"),
        ("2008-12-02", ("2026-12-01", "2027-03-22"), "too_early"),
        ("2008-12-01", ("2026-12-01", "2027-03-22"), "ok"),
        ("2008-12-01", ("2026-12-01", "2027-02-22"), "too_early"),
    ):
        plan: Json = {
            "indication": LIMB,
            "started_on": "2026-11-22",
            "booked_override": ["late"],
            "planned_units": 90,
        }
        first = course(booked_on=days[0], product=DYSPORT, **plan)
        second = course(id="c2", booked_on=days[1], **plan)
        patient = {"birth_date": born, "weight_kg": 60}
        assert [each["booking"] for each in read_all([first, second], [], **patient)] == [booked, booked]
