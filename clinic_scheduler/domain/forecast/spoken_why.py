"""DD-15: why a date is what it is, as one sentence for the phone, in the language given. Codes stay in the table."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from types import MappingProxyType

from clinic_scheduler.domain.day_names import aloud, aloud_near
from clinic_scheduler.domain.forecast.exposures import counting, of_product
from clinic_scheduler.domain.forecast.intervals import Interval, add, parse_interval
from clinic_scheduler.domain.forecast.values import Forecast, Reason
from clinic_scheduler.domain.speech import Speech, msgid
from clinic_scheduler.domain.visits.day_checks import CourseFacts, days_over_cap, too_close

ONE_DAY = timedelta(1)
# How far ahead days are looked at for what shuts them: past any window of a cap.
SEARCHED_DAYS = 400
# In words up to twenty; nobody is told of none.
_NUMBERS = (
    "", msgid("one"), msgid("two"), msgid("three"), msgid("four"), msgid("five"), msgid("six"), msgid("seven"),
    msgid("eight"), msgid("nine"), msgid("ten"), msgid("eleven"), msgid("twelve"), msgid("thirteen"),
    msgid("fourteen"), msgid("fifteen"), msgid("sixteen"), msgid("seventeen"), msgid("eighteen"), msgid("nineteen"),
    msgid("twenty"),
)  # fmt: skip

# How each sentence begins: where its day is still ahead, and where it has gone by.
_OPENINGS = MappingProxyType(
    {
        "earliest_date": (msgid("The earliest is %(day)s"), msgid("The earliest was %(day)s")),
        "due_date": (msgid("The visit is due on %(day)s"), msgid("The visit was due on %(day)s")),
        "last_on_time": (
            msgid("The last on-time day is %(day)s"),
            msgid("The last on-time day was %(day)s"),
        ),
        "lapse_date": (
            msgid("From %(day)s on, a consultation comes first"),
            msgid("Since %(day)s, a consultation comes first"),
        ),
    }
)
# Why, by the kind of reason; %(span)s is an interval in words, %(start)s the day it counts from.
_BECAUSE = MappingProxyType(
    {
        "start": msgid("the treatment begins then"),
        "after": msgid("%(span)s after %(start)s"),
        "more_than": msgid("that is more than %(span)s after %(start)s"),
        "payer": msgid("the insurance asks for %(span)s after %(start)s"),
        "other": msgid("%(span)s after %(start)s, when something else was treated"),
        "cap": msgid("%(span)s after %(start)s, so that the doses together stay within the limit"),
        "cap_changes": msgid("from then on the dose is within the limit"),
        "floor": msgid("the earliest day there is"),
        "overdue": msgid("that is the first day after the last on-time day"),
    }
)
# What blocks a visit, for the phone: no diagnosis, no product.
_BLOCKED = MappingProxyType(
    {
        "on_hold": msgid("treatment is on hold"),
        "consultation_needed": msgid("a consultation comes first"),
        "cap_exceeded": msgid("the planned dose is above the limit"),
        "cap_unknown": msgid("we have to find out about an earlier dose"),
        "weight_missing": msgid("we need a current weight"),
        "plan_missing": msgid("the dose has yet to be planned"),
        "age_not_covered": msgid("the provider has to decide because of the age"),
        "other_toxin_review": msgid("the provider has to look at another treatment given before"),
        "authorization_exhausted": msgid("a new approval of the insurance is needed"),
        "authorization_expires_before_due": msgid("a new approval of the insurance is needed"),
        "authorization_missing": msgid("an approval of the insurance is needed"),
    }
)


def earliest_said(forecast: Forecast, today: date, language: Speech) -> str:
    """The sentence for the phone: The earliest is Monday, November 23: twelve weeks after August 31."""
    return dates_said(forecast, today, language)["earliest_date"]


def blocked_said(forecast: Forecast, language: Speech) -> str | None:
    """What else stands in the way, after the sentence about the day; None where nothing does."""
    reasons = [language.gettext(_BLOCKED[block]) for block in forecast.blocks]
    if not reasons:
        return None
    # What is said of two authorization blocks is the same.
    said = "; ".join(dict.fromkeys(reasons))
    return language.gettext("It cannot be booked yet: %(reasons)s.", reasons=said)


def dates_said(forecast: Forecast, today: date, language: Speech) -> dict[str, str]:
    """One sentence each: earliest_date, due_date, last_on_time (the day before it is overdue), lapse_date."""
    said = {}
    for reason in forecast.because:
        name, day = reason.date, getattr(forecast, reason.date)
        if name == "overdue_date":
            name, day = "last_on_time", day - ONE_DAY
        when = aloud_near(day, today, language, weekday=True)
        opening = language.gettext(_OPENINGS[name][day < today], day=when)
        said[name] = f"{opening}: {_because(reason, today, language)}."
    return said


def _because(reason: Reason, today: date, language: Speech) -> str:
    kind, start, interval = _kind(reason)
    words = {
        "span": in_words(parse_interval(interval), language) if interval else "",
        "start": aloud_near(date.fromisoformat(start), today, language) if start else "",
    }
    return language.gettext(_BECAUSE[kind], **words)


def _kind(reason: Reason) -> tuple[str, str | None, str | None]:
    """(key of _BECAUSE, the day it counts from, the interval) by the rule and its inputs."""
    inputs = reason.inputs
    start, interval = _text(inputs, "from"), _text(inputs, "interval")
    match reason.rule:
        case "DD-3b":
            return "other", start, interval
        case "DD-3c":
            return ("cap" if start else "cap_changes"), start, _text(inputs, "window")
        case "DD-4" if "earliest_date" in inputs:
            return "floor", None, None
        case "DD-5" if "due_date" in inputs:
            return "after", _text(inputs, "due_date"), _text(inputs, "grace_after_due")
        case "DD-6" if "overdue_date" in inputs:
            return "overdue", None, None
        case "DD-6":
            return "more_than", start, interval
    if interval is None:
        return "start", None, None
    return ("payer" if inputs.get("asked_by") == "payer" else "after"), start, interval


def _text(inputs: Mapping[str, str | float | None], name: str) -> str | None:
    value = inputs.get(name)
    return value if isinstance(value, str) else None


def in_words(interval: Interval, language: Speech) -> str:
    """Twelve weeks, three months, 85 days; numbers up to twenty are written out."""
    days = interval.exact.days
    said = []
    if interval.months:
        count = _number(interval.months, language)
        said.append(language.ngettext("one month", "%(number)s months", interval.months, number=count))
    if days and days % 7 == 0:
        count = _number(days // 7, language)
        said.append(language.ngettext("one week", "%(number)s weeks", days // 7, number=count))
    elif days:
        said.append(language.ngettext("one day", "%(number)s days", days, number=_number(days, language)))
    if len(said) < 2:
        return "".join(said)
    return language.gettext("%(months)s and %(days)s", months=said[0], days=said[1])


def _number(number: int, language: Speech) -> str:
    return language.gettext(_NUMBERS[number]) if number < len(_NUMBERS) else str(number)


@dataclass(frozen=True, slots=True)
class Shut:
    """Days that what is booked or was given leaves no room on. `last` is None where no end is in sight."""

    first: date
    last: date | None
    text: str


def shut_days(facts: CourseFacts, today: date) -> list[Shut]:
    """Stretches from the earliest date (or today) on, on which the cap is full or another visit is too near."""
    start = max(facts.earliest_date, today)
    days = [start + timedelta(n) for n in range(SEARCHED_DAYS)]
    return [
        *(_full(facts, *span) for span in _stretches(days, lambda day: _over(facts, day) is not None)),
        *(_near(facts, *span) for span in _stretches(days, lambda day: any(too_close(facts, day)))),
    ]


def _stretches(days: Sequence[date], is_shut: Callable[[date], bool]) -> Iterator[tuple[date, date | None]]:
    """(first, last) of each run of shut days; the last is None where the run goes on past the days looked at."""
    first: date | None = None
    for day in days:
        if is_shut(day):
            first = first or day
        elif first is not None:
            yield first, day - ONE_DAY
            first = None
    if first is not None:
        yield first, None


def _over(facts: CourseFacts, day: date) -> date | None:
    """The first day on which a visit on `day` would be too much."""
    return next((on for on, _, _ in days_over_cap(facts, day)), None)


def _full(facts: CourseFacts, first: date, last: date | None) -> Shut:
    window, product = facts.course.label.product.unit_cap_window, facts.course.product
    exposures = of_product(facts.exposures, product)
    full_on = {_over(facts, day) or day for day in (first, last or first)}
    visits = [
        visit.day
        for visit in facts.others
        if visit.product == product and any(visit.day <= on < add(visit.day, window) for on in full_on)
    ]
    given = [exposure.given_on for on in full_on for exposure in counting(exposures, window, on)]
    because = [
        *([f"the visit booked on {_listed(visits)}"] if visits else []),
        *([f"what was given on {_listed(given)}"] if given else []),
    ]
    return Shut(first, last, f"{_span(first, last)} the cap is full because of {' and '.join(because)}.")


def _near(facts: CourseFacts, first: date, last: date | None) -> Shut:
    close = _listed(visit.day for visit in too_close(facts, first))
    return Shut(first, last, f"{_span(first, last)} it is too near to the visit booked on {close}.")


def _span(first: date, last: date | None) -> str:
    if last is None:
        return f"From {aloud(first)} on"
    return f"On {aloud(first)}" if first == last else f"From {aloud(first)} through {aloud(last)}"


def _listed(days: Iterable[date]) -> str:
    return " and ".join(aloud(day) for day in sorted(set(days)))
