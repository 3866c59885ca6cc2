"""The naive reading itself: plans, caps of products and of sessions, ages and weights, by each label."""

import pytest
from reference_cases import ADULT, LIMB, LOWER_LIMB, Json, blocks, course, dysport, elsewhere, read, read_all
from reference_figures import BOTOX, DAXXIFY, DYSPORT, INDICATIONS, MYOBLOC, XEOMIN

NECK: Json = {"indication": "cervical_dystonia"}


@pytest.mark.parametrize(
    ("product", "indication", "age", "weight", "most"),
    [
        (BOTOX, LIMB, 40, None, 400),
        (BOTOX, LIMB, 9, 30, 180),
        (BOTOX, LIMB, 9, 15.5, 93),
        (BOTOX, LIMB, 9, 33.4, 200),
        (BOTOX, LIMB, 9, None, 200),
        (BOTOX, LOWER_LIMB, 9, 30, 240),
        (BOTOX, LOWER_LIMB, 9, 40, 300),
        (BOTOX, "chronic_migraine", 40, None, 400),
        (BOTOX, "chronic_migraine", 9, 30, 300),
        (BOTOX, "chronic_migraine", 9, 60, 340),
        (BOTOX, "blepharospasm", 40, None, 200),
        (BOTOX, "blepharospasm", 12, 60, 200),
        (BOTOX, "blepharospasm", 12, 15, 150),
        (BOTOX, "overactive_bladder", 40, None, 100),
        (DYSPORT, LIMB, 40, None, 1000),
        (DYSPORT, LIMB, 9, 60, 640),
        (DYSPORT, LIMB, 9, None, 640),
        (DYSPORT, LOWER_LIMB, 9, 30, 900),
        (DYSPORT, LOWER_LIMB, 9, 60, 1000),
        (DYSPORT, "cervical_dystonia", 9, 60, 1000),
        (DYSPORT, "chronic_migraine", 40, None, 1500),
        (XEOMIN, LIMB, 9, 20, 320),
        (XEOMIN, "sialorrhea", 40, None, 100),
        (XEOMIN, "sialorrhea", 9, 60, 75),
        (XEOMIN, "sialorrhea", 9, 4, 64),
        (MYOBLOC, "cervical_dystonia", 40, None, 10000),
        (MYOBLOC, "sialorrhea", 9, None, 3500),
        (DAXXIFY, "cervical_dystonia", 9, 30, 250),
        (DAXXIFY, "blepharospasm", 40, None, None),
        (MYOBLOC, LIMB, 9, 30, None),
    ],
)
def test_a_plan_is_judged_by_the_cap_of_the_product_and_of_the_session(
    product: str, indication: str, age: int, weight: float | None, most: int | None
) -> None:
    patient = {"birth_date": f"{2026 - age}-05-01", "weight_kg": weight}
    asked: Json = {"patient": patient, "product": product, "indication": indication}
    assert "cap_exceeded" not in blocks(planned_units=most or 1_000_000, **asked)
    assert most is None or "cap_exceeded" in blocks(planned_units=most + 0.5, **asked)


def test_a_session_cap_is_judged_on_the_floor_date_and_moves_none() -> None:
    """The session before leaves 900 U of the product: 640 U a session stand against the plan of 700 alone."""
    given = [elsewhere("2026-11-01", units=600, product=DYSPORT, indication="other")]
    asked: Json = {"product": DYSPORT, "indication": LIMB, "started_on": "2026-11-22", "planned_units": 700}
    for born, earliest, found in (
        ("2008-11-22", "2026-11-22", []),
        ("2008-11-23", "2026-11-22", ["cap_exceeded"]),
    ):
        answer = read(given, patient={"birth_date": born, "weight_kg": 60}, **asked)
        assert (answer["earliest_date"], answer["blocks"]) == (earliest, found)
    asked["planned_units"] = 901
    assert read(given, **asked)["earliest_date"] == "2027-01-24"
    asked["planned_units"] = 1001
    over = read(given, **asked)
    assert (over["earliest_date"], over["blocks"]) == ("2026-11-22", ["cap_exceeded"])


def test_without_a_cap_nothing_waits_and_nothing_is_unknown() -> None:
    for product, earliest, found in ((MYOBLOC, "2026-11-22", []), (XEOMIN, "2027-01-24", [])):
        given = [elsewhere("2026-11-01", units=400, product=product, indication="other")]
        answer = read(given, product=product, started_on="2026-11-22", planned_units=50, **NECK)
        assert (answer["earliest_date"], answer["blocks"]) == (earliest, found)
    unknown = [elsewhere("2026-11-01", units=None, product=None, indication="other")]
    for product, cap_unknown in (
        (MYOBLOC, []),
        (DAXXIFY, []),
        (XEOMIN, ["cap_unknown"]),
        (DYSPORT, ["cap_unknown"]),
    ):
        assert blocks(unknown, product=product, **NECK) == [*cap_unknown, "other_toxin_review"]


def test_where_nothing_is_typical_a_plan_must_be_typed() -> None:
    asked: Json = {"product": DYSPORT, "indication": "chronic_migraine", "started_on": "2026-11-22"}
    given = [elsewhere("2026-11-01", units=1500, product=DYSPORT, indication="other")]
    unplanned = read(given, booked_on="2026-11-23", booked_override=["cap_unknown"], **asked)
    assert (unplanned["earliest_date"], unplanned["blocks"]) == ("2026-11-22", ["plan_missing"])
    assert unplanned["booking"] == "blocked"
    planned = read(given, planned_units=1, **asked)
    assert (planned["earliest_date"], planned["blocks"]) == ("2027-01-24", [])
    assert blocks([dysport("2026-08-01")], **asked) == []
    unknown = [elsewhere("2026-11-01", units=None, product=DYSPORT, indication="other")]
    assert blocks(unknown, **asked) == ["cap_unknown", "plan_missing"]
    decided = [{"block": "plan_missing", "until": "2027-11-22"}]
    assert blocks(decisions=decided, **asked) == ["plan_missing"]
    named = ["plan_missing"]
    assert read([], booked_on="2026-11-23", booked_override=named, **asked)["booking"] == "ok"


def test_no_plan_is_within_whatever_an_authorization_has_left() -> None:
    leave = {"authorization_required": True, "authorizations": [{"units_left": 0}]}
    asked: Json = {"product": DYSPORT, "indication": "chronic_migraine", **leave}
    assert blocks(**asked) == ["plan_missing"]
    assert blocks(planned_units=1, **asked) == ["authorization_exhausted"]


@pytest.mark.parametrize(
    ("product", "indication", "typical"),
    [
        *((BOTOX, name, figures["typical"]) for name, figures in INDICATIONS.items()),
        (XEOMIN, "chronic_migraine", 155),
        (XEOMIN, "cervical_dystonia", 120),
        (XEOMIN, "overactive_bladder", 100),
        (DYSPORT, LOWER_LIMB, 1000),
        (MYOBLOC, "sialorrhea", 2500),
        (DAXXIFY, "cervical_dystonia", 125),
    ],
)
def test_what_is_typical_of_a_pair_is_its_plan(product: str, indication: str, typical: int) -> None:
    leave: Json = {"authorization_required": True, "product": product, "indication": indication}
    assert blocks(authorizations=[{"units_left": typical}], **leave) == []
    assert blocks(authorizations=[{"units_left": typical - 1}], **leave) == ["authorization_exhausted"]


@pytest.mark.parametrize(
    ("product", "indication", "youngest"),
    [
        (BOTOX, LIMB, 2),
        (BOTOX, "blepharospasm", 12),
        (XEOMIN, "blepharospasm", 18),
        (XEOMIN, "sialorrhea", 2),
        (BOTOX, "sialorrhea", 18),
        (XEOMIN, LOWER_LIMB, 18),
        (MYOBLOC, LIMB, 18),
    ],
)
def test_the_label_says_who_is_too_young(product: str, indication: str, youngest: int) -> None:
    asked: Json = {"product": product, "indication": indication, "planned_units": 1}
    for born, found in (
        (f"{2026 - youngest}-11-22", []),
        (f"{2026 - youngest}-11-23", ["age_not_covered"]),
    ):
        assert blocks(patient={"birth_date": born, "weight_kg": 30}, **asked) == found


def test_a_weight_is_asked_for_only_where_a_figure_needs_one() -> None:
    child = {"birth_date": "2017-05-01"}
    for product, found in (
        (BOTOX, True),
        (DYSPORT, True),
        (XEOMIN, True),
        (MYOBLOC, False),
        (DAXXIFY, False),
    ):
        asked: Json = {"product": product, "planned_units": 1, **NECK}
        assert ("weight_missing" in blocks(patient=child, **asked)) is found
        assert "weight_missing" not in blocks(patient=ADULT, **asked)


def test_a_booked_day_is_blocked_by_a_session_cap_and_over_cap_by_the_products_alone() -> None:
    """101 U of 100 in a session: the provider decides, and 300 U more of the product are then no matter."""
    bladder: Json = {
        "indication": "overactive_bladder",
        "started_on": "2026-11-22",
        "booked_on": "2026-11-24",
    }
    given = [elsewhere("2026-11-01", units=299, indication="other")]
    assert read(given, planned_units=101, **bladder)["booking"] == "blocked"
    decided: Json = {**bladder, "decisions": [{"block": "cap_exceeded", "until": "2026-11-24"}]}
    assert read(given, planned_units=101, **decided)["booking"] == "ok"
    assert read(given, planned_units=102, **decided)["booking"] == "over_cap"
    plenty = [elsewhere("2026-11-01", units=10000, product=MYOBLOC, indication="other")]
    neck: Json = {"product": MYOBLOC, "planned_units": 10000, "started_on": "2026-11-22", **NECK}
    assert read(plenty, booked_on="2026-11-24", **neck)["booking"] == "ok"


def test_a_visit_without_a_plan_counts_nothing() -> None:
    """Neither on its own day nor on another's; where a plan alone is over the cap, it is something else near."""
    unplanned = course(id="c2", product=DYSPORT, started_on="2026-11-22", booked_on="2026-11-25")
    for plan, booking in ((1500, "ok"), (1501, "over_cap")):
        limb: Json = {"indication": LOWER_LIMB, "product": DYSPORT, "started_on": "2026-11-22"}
        named = [{"block": "cap_exceeded", "until": "2026-12-31"}]
        planned = course(booked_on="2026-11-24", planned_units=plan, decisions=named, **limb)
        first, second = read_all([planned, unplanned], [])
        assert (first["booking"], second["booking"]) == (booking, "over_cap" if plan > 1500 else "blocked")
