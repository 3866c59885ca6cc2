"""The audit record, the newest first, a page at a time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from clinic_scheduler.domain.local_time import to_utc
from clinic_scheduler.models import AuditEvent, Patient

PAGE = 50


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """What is looked for; None is everything. Days are the clinic's, both ends included."""

    user_id: int | None = None
    patient_id: int | None = None
    first: date | None = None
    last: date | None = None


@dataclass(frozen=True, slots=True)
class AuditPage:
    """`rows` pairs each event with its patient, if it has one; `older_than` opens the next page, if there is one."""

    rows: Sequence[tuple[AuditEvent, Patient | None]]
    older_than: int | None


def audit_page(
    session: Session, clinic_id: int, wanted: AuditFilter, zone: ZoneInfo, older_than: int | None = None
) -> AuditPage:
    query = (
        select(AuditEvent, Patient)
        .outerjoin(Patient, (Patient.id == AuditEvent.patient_id) & (Patient.clinic_id == clinic_id))
        .where(AuditEvent.clinic_id == clinic_id)
        .order_by(AuditEvent.id.desc())
        .limit(PAGE + 1)
    )
    if wanted.user_id is not None:
        query = query.where(AuditEvent.user_id == wanted.user_id)
    if wanted.patient_id is not None:
        query = query.where(AuditEvent.patient_id == wanted.patient_id)
    if wanted.first is not None:
        query = query.where(AuditEvent.at >= _midnight(wanted.first, zone))
    if wanted.last is not None:
        query = query.where(AuditEvent.at < _midnight(wanted.last + timedelta(1), zone))
    if older_than is not None:
        query = query.where(AuditEvent.id < older_than)
    rows = [(row[0], row[1]) for row in session.execute(query)]
    more = len(rows) > PAGE
    return AuditPage(rows[:PAGE], rows[PAGE - 1][0].id if more else None)


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return to_utc(day, time(0), zone)
