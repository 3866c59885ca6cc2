"""One visit as a calendar of its own: iMIP invitations (RFC 6047), attachments; no mail, no feeds."""

import re
from datetime import timedelta
from typing import Literal

from icalendar import vCalAddress

from clinic_scheduler.calendars.events import Style, visit_event
from clinic_scheduler.calendars.feed import calendar, vtimezones, zone_of
from clinic_scheduler.domain.calendars.values import PATIENT, UNPUBLISHED_STATUSES, Audience, Clinic, Visit

_ADDRESS = re.compile(r'[^\s\x00-\x1f\x7f"<>,;:\\@]+@[^\s\x00-\x1f\x7f"<>,;:\\@]+')


def invitation(
    visit: Visit,
    *,
    organizer_email: str,
    attendee_email: str,
    clinic: Clinic,
    method: Literal["REQUEST", "CANCEL"] = "REQUEST",
    audience: Audience = PATIENT,
) -> bytes:
    """The text/calendar part of an appointment e-mail; the MIME part must name the same method.

    Carries the UID and sequence of the feed. No answer is asked for, as nobody reads it. Raises ValueError
    where method and status disagree: a CANCEL is of use only with the risen sequence of a cancelled row.
    """
    if visit.called_off != (method == "CANCEL"):
        raise ValueError(f"{method} does not fit a visit that is {visit.status}; no invitation was written")
    return _one_visit(visit, Style(audience, clinic), method, organizer_email, attendee_email)


def visit_attachment(
    visit: Visit, *, clinic: Clinic, audience: Audience = PATIENT, alarm_before: timedelta | None = None
) -> bytes:
    """An .ics file of one visit to add by hand: no METHOD, and the UID it also has in the feed."""
    return _one_visit(visit, Style(audience, clinic, alarm_before))


def _one_visit(
    visit: Visit,
    style: Style,
    method: str | None = None,
    organizer: str | None = None,
    attendee: str | None = None,
) -> bytes:
    if visit.status in UNPUBLISHED_STATUSES:
        raise ValueError(f"a visit that is {visit.status} is not for calendars; nothing was written")
    zone = zone_of(visit)
    event = visit_event(visit, style, zone)
    if organizer is not None:
        # Without parameters: mail programs match the bare address with the sender's.
        event.add("ORGANIZER", _mailto(organizer))
    if attendee is not None:
        answer = {"ROLE": "REQ-PARTICIPANT", "PARTSTAT": "NEEDS-ACTION", "RSVP": "FALSE"}
        event.add("ATTENDEE", _mailto(attendee), parameters=answer)
    block: bytes = event.to_ical()
    return calendar(None, [*vtimezones([zone]), block], method=method)


def _mailto(address: str) -> vCalAddress:
    if not _ADDRESS.fullmatch(address):
        raise ValueError("an e-mail address of the invitation is not usable; no invitation was written")
    return vCalAddress(f"mailto:{address}")
