"""DD-3: the floors under the earliest date: interval, other courses, and the cumulative cap."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from clinic_scheduler.domain.intervals import add, age_on, spoken
from clinic_scheduler.domain.protocols import ADULT_AGE
from clinic_scheduler.domain.values import Course, Patient, Reason, Session

# What sums of binary fractions may lose, in units; far below any dose.
_BINARY_DUST = 1e-6


@dataclass(slots=True)
class Floor:
    """The earliest date, why, and whether the plan can never fit under the cap."""

    day: date
    reason: Reason
    plan_over_cap: bool = False


def earliest(
    patient: Patient, course: Course, history: Sequence[Session], exposure: date | None, planned: float
) -> Floor:
    """DD-3 over all of the patient's sessions in `history`; `exposure` is the course's latest (DD-2)."""
    floor = _interval_floor(course, exposure)
    shared = _shared_floor(course, history)
    if shared is not None and shared.day > floor.day:
        floor = shared
    return _cap_floor(patient, course, history, planned, floor)


def cap_on(patient: Patient, course: Course, day: date) -> float | None:
    """Units allowed in one window on `day`; None for a minor without a weight (the cap cannot be known)."""
    protocol = course.protocol
    if age_on(patient.birth_date, day) >= ADULT_AGE:
        return protocol.unit_cap
    if patient.weight_kg is None:
        return None
    return min(protocol.paediatric_units_per_kg * patient.weight_kg, protocol.paediatric_unit_cap)


def units_in_window(course: Course, history: Sequence[Session], day: date) -> float:
    """Units of the course's own product in (day - window, day]; one exactly a window old has rolled off.

    `history` is in order of date, so the search goes back from the latest and ends at the first that is too old.
    """
    window = course.protocol.unit_cap_window
    units: float = 0
    for session in reversed(history):
        if session.given_on > day:
            continue
        if day >= add(session.given_on, window):
            break
        if session.product == course.product:
            units += session.units
    return units


def fits(units: float, cap: float) -> bool:
    """Whether `units` stay within `cap`, both as written: 10 U/kg x 24.49 kg allows 244.9 U."""
    return units <= cap + _BINARY_DUST


def _interval_floor(course: Course, exposure: date | None) -> Floor:
    if exposure is None:
        reason = _reason(
            "DD-3", f"the course starts on {spoken(course.started_on)}", "the course", course.started_on
        )
        return Floor(course.started_on, reason)
    protocol = course.protocol
    interval, source = protocol.minimum_interval, protocol.sources["minimum_interval"]
    day = add(exposure, interval)
    if course.payer_minimum_interval is not None:
        payer_day = add(exposure, course.payer_minimum_interval)
        if payer_day > day:
            day, interval, source = payer_day, course.payer_minimum_interval, "the payer's minimum interval"
    return Floor(
        day, _reason("DD-3a", f"{interval.words()} after {spoken(exposure)}", source, exposure, interval.text)
    )


def _shared_floor(course: Course, history: Sequence[Session]) -> Floor | None:
    interval = course.protocol.shared_minimum_interval
    if interval is None:
        return None
    other = max((s.given_on for s in history if s.course_id != course.id and s.units > 0), default=None)
    if other is None:
        return None
    text = f"{interval.words()} after {spoken(other)}, given outside this course"
    source = course.protocol.sources["shared_minimum_interval"]
    return Floor(add(other, interval), _reason("DD-3b", text, source, other, interval.text))


def _cap_floor(
    patient: Patient, course: Course, history: Sequence[Session], planned: float, floor: Floor
) -> Floor:
    """The first day on or after `floor` with room for the plan.

    Room can only open on the floor itself, when an exposure rolls off, or on the 18th birthday, so only those
    days are looked at.
    """
    cap = cap_on(patient, course, floor.day)
    if cap is None:
        return floor
    if not fits(planned, cap):
        return Floor(floor.day, floor.reason, plan_over_cap=True)
    if fits(planned + units_in_window(course, history, floor.day), cap):
        return floor
    for day in _days_room_may_open(patient, course, history, floor.day):
        cap = cap_on(patient, course, day)
        if cap is not None and fits(planned + units_in_window(course, history, day), cap):
            return Floor(day, _cap_reason(patient, course, day, planned, cap))
    # A clinic's own caps may be lower for adults than for minors; then the plan never fits.
    return Floor(floor.day, floor.reason, plan_over_cap=True)


def _days_room_may_open(
    patient: Patient, course: Course, history: Sequence[Session], after: date
) -> list[date]:
    window = course.protocol.unit_cap_window
    days = {add(s.given_on, window) for s in history if s.product == course.product}
    birth = patient.birth_date
    # 29 February turns eighteen on 1 March, where age_on counts the year as completed.
    leap_day = birth.month == 2 and birth.day == 29
    days.add(date(birth.year + ADULT_AGE, 3, 1) if leap_day else birth.replace(year=birth.year + ADULT_AGE))
    return sorted(day for day in days if day > after)


def _cap_reason(patient: Patient, course: Course, day: date, planned: float, cap: float) -> Reason:
    window, sources = course.protocol.unit_cap_window, course.protocol.sources
    adult = age_on(patient.birth_date, day) >= ADULT_AGE
    source = sources["unit_cap"] if adult else sources["paediatric_unit_cap"]
    text = f"first day on which {planned:g} U planned and the units of the {window.words()} before fit in {cap:g} U"
    inputs: dict[str, str | float | None] = {"planned_units": planned, "cap": cap, "window": window.text}
    return Reason("earliest_date", "DD-3c", text, source, inputs)


def _reason(rule: str, text: str, source: str, day: date, interval: str | None = None) -> Reason:
    inputs: dict[str, str | float | None] = {"from": day.isoformat(), "interval": interval}
    return Reason("earliest_date", rule, text, source, inputs)
