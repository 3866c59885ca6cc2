"""What stands against a visit, in words for the desk: what it is, until when, and the first good day."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from clinic_scheduler.domain.day_names import aloud
from clinic_scheduler.domain.forecast.blocks import Against
from clinic_scheduler.domain.forecast.earliest_date import booking_floor, cap_on, session_cap_on
from clinic_scheduler.domain.forecast.exposures import fits
from clinic_scheduler.domain.forecast.intervals import add, birthday
from clinic_scheduler.domain.forecast.values import Forecast, Reason
from clinic_scheduler.domain.protocols.labels import ADULT_AGE
from clinic_scheduler.domain.protocols.products import brand_of
from clinic_scheduler.domain.visits.day_checks import (
    CourseFacts,
    against,
    authorized_on,
    days_over_cap,
    hold_on,
    is_over_cap,
    is_too_early,
    other_toxin,
    too_close,
    unknown_dose,
)
from clinic_scheduler.domain.visits.seen import mark_of

TITLES = {
    Against.TOO_EARLY: "Too early",
    Against.OVER_CAP: "Over the unit cap with what is booked or was given",
    Against.ON_HOLD: "On hold",
    Against.CONSULTATION_NEEDED: "A consultation comes first",
    Against.CAP_EXCEEDED: "The plan is over the unit cap",
    Against.CAP_UNKNOWN: "An unknown dose still counts",
    Against.WEIGHT_MISSING: "No weight is known",
    Against.PLAN_MISSING: "No dose is planned",
    Against.AGE_NOT_COVERED: "Too young for this treatment",
    Against.OTHER_TOXIN_REVIEW: "Another toxin was given",
    Against.LATE: "After the last on-time day",
    Against.OUTSIDE_AUTHORIZATION: "No authorization pays for that day",
}
_BOOKED = {
    Against.TOO_EARLY: "Booked early",
    Against.OVER_CAP: "Booked over the cap",
    Against.ON_HOLD: "Booked while on hold",
    Against.CONSULTATION_NEEDED: "Booked without a consultation",
    Against.CAP_EXCEEDED: "Plan over the cap",
    Against.CAP_UNKNOWN: "Booked while an unknown dose counts",
    Against.WEIGHT_MISSING: "Booked without a weight",
    Against.PLAN_MISSING: "Booked without a plan",
    Against.AGE_NOT_COVERED: "Booked below the label's age",
    Against.OTHER_TOXIN_REVIEW: "Booked after another toxin",
    Against.LATE: "Booked late",
    Against.OUTSIDE_AUTHORIZATION: "Booked without an authorization",
}
# How far ahead a good day is looked for: past the longest review and any window of a cap.
SEARCHED_DAYS = 400
ONE_DAY = timedelta(1)


@dataclass(frozen=True, slots=True)
class Objection:
    """One thing that stands against a visit. `until` is the first day it no longer does, where a day ends it."""

    name: Against
    title: str
    text: str
    until: date | None

    @property
    def mark(self) -> str:
        """Changes with the facts that the words name: an earliest date, a hold, what was given when."""
        return mark_of(self.name, self.text)


def objections(facts: CourseFacts, day: date, because: Reason) -> list[Objection]:
    """All that stands against a visit on `day`; `because` is why the earliest date is what it is."""
    return [_objection(facts, day, name, because) for name in against(facts, day)]


def blocks_in_words(facts: CourseFacts, dates: Forecast, today: date) -> list[tuple[str, str]]:
    """(block, words) of what blocks the course today, each as of the day it is judged on (DD-9)."""
    return [(block, _block_words(facts, dates, today, block)) for block in dates.blocks]


def _block_words(facts: CourseFacts, dates: Forecast, today: date, block: str) -> str:
    because = dates.because[0]
    if block not in list(Against):
        return _objection(facts, dates.due_date, Against.OUTSIDE_AUTHORIZATION, because).text
    on_the_day = block in (Against.ON_HOLD, Against.CONSULTATION_NEEDED)
    return _objection(facts, today if on_the_day else facts.earliest_date, Against(block), because).text


def first_good_day(facts: CourseFacts, after: date, *, late_is_fine: bool) -> date | None:
    """The first day from `after` on against which nothing stands; None where no day within a year is good."""
    return _first(after, lambda day: is_good(facts, day, late_is_fine=late_is_fine))


def is_good(facts: CourseFacts, day: date, *, late_is_fine: bool) -> bool:
    """Whether a visit may be booked on `day` with nothing to override.

    `late_is_fine`: the course is overdue already, so that being late needs no reason (DD-11).
    """
    return all(late_is_fine and name == Against.LATE for name in against(facts, day))


def override_line(name: str, reason: str, note: str | None, decided_by: str, day_number: int | None) -> str:
    """As it stands on the visit: "Booked on day 80: Travel (Dr. Amara Reid)"; days count from the last exposure."""
    known = Against(name)
    booked = _BOOKED[known]
    if known == Against.TOO_EARLY and day_number is not None:
        booked = f"Booked on day {day_number}"
    said = f"{reason}. {note}" if note else reason
    return f"{booked}: {said} ({decided_by})"


def _first(start: date, holds: Callable[[date], bool]) -> date | None:
    """The first day from `start` on of which that holds; None where it does of no day within a year."""
    return next((day for n in range(SEARCHED_DAYS) if holds(day := start + timedelta(n))), None)


def _objection(facts: CourseFacts, day: date, name: Against, because: Reason) -> Objection:
    text, until = _WORDS[name](facts, day, because)
    if until is not None:
        text = f"{text} Good again from {aloud(until)}."
    return Objection(name, TITLES[name], text, until)


Said = tuple[str, date | None]


def _too_early(facts: CourseFacts, day: date, because: Reason) -> Said:
    if day < facts.earliest_date:
        return f"The earliest is {aloud(facts.earliest_date)}: {because.text}.", None
    close = min(too_close(facts, day), key=lambda visit: visit.day)
    first = min(day, close.day)
    floors = (booking_floor(facts.patient, treated, first) for treated in (facts.course, close))
    longer = max(floors, key=lambda floor: floor.ends_on).interval.words()
    said = f"Another visit for the same treatment is booked for {aloud(close.day)}; {longer} lie between two."
    return said, _first(day, lambda each: not is_too_early(facts, each))


def _over_cap(facts: CourseFacts, day: date, _because: Reason) -> Said:
    on, units, cap = next(days_over_cap(facts, day))
    window = facts.course.label.product.unit_cap_window.words()
    where = "" if on == day else f" on {aloud(on)}, when another visit is booked"
    counted = f"what is booked and was given in the {window} before"
    said = f"With {counted}, it comes to {units:g} U{where}; the cap is {cap:g} U."
    return said, _first(day, lambda each: not is_over_cap(facts, each))


def _on_hold(facts: CourseFacts, day: date, _because: Reason) -> Said:
    hold = hold_on(facts, day)
    assert hold is not None
    reason = hold.reason or "no reason was given"
    if hold.ends_on is None:
        return f"On hold since {aloud(hold.starts_on)} until further notice: {reason}.", None
    said = f"On hold through {aloud(hold.ends_on)}: {reason}."
    return said, _first(day, lambda each: hold_on(facts, each) is None)


def _consultation_needed(facts: CourseFacts, day: date, _because: Reason) -> Said:
    last, lapse = facts.exposure, facts.course.protocol.lapse_interval.words()
    assert last is not None
    said = (
        f"The last injection was on {aloud(last)}, more than {lapse} before. Somebody sees the patient first."
    )
    return said, None


def _cap_exceeded(facts: CourseFacts, day: date, _because: Reason) -> Said:
    planned = facts.planned_units or 0
    in_one = session_cap_on(facts.patient, facts.course, day)
    if in_one is not None and not fits(planned, in_one):
        most = f"the label's most for one visit is {in_one:g} U"
    else:
        most = f"the cap is {cap_on(facts.patient, facts.course, day):g} U"
    return f"{planned:g} U are planned; {most}. Lower the plan, or a provider decides.", None


def _cap_unknown(facts: CourseFacts, day: date, _because: Reason) -> Said:
    given = unknown_dose(facts, day)
    assert given is not None
    until = add(given.given_on, facts.course.label.product.unit_cap_window)
    return f"Nobody knows how many units were given on {aloud(given.given_on)}, and they still count.", until


def _weight_missing(facts: CourseFacts, _day: date, _because: Reason) -> Said:
    grown_up = birthday(facts.patient.birth_date, ADULT_AGE)
    return "The cap of a patient under 18 goes by weight, and none is entered.", grown_up


def _plan_missing(_facts: CourseFacts, _day: date, _because: Reason) -> Said:
    return "Without a planned dose nobody can tell whether it fits under the cap.", None


def _age_not_covered(facts: CourseFacts, _day: date, _because: Reason) -> Said:
    youngest = facts.course.label.minimum_age
    return f"The label covers patients from {youngest} years.", birthday(facts.patient.birth_date, youngest)


def _other_toxin_review(facts: CourseFacts, day: date, _because: Reason) -> Said:
    given = other_toxin(facts.course, facts.exposures, day)
    assert given is not None
    name = brand_of(given.product) if given.product else "A product nobody knows"
    units = f", {given.units:g} U," if given.units is not None else ""
    review = facts.course.protocol.other_product_review
    said = f"{name}{units} was given on {aloud(given.given_on)}. A provider decides for {review.words()} after it."
    return said, add(given.given_on, review)


def _late(facts: CourseFacts, _day: date, _because: Reason) -> Said:
    return f"The last on-time day is {aloud(facts.overdue_date - ONE_DAY)}.", None


def _outside_authorization(facts: CourseFacts, day: date, _because: Reason) -> Said:
    said = f"No authorization with a visit and the planned units left covers {aloud(day)}."
    starts = [a.starts_on for a in facts.course.authorizations if a.starts_on is not None]
    return said, min((each for each in starts if each > day and authorized_on(facts, each)), default=None)


_WORDS: Mapping[Against, Callable[[CourseFacts, date, Reason], Said]] = {
    Against.TOO_EARLY: _too_early,
    Against.OVER_CAP: _over_cap,
    Against.ON_HOLD: _on_hold,
    Against.CONSULTATION_NEEDED: _consultation_needed,
    Against.CAP_EXCEEDED: _cap_exceeded,
    Against.CAP_UNKNOWN: _cap_unknown,
    Against.WEIGHT_MISSING: _weight_missing,
    Against.PLAN_MISSING: _plan_missing,
    Against.AGE_NOT_COVERED: _age_not_covered,
    Against.OTHER_TOXIN_REVIEW: _other_toxin_review,
    Against.LATE: _late,
    Against.OUTSIDE_AUTHORIZATION: _outside_authorization,
}
