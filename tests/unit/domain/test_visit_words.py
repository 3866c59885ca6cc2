"""What stands against a visit in words: each objection's text and until when; good days are in test_good_days.py."""

from datetime import timedelta
from typing import Any

import pytest
from builders import (
    OTHER_TOXIN,
    authorization,
    course,
    day,
    elsewhere,
    given,
    hold,
    patient,
)

from clinic_scheduler.domain.day_names import aloud
from clinic_scheduler.domain.forecast.blocks import Against
from clinic_scheduler.domain.forecast.due_dates import read_all
from clinic_scheduler.domain.forecast.values import Course, GivenSession, Patient
from clinic_scheduler.domain.visits.check_texts import TITLES, Objection, objections, override_line

V1 = [given("2026-08-31")]
LIMB = "spasticity_upper_limb"
MONDAY = "Monday, November 23, 2026"


def said(
    on: str, *courses: Course, history: list[GivenSession] = V1, who: Patient | None = None
) -> dict[str, tuple[str, str | None]]:
    """Text and last day of each objection by its name."""
    forecast, facts = read_all(who or patient(), courses or (course(),), history, day("2026-11-22"))[0]
    found = objections(facts, day(on), forecast.because[0])
    return {o.name.value: (o.text, o.until.isoformat() if o.until else None) for o in found}


def test_too_early_says_the_rule_that_decides() -> None:
    text = f"The earliest is {MONDAY}: 12 weeks (84 days) after 31-Aug-2026."
    assert said("2026-11-22") == {"too_early": (text, None)}


@pytest.mark.parametrize(
    ("booked_on", "booked"),
    [("2026-11-24", "Tuesday, November 24, 2026"), ("2026-12-20", "Sunday, December 20, 2026")],
)
def test_too_close_says_the_other_visit_and_when_it_is_good_again(booked_on: str, booked: str) -> None:
    other = course(id="c2", product=OTHER_TOXIN, booked_on=booked_on)
    until = day(booked_on) + timedelta(84)
    text = (
        f"Another visit for the same treatment is booked for {booked}; 12 weeks (84 days) lie between two. "
        f"Good again from {aloud(until)}."
    )
    assert said("2026-11-25", course(), other)["too_early"] == (text, until.isoformat())


@pytest.mark.parametrize(("own", "others"), [("P90D", "P84D"), ("P84D", "P90D")])
def test_too_close_says_the_longer_of_the_two_intervals(own: str, others: str) -> None:
    first = course(protocol={"minimum_interval": own})
    other = course(id="c2", booked_on="2026-12-20", protocol={"minimum_interval": others})
    text, until = said("2026-12-01", first, other)["too_early"]
    assert "; 90 days lie between two." in text
    assert until == "2027-03-20"


def test_too_close_is_good_again_only_past_every_visit_in_a_row() -> None:
    others = [course(id=f"c{n}", booked_on=on) for n, on in ((2, "2026-12-01"), (3, "2027-03-01"))]
    text, until = said("2026-11-30", course(), *others)["too_early"]
    assert until == "2027-05-24"
    assert text.startswith("Another visit for the same treatment is booked for Tuesday, December 1, 2026;")


def test_over_cap_says_what_it_comes_to() -> None:
    limb = course(LIMB, id="c2", planned_units=200, booked_on="2026-12-08")
    history = [*V1, elsewhere("2026-09-22", 60)]
    before = "what is booked and was given in the 12 weeks (84 days) before"
    on_the_day, until = said("2026-12-08", course(), limb, history=history)["over_cap"]
    assert until == "2026-12-15"
    assert on_the_day == (
        f"With {before}, it comes to 415 U; the cap is 400 U. Good again from Tuesday, December 15, 2026."
    )
    on_another, _ = said("2026-11-23", course(), limb, history=history)["over_cap"]
    assert on_another.startswith(
        f"With {before}, it comes to 415 U on Tuesday, December 8, 2026, when another visit is booked; "
    )


@pytest.mark.parametrize(
    ("holds", "text", "until"),
    [
        (
            [hold("2026-11-23", None, "Surgery planned")],
            f"On hold since {MONDAY} until further notice: Surgery planned.",
            None,
        ),
        (
            [hold("2026-11-23", "2026-11-24", "Infection")],
            "On hold through Tuesday, November 24, 2026: Infection. "
            "Good again from Wednesday, November 25, 2026.",
            "2026-11-25",
        ),
        (
            [hold("2026-11-23", "2026-11-24"), hold("2026-11-25", "2026-11-26")],
            "On hold through Tuesday, November 24, 2026: no reason was given. "
            "Good again from Friday, November 27, 2026.",
            "2026-11-27",
        ),
        (
            [hold("2026-11-23", "2026-11-24"), hold("2026-11-25")],
            "On hold through Tuesday, November 24, 2026: no reason was given.",
            None,
        ),
    ],
)
def test_a_hold_says_its_reason_and_its_end(holds: list[Any], text: str, until: str | None) -> None:
    assert said("2026-11-23", course(holds=tuple(holds))) == {"on_hold": (text, until)}
    assert said("2026-11-23", who=patient(holds=tuple(holds))) == {"on_hold": (text, until)}
    mixed = said("2026-11-23", course(holds=tuple(holds[1:])), who=patient(holds=tuple(holds[:1])))
    assert mixed == {"on_hold": (text, until)}


def test_a_consultation_says_how_long_ago_the_last_injection_was() -> None:
    text = (
        "The last injection was on Monday, August 31, 2026, more than 26 weeks (182 days) before. "
        "Somebody sees the patient first."
    )
    assert said("2027-03-02")["consultation_needed"] == (text, None)


def test_a_plan_over_the_cap_says_both_figures() -> None:
    text = "401.5 U are planned; the cap is 400 U. Lower the plan, or a provider decides."
    assert said("2026-11-23", course(planned_units=401.5)) == {"cap_exceeded": (text, None)}


def test_an_unknown_dose_says_when_it_was_given() -> None:
    history = [*V1, elsewhere("2026-10-01", None), elsewhere("2026-10-02", None), elsewhere("2026-10-03", 1)]
    text = (
        "Nobody knows how many units were given on Friday, October 2, 2026, and they still count. "
        "Good again from Friday, December 25, 2026."
    )
    assert said("2026-11-23", history=history) == {"cap_unknown": (text, "2026-12-25")}


def test_minors_say_weight_and_age() -> None:
    found = said("2026-11-23", who=patient("2012-02-29"))
    assert found == {
        "weight_missing": (
            "The cap of a patient under 18 goes by weight, and none is entered. "
            "Good again from Friday, March 1, 2030.",
            "2030-03-01",
        ),
        "age_not_covered": (
            "The label covers patients from 18 years. Good again from Friday, March 1, 2030.",
            "2030-03-01",
        ),
    }


def test_a_missing_plan_says_why_it_matters() -> None:
    planless = course(label={"typical_units": None})
    found = said("2026-01-05", planless, history=[])
    assert found["plan_missing"] == (
        "Without a planned dose nobody can tell whether it fits under the cap.",
        None,
    )


@pytest.mark.parametrize(
    ("product", "units", "what"),
    [
        (OTHER_TOXIN, 155, "Dysport, 155 U,"),
        (OTHER_TOXIN, None, "Dysport"),
        ("somethingNew", 2.5, "somethingNew, 2.5 U,"),
        (None, 20, "A product nobody knows, 20 U,"),
    ],
)
def test_another_toxin_says_what_was_given_when_and_how_long_a_provider_decides(
    product: str | None, units: float | None, what: str
) -> None:
    history = [
        *V1,
        elsewhere("2026-08-20", 1, product=OTHER_TOXIN),
        elsewhere("2026-08-30", units, product=product),
    ]
    text, until = said("2026-11-25", history=history)["other_toxin_review"]
    assert until == "2026-12-20"
    assert text == (
        f"{what} was given on Sunday, August 30, 2026. A provider decides for 16 weeks (112 days) after it. "
        "Good again from Sunday, December 20, 2026."
    )


def test_late_says_the_last_on_time_day() -> None:
    assert said("2026-12-01") == {
        "late": ("The last on-time day is Monday, November 30, 2026.", None),
    }


def test_without_an_authorization_the_first_day_one_pays_for_is_said() -> None:
    leaves = (
        authorization("2026-11-25", None, visits_left=0),
        authorization("2026-11-26", None, units_left=154),
        authorization(None, "2026-11-22"),
        authorization("2026-11-29", "2026-11-30"),
        authorization("2026-11-28", "2026-11-30", visits_left=1, units_left=155),
    )
    text = f"No authorization with a visit and the planned units left covers {MONDAY}."
    for count, good in ((5, "2026-11-28"), (4, "2026-11-29")):
        asked = course(authorization_required=True, authorizations=leaves[:count])
        found = said("2026-11-23", asked)["outside_authorization"]
        assert found == (f"{text} Good again from {aloud(day(good))}.", good)
    asked = course(authorization_required=True, authorizations=leaves[:3])
    assert said("2026-11-23", asked)["outside_authorization"] == (text, None)


def test_every_name_has_a_title_and_words_that_fit_a_line() -> None:
    assert list(TITLES) == list(Against)
    assert all(title and len(title) < 60 and not title.endswith(".") for title in TITLES.values())


def test_objections_stand_in_the_rules_order_with_their_titles() -> None:
    asked = course(planned_units=401, holds=(hold("2026-11-01"),), authorization_required=True)
    forecast, facts = read_all(patient(), [asked], V1, day("2026-11-22"))[0]
    found = objections(facts, day("2026-12-01"), forecast.because[0])
    assert [(o.name, o.title) for o in found] == [
        (name, TITLES[name])
        for name in (Against.ON_HOLD, Against.CAP_EXCEEDED, Against.LATE, Against.OUTSIDE_AUTHORIZATION)
    ]
    assert isinstance(found[0], Objection)


@pytest.mark.parametrize(
    ("name", "note", "day_number", "line"),
    [
        ("too_early", None, 80, "Booked on day 80: Travel (Dr. Amara Reid)"),
        ("too_early", None, None, "Booked early: Travel (Dr. Amara Reid)"),
        ("late", None, 99, "Booked late: Travel (Dr. Amara Reid)"),
        ("cap_exceeded", "to Spain", 99, "Plan over the cap: Travel. to Spain (Dr. Amara Reid)"),
    ],
)
def test_a_visit_says_why_it_stands(name: str, note: str | None, day_number: int | None, line: str) -> None:
    assert override_line(name, "Travel", note, "Dr. Amara Reid", day_number) == line


def test_every_name_can_stand_on_a_visit() -> None:
    lines = {override_line(name, "Travel", None, "Dr. Amara Reid", None) for name in Against}
    assert len(lines) == len(Against)
