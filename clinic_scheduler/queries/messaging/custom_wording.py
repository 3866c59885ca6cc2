"""A clinic's own words, and a patient of its to show words with. Reads only."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import and_, select
from sqlalchemy.orm import Session, joinedload

from clinic_scheduler.domain.messaging.custom_wording import Wording
from clinic_scheduler.domain.messaging.kinds import KINDS, Holds
from clinic_scheduler.domain.visits.kinds_and_states import VisitKind, VisitState
from clinic_scheduler.models import Appointment, Course, MessageTemplate, Patient, Reminder


@dataclass(frozen=True, slots=True)
class Shown:
    """What a preview tells about one patient; the names are those messages know."""

    given_name: str = field(repr=False)
    starts_at: datetime | None = field(default=None, repr=False)
    provider_name: str = field(default="", repr=False)
    earliest_date: date | None = None
    on_time_until: date | None = None

    def known(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__slots__ if getattr(self, name)}


def template_of(
    session: Session, clinic_id: int, kind: str, channel: str, language: str, *, lock: bool = False
) -> MessageTemplate | None:
    """The clinic's row, or None where the shipped words hold."""
    wanted = select(MessageTemplate).where(
        MessageTemplate.clinic_id == clinic_id,
        MessageTemplate.kind == kind,
        MessageTemplate.channel == channel,
        MessageTemplate.language == language,
    )
    return session.scalar(wanted.with_for_update() if lock else wanted)


def wording_of(row: MessageTemplate) -> Wording:
    return Wording(row.kind, row.channel, row.language, row.subject, row.body)


def any_custom_wording(session: Session) -> bool:
    """Whether any clinic has words of its own, so that sending need not ask for each message."""
    return session.scalar(select(MessageTemplate.id).limit(1)) is not None


def custom_wording(session: Session, reminder_id: int, language: str) -> Wording | None:
    """The words of the reminder's clinic for its kind and channel, if it has its own."""
    row = session.scalar(
        select(MessageTemplate)
        .join(
            Reminder,
            and_(
                Reminder.clinic_id == MessageTemplate.clinic_id,
                Reminder.kind == MessageTemplate.kind,
                Reminder.channel == MessageTemplate.channel,
            ),
        )
        .where(Reminder.id == reminder_id, MessageTemplate.language == language)
    )
    return None if row is None else wording_of(row)


def custom_wordings(session: Session, clinic_id: int) -> set[tuple[str, str, str]]:
    """(kind, channel, language) of all that the clinic words itself."""
    rows = session.execute(
        select(MessageTemplate.kind, MessageTemplate.channel, MessageTemplate.language).where(
            MessageTemplate.clinic_id == clinic_id
        )
    )
    return {(kind, channel, language) for kind, channel, language in rows}


def shown_patient(session: Session, clinic_id: int, kind: str, now: datetime) -> Shown | None:
    """Somebody of the clinic whom such a message fits: the next visit, the last missed one, the next due course."""
    if KINDS[kind].is_about_a_visit:
        return _of_visit(session, clinic_id, now, missed=KINDS[kind].holds is Holds.MISSED)
    course = session.scalar(
        select(Course)
        .join(Patient, Patient.id == Course.patient_id)
        .where(
            Course.clinic_id == clinic_id,
            Course.stopped_on.is_(None),
            Patient.deceased_on.is_(None),
            Patient.moved_on.is_(None),
        )
        .order_by(Course.earliest_date, Course.id)
        .limit(1)
        .options(joinedload(Course.patient))
    )
    if course is None:
        return None
    return Shown(
        course.patient.given_name,
        earliest_date=course.earliest_date,
        on_time_until=course.overdue_date - timedelta(1),
    )


def _of_visit(session: Session, clinic_id: int, now: datetime, *, missed: bool) -> Shown | None:
    of_clinic = select(Appointment).where(
        Appointment.clinic_id == clinic_id, Appointment.kind == VisitKind.INJECTION
    )
    wanted = (
        of_clinic.where(Appointment.state == VisitState.NOSHOW).order_by(
            Appointment.starts_at.desc(), Appointment.id
        )
        if missed
        else of_clinic.where(Appointment.state == VisitState.BOOKED, Appointment.starts_at > now).order_by(
            Appointment.starts_at, Appointment.id
        )
    )
    row = session.scalar(
        wanted.limit(1).options(joinedload(Appointment.patient), joinedload(Appointment.provider))
    )
    if row is None:
        return None
    return Shown(row.patient.given_name, starts_at=row.starts_at, provider_name=row.provider.name)
