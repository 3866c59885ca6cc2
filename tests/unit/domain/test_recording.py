"""What is said of a treatment before it is kept, and what it changes for others."""

from datetime import date, timedelta

from clinic_scheduler.domain.due_dates import forecast_all
from clinic_scheduler.domain.intervals import parse_interval
from clinic_scheduler.domain.protocols import DEFAULT_PROTOCOLS
from clinic_scheduler.domain.recording import ACCEPT_REASONS, VOID_REASONS, moved, rejudged, stops_on
from clinic_scheduler.domain.values import Course, Patient, Session

ONABOT, ABOBOT = "onabotulinumtoxinA", "abobotulinumtoxinA"
LAST = date(2026, 8, 31)
ADULT = Patient(date(1980, 5, 1))
COURSE = Course(1, ONABOT, date(2026, 1, 5), DEFAULT_PROTOCOLS["chronic_migraine"])
BEFORE = [Session(1, 1, LAST, 155, ONABOT)]


def given(days: int, units: float = 155, product: str = ONABOT, **more: object) -> Session:
    return Session("new", 1, LAST + timedelta(days), units, product, **more)


def codes(session: Session, *, course: Course = COURSE, vials=(), patient: Patient = ADULT) -> list[str]:
    return [stop.code for stop in stops_on(patient, course, BEFORE, session, vials)]


def test_an_ordinary_treatment_has_no_stops() -> None:
    assert codes(given(84)) == []
    assert codes(given(84), vials=[("C1", LAST + timedelta(84)), ("C2", None)]) == []


def test_before_the_absolute_minimum_a_provider_has_to_accept() -> None:
    (stop,) = stops_on(ADULT, COURSE, BEFORE, given(77), [])
    assert (stop.code, stop.needs_provider, stop.rule) == ("too_soon", True, "DD-8")
    assert "77 days after 31-Aug-2026" in stop.text
    assert codes(given(78)) == []


def test_the_payers_interval_is_told_apart() -> None:
    payer = COURSE._replace(payer_minimum_interval=parse_interval("P84D"))
    assert codes(given(81), course=payer) == ["payer_too_soon"]


def test_every_vial_out_of_date_is_named() -> None:
    day = LAST + timedelta(84)
    stops = stops_on(ADULT, COURSE, BEFORE, given(84), [("C1", day - timedelta(1)), ("C2", day)])
    assert [stop.code for stop in stops] == ["lot_expired"]
    assert "Lot C1 expired on 22-Nov-2026" in stops[0].text


def test_another_product_warns_and_counts_towards_no_cap() -> None:
    assert codes(given(84, 500, ABOBOT)) == ["other_product"]


def test_the_cap_counts_what_the_window_holds() -> None:
    assert codes(given(84, 400)) == []
    assert codes(given(84, 401)) == ["over_cap"]
    assert codes(given(80, 250)) == ["over_cap"]  # 155 U of 80 days before still count
    child = Patient(date(2015, 5, 1), 20.0)
    spastic = COURSE._replace(protocol=DEFAULT_PROTOCOLS["spasticity_upper_limb"])
    assert codes(given(100, 201), course=spastic, patient=child) == ["over_cap"]
    assert codes(given(100, 201), course=spastic, patient=Patient(date(2015, 5, 1))) == []


def test_a_second_entry_of_one_day_is_noticed_and_nothing_given_is_never_too_soon() -> None:
    assert codes(given(0)) == ["same_day", "too_soon"]
    assert codes(given(10, 0)) == []


def test_an_entry_in_between_shows_what_it_changes() -> None:
    later = Session(2, 1, LAST + timedelta(84), 155, ONABOT)
    between = Session(3, 1, LAST + timedelta(20), 20, ONABOT, kind="touch_up")
    today = LAST + timedelta(90)
    before = forecast_all(ADULT, [COURSE], [*BEFORE, later], today)
    after = forecast_all(ADULT, [COURSE], [*BEFORE, later, between], today)
    (changed,) = rejudged(before, after, but=3)
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
    assert rejudged(without, before, but=2) == []


def test_reasons_have_words() -> None:
    assert all(ACCEPT_REASONS.values())
    assert all(VOID_REASONS.values())
