"""DD-3: the floors under the earliest date: interval, other indications, and the cumulative cap."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from clinic_scheduler.domain.forecast.exposures import counting, days_of, fits, of_product, units_counting
from clinic_scheduler.domain.forecast.intervals import Interval, add, age_on, birthday, spoken
from clinic_scheduler.domain.forecast.values import Course, Exposure, OpenVisit, Patient, Reason
from clinic_scheduler.domain.protocols.labels import ADULT_AGE, Label


@dataclass(slots=True)
class Floor:
    """The earliest date and why.

    `before_cap` is the floor date (DD-3c), on which the cap is judged; `plan_over_cap`: the plan alone never fits.
    """

    day: date
    reason: Reason
    before_cap: date
    plan_over_cap: bool = False


def earliest(
    patient: Patient,
    course: Course,
    exposures: Sequence[Exposure],
    planned: float | None,
) -> Floor:
    """DD-3 over all of the patient's `exposures`, in order."""
    floor = _interval_floor(patient, course, exposures)
    shared = _shared_floor(course, exposures)
    if shared is not None and shared.day > floor.day:
        floor = shared
    return floor if planned is None else _cap_floor(patient, course, exposures, planned, floor)


def cap_on(patient: Patient, course: Course, day: date) -> float | None:
    """Units of the course's product allowed in one window, at the age on `day`; None where no cap is known."""
    product = course.label.product
    return _cap_at(
        patient, day, product.unit_cap, product.paediatric_units_per_kg, product.paediatric_unit_cap
    )


def session_cap_on(patient: Patient, course: Course, day: date) -> float | None:
    """Most units of one session by the course's label, at the age on `day`; None where it gives none."""
    label = course.label
    return _cap_at(
        patient,
        day,
        label.session_cap,
        label.paediatric_session_units_per_kg,
        label.paediatric_session_cap,
    )


def _cap_at(
    patient: Patient, day: date, adult: float | None, per_kg: float | None, minor: float | None
) -> float | None:
    """Under 18 the lower of the figures there are; without any, the adults'.

    For a minor without a weight the figure in U per kg is skipped; the fixed one still holds.
    """
    if age_on(patient.birth_date, day) >= ADULT_AGE or (per_kg is None and minor is None):
        return adult
    figures = [] if minor is None else [minor]
    if per_kg is not None and patient.weight_kg is not None:
        figures.append(per_kg * patient.weight_kg)
    return min(figures, default=None)


def plan_over_cap(patient: Patient, course: Course, planned: float | None, day: date) -> bool:
    """Whether the plan alone is over the product's cap or the label's session cap on `day` (DD-3c)."""
    if planned is None:
        return False
    caps = (cap_on(patient, course, day), session_cap_on(patient, course, day))
    return any(cap is not None and not fits(planned, cap) for cap in caps)


class Minimum(NamedTuple):
    """An interval after a day, the first day it allows, and where it is from."""

    ends_on: date
    interval: Interval
    source: str
    by_payer: bool = False


def minimum_after(patient: Patient, course: Course, day: date) -> Minimum:
    """DD-3a: the longest of the protocol's minimum, the label's for the age on `day`, and the payer's."""
    longest = booking_floor(patient, course, day)
    payer = course.payer_minimum_interval
    if payer is not None and (ends_on := add(day, payer)) > longest.ends_on:
        return Minimum(ends_on, payer, "the payer's minimum interval", by_payer=True)
    return longest


def booking_floor(patient: Patient, treated: Course | OpenVisit, day: date) -> Minimum:
    """The protocol's minimum interval, or the label's for the age on `day` where that is longer."""
    protocol, label = treated.protocol, treated.label
    ends_on = add(day, protocol.minimum_interval)
    longer = label_minimum(patient, label, day)
    if longer is not None and (label_ends_on := add(day, longer)) > ends_on:
        return Minimum(label_ends_on, longer, label.sources["minimum_interval"])
    return Minimum(ends_on, protocol.minimum_interval, protocol.sources["minimum_interval"])


def label_minimum(patient: Patient, label: Label, day: date) -> Interval | None:
    """The label's own minimum for somebody of the age on `day`, where it has one."""
    # Most labels have none: no age is asked for.
    return label.minimum_interval and label.minimum_at(age_on(patient.birth_date, day))


def _interval_floor(patient: Patient, course: Course, exposures: Sequence[Exposure]) -> Floor:
    """DD-3a, or the course's start where that is later; an earlier exposure may count longer than the latest."""
    days = days_of(exposures, course.indication)
    if not days:
        return _start(course)
    if course.label.minimum_interval is None:
        # Without an age in it every minimum is the same, and the latest exposure decides.
        del days[:-1]
    exposure = max(days, key=lambda given_on: (minimum_after(patient, course, given_on).ends_on, given_on))
    day, interval, source, by_payer = minimum_after(patient, course, exposure)
    if course.started_on > day:
        return _start(course)
    text = f"{interval.words()} after {spoken(exposure)}"
    reason = _reason("DD-3a", text, source, exposure, interval.text)
    if by_payer:
        reason = reason._replace(inputs={**reason.inputs, "asked_by": "payer"})
    return Floor(day, reason, day)


def _start(course: Course) -> Floor:
    day = course.started_on
    return Floor(day, _reason("DD-3", f"the course starts on {spoken(day)}", "the course", day), day)


def _shared_floor(course: Course, exposures: Sequence[Exposure]) -> Floor | None:
    """DD-3b: after whatever was given for another indication, or for nobody knows what."""
    interval = course.protocol.shared_minimum_interval
    if interval is None:
        return None
    indication = course.protocol.indication
    other = max((e.given_on for e in exposures if e.indication != indication), default=None)
    if other is None:
        return None
    text = f"{interval.words()} after {spoken(other)}, given for something else"
    source = course.protocol.sources["shared_minimum_interval"]
    day = add(other, interval)
    return Floor(day, _reason("DD-3b", text, source, other, interval.text), day)


def _cap_floor(
    patient: Patient, course: Course, exposures: Sequence[Exposure], planned: float, floor: Floor
) -> Floor:
    """DD-3c: the first day on or after `floor` from which on the plan fits beside what still counts."""
    if plan_over_cap(patient, course, planned, floor.day):
        return Floor(floor.day, floor.reason, floor.day, plan_over_cap=True)
    if cap_on(patient, course, floor.day) is None:
        return floor
    own, window = of_product(exposures, course.product), course.label.product.unit_cap_window
    if not own or add(own[-1].given_on, window) <= floor.day:
        return floor
    if _fits_from(patient, course, own, planned, floor.day):
        return floor
    for day in _days_room_may_open(patient, course, own, floor.day):
        if _fits_from(patient, course, own, planned, day):
            return Floor(day, _cap_reason(patient, course, own, day, planned), floor.day)
    # A clinic's own caps may be lower for adults than for minors; then the plan never fits.
    return Floor(floor.day, floor.reason, floor.day, plan_over_cap=True)


def _fits_from(patient: Patient, course: Course, own: Sequence[Exposure], planned: float, day: date) -> bool:
    """Whether the plan fits on `day` and on every later one on which an exposure still counts.

    Units only rise when something was given, and the cap only changes on a birthday: those days decide.
    """
    window = course.label.product.unit_cap_window
    later = {e.given_on for e in own if e.given_on > day}
    grown_up = birthday(patient.birth_date, ADULT_AGE)
    if grown_up > day and counting(own, window, grown_up):
        later.add(grown_up)
    return all(_fits_on(patient, course, own, planned, each) for each in (day, *later))


def _fits_on(patient: Patient, course: Course, own: Sequence[Exposure], planned: float, day: date) -> bool:
    cap = cap_on(patient, course, day)
    return cap is None or fits(planned + units_counting(own, course.label.product.unit_cap_window, day), cap)


def _days_room_may_open(patient: Patient, course: Course, own: Sequence[Exposure], after: date) -> list[date]:
    """Where an exposure rolls off, and the 18th birthday."""
    window = course.label.product.unit_cap_window
    days = {add(e.given_on, window) for e in own} | {birthday(patient.birth_date, ADULT_AGE)}
    return sorted(day for day in days if day > after)


def _cap_reason(
    patient: Patient, course: Course, own: Sequence[Exposure], day: date, planned: float
) -> Reason:
    """`from` is the exposure that no longer counts from `day` on; None on the birthday on which the cap changes."""
    window, sources = course.label.product.unit_cap_window, course.label.product.sources
    cap = cap_on(patient, course, day)
    adult = age_on(patient.birth_date, day) >= ADULT_AGE
    source = sources["unit_cap"] if adult else sources["paediatric_unit_cap"]
    text = f"first day on which {planned:g} U planned and the units of the {window.words()} before fit in {cap:g} U"
    rolled_off = next((e.given_on for e in reversed(own) if add(e.given_on, window) == day), None)
    inputs: dict[str, str | float | None] = {
        "from": rolled_off.isoformat() if rolled_off else None,
        "planned_units": planned,
        "cap": cap,
        "window": window.text,
    }
    return Reason("earliest_date", "DD-3c", text, source, inputs)


def _reason(rule: str, text: str, source: str, day: date, interval: str | None = None) -> Reason:
    inputs: dict[str, str | float | None] = {"from": day.isoformat(), "interval": interval}
    return Reason("earliest_date", rule, text, source, inputs)
