"""The due list as it stood on a day: like due_list.py, but treatments given after that day are left out."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from clinic_scheduler.domain.due_dates import forecast_all
from clinic_scheduler.domain.values import Forecast
from clinic_scheduler.models import Treatment
from clinic_scheduler.queries.due_list import DueRow, due_rows
from clinic_scheduler.queries.histories import patient_histories

BATCH = 500


def due_rows_as_of(
    session: Session, clinic_id: int, as_of: date, *, provider_id: int | None = None
) -> list[DueRow]:
    """Every open course. The kept dates serve all but patients treated since `as_of`, who are computed again."""
    rows = due_rows(session, clinic_id, as_of, provider_id=provider_id)
    later = select(Treatment.patient_id).where(
        Treatment.clinic_id == clinic_id, Treatment.given_on > as_of, Treatment.voided_at.is_(None)
    )
    patients = sorted(set(session.scalars(later)))
    if not patients:
        return rows
    forecasts = _forecasts(session, patients, as_of)
    rows = [
        _as_it_stood(row, forecasts[row.course_id]) if row.course_id in forecasts else row for row in rows
    ]
    return sorted(rows, key=lambda row: (row.overdue_date, row.due_date, row.family_name, row.given_name))


def _forecasts(session: Session, patients: Sequence[int], as_of: date) -> dict[int, Forecast]:
    forecasts = {}
    for start in range(0, len(patients), BATCH):
        for history in patient_histories(session, patients[start : start + BATCH]).values():
            known = forecast_all(history.patient, history.courses, history.sessions, as_of)
            forecasts.update({row.id: dates for row, dates in zip(history.course_rows, known, strict=True)})
    return forecasts


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
        booking=dates.booking,
        bucket=dates.bucket,
    )
