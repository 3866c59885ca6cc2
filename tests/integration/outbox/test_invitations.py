"""Visits by invitation: what carries a REQUEST or CANCEL as visits are booked, moved, cancelled, taken back."""

import email
from dataclasses import replace
from datetime import datetime, timedelta
from email import policy
from typing import Any, NamedTuple

import icalendar
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from clinic_scheduler.domain.messaging.invitations import BOTH, FEED, INVITATIONS
from clinic_scheduler.domain.messaging.reminder_rules import Rule
from clinic_scheduler.models import Appointment, Patient, Reminder
from clinic_scheduler.senders.base import Envelope
from clinic_scheduler.senders.memory import MemorySender
from clinic_scheduler.senders.smtp import SmtpSender
from clinic_scheduler.services.change import Change
from clinic_scheduler.services.messaging import consents
from clinic_scheduler.services.messaging.reminder_rules import save_rule
from clinic_scheduler.services.patients import records
from clinic_scheduler.services.practice import clinics
from clinic_scheduler.services.visits import appointments
from clinic_scheduler.services.visits import undo as appointment_undo
from tests.integration.outbox.world import EVERY_HOUR, NOW, VISIT, World
from tests.unit.senders.relay import Relay, running

LATER = VISIT + timedelta(hours=2)
SENDER = "no-reply@clinic.example.org"
KINDS = ("visit_booked", "visit_moved", "visit_cancelled")


class Invitation(NamedTuple):
    method: str
    uid: str
    sequence: int
    start: datetime


def read(envelope: Envelope) -> Invitation | None:
    """The invitation an e-mail carries, if it does."""
    for attachment in envelope.attachments:
        calendar = icalendar.Calendar.from_ical(attachment.content)
        if "METHOD" in calendar:
            (event,) = calendar.walk("VEVENT")
            assert f"method={calendar['METHOD']}" in attachment.content_type
            assert event["ORGANIZER"] == f"mailto:{SENDER}"
            assert event["ATTENDEE"] == f"mailto:{envelope.to}"
            start = event["DTSTART"].dt
            return Invitation(str(calendar["METHOD"]), str(event["UID"]), int(event["SEQUENCE"]), start)
    return None


@pytest.fixture
def invited(world: World) -> World:
    world.set_patient(calendar_by=INVITATIONS)
    return world


def told(world: World, mail: MemorySender, **later: float) -> list[Envelope]:
    """What goes out once the grace is over."""
    before = len(mail.sent)
    world.at(world.clock.instant + timedelta(**(later or {"minutes": 5}))).dispatch()
    return mail.sent[before:]


def only(envelopes: list[Envelope]) -> Invitation:
    (envelope,) = envelopes
    found = read(envelope)
    assert found is not None
    return found


def undo(world: World, what: str, visit: int) -> None:
    world.change(
        lambda s: getattr(appointment_undo, what)(Change(s, world.actor, world.clock.now()), visit).id
    )


def edit(world: World, **changes: Any) -> None:
    """The desk saves the patient's record."""

    def work(session: Session) -> None:
        patient = session.get_one(Patient, world.people[0])
        entry = replace(records.entry_of(patient), **changes)
        records.edit_patient(
            Change(session, world.actor, world.clock.now()), patient.id, entry, patient.updated_at
        )

    world.change(work)


def rows(world: World) -> list[tuple[str, str, str, str | None]]:
    """(kind, step, state, reason) of what was done to visits."""
    wanted = select(Reminder.kind, Reminder.step, Reminder.state, Reminder.suppressed_reason)
    return world.read(wanted.where(Reminder.kind.in_(KINDS)).order_by(Reminder.due_at, Reminder.id))


def test_booked_moved_and_cancelled_are_one_entry_whose_sequence_rises(
    invited: World, mail: MemorySender
) -> None:
    visit = invited.book()
    assert told(invited, mail, minutes=4) == []
    booked = only(told(invited, mail, minutes=1))
    invited.move(visit, LATER)
    moved = only(told(invited, mail))
    invited.cancel(visit)
    cancelled = only(told(invited, mail))
    assert [each.method for each in (booked, moved, cancelled)] == ["REQUEST", "REQUEST", "CANCEL"]
    assert [each.start for each in (booked, moved, cancelled)] == [VISIT, LATER, LATER]
    assert booked.sequence < moved.sequence < cancelled.sequence
    ((uid, sequence),) = invited.read(select(Appointment.uid, Appointment.sequence))
    assert {each.uid for each in (booked, moved, cancelled)} == {f"visit-{uid}@clinic.example.org"}
    assert cancelled.sequence == sequence
    assert mail.sent[0].reply_to == "desk@example.org"


def test_what_is_undone_within_the_grace_sends_nothing_and_after_it_a_higher_request(
    invited: World, mail: MemorySender
) -> None:
    invited.cancel(invited.book())
    assert told(invited, mail) == []
    visit = invited.book()
    booked = only(told(invited, mail))
    invited.cancel(visit)
    undo(invited, "reopen", visit)
    invited.move(visit, LATER)
    undo(invited, "move_back", visit)
    assert told(invited, mail, hours=1) == []
    invited.cancel(visit)
    cancelled = only(told(invited, mail))
    undo(invited, "reopen", visit)
    again = only(told(invited, mail))
    assert (again.method, again.uid, again.start) == ("REQUEST", booked.uid, VISIT)
    assert booked.sequence < cancelled.sequence < again.sequence


def test_a_booking_cancelled_and_reopened_before_it_was_told_is_still_told(
    invited: World, mail: MemorySender
) -> None:
    visit = invited.book()
    invited.cancel(visit)
    undo(invited, "reopen", visit)
    assert only(told(invited, mail)).method == "REQUEST"
    invited.cancel(visit)
    cancelled = only(told(invited, mail))
    undo(invited, "reopen", visit)
    invited.cancel(visit)
    assert cancelled.method == "CANCEL"
    assert told(invited, mail) == [], "it is cancelled in their calendar already"


def test_another_provider_at_the_same_hour_is_a_request_and_no_move(
    invited: World, mail: MemorySender
) -> None:
    other = invited.change(
        lambda s: (
            clinics.add_provider(
                Change(s, invited.actor, NOW), "Dr. Ode", hours=EVERY_HOUR, visit_minutes=20
            ).id
        )
    )
    visit = invited.book()
    booked = only(told(invited, mail))
    now = invited.clock.instant
    invited.change(lambda s: appointments.move(Change(s, invited.actor, now), visit, other, VISIT).id)
    again = only(told(invited, mail))
    assert (again.method, again.start) == ("REQUEST", VISIT)
    assert again.sequence > booked.sequence
    assert "booked" in mail.sent[-1].subject


def test_no_rule_of_the_clinics_keeps_an_entry_from_being_right(invited: World, mail: MemorySender) -> None:
    for kind in KINDS:
        invited.change(
            lambda s, kind=kind: save_rule(Change(s, invited.actor, NOW), kind, "", Rule(is_on=False))
        )
    visit = invited.book()
    invited.at(NOW + timedelta(minutes=1))
    edit(invited, weight_kg=61)  # plans anew what waits
    assert only(told(invited, mail, minutes=4)).method == "REQUEST"
    invited.cancel(visit)
    invited.book(at=LATER)
    assert [read(envelope).method for envelope in told(invited, mail)] == ["CANCEL", "REQUEST"]  # type: ignore[union-attr]


def test_a_switch_that_stops_a_kind_altogether_stops_its_invitations(
    invited: World, mail: MemorySender
) -> None:
    invited.book()
    invited.change(lambda s: clinics.switch_reminders(Change(s, invited.actor, NOW), {"visit_booked"}))
    assert told(invited, mail) == []


def test_a_cancel_goes_only_where_a_request_did(invited: World, mail: MemorySender) -> None:
    invited.set_patient(calendar_by=FEED)
    visit = invited.book()
    invited.at(NOW + timedelta(hours=1)).set_patient(calendar_by=INVITATIONS)
    invited.cancel(visit)
    (envelope,) = told(invited, mail)
    assert "cancelled" in envelope.subject.lower()
    assert read(envelope) is None


def test_feed_patients_get_a_file_without_a_method_and_invited_ones_no_second_copy_with_reminders(
    world: World, mail: MemorySender
) -> None:
    visit = world.book()
    world.at(NOW + timedelta(hours=1)).move(visit, LATER)
    (envelope,) = told(world, mail)
    assert [file.filename for file in envelope.attachments] == ["appointment.ics"]
    assert read(envelope) is None
    edit(world, calendar_by=BOTH)
    told(world, mail)
    (reminder,) = told(world, mail, days=7)
    assert "Reminder" in reminder.subject
    assert reminder.attachments == ()


def test_the_way_is_changed_on_the_patients_record(world: World, mail: MemorySender) -> None:
    visit = world.book()
    world.at(NOW + timedelta(hours=1))
    edit(world, calendar_by=INVITATIONS)
    booked = only(told(world, mail))
    assert (booked.method, booked.start) == ("REQUEST", VISIT)
    edit(world, weight_kg=70)
    edit(world, calendar_by=FEED)
    assert told(world, mail) == [], "nothing is cancelled by mail, nor sent twice"
    world.move(visit, LATER)
    moved = only(told(world, mail))
    assert moved.sequence > booked.sequence, "what we put into their calendar is kept right"
    edit(world, email="new@example.org", calendar_by=BOTH)
    again = only(told(world, mail))
    assert (again.method, again.sequence) == ("REQUEST", moved.sequence)
    assert mail.sent[-1].to == "new@example.org"
    edit(world, email="newer@example.org")
    assert only(told(world, mail)) == again, "the same visit, to the address that is right"


def test_what_waits_takes_the_form_wanted_by_then(invited: World, mail: MemorySender) -> None:
    visit = invited.book()
    edit(invited, calendar_by=FEED)
    assert told(invited, mail) == [], "bookings are not told here without an invitation"
    invited.move(visit, LATER)
    edit(invited, calendar_by=INVITATIONS)
    assert only(told(invited, mail)).method == "REQUEST"
    assert "new time" in mail.sent[-1].subject


def test_without_an_address_or_leave_to_write_things_go_their_usual_way(
    invited: World, mail: MemorySender, senders: dict[str, MemorySender]
) -> None:
    invited.set_patient(email=None, preferred_channel="sms")
    visit = invited.book()
    assert told(invited, mail) == []
    invited.move(visit, LATER)
    assert told(invited, mail) == []
    assert len(senders["sms"].sent) == 1
    invited.at(invited.clock.instant + timedelta(days=1)).set_patient(email="peregrine0@example.org")
    invited.move(visit, VISIT)
    invited.at(invited.clock.instant + timedelta(minutes=1))
    no = (invited.people[0], ["visits"], "email")
    invited.change(lambda s: consents.withdraw(Change(s, invited.actor, invited.clock.instant), *no, "desk"))
    assert told(invited, mail) == []
    assert len(senders["sms"].sent) == 2, "by text, which they prefer"


def test_through_a_mail_server_the_invitation_arrives_as_such(invited: World) -> None:
    with running(Relay()) as relay:
        sender = SmtpSender("127.0.0.1", relay.port, security="none", from_address=f"Clinic <{SENDER}>")
        invited.with_senders({"email": sender}).book()
        invited.at(NOW + timedelta(minutes=5)).dispatch()
        sender.close()
    (received,) = relay.received
    message = email.message_from_bytes(received.content, policy=policy.default)
    parts = [part for part in message.walk() if part.get_content_type() == "text/calendar"]
    (event,) = icalendar.Calendar.from_ical(parts[0].get_payload(decode=True)).walk("VEVENT")
    assert [part["Content-Type"].params["method"] for part in parts] == ["REQUEST"]
    assert event["ORGANIZER"] == f"mailto:{message['From'].addresses[0].addr_spec}"
    assert event["ATTENDEE"] == f"mailto:{received.rcpt_tos[0]}"
    assert message["Reply-To"] == "desk@example.org"
    assert event["SUMMARY"] == "Appointment"
