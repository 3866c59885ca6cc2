"""DD-11: each line of the booking panel, and what a failed one does."""

from typing import Any

import pytest
from builders import authorization, course, day, elsewhere, forecast, given, hold, patient

from clinic_scheduler.domain.booking import CANCEL_REASONS, OVERRIDE_REASONS, Check, checks_on
from clinic_scheduler.domain.errors import BookingRefused
from clinic_scheduler.domain.values import Course, Patient, Session

V1 = [given("2026-08-31")]
LIMB = "spasticity_upper_limb"


def checks(
    on: str,
    of: Course | None = None,
    history: list[Session] = V1,
    who: Patient | None = None,
    today: str = "2026-11-22",
) -> dict[str, Check]:
    of, who = of or course(), who or patient()
    found = checks_on(who, of, history, forecast(history, of, who), day(on), day(today))
    return {check.code: check for check in found}


def test_every_check_is_told_good_or_not() -> None:
    found = checks("2026-11-23")
    assert list(found) == ["course_open", "interval", "window", "cap", "authorization", "hold"]
    assert all(check.ok for check in found.values())


@pytest.mark.parametrize(("on", "ok"), [("2026-11-22", False), ("2026-11-23", True)])
def test_before_the_earliest_date_needs_a_coded_reason(on: str, ok: bool) -> None:
    check = checks(on)["interval"]
    assert (check.ok, check.stop, check.rule) == (ok, "override", "DD-3a")
    assert check.text == "Earliest date is 23-Nov-2026: 12 weeks (84 days) after 31-Aug-2026 (DD-3a)"


def test_the_interval_names_the_rule_that_decided() -> None:
    limb = course(LIMB, id="c2", started_on="2026-11-09", planned_units=300)
    assert checks("2026-12-06", limb, [elsewhere("2026-09-14")])["interval"].rule == "DD-3c"


@pytest.mark.parametrize(("on", "ok"), [("2026-11-30", True), ("2026-12-01", False)])
def test_after_the_last_on_time_day_is_a_warning(on: str, ok: bool) -> None:
    check = checks(on)["window"]
    assert (check.ok, check.stop) == (ok, "soft")
    assert "30-Nov-2026" in check.text


@pytest.mark.parametrize(("on", "ok"), [("2026-11-21", False), ("2026-11-22", True)])
def test_the_past_cannot_be_booked(on: str, ok: bool) -> None:
    check = checks(on)["course_open"]
    assert (check.ok, check.stop) == (ok, "hard")
    assert ok or check.text == "21-Nov-2026 is in the past"


@pytest.mark.parametrize(
    ("of", "who"), [(course(stopped_on="2026-11-01"), None), (course(), patient(deceased=True))]
)
def test_a_closed_course_cannot_be_booked(of: Course, who: Patient | None) -> None:
    check = checks("2026-11-23", of, who=who)["course_open"]
    assert (check.ok, check.stop, check.rule) == (False, "hard", "DD-9")


def test_the_cap_counts_what_was_given_before_that_very_day() -> None:
    history = [elsewhere("2026-09-14", 250.5), given("2026-09-15", 0)]
    limb = course(LIMB, started_on="2026-11-09", planned_units=300)
    too_much = checks("2026-12-06", limb, history)["cap"]
    assert (too_much.ok, too_much.stop) == (False, "override")
    assert too_much.text == "300 U planned and 250.5 U in the 12 weeks (84 days) before, cap 400 U"
    assert checks("2026-12-07", limb, history)["cap"].ok


def test_a_plan_alone_over_the_cap_is_a_warning_since_no_day_would_help() -> None:
    check = checks("2026-11-23", course(LIMB, planned_units=401), [])["cap"]
    assert (check.ok, check.stop) == (False, "soft")


def test_a_minors_cap_needs_a_weight() -> None:
    limb = course(LIMB, planned_units=100)
    unknown = checks("2026-11-23", limb, [], patient("2016-01-01"))["cap"]
    assert (unknown.ok, unknown.text) == (False, "A current weight is needed to check the cap")
    assert checks("2026-11-23", limb, [], patient("2016-01-01", 24.5))["cap"].text.endswith("cap 245 U")


@pytest.mark.parametrize(
    ("of", "ok", "text"),
    [
        ({}, True, "No authorization needed"),
        ({"authorization_required": True}, False, "No authorization with visits left covers 23-Nov-2026"),
        (
            {"authorization_required": True, "authorizations": (authorization("2026-11-23", "2026-11-23"),)},
            True,
            "Authorized on 23-Nov-2026",
        ),
        (
            {
                "authorization_required": True,
                "authorizations": (authorization("2026-11-01", None, visits_left=0),),
            },
            False,
            "No authorization with visits left covers 23-Nov-2026",
        ),
    ],
)
def test_authorization_on_the_day_itself(of: dict[str, Any], ok: bool, text: str) -> None:
    check = checks("2026-11-23", course(**of))["authorization"]
    assert (check.ok, check.text, check.stop) == (ok, text, "soft")


@pytest.mark.parametrize(
    ("on", "reason", "text"),
    [
        ("2026-11-24", "infection", "On hold that day: infection"),
        ("2026-11-25", "", "On hold that day: no reason given"),
        ("2026-11-26", "infection", "Not on hold"),
    ],
)
def test_a_hold_is_judged_on_the_day_of_the_visit(on: str, reason: str, text: str) -> None:
    check = checks(on, course(holds=(hold("2026-11-24", "2026-11-25", reason),)))["hold"]
    assert (check.ok, check.text, check.stop) == (text == "Not on hold", text, "soft")


@pytest.mark.parametrize("reasons", [OVERRIDE_REASONS, CANCEL_REASONS])
def test_coded_reasons_fit_a_form_and_say_something(reasons: dict[str, str]) -> None:
    assert all(code.replace("_", "").isalpha() and code.islower() for code in reasons)
    assert all(text.strip() for text in reasons.values())


def test_a_refused_booking_says_its_rule_and_the_first_safe_day() -> None:
    refused = BookingRefused("DD-3a", "Earliest date is 23-Nov-2026", safe_from=day("2026-11-23"))
    assert (refused.rule, refused.safe_from) == ("DD-3a", day("2026-11-23"))
    assert str(refused) == refused.message == "Earliest date is 23-Nov-2026"
