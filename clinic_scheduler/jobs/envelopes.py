"""From a notification to the envelope its sender takes: the words, links, and a visit's calendar file. No rows."""

import logging
import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from email.utils import parseaddr
from types import MappingProxyType
from typing import Any

from jinja2 import TemplateError

from clinic_scheduler.calendars.invitation import invitation, visit_attachment
from clinic_scheduler.domain.calendars.values import Audience, Clinic, Visit
from clinic_scheduler.domain.messaging.custom_wording import Wording
from clinic_scheduler.domain.messaging.dispatch_rules import Claimed, Notification
from clinic_scheduler.domain.messaging.invitations import Method
from clinic_scheduler.domain.messaging.kinds import EMAIL, KINDS, Holds
from clinic_scheduler.domain.visits.kinds_and_states import VisitKind
from clinic_scheduler.jobs.context import Tools, fault
from clinic_scheduler.languages import spoken_in
from clinic_scheduler.links import OptOutLink, VisitLink
from clinic_scheduler.messages import (
    ClinicDetails,
    Message,
    MessageValues,
    UnfitWordsError,
    compose,
    values_of,
)
from clinic_scheduler.senders.base import Attachment, Envelope

_MAILBOX = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9.-]{1,253}")
_NO_HEADERS: Mapping[str, str] = MappingProxyType({})
logger = logging.getLogger(__name__)


def envelope_for(
    notification: Notification, claimed: Claimed, tools: Tools, wording: Wording | None = None
) -> Envelope:
    """`wording` is the clinic's own for this kind, channel and language, if it has any.

    Raises ValueError where the rows make no message; nothing has been sent then.
    """
    opt_out = tools.links.opt_out(
        OptOutLink(notification.patient_id, notification.purpose, notification.channel)
    )
    message = _message(_values(notification, tools, opt_out), notification, claimed, tools, wording)
    clinic_email = notification.clinic.email
    by_email = notification.channel == EMAIL
    return Envelope(
        channel=notification.channel,
        to=notification.address or "",
        message_id=claimed.mail_id,
        date=claimed.created_at,
        reply_to=clinic_email if _MAILBOX.fullmatch(clinic_email) else None,
        subject=message.subject,
        text=message.text,
        html=message.html,
        sms=message.sms,
        attachments=_attachments(notification, tools) if by_email else (),
        headers=_one_click(opt_out) if by_email else _NO_HEADERS,
    )


def _message(
    values: MessageValues, notification: Notification, claimed: Claimed, tools: Tools, wording: Wording | None
) -> Message:
    """In the clinic's own words where they make a message, else in the shipped ones: better told than not."""
    about = VisitKind.INJECTION if notification.visit is None else notification.visit.kind
    if wording is not None and wording.speaks_of(about):
        try:
            return compose(values, tools.templates, notification.language, wording)
        except (TemplateError, UnfitWordsError, LookupError, TypeError) as error:
            logger.error(
                "message %s: the clinic's own words for %s (%s, %s) could not be used (%s); the shipped ones go out",
                claimed.uid, wording.kind, wording.channel, wording.language, fault(error),
            )  # fmt: skip
    return compose(values, tools.templates, notification.language)


def _values(notification: Notification, tools: Tools, opt_out: str) -> MessageValues:
    facts = notification.clinic
    clinic = ClinicDetails(name=facts.name, phone=facts.phone, zone=facts.zone, text_name=facts.text_name)
    known: dict[str, Any] = {
        "given_name": notification.given_name,
        "step": notification.step,
        "opt_out_url": opt_out,
    }
    if KINDS[notification.kind].holds is Holds.TO_BOOK:
        known |= {
            "earliest_date": notification.earliest_date,
            "on_time_until": notification.overdue_date - timedelta(1),
        }
    if notification.visit is not None:
        known |= _visit(notification, notification.visit, tools)
    if notification.calendar_feed_uid is not None:
        token = tools.links.calendar_token(notification.calendar_feed_uid)
        known["subscribe_url"] = tools.links.subscribe_page(token)
    return values_of(notification.kind, clinic, known)


def _visit(notification: Notification, visit: Visit, tools: Tools) -> dict[str, Any]:
    known = {
        "starts_at": visit.starts_at,
        "provider_name": visit.provider_name,
        "visit_kind": visit.kind,
        "days_before": _days_until(visit, notification, tools.clock.now()),
    }
    if notification.appointment_id is None:
        return known
    return known | {"visit_url": tools.links.visit(VisitLink(notification.appointment_id, visit.starts_at))}


def _days_until(visit: Visit, notification: Notification, now: datetime) -> int:
    """Counted from the day it is sent, which after an outage is later than the day it was planned for."""
    zone = notification.clinic.zone
    return (visit.starts_at.astimezone(zone).date() - now.astimezone(zone).date()).days


def _one_click(opt_out: str) -> Mapping[str, str]:
    """RFC 8058 asks for https; over http there is the link at the letter's foot alone."""
    if not opt_out.startswith("https://"):
        return _NO_HEADERS
    return {"List-Unsubscribe": f"<{opt_out}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}


def _attachments(notification: Notification, tools: Tools) -> tuple[Attachment, ...]:
    """The visit as an invitation, or as a file to add by hand; whoever has invitations needs no such file."""
    if notification.visit is None or not KINDS[notification.kind].has_file:
        return ()
    facts = notification.clinic
    clinic = Clinic(facts.name, facts.phone, facts.address, facts.zone.key, tools.uid_host, facts.revision)
    reader = Audience("patient", language=spoken_in(notification.language))
    if notification.invitation is not None:
        return (
            _invitation(
                notification.visit, notification.invitation, notification.address or "", clinic, reader, tools
            ),
        )
    if notification.by_invitation:
        return ()
    content = visit_attachment(notification.visit, clinic=clinic, audience=reader)
    return (Attachment("appointment.ics", "text/calendar; charset=utf-8", content),)


def _invitation(
    visit: Visit, method: Method, attendee: str, clinic: Clinic, reader: Audience, tools: Tools
) -> Attachment:
    """Its organizer is the address the letter comes from: mail programs trust no other."""
    _, organizer = parseaddr(tools.mail_from)
    content = invitation(
        visit,
        organizer_email=organizer,
        attendee_email=attendee,
        clinic=clinic,
        method=method,
        audience=reader,
    )
    return Attachment("invite.ics", f"text/calendar; method={method}; charset=utf-8", content)
