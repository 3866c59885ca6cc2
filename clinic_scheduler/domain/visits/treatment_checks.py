"""What to ask about a treatment before it is stored, and what storing or voiding it changes for the others. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time
from typing import NamedTuple

from clinic_scheduler.domain.forecast.blocks import BLOCKS, Against
from clinic_scheduler.domain.forecast.due_dates import read_all
from clinic_scheduler.domain.forecast.earliest_date import cap_on, label_minimum, session_cap_on
from clinic_scheduler.domain.forecast.evaluation import evaluate, in_order
from clinic_scheduler.domain.forecast.exposures import (
    days_of,
    exposures_of,
    fits,
    of_product,
    units_counting,
)
from clinic_scheduler.domain.forecast.intervals import spoken
from clinic_scheduler.domain.forecast.judgements import EvaluationStatus
from clinic_scheduler.domain.forecast.values import (
    Course,
    Evaluation,
    Exposure,
    Forecast,
    GivenSession,
    Patient,
)
from clinic_scheduler.domain.protocols.indications import words_of
from clinic_scheduler.domain.protocols.products import brand_of
from clinic_scheduler.domain.visits.check_texts import objections
from clinic_scheduler.domain.visits.override_reasons import CARRIED_OVER
from clinic_scheduler.domain.visits.seen import mark_of

# Why a provider accepts a treatment that was given too soon; audited.
ACCEPT_REASONS = {
    code: CARRIED_OVER[code] for code in ("provider_decision", "payer_approved", "record_correction")
}
VOID_REASONS = {
    "wrong_patient": "Recorded for the wrong patient",
    "wrong_course": "Recorded under the wrong course",
    "wrong_details": "Date, units, product or lot were wrong",
    "entered_twice": "Entered twice",
    "was_not_given": "It was not given after all",
}
_DATES = ("earliest_date", "due_date", "overdue_date", "lapse_date")
# A plan over the cap says nothing here: what was really given is held against the cap.
_WARNED_OF = BLOCKS - {Against.CAP_EXCEEDED}


@dataclass(frozen=True, slots=True)
class Stop:
    """Something to look at before a treatment is kept. `needs_provider`: one accepts it with a coded reason.

    `about` tells apart two that read alike.
    """

    code: str
    text: str
    rule: str
    needs_provider: bool = False
    about: str = ""

    @property
    def mark(self) -> str:
        """Changes with the words: what was seen for one date does not do for another."""
        return mark_of(self.code, self.about, self.text)


class StopsUnseen(Exception):
    """There are stops nobody has looked at, so nothing was recorded. `stops` are all of them."""

    def __init__(self, stops: Sequence[Stop], unseen: Sequence[Stop]) -> None:
        super().__init__("; ".join(stop.code for stop in unseen))
        self.stops = stops
        self.unseen = unseen


class Recorded(NamedTuple):
    """When a treatment was written down, on the clinic's wall, and by whom where that is known."""

    on: date
    at: time
    by: str | None


@dataclass(frozen=True, slots=True)
class Reevaluated:
    """Another treatment whose judgement changed: (evaluation, days late) before and after."""

    treatment_id: int
    course_id: int
    given_on: date
    before: tuple[str, int]
    after: tuple[str, int]


@dataclass(frozen=True, slots=True)
class Moved:
    """A date of a course that changed. `name` is the forecast's field."""

    course_id: int
    name: str
    before: date
    after: date


def stops_on(
    patient: Patient,
    courses: Sequence[Course],
    sessions: Iterable[GivenSession],
    given: GivenSession,
    vials: Sequence[tuple[str, date | None]],
    recorded: Mapping[str | int, Recorded],
) -> list[Stop]:
    """Soft stops for `given`, not kept yet, among the patient's kept `sessions`; `vials` are (lot, expiry).

    `courses` are all of the patient's, so that what was given under another one is not hidden. `recorded` is when
    each session was written down, by its id.
    """
    course = next(each for each in courses if each.id == given.course_id)
    before = in_order(sessions, given.given_on)
    exposures = exposures_of(before, {each.id: each.protocol.indication for each in courses})
    stops = [
        *_product(course, given),
        *_expired(given, vials),
        *_same_day(course, courses, before, given, recorded),
    ]
    if given.units == 0:
        return stops
    exposed_on = days_of(exposures, course.protocol.indication)
    evaluated = evaluate(
        patient, course, [*(s for s in before if s.course_id == course.id), given], exposed_on
    )
    last = max((day for day in exposed_on if day < given.given_on), default=None)
    return [
        *stops,
        *_too_soon(patient, course, last, evaluated.evaluations[-1]),
        *_cap(patient, course, exposures, given),
        *_session_cap(patient, course, before, given),
        *_against_the_day(patient, courses, before, given),
    ]


def _product(course: Course, given: GivenSession) -> list[Stop]:
    if given.product == course.product:
        return []
    product = given.product or "Another product"
    own, other = brand_of(course.product), brand_of(product)
    text = f"{other} is not this course's product, {own}: units do not convert, and it starts no cycle"
    return [Stop("other_product", text, "DD-8")]


def _expired(given: GivenSession, vials: Sequence[tuple[str, date | None]]) -> list[Stop]:
    return [
        Stop(
            "lot_expired",
            f"Lot {lot} expired on {spoken(expires_on)}: it is kept, and starts no cycle",
            "DD-8",
        )
        for lot, expires_on in vials
        if expires_on is not None and expires_on < given.given_on
    ]


def _same_day(
    course: Course,
    courses: Sequence[Course],
    before: Sequence[GivenSession],
    given: GivenSession,
    recorded: Mapping[str | int, Recorded],
) -> Iterator[Stop]:
    """Each row of that day under this course or another of the same indication: entered twice, or more was given."""
    alike = {each.id for each in courses if each.protocol.indication == course.protocol.indication}
    for twin in before:
        if twin.given_on != given.given_on or twin.course_id not in alike:
            continue
        text = f"{twin.units:g} U were recorded for this day{_written_down(twin, recorded.get(twin.id))}"
        if twin.course_id == course.id:
            text += ". If more was given, record that too: both are one visit"
        else:
            text += ", under another course"
        yield Stop("same_day", text, "DD-8", about=str(twin.id))


def _written_down(twin: GivenSession, recorded: Recorded | None) -> str:
    """at 10:02 by Dana Whitfield; with the day where that is another one."""
    if recorded is None:
        return ""
    on = "" if recorded.on == twin.given_on else f" on {spoken(recorded.on)}"
    by = f" by {recorded.by}" if recorded.by else ""
    return f"{on} at {recorded.at:%H:%M}{by}"


def _against_the_day(
    patient: Patient, courses: Sequence[Course], before: Sequence[GivenSession], given: GivenSession
) -> Iterator[Stop]:
    """What would have stood against a visit on that day, but for what was overridden for the visit by name."""
    read = read_all(patient, courses, before, given.given_on)
    dates, facts = next(each for each in read if each[0].id == given.course_id)
    course = facts.course
    overridden = course.booked_override if course.booked_on == given.given_on else ()
    for objection in objections(facts, given.given_on, dates.because[0]):
        if objection.name in _WARNED_OF and objection.name not in overridden:
            yield Stop(objection.name, objection.text.removesuffix("."), "DD-9")


def _too_soon(patient: Patient, course: Course, last: date | None, evaluated: Evaluation) -> list[Stop]:
    if last is None:
        return []
    since = f"{(evaluated.given_on - last).days} days after {spoken(last)}"
    stops = []
    if evaluated.evaluation == EvaluationStatus.TOO_SOON:
        longer = label_minimum(patient, course.label, last)
        shortest = (longer or course.protocol.absolute_minimum_interval).words()
        text = f"Too soon: {since}; the shortest interval is {shortest}. A provider has to accept it"
        stops.append(Stop("too_soon", text, "DD-8", needs_provider=True))
    if evaluated.payer_too_soon and course.payer_minimum_interval is not None:
        shortest = course.payer_minimum_interval.words()
        text = f"Too soon for the payer: {since}; the payer's shortest interval is {shortest}"
        stops.append(Stop("payer_too_soon", text, "DD-8"))
    return stops


def _cap(patient: Patient, course: Course, exposures: Sequence[Exposure], given: GivenSession) -> list[Stop]:
    if given.product != course.product:
        return []
    cap = cap_on(patient, course, given.given_on)
    if cap is None:
        return []
    window = course.label.product.unit_cap_window
    units = given.units or 0
    earlier = units_counting(of_product(exposures, course.product), window, given.given_on)
    if fits(units + earlier, cap):
        return []
    text = f"{units:g} U and {earlier:g} U in the {window.words()} before are over the cap of {cap:g} U"
    return [Stop("over_cap", text, "DD-3c")]


def _session_cap(
    patient: Patient, course: Course, before: Sequence[GivenSession], given: GivenSession
) -> list[Stop]:
    """Rows of one day are one visit, so what was recorded for the day under the course counts with it."""
    cap = session_cap_on(patient, course, given.given_on)
    if cap is None or given.product != course.product:
        return []
    that_day = (s.units or 0 for s in before if s.course_id == course.id and s.given_on == given.given_on)
    units = sum(that_day, given.units or 0)
    if fits(units, cap):
        return []
    text = (
        f"{units:g} U in one visit are over the label's {cap:g} U for {words_of(course.indication).lower()}"
    )
    return [Stop("over_session_cap", text, "DD-3c")]


def reevaluated(before: Iterable[Forecast], after: Iterable[Forecast], but: int) -> list[Reevaluated]:
    """Treatments, all `but` that one, which two forecasts of one patient judge differently, the oldest first."""
    old = {e.id: e for forecast in before for e in forecast.sessions}
    found = []
    for forecast in after:
        for new in forecast.sessions:
            was = old.get(new.id)
            if was is None or new.id == but or _evaluation(was) == _evaluation(new):
                continue
            found.append(
                Reevaluated(int(new.id), int(forecast.id), new.given_on, _evaluation(was), _evaluation(new))
            )
    return sorted(found, key=lambda row: (row.given_on, row.treatment_id))


def moved(before: Iterable[Forecast], after: Iterable[Forecast]) -> list[Moved]:
    """Dates of one patient's courses that differ between two forecasts."""
    old = {forecast.id: forecast for forecast in before}
    return [
        Moved(int(new.id), name, getattr(old[new.id], name), getattr(new, name))
        for new in after
        for name in _DATES
        if getattr(old[new.id], name) != getattr(new, name)
    ]


def _evaluation(evaluation: Evaluation) -> tuple[EvaluationStatus, int]:
    return evaluation.evaluation, evaluation.days_late
