"""Keeping the forecast on the course rows, and the judgement on the treatments, true to their inputs (DD-18)."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from types import SimpleNamespace

from sqlalchemy import select
from sqlalchemy.orm import Session

from clinic_scheduler.domain.forecast.due_dates import forecast_all
from clinic_scheduler.domain.forecast.status import stored_booking
from clinic_scheduler.domain.forecast.values import Evaluation, Forecast
from clinic_scheduler.models import Course, Patient, Treatment
from clinic_scheduler.models.column_types import opaque_id
from clinic_scheduler.queries.courses.histories import PatientHistory, patient_histories
from clinic_scheduler.queries.due.counted import as_counted
from clinic_scheduler.services.courses.rule_changes import carry_over_cap, is_behind, keep_change, kept
from clinic_scheduler.services.due_counts import recount, with_holds
from clinic_scheduler.services.locks import lock_patients
from clinic_scheduler.services.visits.outdated_overrides import drop_outdated

# on_hold depends on the day it is asked, so it is judged when read and never stored.
_EVALUATED_WHEN_READ = "on_hold"
_PUBLISHED = ("earliest_date", "due_date", "overdue_date")
# What the day alone may change.
_TURNING = ("blocks", "booking", "turns_on")
BATCH = 200


def refresh(
    session: Session,
    patient_ids: Sequence[int],
    today: date,
    now: datetime,
    *,
    known: PatientHistory | None = None,
) -> dict[int, Forecast]:
    """Recompute every course of these patients and write what changed. Returns forecasts by course id.

    `known`: one patient's history as it is by now, read under the lock that is still held; it is not read again.
    Where the dates on a row are an earlier edition's, what changes is kept for the report: no way to a kept date
    passes it by.
    """
    # Two changes to one patient wait for each other, or each would write dates that miss the other's change.
    if known is None:
        lock_patients(session, patient_ids)
        session.flush()
    found = [known] if known is not None else patient_histories(session, patient_ids).values()
    forecasts: dict[int, Forecast] = {}
    histories = _in_line(session, found, patient_ids, today, now)
    for history in histories:
        read = history.read(today)
        for row in history.course_rows:
            (forecast, facts), before = read[row.id], kept(row)
            _write(row, forecast, now)
            if is_behind(row):
                keep_change(session, row, before, forecast, facts, now)
            forecasts[row.id] = forecast
        evaluated = (forecast for forecast, _ in read.values())
        for treatment, columns in _evaluations(history.treatment_rows, evaluated):
            for name, value in columns.items():
                setattr(treatment, name, value)
    # What is changed here goes with what follows, each row once.
    with session.no_autoflush:
        recount(session, histories)
    return forecasts


def _in_line(
    session: Session,
    found: Collection[PatientHistory],
    patient_ids: Sequence[int],
    today: date,
    now: datetime,
) -> Collection[PatientHistory]:
    """Read anew where what was overridden for their visits was not in line with what is known of them."""
    carried = carry_over_cap(session, found, today)
    if drop_outdated(session, found, now) or carried:
        return patient_histories(session, patient_ids).values()
    return found


def refresh_turned(session: Session, clinic_id: int, today: date, now: datetime, limit: int = BATCH) -> int:
    """Recompute up to `limit` patients whose courses read otherwise since a day has begun; how many they were."""
    ids = sorted(
        session.scalars(
            select(Course.patient_id)
            .where(Course.clinic_id == clinic_id, Course.turns_on <= today)
            .distinct()
            .limit(limit)
        )
    )
    refresh(session, ids, today, now)
    return len(ids)


def refresh_clinic(session: Session, clinic_id: int, today: date, now: datetime) -> None:
    """Recompute everybody at one clinic."""
    for ids in _patient_batches(session, clinic_id):
        refresh(session, ids, today, now)
        session.flush()


def differences(session: Session, clinic_id: int, today: date) -> Iterator[str]:
    """What refresh would change, in words without names; nothing is written. There should be none.

    What reads otherwise only since a day has begun is looked at anew by itself (refresh_turned), and no difference.
    """
    for ids in _patient_batches(session, clinic_id):
        for history in patient_histories(session, ids).values():
            own = dict(_forecasts(history, today))
            for (row, forecast), (_, holds) in zip(own.items(), with_holds(history), strict=True):
                columns = _columns_by(row, forecast, today)
                yield from _differing("course", row, columns)
                values = {"booking": row.booking, "blocks": row.blocks, "provider_id": row.provider_id}
                by = history.counted[row.id]
                if as_counted(SimpleNamespace(**(values | columns)), holds, by) != by.counted:
                    yield f"course {row.id}: is counted on the due list otherwise than it stands"
            for treatment, columns in _evaluations(history.treatment_rows, own.values()):
                yield from _differing("treatment", treatment, columns)
        session.expunge_all()


def _columns_by(row: Course, forecast: Forecast, today: date) -> dict[str, object]:
    """What the row should keep, but for what is looked at anew once a day has turned for it."""
    columns = forecast_columns(forecast)
    if row.turns_on is None or row.turns_on > today:
        return columns
    return {name: value for name, value in columns.items() if name not in _TURNING}


def _differing(kind: str, row: Course | Treatment, columns: Mapping[str, object]) -> Iterator[str]:
    for name, value in columns.items():
        if getattr(row, name) != value:
            yield f"{kind} {row.id}: {name} is {getattr(row, name)}, should be {value}"


def _patient_batches(session: Session, clinic_id: int) -> Iterator[list[int]]:
    ids = list(session.scalars(select(Patient.id).where(Patient.clinic_id == clinic_id).order_by(Patient.id)))
    return (ids[start : start + BATCH] for start in range(0, len(ids), BATCH))


def _forecasts(history: PatientHistory, today: date) -> Iterator[tuple[Course, Forecast]]:
    forecasts = forecast_all(history.patient, history.courses, history.sessions, today)
    return zip(history.course_rows, forecasts, strict=True)


def forecast_columns(forecast: Forecast) -> dict[str, object]:
    """What a course's row keeps of its forecast, by column."""
    return {
        "cycles_given": forecast.cycles_given,
        "reference_on": forecast.reference,
        "earliest_date": forecast.earliest_date,
        "due_date": forecast.due_date,
        "overdue_date": forecast.overdue_date,
        "lapse_date": forecast.lapse_date,
        "closed_from": forecast.closed_from,
        "blocks": " ".join(block for block in forecast.blocks if block != _EVALUATED_WHEN_READ),
        "booked_on": forecast.booked_on,
        "booking": stored_booking(forecast.timing, forecast.booking),
        "exposed_on": forecast.exposure,
        "turns_on": forecast.turns_on,
    }


def _write(row: Course, forecast: Forecast, now: datetime) -> None:
    columns = forecast_columns(forecast)
    if row.reference_on != forecast.reference:
        # A new cycle: its window is a new event in calendars, not an edit of the last visit's.
        new_next_visit(row, now)
    elif any(getattr(row, name) != columns[name] for name in _PUBLISHED):
        row.forecast_sequence += 1
        row.forecast_changed_at = now
    for name, value in columns.items():
        setattr(row, name, value)


def new_next_visit(row: Course, now: datetime) -> None:
    """From here on the course's next visit is another one: a new UID, starting its own revisions."""
    row.next_visit_uid, row.forecast_sequence, row.forecast_changed_at = opaque_id(), 0, now


def _evaluations(
    rows: Sequence[Treatment], forecasts: Iterable[Forecast]
) -> Iterator[tuple[Treatment, dict[str, object]]]:
    """Each treatment with what its columns should say of it; one given elsewhere is judged under no course."""
    evaluated: dict[int | str, Evaluation] = {
        evaluation.id: evaluation for forecast in forecasts for evaluation in forecast.sessions
    }
    for row in rows:
        yield row, evaluation_columns(evaluated.get(row.id))


def evaluation_columns(evaluation: Evaluation | None) -> dict[str, object]:
    """What a treatment's row keeps of its judgement, by column; None where no course judges it."""
    return {
        "evaluation": evaluation.evaluation if evaluation else None,
        "days_late": evaluation.days_late if evaluation else 0,
        "payer_too_soon": evaluation.payer_too_soon if evaluation else False,
    }
