"""DD-15: why a date is what it is, as one sentence for the phone, in English or Spanish. Codes stay in the table."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from types import MappingProxyType

from clinic_scheduler.domain.day_names import aloud, aloud_near
from clinic_scheduler.domain.forecast.exposures import counting, of_product
from clinic_scheduler.domain.forecast.intervals import Interval, add, parse_interval
from clinic_scheduler.domain.forecast.values import Forecast, Reason
from clinic_scheduler.domain.visits.day_checks import CourseFacts, days_over_cap, too_close

LANGUAGES = ("en", "es")
ONE_DAY = timedelta(1)
# How far ahead days are looked at for what shuts them: past any window of a cap.
SEARCHED_DAYS = 400
_NUMBERS = MappingProxyType(
    {
        "en": (
            "no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
            "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen", "twenty",
        ),
        "es": (
            "ningún", "un", "dos", "tres", "cuatro", "cinco", "seis", "siete", "ocho", "nueve", "diez", "once", "doce",
            "trece", "catorce", "quince", "dieciséis", "diecisiete", "dieciocho", "diecinueve", "veinte",
        ),
    }
)  # fmt: skip
_UNITS = MappingProxyType(
    {
        "en": {"month": ("month", "months"), "week": ("week", "weeks"), "day": ("day", "days")},
        "es": {"month": ("mes", "meses"), "week": ("semana", "semanas"), "day": ("día", "días")},
    }
)
_FEMININE = "semana"

# How each sentence begins: where its day is still ahead, and where it has gone by.
_OPENINGS = MappingProxyType(
    {
        "en": {
            "earliest_date": ("The earliest is {day}", "The earliest was {day}"),
            "due_date": ("The visit is due on {day}", "The visit was due on {day}"),
            "last_on_time": ("The last on-time day is {day}", "The last on-time day was {day}"),
            "lapse_date": (
                "From {day} on, a consultation comes first",
                "Since {day}, a consultation comes first",
            ),
        },
        "es": {
            "earliest_date": ("Lo más pronto es el {day}", "Lo más pronto era el {day}"),
            "due_date": ("La cita toca el {day}", "La cita tocaba el {day}"),
            "last_on_time": (
                "El último día a tiempo es el {day}",
                "El último día a tiempo era el {day}",
            ),
            "lapse_date": (
                "A partir del {day} hace falta antes una consulta",
                "Desde el {day} hace falta antes una consulta",
            ),
        },
    }
)
# Why, by the kind of reason; {span} is an interval in words, {from} the day it counts from.
_BECAUSE = MappingProxyType(
    {
        "en": {
            "start": "the treatment begins then",
            "after": "{span} after {from}",
            "more_than": "that is more than {span} after {from}",
            "payer": "the insurance asks for {span} after {from}",
            "other": "{span} after {from}, when something else was treated",
            "cap": "{span} after {from}, so that the doses together stay within the limit",
            "cap_changes": "from then on the dose is within the limit",
            "floor": "the earliest day there is",
            "overdue": "that is the first day after the last on-time day",
        },
        "es": {
            "start": "ese día empieza el tratamiento",
            "after": "{span} después del {from}",
            "more_than": "son más de {span} después del {from}",
            "payer": "el seguro pide {span} después del {from}",
            "other": "{span} después del {from}, cuando hubo otro tratamiento",
            "cap": "{span} después del {from}, para que las dosis juntas no pasen del límite",
            "cap_changes": "desde entonces la dosis está dentro del límite",
            "floor": "el primer día posible",
            "overdue": "es el primer día después del último a tiempo",
        },
    }
)


# What blocks a visit, for the phone: no diagnosis, no product.
_BLOCKED = MappingProxyType(
    {
        "en": {
            "on_hold": "treatment is on hold",
            "consultation_needed": "a consultation comes first",
            "cap_exceeded": "the planned dose is above the limit",
            "cap_unknown": "we have to find out about an earlier dose",
            "weight_missing": "we need a current weight",
            "plan_missing": "the dose has yet to be planned",
            "age_not_covered": "the provider has to decide because of the age",
            "other_toxin_review": "the provider has to look at another treatment given before",
            "authorization_exhausted": "a new approval of the insurance is needed",
            "authorization_expires_before_due": "a new approval of the insurance is needed",
            "authorization_missing": "an approval of the insurance is needed",
        },
        "es": {
            "on_hold": "el tratamiento está en pausa",
            "consultation_needed": "primero hace falta una consulta",
            "cap_exceeded": "la dosis prevista pasa del límite",
            "cap_unknown": "tenemos que averiguar una dosis anterior",
            "weight_missing": "necesitamos el peso actual",
            "plan_missing": "falta decidir la dosis",
            "age_not_covered": "el médico tiene que decidir por la edad",
            "other_toxin_review": "el médico tiene que ver otro tratamiento anterior",
            "authorization_exhausted": "hace falta una nueva autorización del seguro",
            "authorization_expires_before_due": "hace falta una nueva autorización del seguro",
            "authorization_missing": "hace falta la autorización del seguro",
        },
    }
)


def earliest_said(forecast: Forecast, today: date, language: str = "en") -> str:
    """The sentence for the phone: The earliest is Monday, November 23: twelve weeks after August 31."""
    return dates_said(forecast, today, language)["earliest_date"]


def blocked_said(forecast: Forecast, language: str = "en") -> str | None:
    """What else stands in the way, after the sentence about the day; None where nothing does."""
    reasons = [_BLOCKED[language][block] for block in forecast.blocks]
    if not reasons:
        return None
    # What is said of two authorization blocks is the same.
    said = "; ".join(dict.fromkeys(reasons))
    return {"en": f"It cannot be booked yet: {said}.", "es": f"Todavía no se puede reservar: {said}."}[
        language
    ]


def dates_said(forecast: Forecast, today: date, language: str = "en") -> dict[str, str]:
    """One sentence each: earliest_date, due_date, last_on_time (the day before it is overdue), lapse_date."""
    said = {}
    for reason in forecast.because:
        name, day = reason.date, getattr(forecast, reason.date)
        if name == "overdue_date":
            name, day = "last_on_time", day - ONE_DAY
        opening = _OPENINGS[language][name][day < today]
        when = aloud_near(day, today, language, weekday=True)
        said[name] = f"{opening.format(day=when)}: {_because(reason, today, language)}."
    return said


def _because(reason: Reason, today: date, language: str) -> str:
    kind, start, interval = _kind(reason)
    words = {
        "span": in_words(parse_interval(interval), language) if interval else "",
        "from": aloud_near(date.fromisoformat(start), today, language) if start else "",
    }
    return _BECAUSE[language][kind].format(**words)


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


def in_words(interval: Interval, language: str = "en") -> str:
    """Twelve weeks, three months, 85 days; numbers up to twenty are written out."""
    days = interval.exact.days
    weeks = days % 7 == 0
    parts = [
        (interval.months, "month"),
        (days // 7 if weeks else days, "week" if weeks else "day"),
    ]
    said = [_counted(number, unit, language) for number, unit in parts if number]
    return {"en": " and ", "es": " y "}[language].join(said)


def _counted(number: int, unit: str, language: str) -> str:
    one, many = _UNITS[language][unit]
    if number == 1:
        return f"{'una' if one == _FEMININE else _NUMBERS[language][1]} {one}"
    known = _NUMBERS[language]
    return f"{known[number] if number < len(known) else number} {many}"


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
