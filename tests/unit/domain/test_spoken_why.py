"""What is said on the phone of a date: one sentence in each language, and what shuts a day later."""

import random
import re
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from builders import TODAY, course, day, elsewhere, forecast, given, patient
from hypothesis import given as drawn
from hypothesis import settings
from hypothesis import strategies as st
from strategies import random_case

from clinic_scheduler.domain.day_names import aloud_near
from clinic_scheduler.domain.forecast.blocks import Against
from clinic_scheduler.domain.forecast.due_dates import read_all
from clinic_scheduler.domain.forecast.intervals import parse_interval
from clinic_scheduler.domain.forecast.json_contract import read_question
from clinic_scheduler.domain.forecast.spoken_why import dates_said, earliest_said, in_words, shut_days
from clinic_scheduler.domain.forecast.values import Forecast, GivenSession
from clinic_scheduler.domain.visits.check_texts import blocks_in_words
from clinic_scheduler.domain.visits.day_checks import CourseFacts, against
from clinic_scheduler.languages import language

EN, ES = language("en"), language("es")
V1 = [given("2026-08-31")]
LIMB = "spasticity_upper_limb"
MIGRAINE = "chronic_migraine"
AS_OF = day(TODAY)


def said(found: Forecast, name: str = "earliest_date", today: date = AS_OF) -> tuple[str, str]:
    english, spanish = (dates_said(found, today, each)[name] for each in (EN, ES))
    return english, spanish


EARLIEST = [
    (
        lambda: forecast(V1),
        "The earliest is Monday, November 23: twelve weeks after August 31.",
        "Lo más pronto es el lunes 23 de noviembre: doce semanas después del 31 de agosto.",
    ),
    (
        lambda: forecast([], course(started_on="2026-12-07")),
        "The earliest is Monday, December 7: the treatment begins then.",
        "Lo más pronto es el lunes 7 de diciembre: ese día empieza el tratamiento.",
    ),
    (
        lambda: forecast(V1, course(payer_minimum_interval="P85D")),
        "The earliest is Tuesday, November 24: the insurance asks for 85 days after August 31.",
        "Lo más pronto es el martes 24 de noviembre: el seguro pide 85 días después del 31 de agosto.",
    ),
    (
        lambda: forecast(
            [*V1, elsewhere("2026-09-01", 20, indication="other")],
            course(protocol={"shared_minimum_interval": "P12W"}),
        ),
        "The earliest is Tuesday, November 24: twelve weeks after September 1, when something else was treated.",
        "Lo más pronto es el martes 24 de noviembre: doce semanas después del 1 de septiembre, "
        "cuando hubo otro tratamiento.",
    ),
    (
        lambda: forecast(
            [elsewhere("2026-09-14", indication=MIGRAINE)],
            course(LIMB, started_on="2026-11-09", planned_units=300),
        ),
        "The earliest is Monday, December 7: twelve weeks after September 14, "
        "so that the doses together stay within the limit.",
        "Lo más pronto es el lunes 7 de diciembre: doce semanas después del 14 de septiembre, "
        "para que las dosis juntas no pasen del límite.",
    ),
    (
        lambda: forecast(
            [elsewhere("2026-11-01", 190, indication=MIGRAINE)],
            course(LIMB, started_on="2026-11-09", planned_units=160),
            patient("2008-12-01", 34),
        ),
        "The earliest is Tuesday, December 1: from then on the dose is within the limit.",
        "Lo más pronto es el martes 1 de diciembre: desde entonces la dosis está dentro del límite.",
    ),
]


@pytest.mark.parametrize(("found", "english", "spanish"), EARLIEST)
def test_the_earliest_date_by_the_rule_that_decided_it(
    found: Callable[[], Forecast], english: str, spanish: str
) -> None:
    assert said(found()) == (english, spanish)
    assert earliest_said(found(), AS_OF, EN) == english


DATES = [
    (
        "due_date",
        None,
        "The visit is due on Monday, November 23: twelve weeks after August 31.",
        "La cita toca el lunes 23 de noviembre: doce semanas después del 31 de agosto.",
    ),
    (
        "due_date",
        {"personal_interval": "P10W"},
        "The visit is due on Monday, November 23: the earliest day there is.",
        "La cita toca el lunes 23 de noviembre: el primer día posible.",
    ),
    (
        "last_on_time",
        None,
        "The last on-time day is Monday, November 30: thirteen weeks after August 31.",
        "El último día a tiempo es el lunes 30 de noviembre: trece semanas después del 31 de agosto.",
    ),
    (
        "last_on_time",
        {"personal_interval": "P14W"},
        "The last on-time day is Monday, December 14: one week after December 7.",
        "El último día a tiempo es el lunes 14 de diciembre: una semana después del 7 de diciembre.",
    ),
    (
        "lapse_date",
        None,
        "From Tuesday, March 2 on, a consultation comes first: that is more than 26 weeks after August 31.",
        "A partir del martes 2 de marzo hace falta antes una consulta: "
        "son más de 26 semanas después del 31 de agosto.",
    ),
    (
        "lapse_date",
        {"payer_minimum_interval": "P176D"},
        "From Wednesday, March 3 on, a consultation comes first: "
        "that is the first day after the last on-time day.",
        "A partir del miércoles 3 de marzo hace falta antes una consulta: "
        "es el primer día después del último a tiempo.",
    ),
]


@pytest.mark.parametrize(("name", "changes", "english", "spanish"), DATES)
def test_the_other_dates(name: str, changes: dict[str, str] | None, english: str, spanish: str) -> None:
    assert said(forecast(V1, course(**changes or {})), name) == (english, spanish)


def test_what_has_gone_by_is_said_so() -> None:
    english, spanish = said(forecast(V1), today=day("2026-12-10"))
    assert english == "The earliest was Monday, November 23: twelve weeks after August 31."
    assert spanish.startswith("Lo más pronto era el lunes 23 de noviembre: ")


def test_a_year_is_said_only_where_another_could_be_meant() -> None:
    assert aloud_near(day("2027-02-15"), AS_OF, EN) == "February 15"
    assert aloud_near(day("2025-11-23"), AS_OF, EN) == "November 23, 2025"
    assert aloud_near(day("2025-11-23"), AS_OF, ES, weekday=True) == "domingo 23 de noviembre de 2025"
    old = forecast([given("2026-02-02")], course(started_on="2026-01-05"))
    assert said(old)[0].endswith("twelve weeks after February 2, 2026.")


@pytest.mark.parametrize(
    ("interval", "english", "spanish"),
    [
        ("P84D", "twelve weeks", "doce semanas"),
        ("P1W", "one week", "una semana"),
        ("P1D", "one day", "un día"),
        ("P3M", "three months", "tres meses"),
        ("P1M", "one month", "un mes"),
        ("P20W", "twenty weeks", "veinte semanas"),
        ("P147D", "21 weeks", "21 semanas"),
        ("P1M10D", "one month and ten days", "un mes y diez días"),
    ],
)
def test_intervals_in_words(interval: str, english: str, spanish: str) -> None:
    read = parse_interval(interval)
    assert (in_words(read, EN), in_words(read, ES)) == (english, spanish)


@settings(deadline=None, max_examples=60)
@drawn(st.integers(0, 10**6))
def test_every_case_has_a_sentence_for_every_date_in_both_languages(seed: int) -> None:
    case = read_question(random_case(random.Random(seed)))
    for found, facts in read_all(case.patient, case.courses, case.sessions, case.as_of):
        for each in (EN, ES):
            texts = dates_said(found, case.as_of, each)
            assert list(texts) == ["earliest_date", "due_date", "last_on_time", "lapse_date"]
            for text in texts.values():
                assert re.fullmatch(r"[A-ZL][^{}]+: [a-zñ0-9][^{}]+\.", text), text
                assert "DD-" not in text
                assert "None" not in text
        assert len(blocks_in_words(facts, found, case.as_of)) == len(found.blocks)
        shut = shut_days(facts, case.as_of)
        for each in shut:
            assert "because of ." not in each.text
        assert_shut_is_what_stands_against(facts, case.as_of, shut)


def assert_shut_is_what_stands_against(facts: CourseFacts, today: date, shut: list) -> None:
    start = max(facts.earliest_date, today)
    for n in range(0, 200, 7):
        each = start + timedelta(n)
        names = {name for name in against(facts, each) if name in (Against.OVER_CAP, Against.TOO_EARLY)}
        inside = any(s.first <= each and (s.last is None or each <= s.last) for s in shut)
        assert inside == bool(names), each


def facts_of(
    sessions: list[GivenSession], *courses, today: date = AS_OF
) -> dict[str, tuple[Forecast, CourseFacts]]:
    read = read_all(patient(), courses, sessions, today)
    return {str(found.id): (found, facts) for found, facts in read}


def test_a_day_the_cap_shuts_later_is_named_with_the_visit_that_shuts_it() -> None:
    """155 U on December 28 leave room for 300 U neither then nor in the weeks around it."""
    migraine = course(started_on="2026-01-05", booked_on="2026-12-28", planned_units=195)
    limb = course(LIMB, id="c2", started_on="2026-09-28", planned_units=300)
    _, facts = facts_of(V1, migraine, limb)["c2"]
    (shut,) = shut_days(facts, day("2026-09-28"))
    assert (shut.first, shut.last) == (day("2026-11-23"), day("2027-03-21"))
    assert shut.text == (
        "From Monday, November 23, 2026 through Sunday, March 21, 2027 the cap is full because of "
        "the visit booked on Monday, December 28, 2026."
    )


def test_days_before_the_visit_stay_free_where_the_window_allows_it() -> None:
    migraine = course(started_on="2026-01-05", booked_on="2027-03-22", planned_units=195)
    limb = course(LIMB, id="c2", started_on="2026-09-28", planned_units=300)
    _, facts = facts_of(V1, migraine, limb)["c2"]
    (shut,) = shut_days(facts, AS_OF)
    assert (shut.first, shut.last) == (day("2026-12-29"), day("2027-06-13"))


def test_a_visit_too_near_for_the_same_treatment_shuts_its_weeks() -> None:
    booked = course(started_on="2026-01-05", booked_on="2027-03-01")
    second = course(id="c2", product="abobotulinumtoxinA", started_on="2026-11-22")
    _, facts = facts_of(V1, booked, second)["c2"]
    (shut,) = shut_days(facts, AS_OF)
    assert (shut.first, shut.last) == (day("2026-12-08"), day("2027-05-23"))
    assert shut.text.endswith("it is too near to the visit booked on Monday, March 1, 2027.")


def test_blocks_are_said_in_words_with_their_end() -> None:
    held = course(holds=(), authorization_required=True)
    found, facts = facts_of([elsewhere("2026-09-14", 500, product="abobotulinumtoxinA")], held)["c1"]
    texts = dict(blocks_in_words(facts, found, AS_OF))
    assert list(texts) == list(found.blocks) == ["other_toxin_review", "authorization_missing"]
    assert "Dysport, 500 U, was given on Monday, September 14, 2026." in texts["other_toxin_review"]
    assert "Good again from Monday, January 4, 2027." in texts["other_toxin_review"]
    assert texts["authorization_missing"].startswith("No authorization with a visit")
