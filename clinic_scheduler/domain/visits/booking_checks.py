"""DD-11: what must hold for a visit on a day, as a list of checks a person can read."""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from clinic_scheduler.domain.forecast.blocks import Against
from clinic_scheduler.domain.forecast.earliest_date import cap_on, plan_over_cap
from clinic_scheduler.domain.forecast.intervals import spoken
from clinic_scheduler.domain.forecast.values import Forecast
from clinic_scheduler.domain.visits.check_texts import objections
from clinic_scheduler.domain.visits.day_checks import CourseFacts, units_beside
from clinic_scheduler.domain.visits.seen import mark_of


class Stop(StrEnum):
    """What a failed check does."""

    HARD = "hard"  # refuses, whoever asks
    PROVIDER = "provider"  # a provider overrides it by name, or it is mended
    REASON = "reason"  # takes the desk's coded reason
    SOFT = "soft"  # warns


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the booking panel.

    `code` is a name of blocks.Against where it can be overridden; `until`: the first day it no longer stands.
    """

    code: str
    ok: bool
    text: str
    rule: str
    stop: str
    title: str = ""
    until: date | None = None

    @property
    def mark(self) -> str:
        """As of the objection it shows, where it shows one."""
        return mark_of(self.code, self.text)


def checks_on(facts: CourseFacts, forecast: Forecast, day: date, today: date) -> list[Check]:
    """Every check for an injection visit of the course on `day`: what fails first, then what is fine."""
    hard = [check for check in hard_checks(_is_closed(forecast, max(day, today)), day, today) if not check.ok]
    failed = [
        Check(
            o.name,
            False,
            o.text,
            _RULES.get(o.name, "DD-9"),
            _stop(o.name, forecast, today),
            o.title,
            o.until,
        )
        for o in objections(facts, day, forecast.because[0])
    ]
    names = {check.code for check in failed}
    return [*hard, *failed, *(check for check in _fine(facts, forecast, day) if check.code not in names)]


def _is_closed(forecast: Forecast, on: date) -> bool:
    return forecast.closed_from is not None and forecast.closed_from <= on


def hard_checks(is_closed: bool, day: date, today: date) -> list[Check]:
    """What nobody overrides, for a visit of any kind."""
    return [_course_open(is_closed), _not_past(day, today)]


_RULES = {Against.TOO_EARLY: "DD-11", Against.OVER_CAP: "DD-17", Against.LATE: "DD-5"}


def _stop(name: Against, forecast: Forecast, today: date) -> Stop:
    """A course that is overdue already names being late by itself."""
    if name == Against.LATE and today >= forecast.overdue_date:
        return Stop.SOFT
    return Stop.PROVIDER if name.needs_provider else Stop.REASON


def _course_open(is_closed: bool) -> Check:
    if is_closed:
        return Check(
            "course_open", False, "This course is closed; nothing can be booked under it", "DD-9", Stop.HARD
        )
    return Check("course_open", True, "The course is open", "DD-9", Stop.HARD)


def _not_past(day: date, today: date) -> Check:
    return Check("past", day >= today, f"{spoken(day)} is in the past", "DD-11", Stop.HARD)


def _fine(facts: CourseFacts, forecast: Forecast, day: date) -> list[Check]:
    """What holds, said so; shown only where nothing of that name fails, the cap only where the plan fits it."""
    last = facts.overdue_date - timedelta(1)
    found = [
        Check(
            Against.TOO_EARLY,
            True,
            f"Not before {spoken(facts.earliest_date)}: {forecast.because[0].text}",
            forecast.because[0].rule,
            Stop.PROVIDER,
        ),
        Check(Against.LATE, True, f"On time through {spoken(last)}", "DD-5", Stop.REASON),
        *_within_cap(facts, day),
        Check(Against.ON_HOLD, True, "Not on hold", "DD-9", Stop.PROVIDER),
    ]
    required = facts.course.authorization_required
    text = f"Authorized on {spoken(day)}" if required else "No authorization needed"
    return [*found, Check(Against.OUTSIDE_AUTHORIZATION, True, text, "DD-9", Stop.REASON)]


def _within_cap(facts: CourseFacts, day: date) -> list[Check]:
    cap, planned = cap_on(facts.patient, facts.course, day), facts.planned_units
    if cap is None or planned is None or plan_over_cap(facts.patient, facts.course, planned, day):
        return []
    beside = sum(units or 0 for units in units_beside(facts, day))
    window = facts.course.label.product.unit_cap_window.words()
    text = f"{planned:g} U planned and {beside:g} U given or booked in the {window} before, cap {cap:g} U"
    return [Check(Against.OVER_CAP, True, text, "DD-3c", Stop.PROVIDER)]
