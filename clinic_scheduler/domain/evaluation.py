"""DD-8: judging what was given, session by session."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from clinic_scheduler.domain.intervals import Interval, add
from clinic_scheduler.domain.values import Course, Evaluation, Session

_SUBSTANDARD_OUTCOMES = ("partial", "aborted")


@dataclass(slots=True)
class History:
    """What a course's sessions come to: DD-2's references and each session's judgement."""

    evaluations: tuple[Evaluation, ...]
    cycles_given: int
    course_exposure: date | None
    reference: date | None
    reference_units: float | None


def in_order(sessions: Iterable[Session], as_of: date) -> list[Session]:
    """Sessions up to `as_of` by date, then id; ids of one kind compare among themselves."""
    known = [session for session in sessions if session.given_on <= as_of]
    known.sort(key=lambda s: (s.given_on, isinstance(s.id, str), s.id))
    return known


def evaluate(course: Course, sessions: Iterable[Session]) -> History:
    """Judge the course's own `sessions`, which must come in order (see in_order)."""
    exposure: date | None = None
    reference: date | None = None
    reference_units: float | None = None
    evaluations, cycles_given = [], 0
    payer = course.payer_minimum_interval
    for session in sessions:
        given_on = session.given_on
        word, satisfies, days_late = _judge(course, session, exposure, reference)
        payer_too_soon = payer is not None and exposure is not None and given_on < add(exposure, payer)
        is_exposure = word != "not_given"
        evaluations.append(
            Evaluation(session.id, given_on, word, satisfies, is_exposure, days_late, payer_too_soon)
        )
        if is_exposure:
            exposure = given_on
        if satisfies:
            reference, reference_units = given_on, session.units
            cycles_given += 1
    return History(tuple(evaluations), cycles_given, exposure, reference, reference_units)


def _judge(
    course: Course, session: Session, exposure: date | None, reference: date | None
) -> tuple[str, bool, int]:
    """(evaluation, satisfies, days_late), first match wins."""
    given_on, protocol = session.given_on, course.protocol
    if session.units == 0:
        return "not_given", False, 0
    if session.outcome in _SUBSTANDARD_OUTCOMES or _expired(session):
        return "substandard", False, 0
    if session.product != course.product:
        return "wrong_product", False, 0
    if session.kind == "touch_up":
        return "touch_up", False, 0
    if exposure is None:
        return "valid", True, 0
    if given_on < add(exposure, protocol.absolute_minimum_interval):
        return "too_soon", True, 0
    if given_on < add(exposure, protocol.minimum_interval):
        return "grace", True, 0
    return _on_time_or_late(given_on, reference, protocol.latest_recommended_interval)


def _on_time_or_late(given_on: date, reference: date | None, latest: Interval) -> tuple[str, bool, int]:
    if reference is None:
        return "valid", True, 0
    last_on_time = add(reference, latest)
    return ("valid", True, 0) if given_on <= last_on_time else ("late", True, (given_on - last_on_time).days)


def _expired(session: Session) -> bool:
    """A lot may be used through its expiry date."""
    return session.lot_expires_on is not None and session.lot_expires_on < session.given_on
