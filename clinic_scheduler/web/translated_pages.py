"""Pages that patients read, in their language: the catalogues behind `_()` in templates, words that views choose."""

from collections.abc import Mapping
from datetime import date, time
from typing import Any

from flask import Flask, render_template
from flask_babel import Babel, Domain, force_locale, get_locale

from clinic_scheduler.domain.messaging.kinds import BOOKING, EMAIL, FOLLOW_UP, SMS, VISITS
from clinic_scheduler.languages import Language, language
from clinic_scheduler.languages.dates import clock_time, date_this_year, day_and_hour


class _Catalogues(Domain):  # type: ignore[misc]
    """Flask-Babel looks for compiled files in folders; ours are read already."""

    def get_translations(self) -> Any:
        return language(str(get_locale())).catalogue


class _Babel(Babel):  # type: ignore[misc]
    domain_instance = _Catalogues()


def register(app: Flask) -> None:
    """Pages are in English, as staff are, but for those rendered by `page_in`."""
    _Babel(app)


def page_in(spoken: Language, template: str, **values: Any) -> str:
    with force_locale(spoken.code):
        return render_template(template, language=spoken, **values)


def purposes_in(spoken: Language) -> Mapping[str, str]:
    return {
        VISITS: spoken.gettext("reminders of your appointments"),
        BOOKING: spoken.gettext("notices that it is time to book"),
        FOLLOW_UP: spoken.gettext("messages after your visits"),
    }


def channels_in(spoken: Language) -> Mapping[str, str]:
    return {EMAIL: spoken.gettext("e-mail"), SMS: spoken.gettext("text message")}


def when(day: date, at: time, spoken: Language) -> str:
    """`Tuesday 24 November at 10:15 am`; `martes 24 de noviembre, 10:15 a. m.`"""
    return day_and_hour(date_this_year(day, spoken), clock_time(at, spoken), spoken)
