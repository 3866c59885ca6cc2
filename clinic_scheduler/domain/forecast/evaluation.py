"""DD-8: evaluating what was given, session by session."""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from clinic_scheduler.domain.forecast.earliest_date import label_minimum, minimum_after
from clinic_scheduler.domain.forecast.intervals import add
from clinic_scheduler.domain.forecast.judgements import EvaluationStatus
from clinic_scheduler.domain.forecast.values import Course, Evaluation, GivenSession, Patient

_SUBSTANDARD_OUTCOMES = ("partial", "aborted")


@dataclass(slots=True)
class History:
    """What a course's sessions come to: DD-2's references and each session's judgement.

    `reference_units` are those of the last satisfying day, all its satisfying sessions together.
    """

    evaluations: tuple[Evaluation, ...]
    cycles_given: int
    exposure: date | None
    reference: date | None
    reference_units: float | None


def in_order(sessions: Iterable[GivenSession], as_of: date) -> list[GivenSession]:
    """Sessions up to `as_of` by date, then id; ids of one kind compare among themselves."""
    known = [session for session in sessions if session.given_on <= as_of]
    known.sort(key=lambda s: (s.given_on, isinstance(s.id, str), s.id))
    return known


def evaluate(
    patient: Patient, course: Course, sessions: Iterable[GivenSession], exposed_on: Sequence[date]
) -> History:
    """Judge the course's own `sessions`, in order (see in_order).

    `exposed_on`: the patient's days of exposure for the course's indication, under any course or elsewhere, in
    order. Rows of one day are one visit: none of them is earlier than the others.
    """
    reference: date | None = None  # on an earlier day than the session looked at
    latest: date | None = None
    latest_units: float | None = None
    evaluations, cycles_given = [], 0
    payer = course.payer_minimum_interval
    for session in sessions:
        given_on = session.given_on
        if latest is not None and latest < given_on:
            reference = latest
        earlier = bisect_left(exposed_on, given_on)
        exposure = exposed_on[earlier - 1] if earlier else None
        word, satisfies, days_late = _evaluate(patient, course, session, exposure, reference)
        is_exposure = session.units != 0
        payer_too_soon = (
            payer is not None and is_exposure and exposure is not None and given_on < add(exposure, payer)
        )
        evaluations.append(
            Evaluation(session.id, given_on, word, satisfies, is_exposure, days_late, payer_too_soon)
        )
        if satisfies:
            another_row = given_on == latest
            units = session.units or 0
            latest_units = units + (latest_units or 0) if another_row else units
            cycles_given += not another_row
            latest = given_on
    exposure = exposed_on[-1] if exposed_on else None
    return History(tuple(evaluations), cycles_given, exposure, latest, latest_units)


def _evaluate(
    patient: Patient, course: Course, session: GivenSession, exposure: date | None, reference: date | None
) -> tuple[EvaluationStatus, bool, int]:
    """(evaluation, satisfies, days_late), first match wins."""
    given_on, protocol = session.given_on, course.protocol
    if session.units == 0:
        return EvaluationStatus.NOT_GIVEN, False, 0
    # A lot may be used through its expiry date.
    expires_on = session.lot_expires_on
    if session.outcome in _SUBSTANDARD_OUTCOMES or (expires_on is not None and expires_on < given_on):
        return EvaluationStatus.SUBSTANDARD, False, 0
    if session.product != course.product:
        return EvaluationStatus.WRONG_PRODUCT, False, 0
    if session.kind == "touch_up":
        return EvaluationStatus.TOUCH_UP, False, 0
    if exposure is None:
        return EvaluationStatus.VALID, True, 0
    longer = label_minimum(patient, course.label, exposure)
    if given_on < add(exposure, protocol.absolute_minimum_interval) or (
        longer is not None and given_on < add(exposure, longer)
    ):
        return EvaluationStatus.TOO_SOON, True, 0
    if given_on < add(exposure, protocol.minimum_interval):
        return EvaluationStatus.GRACE, True, 0
    if reference is None or given_on <= add(reference, protocol.latest_recommended_interval):
        return EvaluationStatus.VALID, True, 0
    days_late = (given_on - _last_on_time(patient, course, exposure, reference)).days
    if days_late > 0:
        return EvaluationStatus.LATE, True, days_late
    return EvaluationStatus.VALID, True, 0


def _last_on_time(patient: Patient, course: Course, exposure: date, reference: date) -> date:
    """The last day on which a session is not late: nobody is late for what the floors or the plan put off."""
    protocol = course.protocol
    grace = protocol.grace_after_due
    target, floor = reference, minimum_after(patient, course, exposure).ends_on
    if course.personal_interval is not None:
        target = add(reference, course.personal_interval)
    return max(add(reference, protocol.latest_recommended_interval), add(max(target, floor), grace))
