"""The rows of an invented large clinic's patients, as plain dictionaries ready for bulk inserts. Nothing is written."""

from base64 import urlsafe_b64encode
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from random import Random
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.orm import DeclarativeBase

from clinic_scheduler.domain.forecast.due_dates import forecast_all
from clinic_scheduler.domain.forecast.values import Forecast, Patient
from clinic_scheduler.domain.local_time import local_date
from clinic_scheduler.domain.search.search_terms import record_keys
from clinic_scheduler.models import (
    Appointment,
    Authorization,
    ContactAttempt,
    Course,
    Hold,
    PatientSearchKey,
    Treatment,
)
from clinic_scheduler.models import Patient as PatientRow
from clinic_scheduler.queries.due.counted import Cells, Counted, as_counted, cells_of
from clinic_scheduler.seeding.large_clinic.courses import Story, stories
from clinic_scheduler.seeding.large_clinic.people import person
from clinic_scheduler.seeding.large_clinic.visits import VISIT, Diaries, Slot
from clinic_scheduler.services.courses.forecasting import evaluation_columns, forecast_columns

_DECEASED, _MOVED = 0.012, 0.01
# In this order a row refers only to rows of its own table or of one before it.
TABLES: tuple[type[DeclarativeBase], ...] = (
    PatientRow,
    PatientSearchKey,
    Course,
    Treatment,
    Hold,
    Authorization,
    ContactAttempt,
    Appointment,
)


@dataclass
class Loading:
    """What every row needs to know, and the rows made and not written yet."""

    clinic_id: int
    protocols: dict[str, int]
    diaries: Diaries
    most_treatments: int
    random: Random
    now: datetime
    today: date
    zone: ZoneInfo
    rows: dict[type[DeclarativeBase], list[dict[str, Any]]] = field(
        default_factory=lambda: {table: [] for table in TABLES}
    )

    counted: Cells = field(default_factory=Counter)

    def add(self, table: type[DeclarativeBase], **columns: Any) -> None:
        self.rows[table].append(columns)

    def uid(self) -> str:
        """As models.columns.opaque_id makes them, but the same for the same seed."""
        return urlsafe_b64encode(self.random.randbytes(16)).rstrip(b"=").decode()


def add_patient(loading: Loading, number: int, patient_id: int, course_ids: Sequence[int]) -> None:
    """The rows of the patient of this number, with the courses of these ids."""
    random, today = loading.random, loading.today
    known = person(random, number + 1, today)
    deceased_on, moved_on = (
        today - timedelta(random.randint(1, 400)) if random.random() < share else None
        for share in (_DECEASED, _MOVED)
    )
    loading.add(
        PatientRow,
        id=patient_id,
        clinic_id=loading.clinic_id,
        mrn=known.mrn,
        family_name=known.family_name,
        given_name=known.given_name,
        birth_date=known.birth_date,
        weight_kg=known.weight_kg,
        weighed_on=today - timedelta(60) if known.weight_kg else None,
        deceased_on=deceased_on,
        moved_on=moved_on,
        phone=known.phone,
        email=known.email,
        created_at=loading.now,
        updated_at=loading.now,
    )
    keys = record_keys(
        known.mrn, known.family_name, known.given_name, known.birth_date, known.phone, known.email
    )
    for key in sorted(keys):
        loading.add(PatientSearchKey, clinic_id=loading.clinic_id, patient_id=patient_id, key=key)
    weight, gone = float(known.weight_kg) if known.weight_kg else None, deceased_on or moved_on
    value = Patient(known.birth_date, weight, gone is not None)
    told = stories(
        random, course_ids, today, child=known.is_child(today), most_treatments=loading.most_treatments
    )
    _courses(loading, patient_id, value, told)


def _courses(loading: Loading, patient_id: int, patient: Patient, told: Sequence[Story]) -> None:
    """One provider sees a patient for everything. Visits are booked by the dates, then the dates judge the visits."""
    provider_id = loading.random.choice(loading.diaries.providers)
    sessions = [session for story in told for session in story.sessions]
    values = [story.course for story in told]
    slots = [
        loading.diaries.book(loading.random, provider_id, forecast)
        for forecast in forecast_all(patient, values, sessions, loading.today)
    ]
    days = [local_date(slot.starts_at, loading.zone) if slot else None for slot in slots]
    booked = [value._replace(booked_on=day) for value, day in zip(values, days, strict=True)]
    forecasts = forecast_all(patient, booked, sessions, loading.today)
    for story, slot, forecast in zip(told, slots, forecasts, strict=True):
        _course(loading, patient_id, provider_id, story, forecast)
        if slot is not None:
            _appointment(loading, patient_id, story, slot)


def _course(loading: Loading, patient_id: int, provider_id: int, story: Story, forecast: Forecast) -> None:
    course = story.course
    kept: Any = SimpleNamespace(provider_id=provider_id, **forecast_columns(forecast))
    rests_until = max(map(story.rests_until, story.tried_on), default=None)
    counted = as_counted(kept, course.holds, Counted(None, rests_until, len(story.tried_on)))
    loading.counted.update(cells_of(counted))
    loading.add(
        Course,
        id=course.id,
        uid=loading.uid(),
        clinic_id=loading.clinic_id,
        patient_id=patient_id,
        provider_id=provider_id,
        protocol_version_id=loading.protocols[story.indication],
        indication=story.indication,
        product=course.product,
        started_on=course.started_on,
        stopped_on=course.stopped_on,
        stop_reason=story.stop_reason,
        planned_units=course.planned_units,
        authorization_required=course.authorization_required,
        created_at=loading.now,
        next_visit_uid=loading.uid(),
        forecast_changed_at=loading.now,
        # Planned, with nothing to tell: the worker leaves these courses alone.
        reminders_planned_at=loading.now,
        counted=counted,
        **forecast_columns(forecast),
    )
    for hold in course.holds:
        loading.add(
            Hold,
            patient_id=patient_id,
            indication=story.indication,
            starts_on=hold.starts_on,
            ends_on=hold.ends_on,
            reason=hold.reason,
        )
    for leave in course.authorizations:
        loading.add(
            Authorization,
            course_id=course.id,
            number=f"PA-{course.id}",
            starts_on=leave.starts_on,
            ends_on=leave.ends_on,
            visits_left=leave.visits_left,
        )
    _treatments(loading, patient_id, provider_id, story, forecast)
    _contacts(loading, story)


def _treatments(
    loading: Loading, patient_id: int, provider_id: int, story: Story, forecast: Forecast
) -> None:
    for given, evaluated in zip(story.sessions, forecast.sessions, strict=True):
        loading.add(
            Treatment,
            uid=loading.uid(),
            clinic_id=loading.clinic_id,
            patient_id=patient_id,
            course_id=given.course_id,
            provider_id=provider_id,
            given_on=given.given_on,
            units=given.units,
            product=given.product,
            lot=f"C{given.given_on:%y%m}",
            outcome=given.outcome,
            fingerprint=f"large-clinic:{given.id}",
            recorded_at=loading.now,
            **evaluation_columns(evaluated),
        )


def _contacts(loading: Loading, story: Story) -> None:
    for day in story.tried_on:
        loading.add(
            ContactAttempt,
            clinic_id=loading.clinic_id,
            course_id=story.course.id,
            at=loading.now - (loading.today - day),
            channel=loading.random.choice(("phone", "text", "email")),
            outcome=loading.random.choice(("no_answer", "left_message", "will_call_back")),
            hide_until=story.rests_until(day),
        )


def _appointment(loading: Loading, patient_id: int, story: Story, slot: Slot) -> None:
    local = slot.starts_at.astimezone(loading.zone)
    loading.add(
        Appointment,
        uid=loading.uid(),
        clinic_id=loading.clinic_id,
        patient_id=patient_id,
        course_id=story.course.id,
        provider_id=slot.provider_id,
        local_date=local.date(),
        local_time=local.time(),
        zone=loading.zone.key,
        starts_at=slot.starts_at,
        ends_at=slot.starts_at + VISIT,
        state="booked",
        idempotency_key=loading.uid(),
        created_at=loading.now,
        updated_at=loading.now,
    )
