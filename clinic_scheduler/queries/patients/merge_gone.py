"""Merging when one record says the patient died or moved away: what in the other record speaks against it.

Merging calls nothing off, so a visit still ahead, or an injection given after that day, is dealt with first.
"""

from collections.abc import Iterator, Sequence
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from clinic_scheduler.domain.forecast.intervals import spoken
from clinic_scheduler.domain.visits.kinds_and_states import HELD_STATES
from clinic_scheduler.models import Appointment, Patient, Treatment
from clinic_scheduler.queries.patients.merge_outcome import MergeOutcome

_SAYS = {"deceased_on": "the patient has died", "moved_on": "the patient moved away"}


def gone_against(session: Session, outcome: MergeOutcome, keep: Patient, lose: Patient) -> list[str]:
    """Whole reasons not to merge, of each record that does not itself say so of the day that would stay."""
    reasons: list[str] = []
    for column, says in _SAYS.items():
        day = outcome.columns[column].value
        for row in (keep, lose):
            if day is not None and getattr(row, column) != day:
                against = [*_visits(session, row.id), *_treatments(session, row.id, column, day)]
                reasons += [
                    f"one record says that {says} ({spoken(day)}), the one with the MRN {row.mrn} has {what}; "
                    "correct one of the two first"
                    for what in against
                ]
    return reasons


def spoken_visit(visit: Appointment) -> str:
    return f"{spoken(visit.local_date)} {visit.local_time:%H:%M}"


def _visits(session: Session, patient_id: int) -> Iterator[str]:
    open_visits = select(Appointment).where(
        Appointment.patient_id == patient_id, Appointment.state.in_(HELD_STATES)
    )
    for visit in session.scalars(open_visits.order_by(Appointment.starts_at)):
        yield f"a visit on {spoken_visit(visit)}"


def _treatments(session: Session, patient_id: int, column: str, day: date) -> Iterator[str]:
    """A day that is a guess is the last possible one, and says nothing. Who moved may be treated elsewhere."""
    given = select(Treatment.given_on).where(
        Treatment.patient_id == patient_id,
        Treatment.given_on > day,
        Treatment.voided_at.is_(None),
        Treatment.is_approximate.is_(False),
    )
    if column == "moved_on":
        given = given.where(Treatment.course_id.is_not(None))
    latest: Sequence[date] = session.scalars(given.order_by(Treatment.given_on.desc()).limit(1)).all()
    for given_on in latest:
        yield f"a treatment on {spoken(given_on)}"
