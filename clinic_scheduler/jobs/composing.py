"""From a telling to the envelope its sender takes: the words, and a visit's calendar file. No rows, no clock."""

import re
from datetime import datetime, timedelta

from jinja2 import Environment

from clinic_scheduler.calendars.invitation import visit_attachment
from clinic_scheduler.domain.calendar_values import Clinic, Visit
from clinic_scheduler.domain.telling_kinds import TIME_TO_BOOK, VISIT_REMINDER
from clinic_scheduler.messages import ClinicDetails, MessageValues, TimeToBook, VisitReminder, compose
from clinic_scheduler.senders.base import Attachment, Envelope
from clinic_scheduler.services.outbox_rules import Claimed, Telling

_MAILBOX = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9.-]{1,253}")


def envelope_for(
    telling: Telling, claimed: Claimed, now: datetime, templates: Environment, uid_host: str
) -> Envelope:
    """Raises ValueError where the rows make no message; nothing has been sent then."""
    message = compose(_values(telling, now), templates)
    clinic_email = telling.clinic.email
    return Envelope(
        channel=telling.channel,
        to=telling.address or "",
        message_id=claimed.mail_id,
        date=claimed.created_at,
        reply_to=clinic_email if _MAILBOX.fullmatch(clinic_email) else None,
        subject=message.subject,
        text=message.text,
        html=message.html,
        sms=message.sms,
        attachments=_attachments(telling, uid_host),
    )


def _values(telling: Telling, now: datetime) -> MessageValues:
    clinic = ClinicDetails(name=telling.clinic.name, phone=telling.clinic.phone, zone=telling.clinic.zone)
    if telling.kind == TIME_TO_BOOK:
        return TimeToBook(
            clinic=clinic,
            given_name=telling.given_name,
            earliest_date=telling.earliest_date,
            on_time_until=telling.overdue_date and telling.overdue_date - timedelta(1),
        )
    if telling.kind == VISIT_REMINDER and telling.visit is not None:
        return VisitReminder(
            clinic=clinic,
            given_name=telling.given_name,
            starts_at=telling.visit.starts_at,
            provider_name=telling.visit.provider_name,
            days_before=_days_until(telling.visit, telling, now),
        )
    raise ValueError(f"there are no words for the kind {telling.kind!r}")


def _days_until(visit: Visit, telling: Telling, now: datetime) -> int:
    """Counted from the day it is sent, which after an outage is later than the day it was planned for."""
    zone = telling.clinic.zone
    return (visit.starts_at.astimezone(zone).date() - now.astimezone(zone).date()).days


def _attachments(telling: Telling, uid_host: str) -> tuple[Attachment, ...]:
    if telling.visit is None:
        return ()
    facts = telling.clinic
    clinic = Clinic(facts.name, facts.phone, facts.address, facts.zone.key, uid_host)
    content = visit_attachment(telling.visit, clinic=clinic)
    return (Attachment("appointment.ics", "text/calendar; charset=utf-8", content),)
