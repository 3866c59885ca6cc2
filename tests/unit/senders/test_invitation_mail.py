"""An invitation as mail programs read it: its parts, its method, and what other parsers make of the calendar."""

import email
from email import policy
from email.message import EmailMessage

import icalendar
import pytest
import vobject

from clinic_scheduler.calendars.invitation import invitation
from clinic_scheduler.domain.calendars.values import Visit
from clinic_scheduler.senders.base import Attachment
from clinic_scheduler.senders.mime import outgoing
from tests.unit.calendars.rows import CLINIC, visit

from .envelopes import PATIENT, letter

DESK = "desk@example.org"
BOOKED, MOVED = visit(sequence=0), visit(sequence=1)
CANCELLED = visit(sequence=2, status="cancelled")
STEPS = [(BOOKED, "REQUEST"), (MOVED, "REQUEST"), (CANCELLED, "CANCEL")]


def wire(row: Visit, method: str) -> bytes:
    body = invitation(row, organizer_email=DESK, attendee_email=PATIENT, clinic=CLINIC, method=method)
    file = Attachment("invite.ics", f"text/calendar; method={method}; charset=utf-8", body)
    return outgoing(letter(attachments=(file,)), f"Riverside <{DESK}>").content


def read(content: bytes) -> EmailMessage:
    return email.message_from_bytes(content, policy=policy.default)


def calendar_part(message: EmailMessage) -> EmailMessage:
    alternative = next(part for part in message.walk() if part.get_content_type() == "multipart/alternative")
    return list(alternative.iter_parts())[-1]


@pytest.mark.parametrize(("row", "method"), STEPS)
def test_the_calendar_is_the_last_alternative_and_names_the_method_twice(row: Visit, method: str) -> None:
    message = read(wire(row, method))
    assert message.get_content_type() == "multipart/mixed"
    alternative, copy = message.iter_parts()
    types = [part.get_content_type() for part in alternative.iter_parts()]
    assert types == ["text/plain", "text/html", "text/calendar"]
    part = calendar_part(message)
    assert part["Content-Type"].params == {"method": method, "charset": "utf-8"}
    assert f"\r\nMETHOD:{method}\r\n".encode() in part.get_payload(decode=True)
    assert (copy.get_content_type(), copy.get_filename()) == ("application/ics", "invite.ics")
    assert copy.get_payload(decode=True) == part.get_payload(decode=True)


@pytest.mark.parametrize(("row", "method"), STEPS)
def test_it_travels_in_seven_bits_and_short_lines(row: Visit, method: str) -> None:
    content = wire(row, method)
    assert content.isascii()
    assert all(len(line) < 998 for line in content.split(b"\r\n"))
    assert calendar_part(read(content))["Content-Transfer-Encoding"] == "base64"
    (line,) = [line for line in content.split(b"\r\n") if line.lower().startswith(b"content-type: text/cal")]
    assert f'method="{method}"'.encode() in line or f"method={method}".encode() in line


def test_icalendar_and_vobject_read_one_visit_whose_sequence_rises() -> None:
    sequences: dict[str, list[int]] = {"icalendar": [], "vobject": []}
    uids = set()
    for row, method in STEPS:
        body = calendar_part(read(wire(row, method))).get_payload(decode=True)
        parsed = icalendar.Calendar.from_ical(body)
        (event,) = parsed.walk("VEVENT")
        assert (parsed["METHOD"], event["ORGANIZER"], event["ATTENDEE"]) == (
            method,
            f"mailto:{DESK}",
            f"mailto:{PATIENT}",
        )
        assert event["SUMMARY"] == ("Cancelled: Appointment" if row is CANCELLED else "Appointment")
        assert event["DTSTAMP"].dt == event["LAST-MODIFIED"].dt == row.updated_at
        sequences["icalendar"].append(int(event["SEQUENCE"]))
        other = vobject.readOne(body.decode())
        assert other.method.value == method
        assert other.vevent.organizer.value == f"mailto:{DESK}"
        assert other.vevent.organizer.params == {}
        assert other.vevent.attendee.value == f"mailto:{PATIENT}"
        assert other.vevent.dtstart.value == row.starts_at
        sequences["vobject"].append(int(other.vevent.sequence.value))
        uids |= {str(event["UID"]), other.vevent.uid.value}
    assert sequences == {"icalendar": [0, 1, 2], "vobject": [0, 1, 2]}
    assert len(uids) == 1
