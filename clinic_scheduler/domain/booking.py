"""DD-11: what must hold for a visit on a day, as a list of checks a person can read."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from clinic_scheduler.domain.floors import cap_on, fits, units_in_window
from clinic_scheduler.domain.intervals import spoken
from clinic_scheduler.domain.status import authorized_on, on_hold
from clinic_scheduler.domain.values import Course, Forecast, Patient, Session

# Why a provider may book before the earliest date; kept with the visit and audited.
OVERRIDE_REASONS = {
    "provider_decision": "Provider's clinical decision, documented in the chart",
    "payer_approved": "Payer approved the earlier date in writing",
    "record_correction": "The earlier treatment was recorded on a wrong date",
    "dose_adjusted": "Dose adjusted so that the cap holds",
}
CANCEL_REASONS = {
    "patient_asked": "Patient asked",
    "clinic_asked": "Clinic asked",
    "illness": "Illness",
    "authorization": "Authorization not in place",
    "no_longer_needed": "No longer needed",
    "booked_in_error": "Booked in error",
    "patient_deceased": "Patient has died",
    "patient_moved": "Patient moved away",
}
# These follow from what is said of the patient; nobody chooses them for a single visit.
REASONS_THAT_FOLLOW = frozenset({"patient_deceased", "patient_moved"})


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the booking panel.

    `stop` says what a failed one does: 'hard' refuses, 'override' needs a provider's coded reason, 'soft' warns.
    """

    code: str
    ok: bool
    text: str
    rule: str
    stop: str


def checks_on(
    patient: Patient, course: Course, history: Sequence[Session], forecast: Forecast, day: date, today: date
) -> list[Check]:
    """Every check for a visit of `course` on `day`, failed ones and good ones alike."""
    return [
        _open(forecast, day, today),
        _interval(forecast, day),
        _window(forecast, day),
        _cap(patient, course, history, forecast, day),
        _authorization(course, day),
        _hold(course, day),
    ]


def days_over_cap(
    patient: Patient, course: Course, history: Sequence[Session], planned: float, days: Iterable[date]
) -> frozenset[date]:
    """Those of `days` on which what was given leaves no room for the plan; none where the cap is unknown."""
    over = set()
    for day in days:
        cap = cap_on(patient, course, day)
        given = units_in_window(course, history, day)
        if cap is not None and given and not fits(planned + given, cap):
            over.add(day)
    return frozenset(over)


def _open(forecast: Forecast, day: date, today: date) -> Check:
    if forecast.timing == "closed":
        return Check(
            "course_open", False, "This course is closed; nothing can be booked under it", "DD-9", "hard"
        )
    if day < today:
        return Check("course_open", False, f"{spoken(day)} is in the past", "DD-11", "hard")
    return Check("course_open", True, "The course is open", "DD-9", "hard")


def _interval(forecast: Forecast, day: date) -> Check:
    earliest = forecast.because[0]
    ok = day >= forecast.earliest_date
    text = f"Earliest date is {spoken(forecast.earliest_date)}: {earliest.text} ({earliest.rule})"
    return Check("interval", ok, text, earliest.rule, "override")


def _window(forecast: Forecast, day: date) -> Check:
    last = date.fromordinal(forecast.overdue_date.toordinal() - 1)
    if day > last:
        return Check("window", False, f"After {spoken(last)}, the last on-time day", "DD-5", "soft")
    return Check("window", True, f"On time through {spoken(last)}", "DD-5", "soft")


def _cap(
    patient: Patient, course: Course, history: Sequence[Session], forecast: Forecast, day: date
) -> Check:
    cap = cap_on(patient, course, day)
    if cap is None:
        return Check("cap", False, "A current weight is needed to check the cap", "DD-3c", "soft")
    planned, given = forecast.planned_units, units_in_window(course, history, day)
    window = course.protocol.unit_cap_window.words()
    text = f"{planned:g} U planned and {given:g} U in the {window} before, cap {cap:g} U"
    return Check("cap", fits(planned + given, cap), text, "DD-3c", "override" if given else "soft")


def _authorization(course: Course, day: date) -> Check:
    if not course.authorization_required:
        return Check("authorization", True, "No authorization needed", "DD-9", "soft")
    if authorized_on(course, day):
        return Check("authorization", True, f"Authorized on {spoken(day)}", "DD-9", "soft")
    return Check(
        "authorization", False, f"No authorization with visits left covers {spoken(day)}", "DD-9", "soft"
    )


def _hold(course: Course, day: date) -> Check:
    hold = next((h for h in course.holds if on_hold(h, day)), None)
    if hold is None:
        return Check("hold", True, "Not on hold", "DD-9", "soft")
    return Check("hold", False, f"On hold that day: {hold.reason or 'no reason given'}", "DD-9", "soft")
