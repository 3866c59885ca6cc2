"""The naive reading itself: dates, evaluations and blocks of the public vectors and of figures worked out by hand."""

from datetime import date, timedelta

import pytest
from reference_cases import (
    LAST,
    LIMB,
    LOWER_LIMB,
    Json,
    course,
    elsewhere,
    given_as,
    read,
    read_all,
    session,
)
from reference_dates import add, age_on
from reference_figures import BOTOX, DYSPORT

DATES = ("earliest_date", "due_date", "overdue_date", "lapse_date")


def test_v1_migraine_twelve_weeks_to_the_day() -> None:
    assert read(LAST) == {
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
    sessions = [*LAST, session("2026-11-20")]
    assert given_as(sessions)["evaluation"] == "grace"
    assert given_as(sessions)["payer_too_soon"] is False
    assert given_as(sessions, payer_minimum_interval="P84D")["payer_too_soon"] is True


def test_v3_day_77_is_too_soon_and_the_next_counts_from_it() -> None:
    answer = read([*LAST, session("2026-11-16")])
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
@pytest.mark.parametrize("indication", [LIMB, LOWER_LIMB])
def test_v6_v7_spasticity_counts_months_forward(
    last: str, as_of: str, dates: list[str], indication: str
) -> None:
    answer = read([session(last, units=300)], as_of=as_of, indication=indication)
    assert [answer[k] for k in DATES] == dates


def test_v8_a_closure_moves_no_date() -> None:
    assert read([session("2026-09-03")])["due_date"] == "2026-11-26"


def test_v9_authorization_ends_before_the_due_date() -> None:
    ending = {"starts_on": "2026-01-01", "ends_on": "2026-11-30", "visits_left": 2, "units_left": 400}
    answer = read([session("2026-09-14")], authorization_required=True, authorizations=[ending])
    assert answer["due_date"] == "2026-12-07"
    assert answer["blocks"] == ["authorization_expires_before_due"]


def v10(planned: float | None, product: str | None = BOTOX) -> Json:
    untreated = course(id="c2", indication=LIMB, started_on="2026-11-09", planned_units=planned)
    given = elsewhere("2026-09-14", product=product, indication="chronic_migraine")
    return read_all([course(), untreated], [given])[1]


def test_v10_units_of_another_indication_delay_a_course_never_treated() -> None:
    answer = v10(planned=300)
    assert answer["reference"] is None
    assert [answer[k] for k in DATES] == ["2026-12-07", "2026-12-07", "2026-12-15", "2027-05-10"]


def test_cap_leaves_room_to_the_unit_and_a_plan_alone_too_large_moves_no_date() -> None:
    assert v10(planned=None)["earliest_date"] == "2026-12-07"
    assert v10(planned=0)["earliest_date"] == "2026-12-07"
    assert v10(planned=245)["earliest_date"] == "2026-11-09"
    assert v10(planned=245.5)["earliest_date"] == "2026-12-07"
    too_large = v10(planned=401)
    assert (too_large["earliest_date"], too_large["blocks"]) == ("2026-11-09", ["cap_exceeded"])


def test_an_unknown_product_counts_as_the_courses_own_and_as_another() -> None:
    other = v10(planned=300, product=DYSPORT)
    assert (other["earliest_date"], other["blocks"]) == ("2026-11-09", ["other_toxin_review"])
    unknown = v10(planned=300, product=None)
    assert (unknown["earliest_date"], unknown["blocks"]) == ("2026-12-07", ["other_toxin_review"])


def test_v13_each_session_five_days_after_due_is_on_time() -> None:
    sessions = [session("2026-01-05")]
    for _ in range(4):
        due = date.fromisoformat(read(sessions, as_of="2027-01-01")["due_date"])
        sessions.append(session((due + timedelta(days=5)).isoformat()))
    answer = read(sessions, as_of="2026-12-27")
    assert (answer["reference"], answer["cycles_given"]) == ("2026-12-27", 5)
    assert {each["evaluation"] for each in answer["sessions"]} == {"valid"}


def test_v15_a_session_between_two_others_has_the_later_one_judged_again() -> None:
    sessions = [session("2026-06-01"), session("2026-08-31"), session("2026-07-01")]
    assert [each["evaluation"] for each in read(sessions[:2])["sessions"]] == ["valid"] * 2
    assert [each["evaluation"] for each in read(sessions)["sessions"]] == ["valid", "too_soon", "too_soon"]


def test_v16_a_stopped_course_still_protects_the_patient() -> None:
    stopped = course(stopped_on="2026-11-01")
    new = course(id="c2", started_on="2026-11-02")
    given = session("2026-10-20")
    answer = read_all([stopped, new], [given])[1]
    assert [answer["earliest_date"], answer["due_date"], answer["reference"]] == [
        "2027-01-12",
        "2027-01-12",
        None,
    ]
    answer = read_all([stopped, new], [given, session("2026-11-08", course_id="c2")])[1]
    assert [each["evaluation"] for each in answer["sessions"]] == ["too_soon"]


def test_v19_units_for_what_no_course_treats_count_towards_the_cap() -> None:
    botox = elsewhere("2026-09-30", units=250, indication="cervical_dystonia")
    assert read([*LAST, botox], planned_units=155)["earliest_date"] == "2026-12-23"
    assert read([*LAST, botox], planned_units=150)["earliest_date"] == "2026-11-23"


def test_v20_rows_of_one_day_are_one_visit() -> None:
    rows = [session("2026-08-31", id=name, units=100) for name in "abc"]
    authorized: Json = {"authorization_required": True, "authorizations": [{"units_left": 299}]}
    answer = read(rows, **authorized)
    assert [each["evaluation"] for each in answer["sessions"]] == ["valid"] * 3
    assert (answer["cycles_given"], answer["blocks"]) == (1, ["authorization_exhausted"])
    authorized["authorizations"] = [{"units_left": 300}]
    assert read(rows, **authorized)["blocks"] == []


def test_v24_a_session_without_units_is_no_claim() -> None:
    for units, too_soon in ((0, False), (1, True)):
        answer = given_as([*LAST, session("2026-09-14", units=units)], payer_minimum_interval="P84D")
        assert answer["payer_too_soon"] is too_soon


@pytest.mark.parametrize(
    ("indication", "earliest"),
    [(None, "2027-01-24"), ("chronic_migraine", "2027-01-24"), ("other", "2026-11-22"), (LIMB, "2026-11-22")],
)
@pytest.mark.parametrize("course_id", [None, "c9"])
def test_v25_an_unknown_indication_counts_for_every_one(
    indication: str | None, earliest: str, course_id: str | None
) -> None:
    given = elsewhere("2026-11-01", indication=indication, course_id=course_id)
    assert read([given], started_on="2026-11-22")["earliest_date"] == earliest


def test_a_sessions_own_indication_is_ignored_under_a_course() -> None:
    assert read([session("2026-08-31", indication="other")])["earliest_date"] == "2026-11-23"


def test_v31_a_personal_interval_keeps_its_week_of_grace() -> None:
    answer = read(LAST, personal_interval="P14W")
    assert (answer["due_date"], answer["overdue_date"]) == ("2026-12-07", "2026-12-15")


@pytest.mark.parametrize(
    ("start", "interval", "expected"),
    [
        ("2026-10-31", "P4M", "2027-03-01"),
        ("2023-11-30", "P3M", "2024-03-01"),
        ("2023-11-29", "P3M", "2024-02-29"),
        ("2024-02-29", "P1Y", "2025-03-01"),
        ("2026-11-22", "P12W", "2027-02-14"),
        ("2026-11-22", "P84D", "2027-02-14"),
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
        ({"product": DYSPORT}, "wrong_product", "2026-12-07"),
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


@pytest.mark.parametrize(
    ("given_on", "changes", "between", "days_late"),
    [
        ("2026-12-14", {"personal_interval": "P14W"}, [], 0),
        ("2026-12-15", {"personal_interval": "P14W"}, [], 1),
        ("2026-12-02", {"personal_interval": "P10W"}, [], 2),
        ("2026-12-07", {"payer_minimum_interval": "P13W"}, [], 0),
        ("2026-12-08", {"payer_minimum_interval": "P13W"}, [], 1),
        ("2026-12-08", {}, [elsewhere("2026-09-08")], 0),
        ("2026-12-09", {}, [elsewhere("2026-09-08")], 1),
        ("2026-12-15", {"payer_minimum_interval": "P13W"}, [elsewhere("2026-09-08")], 0),
    ],
)
def test_on_time_as_long_as_any_of_three_days_allows(
    given_on: str, changes: Json, between: list[Json], days_late: int
) -> None:
    answer = given_as([*LAST, *between, session(given_on)], as_of="2026-12-31", **changes)
    assert (answer["evaluation"], answer["days_late"]) == ("late" if days_late else "valid", days_late)


def test_edges_of_grace_and_the_shared_floor() -> None:
    assert given_as([*LAST, session("2026-11-17")])["evaluation"] == "grace"
    assert given_as([*LAST, session("2026-11-22")])["evaluation"] == "grace"
    assert len(read([*LAST, session("2026-11-23")])["sessions"]) == 1
    for indication in ("other", None, LIMB):
        one_unit = [*LAST, elsewhere("2026-07-01", units=1, indication=indication, product=DYSPORT)]
        assert read(one_unit)["earliest_date"] == "2026-11-23"
        assert read(one_unit, shared_minimum_interval="P6M")["earliest_date"] == "2027-01-01"
    ours = [*LAST, elsewhere("2026-07-01", indication="chronic_migraine")]
    assert read(ours, shared_minimum_interval="P6M")["earliest_date"] == "2026-11-23"


def child(weight: float | None, born: str = "2016-01-01", planned: int = 155) -> Json:
    given = elsewhere("2026-10-20", units=100, indication="other")
    limb: Json = {"indication": LOWER_LIMB, "started_on": "2026-11-09", "planned_units": planned}
    return read([given], patient={"birth_date": born, "weight_kg": weight}, **limb)


def test_child_cap_follows_weight_until_the_eighteenth_birthday() -> None:
    assert child(25.5)["earliest_date"] == "2026-11-09"
    assert child(25.4)["earliest_date"] == "2027-01-12"
    assert child(25.4, born="2008-12-01")["earliest_date"] == "2026-12-01"
    assert child(15.4)["blocks"] == ["cap_exceeded"]


def test_without_a_weight_the_figure_for_every_child_still_holds() -> None:
    fits, waits, too_large = (child(None, planned=units) for units in (240, 241, 341))
    assert (fits["earliest_date"], fits["blocks"]) == ("2026-11-09", ["weight_missing"])
    assert (waits["earliest_date"], waits["blocks"]) == ("2027-01-12", ["weight_missing"])
    assert (too_large["earliest_date"], too_large["blocks"]) == (
        "2026-11-09",
        ["cap_exceeded", "weight_missing"],
    )
    of_age_before_due = child(None, born="2008-12-01", planned=241)
    assert (of_age_before_due["earliest_date"], of_age_before_due["blocks"]) == (
        "2026-12-01",
        ["weight_missing"],
    )


def test_the_floor_is_never_before_the_start_and_looks_past_a_gap_in_the_cap() -> None:
    """Room on the start date itself is no use where an exposure on a later day takes it away."""
    assert read(LAST, started_on="2026-12-24")["earliest_date"] == "2026-12-24"
    later = elsewhere("2026-03-02", units=300, indication="other")
    assert read([later], started_on="2026-01-05")["earliest_date"] == "2026-05-25"
    assert read([later], started_on="2026-01-05", planned_units=100)["earliest_date"] == "2026-01-05"
