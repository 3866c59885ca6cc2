"""The naive reading itself: booked days of the public vectors and of figures worked out by hand."""

from typing import Any

import pytest
from reference_cases import LAST, LIMB, Json, course, elsewhere, read, read_all, session
from reference_figures import DYSPORT

BOOKED = {"booked_on": "2026-12-05"}


def booking(sessions: list[Json], **changes: Any) -> str:
    return str(read(sessions, **changes)["booking"])


def bookings(courses: list[Json], sessions: list[Json], **patient: Any) -> list[str]:
    return [answer["booking"] for answer in read_all(courses, sessions, **patient)]


def test_v23_a_hold_that_begins_before_the_booked_day_blocks_it() -> None:
    held: Json = {"holds": [{"from": "2026-12-01", "until": None}], **BOOKED}
    answer = read([session("2026-09-08")], **held)
    assert (answer["due_date"], answer["blocks"]) == ("2026-12-01", [])
    assert (answer["booking"], answer["bucket"]) == ("blocked", "booking_problem")
    assert booking([session("2026-09-08")], booked_override=["on_hold"], **held) == "ok"
    assert booking([session("2026-09-08")], booked_override=["blocked"], **held) == "blocked"


def test_v26_units_unknown_block_the_booked_day_until_they_have_rolled_off() -> None:
    unknown = [*LAST, elsewhere("2026-10-15", units=None, indication="other")]
    answer = read(unknown, booked_on="2026-11-24")
    assert (answer["earliest_date"], answer["blocks"]) == ("2026-11-23", ["cap_unknown"])
    assert answer["booking"] == "blocked"
    assert booking(unknown, booked_on="2027-01-06", booked_override=["late"]) == "blocked"
    assert booking(unknown, booked_on="2027-01-07", booked_override=["late"]) == "ok"
    for until, expected in (("2026-11-23", "blocked"), ("2026-11-24", "ok")):
        decided = [{"block": "cap_unknown", "until": until}]
        assert booking(unknown, booked_on="2026-11-24", decisions=decided) == expected


def test_v32_a_late_day_is_passed_over_where_named() -> None:
    late: Json = {"as_of": "2026-12-10", "booked_on": "2026-12-11"}
    assert booking(LAST, **late) == "late"
    assert booking(LAST, booked_override=["late"], **late) == "ok"
    assert booking(LAST, booked_on="2026-11-30") == "ok"
    assert booking(LAST, booked_on="2026-12-01") == "late"


def test_a_day_gone_by_is_past_whatever_is_named() -> None:
    assert booking(LAST, as_of="2026-11-24", booked_on="2026-11-24") == "ok"
    assert booking(LAST, as_of="2026-11-25", booked_on="2026-11-24", booked_override=["past"]) == "past"


@pytest.mark.parametrize(
    ("booked_on", "booked", "bucket"),
    [
        ("2026-11-22", "too_early", "booking_problem"),
        ("2026-11-23", "ok", "booked"),
        ("2026-11-28", "outside_authorization", "booking_problem"),
    ],
)
def test_dates_come_before_authorizations(booked_on: str, booked: str, bucket: str) -> None:
    no_visits = {"starts_on": "2026-11-01", "ends_on": "2026-12-31", "visits_left": 0}
    few_units = {"starts_on": "2026-11-01", "ends_on": "2026-12-31", "units_left": 154}
    usable = {"starts_on": "2026-11-01", "ends_on": "2026-11-27", "units_left": 155}
    authorized: Json = {"authorization_required": True, "authorizations": [no_visits, few_units, usable]}
    answer = read(LAST, booked_on=booked_on, **authorized)
    assert (answer["booking"], answer["bucket"], answer["blocks"]) == (booked, bucket, [])
    named = ["too_early", "outside_authorization"]
    assert booking(LAST, booked_on=booked_on, booked_override=named, **authorized) == "ok"


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        (("2026-12-01", "2026-12-03"), ["too_early", "too_early"]),
        (("2026-12-01", "2026-12-01"), ["too_early", "too_early"]),
        (("2026-12-01", "2027-02-22"), ["too_early", "too_early"]),
        (("2026-12-01", "2027-02-23"), ["ok", "ok"]),
        (("2026-11-20", "2026-12-01"), ["past", "too_early"]),
    ],
)
@pytest.mark.parametrize("stopped_on", [None, "2026-11-21"])
def test_v27_visits_of_one_indication_keep_their_distance(
    days: tuple[str, str], expected: list[str], stopped_on: str | None
) -> None:
    first = course(started_on="2026-11-01", booked_on=days[0], stopped_on=stopped_on)
    second = course(id="c2", started_on="2026-11-01", booked_on=days[1], product=DYSPORT, planned_units=500)
    named = {"booked_override": ["late"]}
    assert bookings([{**first, **named}, {**second, **named}], []) == expected


def test_visits_of_two_indications_may_share_a_day() -> None:
    first = course(booked_on="2026-12-01", booked_override=["late"])
    second = course(
        id="c2", booked_on="2026-12-01", booked_override=["late"], indication=LIMB, planned_units=245
    )
    assert bookings([first, second], []) == ["ok", "ok"]
    second["planned_units"] = 246
    assert bookings([first, second], []) == ["over_cap", "over_cap"]
    second["product"] = DYSPORT
    assert bookings([first, second], []) == ["ok", "ok"]


@pytest.mark.parametrize(
    ("second_day", "expected"),
    [
        ("2026-12-28", ["over_cap", "over_cap"]),
        ("2027-03-21", ["over_cap", "over_cap"]),
        ("2027-03-22", ["ok", "late"]),
        ("2026-11-01", ["over_cap", "past"]),
        ("2026-10-05", ["ok", "past"]),
    ],
)
def test_v18_a_booked_day_counts_with_every_other_of_the_product(
    second_day: str, expected: list[str]
) -> None:
    migraine = course(started_on="2026-12-07", planned_units=195, booked_on="2026-12-28")
    limb = course(id="c2", indication=LIMB, started_on="2026-12-14", planned_units=300, booked_on=second_day)
    assert bookings([migraine, limb], []) == expected


def test_a_later_visit_counts_what_lies_in_its_own_window() -> None:
    """155 U on the first day leave room, but 155 + 200 + 100 U on the last: the first visit is in that window."""
    days = {"c1": ("2026-12-01", 155), "c2": ("2027-01-15", 100), "c3": ("2027-02-01", 200)}
    kinds = {"c1": "chronic_migraine", "c2": LIMB, "c3": "spasticity_lower_limb"}
    courses = [
        course(id=name, indication=kinds[name], started_on="2026-11-20", booked_on=on, planned_units=units)
        for name, (on, units) in days.items()
    ]
    assert bookings(courses, []) == ["over_cap", "over_cap", "over_cap"]
    courses[1]["planned_units"] = 45
    assert bookings(courses, []) == ["ok", "late", "late"]


def test_the_cap_of_a_later_visit_is_that_of_the_age_on_its_day() -> None:
    first = course(indication=LIMB, started_on="2026-11-20", booked_on="2026-12-01", planned_units=155)
    second = course(id="c2", started_on="2026-11-20", booked_on="2026-12-10", planned_units=200)
    teen = {"weight_kg": 70, "birth_date": "2008-12-10"}
    assert bookings([first, second], [], **teen) == ["ok", "ok"]
    teen["birth_date"] = "2008-12-11"
    assert bookings([first, second], [], **teen)[0] == "over_cap"


@pytest.mark.parametrize("units", [1, None])
def test_a_plan_alone_over_the_cap_asks_only_whether_anything_else_lies_near(units: float | None) -> None:
    decided = [{"block": name, "until": "2026-12-01"} for name in ("cap_exceeded", "cap_unknown")]
    alone = course(started_on="2026-11-20", booked_on="2026-12-01", planned_units=401)
    assert bookings([alone], []) == ["blocked"]
    alone["decisions"] = decided
    assert bookings([alone], []) == ["ok"]
    for given_on, expected in (("2026-09-08", "ok"), ("2026-09-09", "over_cap")):
        assert bookings([alone], [elsewhere(given_on, units=units, indication="other")]) == [expected]
    for booked_on, expected in (("2027-02-22", "over_cap"), ("2027-02-23", "ok"), ("2026-09-09", "over_cap")):
        other = course(id="c2", indication=LIMB, booked_on=booked_on, planned_units=1)
        assert bookings([alone, other], [])[0] == expected


def test_each_block_is_judged_on_the_booked_day() -> None:
    lapsing: Json = {"booked_on": "2027-03-02", "booked_override": ["late"]}
    assert booking(LAST, **lapsing) == "blocked"
    assert booking(LAST, consulted_on="2027-03-02", **lapsing) == "ok"
    assert booking(LAST, consulted_on="2027-03-03", **lapsing) == "blocked"
    assert booking(LAST, booked_on="2027-03-01", booked_override=["late"]) == "ok"
    other = [*LAST, elsewhere("2026-08-04", product=None, units=1, indication="other")]
    assert booking(other, booked_on="2026-11-23") == "blocked"
    assert booking(other, booked_on="2026-11-24") == "ok"
    for born, weight, expected in (
        ("2008-11-25", 40, "ok"),
        ("2008-11-26", 40, "blocked"),
        ("2008-11-25", None, "ok"),
    ):
        teen = {"birth_date": born, "weight_kg": weight}
        assert booking(LAST, patient=teen, booked_on="2026-11-25") == expected
    limb: Json = {"indication": LIMB, "booked_on": "2026-11-25"}
    assert booking(LAST, patient={"birth_date": "2008-11-26"}, **limb) == "blocked"
    named = ["weight_missing"]
    assert booking(LAST, patient={"birth_date": "2008-11-26"}, booked_override=named, **limb) == "ok"
