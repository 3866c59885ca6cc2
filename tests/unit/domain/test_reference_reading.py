"""The naive reading itself, against the public vectors and figures worked out by hand; not the engine."""

from datetime import date
from typing import Any

import pytest
from reference_dates import add, age_on
from reference_reading import reference_forecast

Json = dict[str, Any]
TOXIN = "onabotulinumtoxinA"
OTHER_TOXIN = "abobotulinumtoxinA"


def session(given_on: str, **changes: Any) -> Json:
    plain = {"id": given_on, "course_id": "c1", "given_on": given_on, "units": 155, "product": TOXIN}
    return {**plain, **changes}


def course(**changes: Any) -> Json:
    plain = {"id": "c1", "indication": "chronic_migraine", "product": TOXIN, "started_on": "2026-01-05"}
    return {**plain, **changes}


def read(
    sessions: list[Json],
    *,
    as_of: str = "2026-11-22",
    born: str = "1980-05-01",
    weight: float | None = None,
    **changes: Any,
) -> Json:
    """The only course of the answer."""
    patient = {"birth_date": born, "weight_kg": weight}
    case = {"as_of": as_of, "patient": patient, "courses": [course(**changes)], "sessions": sessions}
    answer: Json = reference_forecast(case)["courses"][0]
    return answer


def given_as(sessions: list[Json], **changes: Any) -> Json:
    """The evaluation of the last session."""
    answer: Json = read(sessions, **changes)["sessions"][-1]
    return answer


V1 = [session("2026-08-31")]


def test_v1_migraine_twelve_weeks_to_the_day() -> None:
    answer = read(V1)
    assert answer == {
        "id": "c1",
        "cycles_given": 1,
        "reference": "2026-08-31",
        "earliest_date": "2026-11-23",
        "due_date": "2026-11-23",
        "overdue_date": "2026-12-01",
        "lapse_date": "2027-03-02",
        "timing": "due_soon",
        "blocks": [],
        "booking": "none",
        "bucket": "due_soon",
        "sessions": [{"id": "2026-08-31", "evaluation": "valid", "days_late": 0, "payer_too_soon": False}],
    }


def test_v2_day_81_is_grace_and_too_soon_for_a_payer_of_84_days() -> None:
    sessions = [*V1, session("2026-11-20")]
    assert given_as(sessions)["evaluation"] == "grace"
    assert given_as(sessions)["payer_too_soon"] is False
    assert given_as(sessions, payer_minimum_interval="P84D")["payer_too_soon"] is True


def test_v3_day_77_is_too_soon_and_the_next_counts_from_it() -> None:
    answer = read([*V1, session("2026-11-16")])
    assert answer["sessions"][-1]["evaluation"] == "too_soon"
    assert answer["earliest_date"] == "2027-02-08"


@pytest.mark.parametrize(("as_of", "timing"), [("2026-11-21", "due"), ("2026-11-22", "overdue")])
def test_v4_overdue_begins_the_day_after_thirteen_weeks(as_of: str, timing: str) -> None:
    answer = read([session("2026-08-22")], as_of=as_of)
    assert (answer["overdue_date"], answer["timing"]) == ("2026-11-22", timing)


def test_v5_lapsed_after_26_weeks() -> None:
    answer = read([session("2026-04-01")])
    assert (answer["lapse_date"], answer["timing"], answer["bucket"]) == ("2026-10-01", "lapsed", "lapsed")


@pytest.mark.parametrize(
    ("last", "as_of", "dates"),
    [
        ("2026-10-31", "2026-11-22", ["2027-01-23", "2027-01-31", "2027-03-02", "2027-05-02"]),
        ("2026-11-30", "2026-12-01", ["2027-02-22", "2027-03-01", "2027-03-31", "2027-05-31"]),
    ],
)
@pytest.mark.parametrize("indication", ["spasticity_upper_limb", "spasticity_lower_limb"])
def test_v6_v7_spasticity_counts_months_forward(
    last: str, as_of: str, dates: list[str], indication: str
) -> None:
    answer = read([session(last, units=300)], as_of=as_of, indication=indication)
    assert [answer[k] for k in ("earliest_date", "due_date", "overdue_date", "lapse_date")] == dates


def test_v9_authorization_ends_before_the_due_date() -> None:
    ending = {"starts_on": "2026-01-01", "ends_on": "2026-11-30", "visits_left": 2, "units_left": 400}
    answer = read([session("2026-09-14")], authorization_required=True, authorizations=[ending])
    assert answer["due_date"] == "2026-12-07"
    assert answer["blocks"] == ["authorization_expires_before_due"]


def v10(planned: int | None, product: str = TOXIN) -> Json:
    untreated = course(id="c2", indication="spasticity_upper_limb", started_on="2026-11-09")
    untreated["planned_units"] = planned
    case = {
        "as_of": "2026-11-22",
        "patient": {"birth_date": "1980-05-01"},
        "courses": [course(), untreated],
        "sessions": [session("2026-09-14", product=product)],
    }
    answer: Json = reference_forecast(case)["courses"][1]
    return answer


def test_v10_units_of_another_course_delay_a_course_never_treated() -> None:
    answer = v10(planned=300)
    assert answer["reference"] is None
    assert answer["earliest_date"] == "2026-12-07"
    assert (answer["overdue_date"], answer["lapse_date"]) == ("2026-12-08", "2027-05-10")


def test_cap_leaves_room_to_the_unit_ignores_other_products_and_blocks_a_plan_alone_too_large() -> None:
    assert v10(planned=None)["earliest_date"] == "2026-12-07"
    assert v10(planned=245)["earliest_date"] == "2026-11-09"
    assert v10(planned=246)["earliest_date"] == "2026-12-07"
    other = v10(planned=300, product=OTHER_TOXIN)
    assert (other["earliest_date"], other["blocks"]) == ("2026-11-09", ["other_toxin_review"])
    too_large = v10(planned=401)
    assert (too_large["earliest_date"], too_large["blocks"]) == ("2026-11-09", ["cap_exceeded"])


@pytest.mark.parametrize(
    ("start", "interval", "expected"),
    [
        ("2026-10-31", "P4M", "2027-03-01"),
        ("2023-11-30", "P3M", "2024-03-01"),
        ("2023-11-29", "P3M", "2024-02-29"),
        ("2024-02-29", "P1Y", "2025-03-01"),
        ("2026-11-22", "P12W", "2027-02-14"),
        ("2026-01-31", "P1M1D", "2026-03-02"),
    ],
)
def test_months_go_forward_and_weeks_stay_exact(start: str, interval: str, expected: str) -> None:
    assert add(date.fromisoformat(start), interval) == date.fromisoformat(expected)


def test_leap_day_child_comes_of_age_on_the_first_of_march() -> None:
    patient = {"birth_date": "2008-02-29"}
    assert age_on(patient, date(2026, 2, 28)) == 17
    assert age_on(patient, date(2026, 3, 1)) == 18


@pytest.mark.parametrize(
    ("changes", "evaluation", "next_earliest"),
    [
        ({"units": 0}, "not_given", "2026-09-14"),
        ({"outcome": "partial"}, "substandard", "2026-12-07"),
        ({"lot_expires_on": "2026-09-13"}, "substandard", "2026-12-07"),
        ({"lot_expires_on": "2026-09-14"}, "valid", "2026-12-07"),
        ({"product": OTHER_TOXIN}, "wrong_product", "2026-12-07"),
        ({"kind": "touch_up"}, "touch_up", "2026-12-07"),
        ({"given_on": "2026-09-21"}, "valid", "2026-12-14"),
        ({"given_on": "2026-09-24"}, "late", "2026-12-17"),
    ],
)
def test_each_kind_of_session_after_84_days(changes: Json, evaluation: str, next_earliest: str) -> None:
    second = {**session("2026-09-14", id="b"), **changes}
    answer = read([session("2026-06-22", id="a"), second])
    last = answer["sessions"][-1]
    assert (last["evaluation"], last["days_late"]) == (evaluation, 3 if evaluation == "late" else 0)
    assert answer["earliest_date"] == next_earliest


def test_child_cap_follows_weight_until_the_eighteenth_birthday() -> None:
    def child(weight: float | None, born: str = "2016-01-01") -> Json:
        elsewhere = session("2026-10-20", course_id=None, units=100)
        limb: Json = {"indication": "spasticity_upper_limb", "started_on": "2026-11-09", "planned_units": 155}
        return read([elsewhere], born=born, weight=weight, **limb)

    assert child(25.5)["earliest_date"] == "2026-11-09"
    assert child(25.4)["earliest_date"] == "2027-01-12"
    assert child(25.4, born="2008-12-01")["earliest_date"] == "2026-12-01"
    assert child(15.4)["blocks"] == ["cap_exceeded"]
    assert (child(None)["earliest_date"], child(None)["blocks"]) == ("2026-11-09", ["weight_missing"])


@pytest.mark.parametrize(
    ("as_of", "timing", "bucket"),
    [
        ("2026-11-08", "not_due", "not_due"),
        ("2026-11-09", "due_soon", "due_soon"),
        ("2026-11-23", "eligible", "due_soon"),
        ("2026-12-07", "due", "due"),
        ("2026-12-08", "overdue", "overdue"),
        ("2027-03-02", "lapsed", "lapsed"),
    ],
)
def test_timing_turns_on_each_date_with_a_personal_interval_of_14_weeks(
    as_of: str, timing: str, bucket: str
) -> None:
    answer = read(V1, as_of=as_of, personal_interval="P14W")
    assert (answer["timing"], answer["bucket"]) == (timing, bucket)


@pytest.mark.parametrize(
    ("booked_on", "booking", "bucket"),
    [
        ("2026-11-22", "too_early", "booking_problem"),
        ("2026-11-23", "ok", "booked"),
        ("2026-11-28", "outside_authorization", "booking_problem"),
        ("2026-12-01", "late", "booking_problem"),
    ],
)
def test_booking_is_judged_by_dates_then_authorization(booked_on: str, booking: str, bucket: str) -> None:
    no_visits = {"starts_on": "2026-11-01", "ends_on": "2026-12-31", "visits_left": 0}
    usable = {"starts_on": "2026-11-01", "ends_on": "2026-11-27", "units_left": 155}
    answer = read(V1, booked_on=booked_on, authorization_required=True, authorizations=[no_visits, usable])
    assert (answer["booking"], answer["bucket"], answer["blocks"]) == (booking, bucket, [])


def test_blocks_stand_in_their_order_and_hide_no_timing() -> None:
    few_units = {"starts_on": "2026-11-01", "ends_on": "2026-11-30", "units_left": 154}
    other = session("2026-09-01", course_id=None, product=OTHER_TOXIN)
    hold = {"from": "2026-11-22", "until": "2026-11-22"}
    asked: Json = {"authorization_required": True, "authorizations": [few_units], "holds": [hold]}
    answer = read([*V1, other], born="2010-01-01", **asked)
    assert answer["blocks"] == [
        *("on_hold", "weight_missing", "age_not_covered", "other_toxin_review", "authorization_exhausted"),
    ]
    assert (answer["timing"], answer["bucket"]) == ("due_soon", "blocked")
    assert read(V1, stopped_on="2026-11-22", booked_on="2026-11-23")["bucket"] == "closed"
    assert read(V1, stopped_on="2026-11-23", booked_on="2026-11-23")["bucket"] == "booked"


def test_edges_of_grace_cap_and_other_toxin_fall_on_the_safe_side() -> None:
    assert given_as([*V1, session("2026-11-17")])["evaluation"] == "grace"
    assert given_as([*V1, session("2026-11-22")])["evaluation"] == "grace"
    assert len(read([*V1, session("2026-11-23")])["sessions"]) == 1
    assert read(V1, planned_units=400)["blocks"] == []
    assert read([*V1, session("2026-08-03", course_id=None, product=OTHER_TOXIN)])["blocks"] == []
    too_close = [*V1, session("2026-08-04", course_id=None, product=OTHER_TOXIN)]
    assert read(too_close)["blocks"] == ["other_toxin_review"]


def test_shared_interval_counts_from_exposures_outside_the_course() -> None:
    elsewhere = [*V1, session("2026-10-01", course_id="c9", units=1, product=OTHER_TOXIN)]
    assert read(elsewhere)["earliest_date"] == "2026-11-23"
    assert read(elsewhere, shared_minimum_interval="P84D")["earliest_date"] == "2026-12-24"
