"""DD-3a and DD-3c by the label: its session caps, and its minimum where that is longer, for an age."""

import pytest
from builders import course, day, elsewhere, forecast, given, patient

from clinic_scheduler.domain.forecast.earliest_date import cap_on, session_cap_on
from clinic_scheduler.domain.forecast.values import Course

LIMB = "spasticity_upper_limb"
DYSPORT = {"product": "abobotulinumtoxinA"}


def limb(planned: float | None, **changes: object) -> Course:
    """A limb never treated, from 9 November."""
    return course(LIMB, **{"started_on": "2026-11-09", "planned_units": planned, **changes})


@pytest.mark.parametrize(
    ("born", "weight", "most"),
    [
        ("1980-05-01", None, 1000),  # an adult: the label's session cap
        ("2016-01-01", 30, 480),  # 16 U/kg
        ("2016-01-01", 50, 640),  # the fixed figure is the lower
        ("2016-01-01", None, 640),  # nobody has weighed the child: the fixed figure alone
    ],
)
def test_the_labels_session_cap_is_judged_on_the_floor_date(
    born: str, weight: float | None, most: float
) -> None:
    blocks = ("weight_missing",) if weight is None and born > "2010" else ()
    assert session_cap_on(patient(born, weight), limb(1, **DYSPORT), day("2026-11-09")) == most
    assert forecast([], limb(most, **DYSPORT), patient(born, weight)).blocks == blocks
    assert forecast([], limb(most + 1, **DYSPORT), patient(born, weight)).blocks == ("cap_exceeded", *blocks)


def test_a_plan_over_the_session_cap_alone_leaves_the_dates_as_they_are() -> None:
    beside = [elsewhere("2026-10-20", 1200, **DYSPORT)]
    assert forecast(beside, limb(300, **DYSPORT)).earliest_date == day("2026-11-09")
    assert forecast(beside, limb(301, **DYSPORT)).earliest_date == day("2027-01-12")
    assert forecast(beside, limb(1001, **DYSPORT)).earliest_date == day("2026-11-09")


def test_a_minor_without_figures_of_its_own_has_the_adults_session_cap() -> None:
    bladder = course("overactive_bladder", planned_units=100)
    assert session_cap_on(patient("2016-01-01"), bladder, day("2026-11-09")) == 100


def test_a_product_without_a_cap_has_only_its_labels_session_cap() -> None:
    neck = course("cervical_dystonia", product="rimabotulinumtoxinB", planned_units=10_000)
    near = [elsewhere("2026-10-20", 9_000, product="rimabotulinumtoxinB")]
    assert cap_on(patient(), neck, day("2026-11-09")) is None
    assert forecast(near, neck).blocks == ()
    assert forecast(near, neck._replace(planned_units=10_001)).blocks == ("cap_exceeded",)


@pytest.mark.parametrize(
    ("born", "earliest"),
    [
        ("2017-01-01", "2026-12-21"),  # under 18 on the day it was given: 16 weeks
        ("2008-09-01", "2026-12-21"),  # one day before the birthday
        ("2008-08-31", "2026-11-23"),  # on the birthday: 84 days
    ],
)
def test_a_labels_longer_minimum_goes_by_the_age_on_the_day_it_was_given(born: str, earliest: str) -> None:
    arm = course(LIMB, **DYSPORT, planned_units=100, personal_interval="P84D")
    given_then = [given("2026-08-31", 100, product="abobotulinumtoxinA")]
    assert forecast(given_then, arm, patient(born, 30)).earliest_date == day(earliest)


def test_what_was_given_to_a_minor_may_count_longer_than_what_followed() -> None:
    arm = course(LIMB, **DYSPORT, planned_units=100, personal_interval="P84D")
    history = [given(on, 100, product="abobotulinumtoxinA") for on in ("2026-08-30", "2026-09-01")]
    # 16 weeks after the last day as a minor; 84 days after the first as an adult would be 24 November.
    assert forecast(history, arm, patient("2008-08-31", 60)).earliest_date == day("2026-12-20")


def test_a_label_may_lengthen_the_floor_for_everybody_and_a_longer_protocol_stands() -> None:
    glands = course("sialorrhea", product="incobotulinumtoxinA")
    last = [given("2026-08-31", 100, product="incobotulinumtoxinA")]
    found = forecast(last, glands)
    assert (found.earliest_date, found.because[0].source) == (day("2026-12-21"), "Xeomin PI 2")
    longer = course("sialorrhea", product="incobotulinumtoxinA", protocol={"minimum_interval": "P17W"})
    assert forecast(last, longer).earliest_date == day("2026-12-28")
