"""DD-15: every date says which rule decided it, from what and by whose word, also where two rules meet."""

import random

import pytest
from builders import DATES, OTHER_TOXIN, course, elsewhere, forecast, given, patient
from strategies import random_case

from clinic_scheduler.domain.forecast.json_contract import answer
from clinic_scheduler.domain.forecast.values import Forecast, Reason

V1 = [given("2026-08-31")]
LIMB = "spasticity_upper_limb"
LABEL = "the toxins' prescribing information"
BOTOX_LABEL = "Botox PI 2.1"
FLOOR_SOURCE = f"{LABEL}; common payer policy, 84 days"


def because(found: Forecast) -> dict[str, Reason]:
    return {reason.date: reason for reason in found.because}


def test_every_date_of_every_case_is_explained() -> None:
    rng = random.Random(15)
    for _ in range(300):
        for each in answer(random_case(rng))["courses"]:
            assert [reason["date"] for reason in each["because"]] == list(DATES)
            rules = [reason["rule"] for reason in each["because"]]
            assert rules[0] in {"DD-3", "DD-3a", "DD-3b", "DD-3c"}
            assert rules[1:] == ["DD-4", "DD-5", "DD-6"]
            for reason in each["because"]:
                assert reason["text"]
                assert reason["source"]
                assert reason["inputs"]


def test_a_plain_migraine_cycle_in_words() -> None:
    start = "2026-08-31"
    assert forecast(V1).because == (
        Reason(
            *("earliest_date", "DD-3a", "12 weeks (84 days) after 31-Aug-2026", FLOOR_SOURCE),
            {"from": start, "interval": "P84D"},
        ),
        Reason(
            *("due_date", "DD-4", "12 weeks (84 days) after 31-Aug-2026", LABEL),
            {"from": start, "interval": "P12W"},
        ),
        Reason(
            "overdue_date",
            "DD-5",
            "the day after 30-Nov-2026, the last on-time day (13 weeks (91 days) after 31-Aug-2026)",
            "clinic default",
            {"from": start, "interval": "P13W"},
        ),
        Reason(
            "lapse_date",
            "DD-6",
            "the day after 26 weeks (182 days) from 31-Aug-2026; consult again before booking",
            "clinic default",
            {"from": start, "interval": "P26W"},
        ),
    )


def test_a_course_never_treated_in_words() -> None:
    texts = [reason.text for reason in forecast([], course(started_on="2026-11-09")).because]
    assert texts == [
        "the course starts on 09-Nov-2026",
        "nothing counts as given yet; the course starts on 09-Nov-2026",
        "the day after 07-Dec-2026, the last on-time day (4 weeks (28 days) after 09-Nov-2026)",
        "the day after 26 weeks (182 days) from 09-Nov-2026; consult again before booking",
    ]
    due = because(forecast([], course(started_on="2026-11-09")))["due_date"]
    assert (due.source, due.inputs) == ("the course", {"from": "2026-11-09", "interval": None})


@pytest.mark.parametrize(
    ("payer", "source", "text"),
    [
        ("P84D", FLOOR_SOURCE, "12 weeks (84 days) after 31-Aug-2026"),
        ("P83D", FLOOR_SOURCE, "12 weeks (84 days) after 31-Aug-2026"),
        ("P85D", "the payer's minimum interval", "85 days after 31-Aug-2026"),
    ],
)
def test_the_payer_is_named_only_where_its_interval_decides(payer: str, source: str, text: str) -> None:
    earliest = because(forecast(V1, course(payer_minimum_interval=payer)))["earliest_date"]
    assert (earliest.source, earliest.text, earliest.rule) == (source, text, "DD-3a")
    assert earliest.inputs.get("asked_by") == ("payer" if payer == "P85D" else None)


@pytest.mark.parametrize(("outside", "rule"), [("2026-08-31", "DD-3a"), ("2026-09-01", "DD-3b")])
def test_the_shared_floor_is_named_only_where_it_decides(outside: str, rule: str) -> None:
    shared = course(protocol={"shared_minimum_interval": "P84D"})
    other = elsewhere(outside, 1, product=OTHER_TOXIN, indication="other")
    found = because(forecast([*V1, other], shared))["earliest_date"]
    assert found.rule == rule
    if rule == "DD-3b":
        assert found.text == "12 weeks (84 days) after 01-Sep-2026, given for something else"
        assert (found.source, found.inputs) == ("test", {"from": "2026-09-01", "interval": "P84D"})


def test_the_cap_says_plan_window_and_limit() -> None:
    limb = course(LIMB, started_on="2026-11-09", planned_units=300)
    found = because(forecast([elsewhere("2026-09-14", indication="chronic_migraine")], limb))
    assert found["earliest_date"].text == (
        "first day on which 300 U planned and the units of the 12 weeks (84 days) before fit in 400 U"
    )
    assert found["earliest_date"].inputs == {
        "from": "2026-09-14",
        "planned_units": 300,
        "cap": 400,
        "window": "P84D",
    }
    assert found["earliest_date"].source == BOTOX_LABEL
    assert found["due_date"].text == (
        "nothing counts as given yet; the course starts on 09-Nov-2026, "
        "but not before the earliest date 07-Dec-2026"
    )
    assert found["overdue_date"].text == (
        "the day after 14-Dec-2026, the last on-time day (1 week (7 days) after 07-Dec-2026)"
    )


def test_a_minors_cap_names_the_paediatric_source_and_limit() -> None:
    limb = course(LIMB, started_on="2026-11-09", planned_units=100)
    found = because(
        forecast([elsewhere("2026-09-14", indication="chronic_migraine")], limb, patient("2016-01-01", 20))
    )["earliest_date"]
    assert (found.source, found.inputs["cap"]) == (BOTOX_LABEL, 200)


def test_a_cap_that_happens_to_fit_on_the_floor_is_not_named() -> None:
    limb = course(LIMB, started_on="2026-12-07", planned_units=300)
    assert (
        because(forecast([elsewhere("2026-09-14", indication="chronic_migraine")], limb))[
            "earliest_date"
        ].rule
        == "DD-3"
    )


@pytest.mark.parametrize("personal", ["P10W", "P83D"])
def test_a_due_date_held_by_the_floor_says_so_with_the_floors_source(personal: str) -> None:
    due = because(forecast(V1, course(personal_interval=personal)))["due_date"]
    assert due.text.endswith(" after 31-Aug-2026, but not before the earliest date 23-Nov-2026")
    assert due.source == FLOOR_SOURCE
    assert due.inputs == {"from": "2026-08-31", "interval": personal, "earliest_date": "2026-11-23"}


def test_a_personal_interval_is_the_providers_word() -> None:
    due = because(forecast(V1, course(personal_interval="P14W")))["due_date"]
    assert (due.text, due.source) == ("14 weeks (98 days) after 31-Aug-2026", "the provider's interval")
    at_the_floor = because(forecast(V1, course(personal_interval="P84D")))["due_date"]
    assert (at_the_floor.text, at_the_floor.source) == (
        *("12 weeks (84 days) after 31-Aug-2026", "the provider's interval"),
    )


@pytest.mark.parametrize(("personal", "ends"), [("P13W", "07-Dec-2026"), ("P14W", "14-Dec-2026")])
def test_a_due_date_near_the_on_time_limit_keeps_its_days_of_grace(personal: str, ends: str) -> None:
    found = because(forecast(V1, course(personal_interval=personal)))
    due_text = {"P13W": "30-Nov-2026", "P14W": "07-Dec-2026"}[personal]
    assert found["overdue_date"].text == (
        f"the day after {ends}, the last on-time day (1 week (7 days) after {due_text})"
    )
    assert found["overdue_date"].source == "clinic default"
    assert found["overdue_date"].inputs["grace_after_due"] == "P7D"
    assert "due_date" in found["overdue_date"].inputs


@pytest.mark.parametrize(
    ("payer", "text"),
    [
        ("P175D", "the day after 26 weeks (182 days) from 31-Aug-2026"),
        ("P176D", "the overdue date 03-Mar-2027 itself"),
    ],
)
def test_a_lapse_held_by_the_overdue_date_says_so(payer: str, text: str) -> None:
    lapse = because(forecast(V1, course(payer_minimum_interval=payer)))["lapse_date"]
    assert (lapse.text, lapse.source) == (f"{text}; consult again before booking", "clinic default")
    assert ("overdue_date" in lapse.inputs) == (payer == "P176D")


def test_the_inputs_of_an_explanation_lead_to_its_date() -> None:
    found = because(forecast([given("2026-10-31", 300)], course(LIMB)))
    assert found["due_date"].inputs == {"from": "2026-10-31", "interval": "P3M"}
    assert found["overdue_date"].text == (
        "the day after 01-Mar-2027, the last on-time day (4 months after 31-Oct-2026)"
    )
