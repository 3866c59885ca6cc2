"""All that decides about notifications and what they would say, as plain values from one statement."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from functools import cache
from typing import Any

from sqlalchemy import Select, bindparam, case, exists, func, select
from sqlalchemy.orm import Session, aliased

from clinic_scheduler.domain.forecast.values import Hold
from clinic_scheduler.domain.messaging.kinds import KINDS
from clinic_scheduler.domain.messaging.states import TAKEN
from clinic_scheduler.domain.visits.kinds_and_states import OPEN_STATES, VisitKind
from clinic_scheduler.models import (
    Appointment,
    CalendarFeed,
    Clinic,
    Consent,
    Course,
    Message,
    Patient,
    Provider,
    Reminder,
)
from clinic_scheduler.models import Hold as HoldRow
from clinic_scheduler.queries.courses.holds import concerns

NotificationRow = Any
"""A reminder's values with those of its course, patient, clinic and visit; names are the labels of `_NOTIFICATIONS`."""

_other = aliased(Appointment)
_visited = aliased(Course)
_elsewhere = aliased(Message)
# Built once, of columns: it is asked three times for every message, and making rows of them costs more than asking.
_NOTIFICATIONS = (
    select(
        Reminder.id,
        Reminder.kind,
        Reminder.channel,
        Reminder.step,
        Reminder.dedupe_key,
        Reminder.due_at,
        Reminder.expires_at,
        Reminder.appointment_id,
        Reminder.course_id,
        Patient.id.label("patient_id"),
        Patient.given_name,
        Patient.email,
        Patient.phone,
        Patient.language,
        Patient.zone,
        Patient.calendar_by,
        Patient.deceased_on,
        Patient.moved_on,
        Patient.do_not_contact,
        Clinic.name.label("clinic_name"),
        Clinic.phone.label("clinic_phone"),
        Clinic.email.label("clinic_email"),
        Clinic.address.label("clinic_address"),
        Clinic.zone.label("clinic_zone"),
        Clinic.text_name.label("clinic_text_name"),
        Clinic.calendar_revision,
        Clinic.calendar_revised_at,
        Clinic.reminders_off,
        Course.earliest_date,
        Course.overdue_date,
        Course.stopped_on,
        Course.reference_on,
        Appointment.uid.label("visit_uid"),
        Appointment.kind.label("visit_kind"),
        Appointment.starts_at,
        Appointment.ends_at,
        Appointment.zone.label("visit_zone"),
        Appointment.state.label("visit_state"),
        Appointment.sequence,
        Appointment.updated_at,
        Provider.name.label("provider_name"),
        _visited.uid.label("visit_course_uid"),
        CalendarFeed.uid.label("calendar_feed_uid"),
        exists()
        .where(
            _other.course_id == Reminder.course_id,
            # What is about no visit is about the next injection.
            _other.kind == func.coalesce(Appointment.kind, VisitKind.INJECTION.value),
            _other.state.in_(OPEN_STATES),
        )
        .label("has_open_visit"),
        exists().where(concerns()).label("has_holds"),
        # Only then is it worth asking whether it was the same step.
        exists()
        .where(
            _elsewhere.patient_id == Reminder.patient_id,
            _elsewhere.channel != Reminder.channel,
            _elsewhere.state.in_(TAKEN) | _elsewhere.maybe_sent,
        )
        .label("has_other_channel"),
    )
    .join(Patient, Patient.id == Reminder.patient_id)
    .join(Clinic, Clinic.id == Reminder.clinic_id)
    .outerjoin(Course, Course.id == Reminder.course_id)
    .outerjoin(Appointment, Appointment.id == Reminder.appointment_id)
    .outerjoin(Provider, Provider.id == Appointment.provider_id)
    .outerjoin(_visited, _visited.id == Appointment.course_id)
    .outerjoin(CalendarFeed, CalendarFeed.id == Reminder.calendar_feed_id)
)
_HOLDS = (
    select(Course.id, HoldRow.starts_on, HoldRow.ends_on, HoldRow.reason)
    .join(HoldRow, concerns())
    .where(Course.id.in_(bindparam("courses", expanding=True)))
)


@cache
def _wanted(purposes: tuple[tuple[str, str], ...]) -> Select[*tuple[Any, ...]]:
    """_NOTIFICATIONS of :reminders, each with the patient's last word on its purpose; `purposes`: (kind, purpose)."""
    last_word = (
        select(Consent.given)
        .where(
            Consent.patient_id == Reminder.patient_id,
            Consent.purpose == case(dict(purposes), value=Reminder.kind),
            Consent.channel == Reminder.channel,
        )
        .order_by(Consent.id.desc())
        .limit(1)
        .correlate(Reminder)
        .scalar_subquery()
    )
    by_id = Reminder.id.in_(bindparam("reminders", expanding=True))
    return _NOTIFICATIONS.add_columns(last_word.label("last_word")).where(by_id)


def notification_rows(session: Session, reminder_ids: Collection[int]) -> dict[int, NotificationRow]:
    """By the reminder's id, as they are in the database at this moment, whatever the session has read before."""
    session.flush()
    wanted = _wanted(tuple((kind.code, kind.purpose) for kind in KINDS.values()))
    found = session.connection().execute(wanted, {"reminders": list(reminder_ids)})
    return {row.id: row for row in found}


def holds_of(session: Session, rows: Iterable[NotificationRow]) -> dict[int, list[Hold]]:
    """The holds of their courses, by the course's id; nothing is asked where none has any."""
    courses = [row.course_id for row in rows if row.has_holds]
    holds: dict[int, list[Hold]] = defaultdict(list)
    if courses:
        found = session.connection().execute(_HOLDS, {"courses": courses})
        for course_id, starts_on, ends_on, reason in found:
            holds[course_id].append(Hold(starts_on, ends_on, reason))
    return holds
