"""The naive reading itself: timing, buckets and blocks of the public vectors and of figures worked out by hand."""

import pytest
from reference_cases import LAST, LIMB, Json, course, elsewhere, read, read_all, session
from reference_figures import DYSPORT


@pytest.mark.parametrize(
    ("as_of", "timing", "bucket"),
    [
        ("2026-11-08", "not_due", "not_due"),
        ("2026-11-09", "due_soon", "due_soon"),
        ("2026-11-23", "eligible", "due_soon"),
        ("2026-12-07", "due", "due"),
        ("2026-12-14", "due", "due"),
        ("2026-12-15", "overdue", "overdue"),
        ("2027-03-02", "lapsed", "lapsed"),
    ],
)
def test_timing_turns_on_each_date_with_a_personal_interval_of_14_weeks(
    as_of: str, timing: str, bucket: str
) -> None:
    answer = read(LAST, as_of=as_of, personal_interval="P14W")
    assert (answer["timing"], answer["bucket"]) == (timing, bucket)


def test_blocks_stand_in_their_order_and_hide_no_timing() -> None:
    few_units = {"starts_on": "2026-11-01", "ends_on": "2026-11-30", "units_left": 400}
    given = [*LAST, elsewhere("2026-09-01", product=None, units=None, indication="other")]
    asked: Json = {"authorization_required": True, "authorizations": [few_units], "planned_units": 401}
    hold = {"from": "2026-11-22", "until": "2026-11-22"}
    answer = read(given, patient={"birth_date": "2010-01-01", "holds": [hold]}, **asked)
    assert answer["blocks"] == [
        *("on_hold", "cap_exceeded", "cap_unknown", "weight_missing", "age_not_covered"),
        *("other_toxin_review", "authorization_exhausted"),
    ]
    assert (answer["timing"], answer["bucket"]) == ("due_soon", "blocked")


def test_a_closed_course_with_an_open_visit_is_a_booking_problem() -> None:
    assert read(LAST, stopped_on="2026-11-22")["bucket"] == "closed"
    stopped = read(LAST, stopped_on="2026-11-22", booked_on="2026-11-23")
    assert (stopped["timing"], stopped["booking"], stopped["bucket"]) == ("closed", "ok", "booking_problem")
    assert read(LAST, stopped_on="2026-11-23", booked_on="2026-11-23")["bucket"] == "booked"
    deceased = read(LAST, patient={"deceased": True}, booked_on="2026-11-20")
    assert (deceased["booking"], deceased["bucket"]) == ("past", "booking_problem")


@pytest.mark.parametrize(
    ("until", "blocks"),
    [("2026-11-21", []), ("2026-11-22", ["on_hold"]), (None, ["on_hold"])],
)
def test_v28_a_hold_of_the_patient_holds_every_course(until: str | None, blocks: list[str]) -> None:
    hold = {"from": "2026-10-01", "until": until, "reason": "pregnant"}
    answers = read_all([course(), course(id="c2", indication=LIMB)], LAST, holds=[hold])
    assert [answer["blocks"] for answer in answers] == [blocks, blocks]


@pytest.mark.parametrize(
    ("consulted_on", "needed"),
    [
        (None, True),
        ("2026-11-20", False),
        ("2026-11-22", False),
        ("2026-11-23", True),
        ("2026-04-01", True),
        ("2026-04-02", False),
    ],
)
def test_v29_a_course_stopped_long_ago_asks_for_a_consultation(
    consulted_on: str | None, needed: bool
) -> None:
    stopped = course(id="c0", started_on="2025-01-05", stopped_on="2025-12-01")
    new = course(started_on="2026-11-22", consulted_on=consulted_on)
    given = [session("2025-10-01", course_id="c0")]
    (answer,) = read_all([stopped, new], given)[1:]
    assert answer["blocks"] == (["consultation_needed"] if needed else [])


def test_a_consultation_is_needed_from_the_day_after_the_lapse() -> None:
    assert read(LAST, as_of="2027-03-01")["blocks"] == []
    assert read(LAST, as_of="2027-03-02")["blocks"] == ["consultation_needed"]
    assert read([], as_of="2027-03-02")["blocks"] == []
    for indication, blocks in (("other", ["consultation_needed"]), (None, [])):
        given = [*LAST, elsewhere("2026-10-01", indication=indication)]
        assert read(given, as_of="2027-03-02")["blocks"] == blocks


def test_another_product_asks_for_review_for_sixteen_weeks() -> None:
    for given_on, units, blocks in (
        ("2026-08-03", 155, []),
        ("2026-08-04", 155, ["other_toxin_review"]),
        ("2026-08-04", None, ["other_toxin_review"]),
        ("2026-08-04", 0, []),
    ):
        given = elsewhere(given_on, units=units, product=DYSPORT, indication="other")
        assert read([*LAST, given])["blocks"] == blocks


@pytest.mark.parametrize(
    ("decisions", "blocks"),
    [
        ([{"block": "other_toxin_review", "until": "2026-11-21"}], ["on_hold", "other_toxin_review"]),
        ([{"block": "other_toxin_review", "until": "2026-11-22"}], ["on_hold"]),
        ([{"block": "cap_unknown", "until": "2027-11-22"}], ["on_hold", "other_toxin_review"]),
        ([{"block": "on_hold", "until": "2027-11-22"}], ["on_hold", "other_toxin_review"]),
    ],
)
def test_a_decision_takes_its_own_block_off_through_its_last_day(
    decisions: list[Json], blocks: list[str]
) -> None:
    given = [*LAST, elsewhere("2026-09-01", product=DYSPORT, indication="other")]
    assert read(given, holds=[{"from": "2026-11-01"}], decisions=decisions)["blocks"] == blocks


@pytest.mark.parametrize(
    ("authorization", "blocks"),
    [
        ({"starts_on": None, "ends_on": None}, []),
        ({"starts_on": "2026-11-24"}, ["authorization_missing"]),
        ({"ends_on": "2026-11-22"}, ["authorization_expires_before_due"]),
        ({"visits_left": 0}, ["authorization_exhausted"]),
        ({"units_left": 154.5}, ["authorization_exhausted"]),
    ],
)
def test_an_authorization_is_open_where_it_says_nothing(authorization: Json, blocks: list[str]) -> None:
    answer = read(LAST, authorization_required=True, authorizations=[authorization])
    assert answer["blocks"] == blocks
