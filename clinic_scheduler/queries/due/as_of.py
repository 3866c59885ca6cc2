"""The due list as it stood on a day: what was given after it is left out, and blocks and bookings are that day's."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date

from sqlalchemy import CompoundSelect, select, union
from sqlalchemy.orm import Session

from clinic_scheduler.domain.forecast.judgements import Bucket
from clinic_scheduler.domain.forecast.status import stored_booking
from clinic_scheduler.domain.forecast.values import Forecast
from clinic_scheduler.models import Course, Treatment
from clinic_scheduler.queries.courses.histories import patient_histories
from clinic_scheduler.queries.due.rows import DueRow, due_rows, rows_of

BATCH = 500


def due_rows_as_of(
    session: Session, clinic_id: int, as_of: date, today: date, *, provider_id: int | None = None
) -> list[DueRow]:
    """Every course that was listed. For `today` the kept dates serve, unless a day has turned for somebody or they
    were treated later; for any other day everybody is computed again.
    """
    if as_of == today:
        rows = due_rows(session, clinic_id, today, provider_id=provider_id)
        patients = sorted(session.scalars(_unkept(clinic_id, today)))
    else:
        everybody = select(Course.patient_id).where(Course.clinic_id == clinic_id)
        rows, patients = [], sorted(session.scalars(everybody.distinct()))
    if not patients:
        return rows
    known = set(patients)
    computed = _computed(session, patients, as_of, provider_id)
    every = [*(row for row in rows if row.patient_id not in known), *computed]
    return sorted(every, key=lambda row: (row.overdue_date, row.due_date, row.course_id))


def _unkept(clinic_id: int, today: date) -> CompoundSelect[int]:
    """Patients whose rows do not say how they stand today: treated later, or read otherwise since a day began."""
    return union(
        select(Treatment.patient_id).where(
            Treatment.clinic_id == clinic_id, Treatment.given_on > today, Treatment.voided_at.is_(None)
        ),
        select(Course.patient_id).where(Course.clinic_id == clinic_id, Course.turns_on <= today),
    )


def _computed(
    session: Session, patients: Sequence[int], as_of: date, provider_id: int | None
) -> Iterator[DueRow]:
    for start in range(0, len(patients), BATCH):
        forecasts: dict[int, Forecast] = {}
        for history in patient_histories(session, patients[start : start + BATCH]).values():
            read = history.read(as_of)
            forecasts |= {row.id: read[row.id][0] for row in history.course_rows}
        listed = [key for key, dates in forecasts.items() if dates.bucket != Bucket.CLOSED]
        for row in rows_of(session, as_of, listed):
            if provider_id in (None, row.provider_id):
                yield _as_it_stood(row, forecasts[row.course_id])
        session.expunge_all()


def _as_it_stood(row: DueRow, dates: Forecast) -> DueRow:
    return replace(
        row,
        reference=dates.reference,
        earliest_date=dates.earliest_date,
        due_date=dates.due_date,
        overdue_date=dates.overdue_date,
        lapse_date=dates.lapse_date,
        timing=dates.timing,
        blocks=dates.blocks,
        booking=stored_booking(dates.timing, dates.booking),
        bucket=dates.bucket,
    )
