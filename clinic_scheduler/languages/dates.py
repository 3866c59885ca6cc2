"""How a day and an hour are written to patients. The order of the parts is each catalogue's, the names are CLDR's."""

from datetime import date, datetime, time

from .catalogues import Language

NOON = time(12)


def long_date(day: date, language: Language) -> str:
    """`Monday 23 November 2026`, `lunes 23 de noviembre de 2026`."""
    return language.date(day, language.pgettext("date: Monday 23 November 2026", "EEEE d MMMM y"))


def short_date(day: date, language: Language) -> str:
    """`Mon 23 Nov 2026`, for texts."""
    return language.date(day, language.pgettext("date: Mon 23 Nov 2026", "EEE d MMM y"))


def date_this_year(day: date, language: Language) -> str:
    """`Monday 23 November`."""
    return language.date(day, language.pgettext("date: Monday 23 November", "EEEE d MMMM"))


def clock_time(at: time, language: Language) -> str:
    """`9:00 am`, `9:00 a. m.`; midday in words, because `12:00 pm` is read both ways."""
    if at.replace(second=0, microsecond=0, tzinfo=None) == NOON:
        return language.pgettext("time", "12:00 noon")
    if at.hour < NOON.hour:
        pattern = language.pgettext("time before noon: 9:00 am", "h:mm 'am'")
    else:
        pattern = language.pgettext("time after noon: 9:00 pm", "h:mm 'pm'")
    return language.time(at.replace(tzinfo=None), pattern)


def day_and_hour(day: str, hour: str, language: Language) -> str:
    """`Monday 23 November 2026 at 9:00 am`; Spanish has a comma there."""
    return language.gettext("%(day)s at %(hour)s", day=day, hour=hour)


def long_moment(moment: datetime, language: Language) -> str:
    """`Monday 23 November 2026 at 9:00 am`, for letters; on the wall clock that `moment` has."""
    return day_and_hour(long_date(moment.date(), language), clock_time(moment.time(), language), language)


def short_moment(moment: datetime, language: Language) -> str:
    """`Mon 23 Nov 2026, 9:00 am`, for texts."""
    return f"{short_date(moment.date(), language)}, {clock_time(moment.time(), language)}"
