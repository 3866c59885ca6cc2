"""Adding patients and correcting their records.

What becomes of them is patient_status.py's, making two records one patient_merge.py's.
"""

from dataclasses import asdict, dataclass
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import available_timezones

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from clinic_scheduler.domain.errors import ChangedMeanwhile, InvalidInput
from clinic_scheduler.domain.forecast.intervals import spoken
from clinic_scheduler.domain.messaging.invitations import FEED, WAYS
from clinic_scheduler.domain.messaging.kinds import CHANNELS
from clinic_scheduler.domain.messaging.suppression_reasons import SuppressionReason
from clinic_scheduler.domain.typed_text import require_address, require_one_line
from clinic_scheduler.languages import languages
from clinic_scheduler.models import Course, Patient, Treatment
from clinic_scheduler.queries.lookups import row_in_clinic
from clinic_scheduler.queries.schedule.availability import clinic_zone
from clinic_scheduler.services.audit import record
from clinic_scheduler.services.change import Change
from clinic_scheduler.services.courses.forecasting import refresh
from clinic_scheduler.services.locks import lock_patients, read_anew
from clinic_scheduler.services.messaging.reminder_planning import replan
from clinic_scheduler.services.messaging.visit_notifications import keep_calendar
from clinic_scheduler.services.patients import search_keys


@dataclass(frozen=True, slots=True)
class PatientEntry:
    """A person as the desk types or a log tells. `phone` is E.164, `zone` an IANA name if not the clinic's."""

    mrn: str
    family_name: str
    given_name: str
    birth_date: date
    phone: str | None = None
    email: str | None = None
    weight_kg: Decimal | None = None
    weighed_on: date | None = None
    preferred_channel: str = "email"
    fallback_channel: str | None = None
    language: str = "en"
    zone: str | None = None
    calendar_by: str = FEED


def add_patient(change: Change, entry: PatientEntry) -> Patient:
    """A new patient of the actor's clinic; the same entry sent twice is one. Raises InvalidInput."""
    session = change.session
    twin = already_added(session, change.clinic_id, entry)
    if twin is not None:
        return twin
    require_sound(entry, _day(change))
    _require_own_mrn(session, change.clinic_id, entry.mrn)
    patient = patient_row(entry, change.clinic_id, change.now)
    session.add(patient)
    _flush(session, entry.mrn)
    search_keys.index_new(session, [patient])
    record(change, "added", "patients", patient.id, patient_id=patient.id)
    return patient


def already_added(session: Session, clinic_id: int, entry: PatientEntry) -> Patient | None:
    """The patient this very entry made before."""
    twin = session.scalar(select(Patient).where(Patient.clinic_id == clinic_id, Patient.mrn == entry.mrn))
    return twin if twin is not None and entry_of(twin) == entry else None


def patient_row(entry: PatientEntry, clinic_id: int, now: datetime) -> Patient:
    """The row for an entry, unsaved."""
    return Patient(clinic_id=clinic_id, **asdict(entry), created_at=now, updated_at=now)


def entry_of(patient: Patient) -> PatientEntry:
    """The record as an entry."""
    return PatientEntry(**{name: getattr(patient, name) for name in PatientEntry.__slots__})


def edit_patient(
    change: Change, patient_id: int, entry: PatientEntry, expected_updated_at: datetime
) -> Patient:
    """Correct a record, as it was at `expected_updated_at`; its dates and reminders follow.

    Raises ChangedMeanwhile where somebody saved it since, InvalidInput, NotFound. Nothing is changed then.
    """
    session = change.session
    patient = patient_to_change(change, patient_id)
    before = entry_of(patient)
    if before == entry:
        return patient
    if patient.updated_at != expected_updated_at:
        raise ChangedMeanwhile(
            "Somebody else changed this record after you opened it. Your changes were not saved. "
            "Compare below, then save again"
        )
    require_sound(entry, _day(change))
    _require_treated_after_birth(session, patient, entry.birth_date)
    if entry.mrn != before.mrn:
        _require_own_mrn(session, change.clinic_id, entry.mrn)
    changed = [name for name, value in asdict(entry).items() if getattr(before, name) != value]
    for name in changed:
        setattr(patient, name, getattr(entry, name))
    patient.updated_at = change.now
    _flush(session, entry.mrn)
    search_keys.index(session, [patient])
    record(change, "edited", "patients", patient.id, patient_id=patient.id, fields=changed)
    bring_in_line(session, patient, change.now, SuppressionReason.PATIENT_EDITED)
    return patient


def patient_to_change(change: Change, patient_id: int) -> Patient:
    """The patient, locked and as they are now. Raises NotFound, InvalidInput for a record merged into another."""
    session = change.session
    patient = row_in_clinic(session, Patient, change.clinic_id, patient_id)
    lock_patients(session, [patient.id])
    # What this unit of work has changed already goes first, or reading anew would forget it.
    session.flush()
    read_anew(session, patient)
    if patient.merged_into_id is not None:
        keep = session.get_one(Patient, patient.merged_into_id)
        text = f"this record was merged into the one with the MRN {keep.mrn}; change that one"
        raise InvalidInput(text, "mrn", "merged")
    return patient


def bring_in_line(session: Session, patient: Patient, now: datetime, because: SuppressionReason) -> None:
    """Every course's dates and reminders, and their calendar, after something was said of the patient."""
    zone = clinic_zone(session, patient.clinic_id)
    refresh(session, [patient.id], now.astimezone(zone).date(), now)
    for course in session.scalars(select(Course).where(Course.patient_id == patient.id).order_by(Course.id)):
        replan(session, course, now, because, zone=zone)
    keep_calendar(session, patient, now)


def require_sound(entry: PatientEntry, today: date) -> None:
    """Raises InvalidInput for what no person's record can be."""
    for name, words in (("mrn", "an MRN"), ("family_name", "a family name"), ("given_name", "a given name")):
        if not getattr(entry, name).strip():
            raise InvalidInput(f"a patient needs {words}", name, "missing")
    _require_plain(entry)
    if entry.birth_date > today:
        raise InvalidInput(f"{spoken(entry.birth_date)} is in the future; a patient is born by today")
    if entry.weighed_on is not None and not entry.birth_date <= entry.weighed_on <= today:
        text = f"{spoken(entry.weighed_on)} is no day on which this patient was weighed"
        raise InvalidInput(text, "weighed_on", "not_a_day")
    if entry.preferred_channel not in CHANNELS:
        raise InvalidInput(f"a patient prefers one of {', '.join(CHANNELS)}", "preferred_channel")
    if entry.fallback_channel not in (None, *CHANNELS):
        text = f"the other way to reach a patient is one of {', '.join(CHANNELS)}, or none"
        raise InvalidInput(text, "fallback_channel")
    if entry.language not in languages():
        raise InvalidInput(f"messages are written in one of {', '.join(languages())}", "language")
    if entry.calendar_by not in WAYS:
        raise InvalidInput(f"visits reach a patient's calendar by one of {', '.join(WAYS)}", "calendar_by")
    if entry.zone is not None and entry.zone not in available_timezones():
        raise InvalidInput(f"there is no time zone called {entry.zone}")


def _require_plain(entry: PatientEntry) -> None:
    """What messages and lists name a patient by stands in one line, and mail goes to one address."""
    for name in ("mrn", "family_name", "given_name"):
        require_one_line(getattr(entry, name), f"the {name.replace('_', ' ')}", name)
    require_address(entry.email, "the e-mail address", "email")


def _require_own_mrn(session: Session, clinic_id: int, mrn: str) -> None:
    taken = select(Patient.id).where(Patient.clinic_id == clinic_id, Patient.mrn == mrn)
    if session.scalar(taken) is not None:
        raise _mrn_taken(mrn)


def _mrn_taken(mrn: str) -> InvalidInput:
    return InvalidInput(f"the MRN {mrn} belongs to another patient", "mrn", "taken")


def _flush(session: Session, mrn: str) -> None:
    """The database has the last word on whose MRN it is, whoever looked first."""
    try:
        session.flush()
    except IntegrityError as error:
        # PostgreSQL names the constraint, SQLite the columns.
        if "mrn" in str(error.orig).partition("DETAIL")[0]:
            raise _mrn_taken(mrn) from error
        raise


def _require_treated_after_birth(session: Session, patient: Patient, birth_date: date) -> None:
    before = select(Treatment.given_on).where(
        Treatment.patient_id == patient.id, Treatment.given_on < birth_date, Treatment.voided_at.is_(None)
    )
    given_on = session.scalar(before.limit(1))
    if given_on is not None:
        raise InvalidInput(f"a treatment was given on {spoken(given_on)}, before that date of birth")


def _day(change: Change) -> date:
    return change.today
