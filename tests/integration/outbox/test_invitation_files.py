"""What invitations put into a calendar: at the revision that feeds have, in the language of the e-mail."""

from datetime import timedelta

import icalendar
from sqlalchemy.orm import Session

from clinic_scheduler.calendars.feed import patient_feed
from clinic_scheduler.domain.calendars.links import PATIENT
from clinic_scheduler.domain.calendars.values import Subscription
from clinic_scheduler.domain.messaging.invitations import FEED
from clinic_scheduler.queries.calendars.rows import Subject, calendar_rows, clinic_contact
from clinic_scheduler.senders.memory import MemorySender
from clinic_scheduler.services.change import Change
from clinic_scheduler.services.practice import clinics
from tests.integration.outbox.test_invitations import LATER, invited, only, told
from tests.integration.outbox.world import VISIT, World

__all__ = ["invited"]


def test_an_invitation_has_the_revision_its_event_has_in_a_feed(invited: World, mail: MemorySender) -> None:
    visit = invited.book()
    booked = only(told(invited, mail))
    entry = {"phone": "+1 602 555 0123"}
    invited.change(lambda s: clinics.change_clinic(Change(s, invited.actor, invited.clock.now()), entry))
    invited.change(lambda s: clinics.change_clinic(Change(s, invited.actor, invited.clock.now()), entry))
    invited.move(visit, VISIT + timedelta(hours=1))
    moved = only(told(invited, mail))
    assert moved.sequence == booked.sequence + 2, "once for the move, once for the phone"
    subject = Subject(PATIENT, invited.actor.clinic_id, patient_id=invited.people[0])

    def feed(session: Session) -> bytes:
        clinic = clinic_contact(session, subject.clinic_id, invited.tools.uid_host)
        now = invited.clock.now()
        return patient_feed(
            calendar_rows(session, subject, now), clinic=clinic, subscription=Subscription("f", now), now=now
        )

    shown = icalendar.Calendar.from_ical(invited.change(feed)).walk("VEVENT")
    assert (moved.uid, moved.sequence) in [(str(event["UID"]), event["SEQUENCE"]) for event in shown]


def test_what_an_e_mail_carries_into_a_calendar_is_in_the_e_mails_language(
    invited: World, mail: MemorySender
) -> None:
    invited.set_patient(language="es-MX")
    visit = invited.book()
    told(invited, mail)
    invited.set_patient(calendar_by=FEED)
    invited.cancel(visit)
    told(invited, mail)
    invited.book(at=LATER)
    told(invited, mail, days=13, hours=2)
    files = [mail.sent[each].attachments[0].content.decode() for each in (0, 1, -1)]
    assert ["METHOD" in file for file in files] == [True, True, False]
    for file, title in zip(files, ("Cita", "Cancelada: Cita", "Cita"), strict=True):
        assert f"SUMMARY:{title}\r\n" in file
    assert "DESCRIPTION:Para reservar otra vez\\, llame al +1 602 555 0100." in files[1]
