"""Why a course's dates are what they are, as its pages show it: what to say, what blocks it, what shuts a day later."""

from dataclasses import dataclass
from datetime import date, timedelta

from clinic_scheduler.domain.forecast.judgements import Timing
from clinic_scheduler.domain.forecast.spoken_why import blocked_said, dates_said, earliest_said, shut_days
from clinic_scheduler.domain.visits.check_texts import blocks_in_words
from clinic_scheduler.languages import Language, language
from clinic_scheduler.queries.courses.course_view import CourseView


@dataclass(frozen=True, slots=True)
class Why:
    """`to_say` is (language, sentence): English, then the patient's own language where that is another."""

    to_say: list[tuple[str, str]]
    dates: list[tuple[str, date, str]]
    blocks: list[tuple[str, str]]
    shut: list[str]


def why_of(view: CourseView, today: date) -> Why:
    """The dates are (words, day, sentence)."""
    forecast = view.forecast
    said = dates_said(forecast, today, language("en"))
    shown = [
        ("Earliest", "earliest_date", forecast.earliest_date),
        ("Due", "due_date", forecast.due_date),
        ("Last on-time day", "last_on_time", forecast.overdue_date - timedelta(1)),
        ("Lapsed from", "lapse_date", forecast.lapse_date),
    ]
    return Why(
        to_say=to_say(view, today),
        dates=[(words, day, said[name]) for words, name, day in shown],
        blocks=blocks_in_words(view.facts, forecast, today),
        shut=[each.text for each in shut_days(view.facts, today)],
    )


def to_say(view: CourseView, today: date) -> list[tuple[str, str]]:
    """The sentence for the phone alone; nothing for a course that is closed."""
    if view.forecast.timing == Timing.CLOSED:
        return []
    spoken = dict.fromkeys((language("en"), language(view.patient.language)))
    return [(each.code, _said(view, today, each)) for each in spoken]


def _said(view: CourseView, today: date, language: Language) -> str:
    """The day, and what stands in the way of it; a visit that is booked has its own."""
    earliest = earliest_said(view.forecast, today, language)
    blocked = blocked_said(view.forecast, language) if view.forecast.booking == "none" else None
    return f"{earliest} {blocked}" if blocked else earliest
