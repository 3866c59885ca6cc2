"""What is said of a treatment before it is kept, and what it changes for others."""

from dataclasses import replace
from datetime import date, time, timedelta

import pytest

from clinic_scheduler.domain.forecast.due_dates import forecast_all
from clinic_scheduler.domain.forecast.intervals import parse_interval
from clinic_scheduler.domain.forecast.values import Course, Decision, GivenSession, Hold, Patient
from clinic_scheduler.domain.protocols.indications import INDICATIONS
from clinic_scheduler.domain.protocols.labels import label_of
from clinic_scheduler.domain.visits.seen import ACCEPTS_ALL, NOTHING_SEEN, Seen
from clinic_scheduler.domain.visits.treatment_checks import (
    ACCEPT_REASONS,
    VOID_REASONS,
    Recorded,
    Stop,
    StopsUnseen,
    moved,
    reevaluated,
    stops_on,
)

ONABOT, ABOBOT = "onabotulinumtoxinA", "abobotulinumtoxinA"
LAST = date(2026, 8, 31)
UPPER_LIMB = INDICATIONS["spasticity_upper_limb"]
ADULT = Patient(date(1980, 5, 1))
COURSE = Course(
    1,
    ONABOT,
    date(2026, 1, 5),
    INDICATIONS["chronic_migraine"].protocol,
    label_of(ONABOT, "chronic_migraine"),
)
BEFORE = [GivenSession(1, 1, LAST, 155, ONABOT)]


def given(days: int, units: float = 155, product: str = ONABOT, **more: object) -> GivenSession:
    return GivenSession("new", 1, LAST + timedelta(days), units, product, **more)


def found(
    session: GivenSession, *, course: Course = COURSE, vials=(), patient: Patient = ADULT, **more
) -> list[Stop]:
    courses = [course, *more.get("others", ())]
    return stops_on(patient, courses, more.get("before", BEFORE), session, vials, more.get("recorded", {}))


def codes(session: GivenSession, **more) -> list[str]:
    return [stop.code for stop in found(session, **more)]


def test_an_ordinary_treatment_has_no_stops() -> None:
    assert codes(given(84)) == []
    assert codes(given(84), vials=[("C1", LAST + timedelta(84)), ("C2", None)]) == []


def test_before_the_absolute_minimum_a_provider_has_to_accept() -> None:
    (stop,) = found(given(77))
    assert (stop.code, stop.needs_provider, stop.rule) == ("too_soon", True, "DD-8")
    assert "77 days after 31-Aug-2026" in stop.text
    assert codes(given(78)) == []


def test_the_payers_interval_is_told_apart() -> None:
    payer = COURSE._replace(payer_minimum_interval=parse_interval("P84D"))
    assert codes(given(81), course=payer) == ["payer_too_soon"]


def test_every_vial_out_of_date_is_named() -> None:
    day = LAST + timedelta(84)
    stops = found(given(84), vials=[("C1", day - timedelta(1)), ("C2", day)])
    assert [stop.code for stop in stops] == ["lot_expired"]
    assert "Lot C1 expired on 22-Nov-2026" in stops[0].text


def test_another_product_warns_and_counts_towards_no_cap() -> None:
    assert codes(given(84, 500, ABOBOT)) == ["other_product"]


def test_the_cap_counts_what_the_window_holds() -> None:
    assert codes(given(84, 400)) == []
    assert codes(given(84, 401)) == ["over_cap"]
    assert codes(given(80, 250)) == ["over_cap"]  # 155 U of 80 days before still count
    child = Patient(date(2015, 5, 1), 20.0)
    spastic = COURSE._replace(protocol=UPPER_LIMB.protocol, label=label_of(ONABOT, UPPER_LIMB.code))
    assert codes(given(100, 120), course=spastic, patient=child) == []
    assert codes(given(100, 121), course=spastic, patient=child) == ["over_session_cap"]  # 6 U/kg
    assert codes(given(100, 201), course=spastic, patient=child) == ["over_cap", "over_session_cap"]
    unweighed = Patient(date(2015, 5, 1))
    assert codes(given(100, 200), course=spastic, patient=unweighed) == ["weight_missing"]


def test_what_is_not_the_courses_product_or_has_no_cap_is_over_none() -> None:
    assert "over_cap" not in codes(given(84, 5000, ABOBOT))
    capless = replace(COURSE.label, product=replace(COURSE.label.product, unit_cap=None))
    assert "over_cap" not in codes(given(84, 5000), course=COURSE._replace(label=capless))


def test_who_has_not_looked_is_told_of_what_there_is() -> None:
    stops = found(given(84, 401))
    refused = StopsUnseen(stops, NOTHING_SEEN.unseen(stops))
    assert (str(refused), refused.stops, refused.unseen) == ("over_cap", stops, stops)


def test_rows_of_one_day_are_one_visit_to_the_labels_session_cap() -> None:
    small = COURSE._replace(label=label_of(ONABOT, "axillary_hyperhidrosis"))
    rows = [GivenSession(1, 1, LAST + timedelta(100), 60, ONABOT)]
    assert codes(given(100, 40), course=small, before=rows) == ["same_day"]
    (_, over) = found(given(100, 41), course=small, before=rows)
    assert (over.code, "101 U in one visit are over the label's 100 U" in over.text) == (
        "over_session_cap",
        True,
    )


def test_nothing_given_is_never_too_soon_nor_held_against_the_day() -> None:
    held = Patient(date(1980, 5, 1), holds=(Hold(LAST, None),))
    assert codes(given(10, 0), patient=held) == []
    assert codes(given(0, 0)) == ["same_day"]


def test_a_second_row_of_a_day_is_told_with_its_time_and_who() -> None:
    at = Recorded(LAST, time(10, 2), "Dana Whitfield")
    (stop,) = found(given(0), recorded={1: at})
    assert stop.text.startswith("155 U were recorded for this day at 10:02 by Dana Whitfield. ")
    assert "one visit" in stop.text
    (later,) = found(given(0), recorded={1: at._replace(on=LAST + timedelta(1), by=None)})
    assert later.text.startswith("155 U were recorded for this day on 01-Sep-2026 at 10:02. ")


def test_two_rows_that_read_alike_are_still_two() -> None:
    """Who has seen one of them has not seen the other."""
    at = Recorded(LAST, time(10, 2), "Dana Whitfield")
    twins = [GivenSession(n, 1, LAST, 155, ONABOT) for n in (1, 2)]
    first, second = found(given(0, 10), before=twins, recorded={1: at, 2: at})
    assert first.text == second.text
    assert Seen(frozenset({first.mark})).unseen([first, second]) == [second]
    assert NOTHING_SEEN.unseen([first]) == [first]
    assert ACCEPTS_ALL.unseen([first, second]) == []


def test_a_row_of_the_same_day_under_another_course_of_the_indication_is_told_too() -> None:
    other = COURSE._replace(id=2, stopped_on=LAST)
    neck = COURSE._replace(id=3, protocol=UPPER_LIMB.protocol, label=label_of(ONABOT, UPPER_LIMB.code))
    rows = [GivenSession(1, 2, LAST, 155, ONABOT), GivenSession(2, 3, LAST, 50, ONABOT)]
    (stop,) = found(given(0), others=[other, neck], before=rows)
    assert (stop.code, stop.text) == ("same_day", "155 U were recorded for this day, under another course")


HELD = Hold(LAST + timedelta(80), None, "pregnancy")
AGAINST = [
    ({"patient": ADULT._replace(holds=(HELD,))}, "on_hold", "pregnancy"),
    ({"course": COURSE._replace(holds=(HELD,))}, "on_hold", "On hold since"),
    ({"given": given(200)}, "consultation_needed", "Somebody sees the patient first"),
    (
        {"before": [*BEFORE, GivenSession(2, None, LAST + timedelta(60), 20, ABOBOT, indication="other")]},
        "other_toxin_review",
        "Dysport, 20 U, was given",
    ),
    (
        {"before": [*BEFORE, GivenSession(2, None, LAST + timedelta(60), None, ONABOT, indication="other")]},
        "cap_unknown",
        "Nobody knows how many units",
    ),
]


@pytest.mark.parametrize(("case", "code", "said"), AGAINST)
def test_what_stands_against_the_day_is_said_in_words_and_refuses_nothing(case, code: str, said: str) -> None:
    case = dict(case)
    (stop,) = found(case.pop("given", given(84)), **case)
    assert (stop.code, stop.needs_provider) == (code, False)
    assert said in stop.text
    assert not stop.text.endswith(".")


def test_without_a_plan_it_says_so() -> None:
    unplanned = COURSE._replace(label=replace(COURSE.label, typical_units=None))
    assert codes(given(84), course=unplanned, before=[]) == ["plan_missing"]
    assert codes(given(84), course=unplanned) == []  # the last dose is the plan


def test_what_a_provider_decided_is_not_asked_again() -> None:
    day = LAST + timedelta(84)
    held = COURSE._replace(holds=(HELD,))
    assert codes(given(84), course=held._replace(booked_on=day, booked_override=("on_hold",))) == []
    elsewhen = held._replace(booked_on=day + timedelta(9), booked_override=("on_hold",))
    assert codes(given(84), course=elsewhen) == ["on_hold"]
    toxin = [*BEFORE, GivenSession(2, None, LAST + timedelta(60), 20, ABOBOT, indication="other")]
    decided = COURSE._replace(decisions=(Decision("other_toxin_review", day),))
    assert codes(given(84), course=decided, before=toxin) == []


def test_an_entry_in_between_shows_what_it_changes() -> None:
    later = GivenSession(2, 1, LAST + timedelta(84), 155, ONABOT)
    between = GivenSession(3, 1, LAST + timedelta(20), 20, ONABOT, kind="touch_up")
    today = LAST + timedelta(90)
    before = forecast_all(ADULT, [COURSE], [*BEFORE, later], today)
    after = forecast_all(ADULT, [COURSE], [*BEFORE, later, between], today)
    (changed,) = reevaluated(before, after, but=3)
    assert (changed.treatment_id, changed.given_on) == (2, later.given_on)
    assert (changed.before, changed.after) == (("valid", 0), ("too_soon", 0))
    assert moved(before, after) == []
    without = forecast_all(ADULT, [COURSE], BEFORE, today)
    assert {change.name for change in moved(without, before)} == {
        "earliest_date",
        "due_date",
        "overdue_date",
        "lapse_date",
    }
    assert reevaluated(without, before, but=2) == []


def test_reasons_have_words() -> None:
    assert all(ACCEPT_REASONS.values())
    assert all(VOID_REASONS.values())
