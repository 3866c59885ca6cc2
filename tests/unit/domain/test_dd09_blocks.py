"""DD-9: the clinical blocks, their order, and which of them a provider decides."""

import pytest
from builders import (
    OTHER_TOXIN,
    course,
    day,
    decision,
    elsewhere,
    forecast,
    given,
    hold,
    patient,
)

V1 = [given("2026-08-31")]
LIMB = "spasticity_upper_limb"


@pytest.mark.parametrize(
    ("starts", "ends", "blocked"),
    [
        ("2026-11-22", "2026-11-22", True),
        ("2026-10-01", None, True),
        ("2026-11-22", None, True),
        ("2026-11-23", None, False),
        ("2026-10-01", "2026-11-21", False),
        ("2026-10-01", "2026-11-22", True),
    ],
)
def test_a_hold_includes_both_its_ends(starts: str, ends: str | None, blocked: bool) -> None:
    found = forecast(V1, course(holds=(hold(starts, ends),)))
    assert found.blocks == (("on_hold",) if blocked else ())
    assert found.timing == "due_soon"
    of_the_patient = forecast(V1, who=patient(holds=(hold(starts, ends),)))
    assert (of_the_patient.blocks, of_the_patient.timing) == (found.blocks, found.timing)


@pytest.mark.parametrize(
    ("indication", "born", "weight", "blocks"),
    [
        ("chronic_migraine", "2008-11-23", None, ()),
        ("chronic_migraine", "2008-11-24", None, ("weight_missing", "age_not_covered")),
        ("chronic_migraine", "2008-11-24", 60, ("age_not_covered",)),
        (LIMB, "2008-11-23", None, ("weight_missing",)),
        (LIMB, "2008-11-22", None, ()),
        (LIMB, "2024-11-30", 20, ()),
        (LIMB, "2024-12-01", 20, ("age_not_covered",)),
    ],
)
def test_the_labels_age_is_counted_on_the_due_date_and_the_weight_is_needed_on_the_floor_date(
    indication: str, born: str, weight: float | None, blocks: tuple[str, ...]
) -> None:
    """Due on 2026-11-23 for migraine; for a limb on 2026-11-30, with its floor on 2026-11-22."""
    last = given("2026-08-31" if indication == "chronic_migraine" else "2026-08-30", 100)
    assert forecast([last], course(indication), patient(born, weight)).blocks == blocks


@pytest.mark.parametrize(
    ("last", "units", "blocked"),
    [
        ("2026-08-03", 155, False),
        ("2026-08-04", 155, True),
        ("2026-08-04", None, True),
        ("2026-08-04", 0, False),
    ],
)
@pytest.mark.parametrize("indication", ["other", "cervical_dystonia", "chronic_migraine", None])
def test_another_toxin_asks_for_a_review_until_sixteen_weeks_have_passed(
    last: str, units: float | None, blocked: bool, indication: str | None
) -> None:
    found = forecast([*V1, elsewhere(last, units, product=OTHER_TOXIN, indication=indication)])
    assert found.blocks == (("other_toxin_review",) if blocked else ())


@pytest.mark.parametrize(("review", "blocked"), [("P83D", False), ("P84D", False), ("P85D", True)])
def test_the_clinic_says_how_long_a_provider_looks_at_another_toxin(review: str, blocked: bool) -> None:
    own = course(protocol={"other_product_review": review})
    found = forecast([*V1, elsewhere("2026-08-31", product=OTHER_TOXIN)], own)
    assert found.blocks == (("other_toxin_review",) if blocked else ())


def test_a_product_nobody_knows_counts_as_the_courses_own_and_as_another() -> None:
    found = forecast([*V1, elsewhere("2026-08-31", 300, product=None)])
    assert found.blocks == ("other_toxin_review",)
    assert forecast([*V1, elsewhere("2026-09-30", 300, product=None)]).because[0].rule == "DD-3c"


@pytest.mark.parametrize(
    ("as_of", "needed"), [("2027-02-28", False), ("2027-03-01", False), ("2027-03-02", True)]
)
def test_a_consultation_is_needed_once_the_last_exposure_lies_back_too_far(as_of: str, needed: bool) -> None:
    assert ("consultation_needed" in forecast(V1, as_of=as_of).blocks) is needed
    partial = given("2026-08-31", outcome="partial")
    assert ("consultation_needed" in forecast([partial], as_of=as_of).blocks) is needed
    assert forecast([], as_of=as_of).blocks == ()


@pytest.mark.parametrize(
    ("consulted_on", "needed"),
    [("2027-03-01", True), ("2027-03-02", False), ("2027-03-09", False), ("2027-03-10", True), (None, True)],
)
def test_a_consultation_after_the_lapse_and_up_to_today_is_one(
    consulted_on: str | None, needed: bool
) -> None:
    found = forecast(V1, course(consulted_on=consulted_on), as_of="2027-03-09")
    assert found.blocks == (("consultation_needed",) if needed else ())


def test_without_a_plan_the_cap_moves_no_date_and_the_missing_plan_is_said() -> None:
    nothing_typical = course(label={"typical_units": None})
    heavy = elsewhere("2026-10-01", 400)
    found = forecast([heavy, elsewhere("2026-10-02", None)], nothing_typical)
    assert (found.planned_units, found.earliest_date) == (None, day("2026-01-05"))
    assert found.blocks == ("plan_missing",)
    assert forecast([heavy, *V1], nothing_typical).blocks == ()


def test_a_product_without_a_known_cap_is_held_by_none() -> None:
    no_cap = course(planned_units=5_000, caps={"unit_cap": None})
    found = forecast([*V1, elsewhere("2026-10-01", 400), elsewhere("2026-10-02", None)], no_cap)
    assert (found.earliest_date, found.blocks) == (day("2026-11-23"), ())


DECIDABLE_CASE = [*V1, elsewhere("2026-09-20", None, product=OTHER_TOXIN), elsewhere("2026-09-21", None)]


@pytest.mark.parametrize("block", ["cap_exceeded", "cap_unknown", "age_not_covered", "other_toxin_review"])
def test_a_decision_takes_its_block_off_through_its_last_day(block: str) -> None:
    child = patient("2010-01-01", 60)
    plain = ("cap_exceeded", "cap_unknown", "age_not_covered", "other_toxin_review")
    for until, blocks in (
        ("2026-11-21", plain),
        ("2026-11-22", tuple(each for each in plain if each != block)),
    ):
        decided = course(planned_units=401, decisions=(decision(block, until),))
        assert forecast(DECIDABLE_CASE, decided, child).blocks == blocks


@pytest.mark.parametrize(
    "block", ["on_hold", "consultation_needed", "weight_missing", "authorization_missing", "x"]
)
def test_what_ends_with_its_cause_cannot_be_decided(block: str) -> None:
    asked = course(
        holds=(hold("2026-11-01"),),
        authorization_required=True,
        decisions=(decision(block, "2027-12-31"),),
    )
    assert forecast([given("2026-04-01")], asked, patient("2010-01-01")).blocks == (
        *("on_hold", "consultation_needed", "weight_missing", "age_not_covered", "authorization_missing"),
    )


def test_an_older_toxin_is_found_behind_newer_sessions_of_the_courses_own() -> None:
    history = [elsewhere("2026-08-05", product=OTHER_TOXIN), *V1, given("2026-09-01", 1, kind="touch_up")]
    assert forecast(history).earliest_date == day("2026-11-24")
    assert forecast(history).blocks == ("other_toxin_review",)


def test_all_blocks_that_hold_stand_in_their_order_and_hide_no_timing() -> None:
    everything = course(
        planned_units=500,
        holds=(hold("2026-11-01"),),
        authorization_required=True,
    )
    other = elsewhere("2026-09-01", product=OTHER_TOXIN)
    minor = forecast([*V1, other], everything, patient("2010-01-01"))
    assert minor.blocks == (
        *("on_hold", "cap_exceeded", "weight_missing", "age_not_covered", "other_toxin_review"),
        "authorization_missing",
    )
    weighed = forecast([*V1, other], everything, patient("2010-01-01", 50))
    assert weighed.blocks == (
        *("on_hold", "cap_exceeded", "age_not_covered", "other_toxin_review", "authorization_missing"),
    )
    lapsed = forecast([given("2026-04-01")], everything, patient("2010-01-01", 50))
    assert lapsed.blocks == (
        *("on_hold", "consultation_needed", "cap_exceeded", "age_not_covered", "authorization_missing"),
    )
    assert (weighed.timing, weighed.bucket) == ("due_soon", "blocked")
