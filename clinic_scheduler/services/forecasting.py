"""Keeping the forecast on the course rows, and the judgement on the treatments, true to their inputs."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from clinic_scheduler.domain.due_dates import forecast_all
from clinic_scheduler.domain.values import Evaluation, Forecast
from clinic_scheduler.models import Course, Patient, Treatment
from clinic_scheduler.models.columns import opaque_id
from clinic_scheduler.queries.histories import PatientHistory, patient_histories

# on_hold depends on the day it is asked, so it is judged when read and never stored.
_JUDGED_WHEN_READ = "on_hold"
_PUBLISHED = ("earliest_date", "due_date", "overdue_date")
BATCH = 200


def refresh(session: Session, patient_ids: Sequence[int], today: date, now: datetime) -> dict[int, Forecast]:
    """Recompute every course of these patients and write what changed. Returns forecasts by course id."""
    session.flush()
    forecasts: dict[int, Forecast] = {}
    for history in patient_histories(session, patient_ids).values():
        for row, forecast in _forecasts(history, today):
            _write(row, forecast, now)
            forecasts[row.id] = forecast
        _write_evaluations(history.treatment_rows, forecasts)
    return forecasts


def refresh_clinic(session: Session, clinic_id: int, today: date, now: datetime) -> None:
    """Recompute everybody at one clinic."""
    for ids in _patient_batches(session, clinic_id):
        refresh(session, ids, today, now)
        session.flush()


def differences(session: Session, clinic_id: int, today: date) -> Iterator[str]:
    """What refresh would change, in words without names; nothing is written. There should be none."""
    for ids in _patient_batches(session, clinic_id):
        for history in patient_histories(session, ids).values():
            for row, forecast in _forecasts(history, today):
                for name, value in _columns(forecast).items():
                    if getattr(row, name) != value:
                        yield f"course {row.id}: {name} is {getattr(row, name)}, should be {value}"
        session.expunge_all()


def _patient_batches(session: Session, clinic_id: int) -> Iterator[list[int]]:
    ids = list(session.scalars(select(Patient.id).where(Patient.clinic_id == clinic_id).order_by(Patient.id)))
    return (ids[start : start + BATCH] for start in range(0, len(ids), BATCH))


def _forecasts(history: PatientHistory, today: date) -> Iterator[tuple[Course, Forecast]]:
    forecasts = forecast_all(history.patient, history.courses, history.sessions, today)
    return zip(history.course_rows, forecasts, strict=True)


def _columns(forecast: Forecast) -> dict[str, object]:
    return {
        "cycles_given": forecast.cycles_given,
        "reference_on": forecast.reference,
        "earliest_date": forecast.earliest_date,
        "due_date": forecast.due_date,
        "overdue_date": forecast.overdue_date,
        "lapse_date": forecast.lapse_date,
        "blocks": " ".join(block for block in forecast.blocks if block != _JUDGED_WHEN_READ),
        "booked_on": forecast.booked_on,
        "booking": forecast.booking,
    }


def _write(row: Course, forecast: Forecast, now: datetime) -> None:
    columns = _columns(forecast)
    if row.reference_on != forecast.reference:
        # A new cycle: its window is a new event in calendars, not an edit of the last visit's.
        row.next_visit_uid, row.forecast_sequence = opaque_id(), 0
        row.forecast_changed_at = now
    elif any(getattr(row, name) != columns[name] for name in _PUBLISHED):
        row.forecast_sequence += 1
        row.forecast_changed_at = now
    for name, value in columns.items():
        setattr(row, name, value)


def _write_evaluations(rows: Sequence[Treatment], forecasts: dict[int, Forecast]) -> None:
    judged: dict[int | str, Evaluation] = {
        evaluation.id: evaluation for forecast in forecasts.values() for evaluation in forecast.sessions
    }
    for row in rows:
        evaluation = judged.get(row.id)
        row.evaluation = evaluation.evaluation if evaluation else None
        row.days_late = evaluation.days_late if evaluation else 0
        row.payer_too_soon = evaluation.payer_too_soon if evaluation else False
