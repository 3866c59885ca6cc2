"""Why a course's patient is told nothing of a kind: their wish, the course's end, the clinic's switch, the cycle."""

from datetime import date

from clinic_scheduler.domain.messaging.consent import silence
from clinic_scheduler.domain.messaging.dispatch_key import DispatchKey
from clinic_scheduler.domain.messaging.kinds import KINDS, VISIT_CANCELLED
from clinic_scheduler.domain.messaging.suppression_reasons import SuppressionReason
from clinic_scheduler.domain.visits.kinds_and_states import OTHER_KINDS
from clinic_scheduler.models import Course, Patient


def silenced(course: Course, kind: str, visit_kind: str | None) -> SuppressionReason | None:
    """Why nothing of this kind, about a visit of that kind, may be told about this course; None where it may."""
    return wished_silent(course.patient) or stopped(course.stopped_on, kind, visit_kind)


def wished_silent(patient: Patient) -> SuppressionReason | None:
    """Why nothing at all is told to the patient."""
    return silence(patient.deceased_on, patient.moved_on, patient.do_not_contact)


def stopped(
    stopped_on: date | None, kind: str = "", visit_kind: str | None = None
) -> SuppressionReason | None:
    """Why the course's end silences this kind of notification, about a visit of that kind where it is about one.

    That a visit is off must still be heard by whoever had it; and whoever is seen once the course has ended is told
    of that visit like anybody.
    """
    heard = kind == VISIT_CANCELLED or visit_kind in OTHER_KINDS
    return SuppressionReason.COURSE_STOPPED if stopped_on is not None and not heard else None


def switched_off(reminders_off: str, kind: str) -> SuppressionReason | None:
    """Why this kind is told to nobody, or None while the clinic has it switched on."""
    return SuppressionReason.SWITCHED_OFF if kind in reminders_off.split() else None


def cycle_over(reference_on: date | None, kind: str, key: DispatchKey) -> bool:
    """Whether a treatment, or taking one out, has ended the cycle a reminder was planned for."""
    return KINDS[kind].is_planned and key.cycle not in ("", cycle_from(reference_on))


def cycle_from(reference_on: date | None) -> str:
    """The name of the cycle that a treatment on this day began, as dedupe keys have it."""
    return reference_on.isoformat() if reference_on else "first"
