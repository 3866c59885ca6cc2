"""Invitations and attachments of one visit."""

import pytest

from clinic_scheduler.calendars.feed import patient_feed
from clinic_scheduler.calendars.invitation import invitation, visit_attachment
from clinic_scheduler.domain.calendars.values import Visit

from .lint import Component, lint, parse
from .rows import CLINIC, FULL, FULL_TITLE, NOW, SUBSCRIPTION, VISIT, visit

ADDRESSES = {"organizer_email": "desk@example.org", "attendee_email": "pat@example.org"}
CANCELLED = visit(status="cancelled", sequence=4)


def invite(row: Visit, method: str = "REQUEST", **changes: object) -> bytes:
    return invitation(row, clinic=CLINIC, method=method, **{**ADDRESSES, **changes})


def event_of(body: bytes) -> Component:
    (event,) = parse(body).parts("VEVENT")
    return event


@pytest.mark.parametrize(
    ("row", "method", "status"), [(VISIT, "REQUEST", "CONFIRMED"), (CANCELLED, "CANCEL", "CANCELLED")]
)
def test_invitation_names_its_method_once_and_nothing_of_a_feed(row: Visit, method: str, status: str) -> None:
    body = invite(row, method)
    assert lint(body, method=method, feed=False) == []
    assert event_of(body).one("STATUS").value == status
    for name in ("NAME", "X-WR-CALNAME", "REFRESH-INTERVAL", "X-PUBLISHED-TTL"):
        assert parse(body).all(name) == []


def test_organizer_is_a_bare_mail_address_and_no_answer_is_asked_for() -> None:
    event = event_of(invite(VISIT))
    assert (event.one("ORGANIZER").params, event.one("ORGANIZER").value) == ("", "mailto:desk@example.org")
    assert event.one("ATTENDEE").value == "mailto:pat@example.org"
    assert "RSVP=FALSE" in event.one("ATTENDEE").params


def test_invitation_feed_and_attachment_share_uid_sequence_and_times() -> None:
    bodies = [
        invite(VISIT),
        visit_attachment(VISIT, clinic=CLINIC),
        patient_feed([VISIT], clinic=CLINIC, subscription=SUBSCRIPTION, now=NOW),
    ]
    names = ("UID", "SEQUENCE", "DTSTAMP", "DTSTART", "DTEND", "SUMMARY")
    assert len({tuple(event_of(body).one(name) for name in names) for body in bodies}) == 1


def test_sequence_rises_from_request_to_cancel() -> None:
    request, cancel = event_of(invite(VISIT)), event_of(invite(CANCELLED, "CANCEL"))
    assert request.one("UID") == cancel.one("UID")
    assert int(request.one("SEQUENCE").value) < int(cancel.one("SEQUENCE").value)


@pytest.mark.parametrize(("row", "method"), [(VISIT, "CANCEL"), (CANCELLED, "REQUEST")])
def test_method_and_status_must_agree(row: Visit, method: str) -> None:
    with pytest.raises(ValueError, match=f"{method} does not fit a visit that is {row.status}"):
        invite(row, method)


def test_attachment_has_no_method_and_is_clean() -> None:
    assert lint(visit_attachment(VISIT, clinic=CLINIC), feed=False) == []


@pytest.mark.parametrize("status", ["proposed", "pending", "waitlist", "entered-in-error"])
def test_a_visit_that_is_no_appointment_is_never_sent(status: str) -> None:
    with pytest.raises(ValueError, match="not for calendars"):
        visit_attachment(visit(status=status), clinic=CLINIC)
    with pytest.raises(ValueError, match="not for calendars"):
        invite(visit(status=status))


@pytest.mark.parametrize(
    "address", ["", "pat", "pat@", "mailto:pat@example.org", "a@b\r\nX:1", "a b@example.org"]
)
def test_addresses_that_would_break_the_invitation_are_refused_without_being_repeated(address: str) -> None:
    with pytest.raises(ValueError, match="not usable") as refused:
        invite(VISIT, attendee_email=address)
    assert "example.org" not in str(refused.value)


def test_neutral_until_the_patient_chose_otherwise() -> None:
    for body in (invite(VISIT), visit_attachment(VISIT, clinic=CLINIC)):
        assert event_of(body).one("SUMMARY").value == "Appointment"
    for body in (invite(VISIT, audience=FULL), visit_attachment(VISIT, clinic=CLINIC, audience=FULL)):
        assert event_of(body).one("SUMMARY").value == FULL_TITLE


def test_a_visit_in_a_zone_that_cannot_be_written_is_sent_in_utc() -> None:
    body = invite(visit(zone="Africa/Cairo"))
    assert lint(body, method="REQUEST", feed=False) == []
    assert event_of(body).one("DTSTART").value == "20260310T143000Z"
