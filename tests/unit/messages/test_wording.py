"""Dates, times and phones as patients read them."""

import locale
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from clinic_scheduler.languages import language
from clinic_scheduler.languages.dates import clock_time, long_date, long_moment, short_moment
from clinic_scheduler.messages.formats import ended_once, local_time, one_line, phone_link

CHICAGO = ZoneInfo("America/Chicago")
EN, ES = language("en"), language("es")


@pytest.mark.parametrize(
    ("hour", "minute", "read"),
    [
        (0, 0, "12:00 am"),
        (0, 5, "12:05 am"),
        (9, 0, "9:00 am"),
        (11, 59, "11:59 am"),
        (12, 0, "12:00 noon"),
        (12, 30, "12:30 pm"),
        (13, 5, "1:05 pm"),
        (23, 59, "11:59 pm"),
    ],
)
def test_the_clock_is_read_in_twelve_hours(hour: int, minute: int, read: str) -> None:
    assert clock_time(time(hour, minute), EN) == read


@pytest.mark.parametrize(
    ("instant", "read"),
    [
        (datetime(2026, 3, 7, 15, 0, tzinfo=UTC), "Saturday 7 March 2026 at 9:00 am"),
        (datetime(2026, 3, 8, 15, 0, tzinfo=UTC), "Sunday 8 March 2026 at 10:00 am"),
        (datetime(2026, 11, 1, 15, 0, tzinfo=UTC), "Sunday 1 November 2026 at 9:00 am"),
        (datetime(2027, 1, 1, 5, 59, tzinfo=UTC), "Thursday 31 December 2026 at 11:59 pm"),
    ],
)
def test_an_instant_is_told_on_the_clinics_wall_clock(instant: datetime, read: str) -> None:
    assert long_moment(local_time(instant, CHICAGO), EN) == read


def test_short_and_long_name_the_same_day_with_its_month_in_letters() -> None:
    moment = datetime(2026, 9, 23, 10, 30, tzinfo=CHICAGO)
    assert short_moment(moment, EN) == "Wed 23 Sep 2026, 10:30 am"
    assert long_date(date(2028, 2, 29), EN) == "Tuesday 29 February 2028"


@pytest.mark.parametrize(
    ("moment", "long", "short"),
    [
        (datetime(2026, 7, 14, 10, 30), "martes 14 de julio de 2026, 10:30 a. m.", "mar 14 jul 2026, 10:30 a. m."),  # noqa: DTZ001
        (datetime(2026, 9, 5, 15, 0), "sábado 5 de septiembre de 2026, 3:00 p. m.", "sáb 5 sep 2026, 3:00 p. m."),  # noqa: DTZ001
        (datetime(2026, 12, 2, 12, 0), "miércoles 2 de diciembre de 2026, 12:00 del mediodía", "mié 2 dic 2026, 12:00 del mediodía"),  # noqa: DTZ001, E501
    ],
)  # fmt: skip
def test_dates_and_hours_in_spanish(moment: datetime, long: str, short: str) -> None:
    assert long_moment(moment, ES) == long
    assert short_moment(moment, ES) == short


def test_a_sentence_that_ends_with_an_hour_ends_once() -> None:
    assert (
        ended_once("Es a las 9:00 a. m.. Llame. Fue a las 3:00 p. m..")
        == "Es a las 9:00 a. m. Llame. Fue a las 3:00 p. m."
    )
    assert ended_once("Wait... a. b..") == "Wait... a. b.."


def test_names_of_days_do_not_follow_the_machines_locale() -> None:
    before = locale.setlocale(locale.LC_TIME)
    try:
        for name in ("de_DE.UTF-8", "fr_FR.UTF-8", "C.UTF-8"):
            try:
                locale.setlocale(locale.LC_TIME, name)
            except locale.Error:
                continue  # not installed here
            assert long_date(date(2026, 11, 23), EN) == "Monday 23 November 2026"
    finally:
        locale.setlocale(locale.LC_TIME, before)


@pytest.mark.parametrize(
    ("phone", "link"),
    [
        ("(602) 555-0100", "tel:6025550100"),
        ("+1 602.555.0100", "tel:+16025550100"),
        ("602-555-0100 x1234", "tel:6025550100"),
        ("602-555-0100 ext. 12", "tel:6025550100"),
    ],
)
def test_a_phone_becomes_a_link_without_its_extension(phone: str, link: str) -> None:
    assert phone_link(phone) == link


def test_one_line_keeps_names_of_every_script() -> None:
    joined = "नमस्\u200dते O’Neil-Åsa 👩\u200d⚕️"
    assert one_line(f"  {joined}\n") == joined
    assert one_line("a\tb\r\nc\x00d\u202ee") == "a b cde"
