"""DD-11: each line of the booking panel, and what a failed one does."""

from typing import Any

import pytest
from builders import OTHER_TOXIN, authorization, course, day, elsewhere, given, hold, patient

from clinic_scheduler.domain.errors import BookingRefused
from clinic_scheduler.domain.forecast.blocks import DESK_DECIDES, Against
from clinic_scheduler.domain.forecast.due_dates import read_all
from clinic_scheduler.domain.forecast.values import Course, GivenSession, Patient
from clinic_scheduler.domain.visits.booking_checks import Check, Stop, checks_on, hard_checks
from clinic_scheduler.domain.visits.check_texts import objections
from clinic_scheduler.domain.visits.day_checks import against
from clinic_scheduler.domain.visits.kinds_and_states import NEVER_BOOKED, REASONS_THAT_FOLLOW, CancelReason

V1 = [given("2026-08-31")]
LIMB = "spasticity_upper_limb"


def all_checks(
    on: str,
    *courses: Course,
    history: list[GivenSession] = V1,
    who: Patient | None = None,
    today: str = "2026-11-22",
) -> list[Check]:
    """For a visit under the first course."""
    forecast, facts = read_all(who or patient(), courses or (course(),), history, day(today))[0]
    return checks_on(facts, forecast, day(on), day(today))


def checks(on: str, *courses: Course, **how: Any) -> dict[str, Check]:
    found = all_checks(on, *courses, **how)
    assert len({check.code for check in found}) == len(found)
    return {check.code: check for check in found}


def test_what_is_fine_is_said_too() -> None:
    found = checks("2026-11-23")
    assert [(code, check.text) for code, check in found.items()] == [
        ("too_early", "Not before 23-Nov-2026: 12 weeks (84 days) after 31-Aug-2026"),
        ("late", "On time through 30-Nov-2026"),
        ("over_cap", "155 U planned and 0 U given or booked in the 12 weeks (84 days) before, cap 400 U"),
        ("on_hold", "Not on hold"),
        ("outside_authorization", "No authorization needed"),
    ]
    assert all(check.ok and not check.title and check.until is None for check in found.values())


def test_a_failed_check_has_the_mark_of_the_objection_it_shows_and_of_no_other() -> None:
    """So that who has seen the one has seen the other."""
    forecast, known = read_all(patient(), (course(),), V1, day("2026-11-22"))[0]
    (objection,) = objections(known, day("2026-11-20"), forecast.because[0])
    check = checks("2026-11-20")["too_early"]
    assert check.mark == objection.mark
    late = checks("2026-12-15")["late"]
    assert not late.ok
    assert late.mark != check.mark


def test_what_fails_comes_first_in_the_rules_order_and_what_nobody_overrides_before_it() -> None:
    asked = course(
        planned_units=401, stopped_on="2026-11-01", holds=(hold("2026-11-01"),), authorization_required=True
    )
    history = [*V1, elsewhere("2026-09-30", product=OTHER_TOXIN), elsewhere("2026-10-01", None)]
    found = all_checks("2026-11-21", asked, history=history, who=patient("2016-01-01"))
    failed = [check.code for check in found if not check.ok]
    assert failed == [
        *("course_open", "past", "too_early", "over_cap", "on_hold", "cap_exceeded", "cap_unknown"),
        *("weight_missing", "age_not_covered", "other_toxin_review", "outside_authorization"),
    ]
    assert [check.code for check in found[len(failed) :]] == ["late"]


@pytest.mark.parametrize(("on", "ok"), [("2026-11-22", False), ("2026-11-23", True)])
def test_before_the_earliest_date_a_provider_decides(on: str, ok: bool) -> None:
    check = checks(on)["too_early"]
    assert (check.ok, check.stop) == (ok, Stop.PROVIDER)
    if not ok:
        said = "The earliest is Monday, November 23, 2026: 12 weeks (84 days) after 31-Aug-2026."
        assert (check.rule, check.title, check.text) == ("DD-11", "Too early", said)


def test_the_earliest_date_names_the_rule_that_decided() -> None:
    limb = course(LIMB, id="c2", started_on="2026-11-09", planned_units=300)
    assert checks("2026-12-07", limb, history=[elsewhere("2026-09-14")])["too_early"].rule == "DD-3c"


@pytest.mark.parametrize(
    ("today", "stop"), [("2026-11-30", Stop.REASON), ("2026-12-01", Stop.SOFT), ("2026-12-02", Stop.SOFT)]
)
def test_a_late_day_takes_a_reason_unless_the_course_is_overdue_already(today: str, stop: Stop) -> None:
    check = checks("2026-12-02", today=today)["late"]
    assert (check.ok, check.stop, check.rule) == (False, stop, "DD-5")
    assert check.text == "The last on-time day is Monday, November 30, 2026."
    assert checks("2026-11-30", today="2026-11-30")["late"].ok


@pytest.mark.parametrize(("on", "ok"), [("2026-11-21", False), ("2026-11-22", True)])
def test_the_past_cannot_be_booked(on: str, ok: bool) -> None:
    found = checks(on)
    assert ("past" not in found) is ok
    assert ok or (found["past"].stop, found["past"].text) == (Stop.HARD, "21-Nov-2026 is in the past")


@pytest.mark.parametrize(
    ("of", "who"), [(course(stopped_on="2026-11-01"), None), (course(), patient(deceased=True))]
)
def test_a_closed_course_cannot_be_booked(of: Course, who: Patient | None) -> None:
    check = checks("2026-11-23", of, who=who)["course_open"]
    assert (check.ok, check.stop, check.rule) == (False, Stop.HARD, "DD-9")


@pytest.mark.parametrize(
    ("closed", "on", "failed"),
    [
        (False, "2026-11-22", []),
        (True, "2026-11-22", ["course_open"]),
        (False, "2026-11-21", ["past"]),
        (True, "2026-11-21", ["course_open", "past"]),
    ],
)
def test_a_visit_of_any_kind_needs_an_open_course_and_a_day_to_come(
    closed: bool, on: str, failed: list[str]
) -> None:
    found = hard_checks(closed, day(on), day("2026-11-22"))
    assert [check.code for check in found if not check.ok] == failed
    assert [check.code for check in found] == ["course_open", "past"]
    assert {check.stop for check in found} == {Stop.HARD}


def test_the_cap_counts_what_was_given_before_that_very_day() -> None:
    history = [elsewhere("2026-09-14", 250.5), given("2026-09-15", 0)]
    limb = course(LIMB, started_on="2026-11-09", planned_units=149.5)
    assert checks("2026-12-06", limb, history=history)["over_cap"].ok
    limb = limb._replace(planned_units=300)
    too_much = checks("2026-12-06", limb, history=history)["over_cap"]
    assert (too_much.ok, too_much.stop, too_much.rule) == (False, Stop.PROVIDER, "DD-17")
    assert too_much.until == day("2026-12-07")
    fine = checks("2026-12-07", limb, history=history)["over_cap"]
    assert (fine.ok, fine.text) == (
        True,
        "300 U planned and 0 U given or booked in the 12 weeks (84 days) before, cap 400 U",
    )


def test_the_cap_counts_what_is_booked() -> None:
    limb = course(LIMB, id="c2", planned_units=246, booked_on="2026-11-30")
    for on in ("2026-11-24", "2026-11-30", "2026-12-07"):
        assert not checks(on, course(), limb)["over_cap"].ok
    later = checks("2027-02-21", course(), limb._replace(planned_units=245))["over_cap"]
    said = "155 U planned and 245 U given or booked in the 12 weeks (84 days) before, cap 400 U"
    assert (later.ok, later.text) == (True, said)
    assert checks("2027-02-22", course(), limb)["over_cap"].text.startswith("155 U planned and 0 U given")


def test_a_plan_alone_over_the_cap_is_said_once_and_never_said_to_fit() -> None:
    found = checks("2026-11-23", course(LIMB, planned_units=401), history=[])
    assert "over_cap" not in found
    assert (found["cap_exceeded"].ok, found["cap_exceeded"].stop) == (False, Stop.PROVIDER)


def test_a_minors_cap_needs_a_weight() -> None:
    limb = course(LIMB, planned_units=100)
    unknown = checks("2026-11-23", limb, history=[], who=patient("2016-01-01"))
    assert (unknown["weight_missing"].ok, unknown["weight_missing"].until) == (False, day("2034-01-01"))
    assert unknown["over_cap"].text.endswith("cap 340 U")
    weighed = checks("2026-11-23", limb, history=[], who=patient("2016-01-01", 24.5))
    assert "weight_missing" not in weighed
    assert weighed["over_cap"].text.endswith("cap 245 U")


NOT_COVERED = "No authorization with a visit and the planned units left covers Monday, November 23, 2026."


@pytest.mark.parametrize(
    ("of", "ok", "text"),
    [
        ({}, True, "No authorization needed"),
        ({"authorization_required": True}, False, NOT_COVERED),
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
            NOT_COVERED,
        ),
    ],
)
def test_authorization_on_the_day_itself(of: dict[str, Any], ok: bool, text: str) -> None:
    check = checks("2026-11-23", course(**of))["outside_authorization"]
    assert (check.ok, check.text, check.stop) == (ok, text, Stop.REASON)


@pytest.mark.parametrize(
    ("on", "reason", "text"),
    [
        ("2026-11-24", "infection", "On hold through Wednesday, November 25, 2026: infection."),
        ("2026-11-25", "", "On hold through Wednesday, November 25, 2026: no reason was given."),
        ("2026-11-26", "infection", "Not on hold"),
    ],
)
def test_a_hold_is_judged_on_the_day_of_the_visit(on: str, reason: str, text: str) -> None:
    check = checks(on, course(holds=(hold("2026-11-24", "2026-11-25", reason),)))["on_hold"]
    assert check.ok == (text == "Not on hold")
    assert check.stop == Stop.PROVIDER
    assert check.text.startswith(text)
    assert check.until == (None if check.ok else day("2026-11-26"))


def test_every_failed_check_stops_as_its_name_says() -> None:
    asked = course(planned_units=401, holds=(hold("2026-11-01"),), authorization_required=True)
    found = all_checks("2026-12-01", asked, history=[*V1, elsewhere("2026-10-01", None)])
    facts = read_all(patient(), [asked], [*V1, elsewhere("2026-10-01", None)], day("2026-11-22"))[0][1]
    failed = [check for check in found if not check.ok]
    assert [check.code for check in failed] == list(against(facts, day("2026-12-01")))
    for check in failed:
        desk = Against(check.code) in DESK_DECIDES
        assert check.stop == (Stop.REASON if desk else Stop.PROVIDER)
        assert check.title
        assert check.text.endswith(".")


def test_coded_reasons_fit_a_form_and_say_something() -> None:
    assert all(code.replace("_", "").isalpha() and code.islower() for code in CancelReason)
    assert all(reason.label.strip() for reason in CancelReason)


def test_reasons_that_follow_are_known_and_leave_the_desk_some_to_choose() -> None:
    assert set(CancelReason) > REASONS_THAT_FOLLOW > set(NEVER_BOOKED)


def test_a_refused_booking_says_its_rule_and_the_first_safe_day() -> None:
    refused = BookingRefused("DD-3a", "Earliest date is 23-Nov-2026", safe_from=day("2026-11-23"))
    assert (refused.rule, refused.safe_from) == ("DD-3a", day("2026-11-23"))
    assert str(refused) == refused.message == "Earliest date is 23-Nov-2026"


def test_a_refusal_of_something_else_than_a_booking_says_so() -> None:
    refused = BookingRefused(
        "guard", "Too early. Nothing was booked.", safe_from=day("2026-11-23"), summary="No"
    )
    moved = refused.saying("Nothing was moved")
    assert (moved.rule, moved.message, moved.summary) == ("guard", "Too early. Nothing was moved.", "No")
    assert (moved.safe_from, refused.message) == (day("2026-11-23"), "Too early. Nothing was booked.")
