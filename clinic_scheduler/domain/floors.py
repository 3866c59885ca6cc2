"""DD-3: the floors under the earliest date: interval, other indications, and the cumulative cap."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from clinic_scheduler.domain.exposures import counting, fits, of_product, units_counting
from clinic_scheduler.domain.intervals import add, age_on, birthday, spoken
from clinic_scheduler.domain.protocols import ADULT_AGE
from clinic_scheduler.domain.values import Course, Exposure, Patient, Reason


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
    exposure: date | None,
    planned: float | None,
) -> Floor:
    """DD-3 over all of the patient's `exposures`, in order; `exposure` is the indication's latest (DD-2)."""
    floor = _interval_floor(course, exposure)
    shared = _shared_floor(course, exposures)
    if shared is not None and shared.day > floor.day:
        floor = shared
    return floor if planned is None else _cap_floor(patient, course, exposures, planned, floor)


def cap_on(patient: Patient, course: Course, day: date) -> float | None:
    """Units of the course's product allowed in one window, at the age on `day`; None where no cap is known.

    For a minor without a weight the figure in U per kg is skipped; the fixed one still holds.
    """
    protocol = course.protocol
    if age_on(patient.birth_date, day) >= ADULT_AGE:
        return protocol.unit_cap
    if patient.weight_kg is None:
        return protocol.paediatric_unit_cap
    return min(protocol.paediatric_units_per_kg * patient.weight_kg, protocol.paediatric_unit_cap)


def _interval_floor(course: Course, exposure: date | None) -> Floor:
    """DD-3a, or the course's start where that is later."""
    if exposure is None:
        return _start(course)
    protocol = course.protocol
    interval, source, payer = protocol.minimum_interval, protocol.sources["minimum_interval"], False
    day = add(exposure, interval)
    if course.payer_minimum_interval is not None:
        payer_day = add(exposure, course.payer_minimum_interval)
        if payer_day > day:
            day, interval, source = payer_day, course.payer_minimum_interval, "the payer's minimum interval"
            payer = True
    if course.started_on > day:
        return _start(course)
    text = f"{interval.words()} after {spoken(exposure)}"
    reason = _reason("DD-3a", text, source, exposure, interval.text)
    if payer:
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
    cap = cap_on(patient, course, floor.day)
    if cap is None:
        return floor
    if not fits(planned, cap):
        return Floor(floor.day, floor.reason, floor.day, plan_over_cap=True)
    own, window = of_product(exposures, course.product), course.protocol.unit_cap_window
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
    window = course.protocol.unit_cap_window
    later = {e.given_on for e in own if e.given_on > day}
    grown_up = birthday(patient.birth_date, ADULT_AGE)
    if grown_up > day and counting(own, window, grown_up):
        later.add(grown_up)
    return all(_fits_on(patient, course, own, planned, each) for each in (day, *later))


def _fits_on(patient: Patient, course: Course, own: Sequence[Exposure], planned: float, day: date) -> bool:
    cap = cap_on(patient, course, day)
    return cap is None or fits(planned + units_counting(own, course.protocol.unit_cap_window, day), cap)


def _days_room_may_open(patient: Patient, course: Course, own: Sequence[Exposure], after: date) -> list[date]:
    """Where an exposure rolls off, and the 18th birthday."""
    window = course.protocol.unit_cap_window
    days = {add(e.given_on, window) for e in own} | {birthday(patient.birth_date, ADULT_AGE)}
    return sorted(day for day in days if day > after)


def _cap_reason(
    patient: Patient, course: Course, own: Sequence[Exposure], day: date, planned: float
) -> Reason:
    """`from` is the exposure that no longer counts from `day` on; None on the birthday on which the cap changes."""
    window, sources = course.protocol.unit_cap_window, course.protocol.sources
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
