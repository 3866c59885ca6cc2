"""The words that go out: the patient's language, the clinic's own wording, its fall-back, links and headers."""

import logging
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from clinic_scheduler.domain.messaging.custom_wording import Wording
from clinic_scheduler.domain.messaging.dispatch_rules import Claimed, Notification
from clinic_scheduler.domain.messaging.kinds import CALENDAR_LINK, MISSED_VISIT
from clinic_scheduler.jobs.envelopes import envelope_for
from clinic_scheduler.links import OptOutLink, VisitLink
from clinic_scheduler.models import Clinic, MessageTemplate, Reminder
from clinic_scheduler.senders.base import Envelope
from clinic_scheduler.senders.memory import MemorySender
from clinic_scheduler.senders.mime import outgoing
from clinic_scheduler.services.change import Change
from clinic_scheduler.services.messaging import custom_wording
from clinic_scheduler.services.messaging.dispatch_facts import notification_of
from tests.integration.outbox.world import NOW, VISIT, World

WEEK_BEFORE = VISIT - timedelta(7)
CLAIMED = Claimed(
    1, 1, "uid", "token", 1, False, "<uid@clinic.example.org>", datetime(2026, 11, 30, tzinfo=UTC)
)


def sent(world: World, mail: MemorySender) -> Envelope:
    """What goes out a week before the visit."""
    world.at(WEEK_BEFORE).dispatch()
    (envelope,) = mail.sent
    return envelope


def say(world: World, body: str, *, subject: str = "Hasta pronto", language: str = "es") -> None:
    wording = Wording("visit_reminder", "email", language, subject, body)
    world.change(lambda s: custom_wording.save(Change(s, world.actor, NOW), wording, None).id)


def token(address: str) -> str:
    return address.rpartition("/")[2]


def told(world: World, **changes: Any) -> Envelope:
    """The envelope of the first visit reminder's notification, with some of it otherwise."""

    def look(session: Session) -> Notification:
        first = (
            select(Reminder.id).where(Reminder.kind == "visit_reminder").order_by(Reminder.due_at).limit(1)
        )
        return notification_of(session, session.scalars(first).one(), world.clock.now())

    return envelope_for(replace(world.change(look), **changes), CLAIMED, world.tools)


def test_a_patient_is_written_to_in_their_language(world: World, mail: MemorySender) -> None:
    world.book()
    world.set_patient(language="es-MX")
    envelope = sent(world, mail)
    assert envelope.subject == "Recordatorio de su visita"
    assert "Hola, Peregrine0:" in envelope.text
    assert "lunes 7 de diciembre de 2026, 10:00 a. m." in envelope.text


def test_the_letter_carries_the_answer_page_and_the_way_out_in_one_click(
    world: World, mail: MemorySender
) -> None:
    visit = world.book()
    links, (person,) = replace(world.tools.links, base_url="https://clinic.example.org"), world.people
    world.tools = replace(world.tools, links=links)
    envelope = sent(world, mail)
    answer = links.visit(VisitLink(visit, VISIT))
    way_out = links.opt_out(OptOutLink(person, "visits", "email"))
    assert answer in envelope.text
    assert way_out in envelope.text
    assert answer in (envelope.html or "")
    assert envelope.headers == {
        "List-Unsubscribe": f"<{way_out}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }
    assert links.read_visit(token(answer), WEEK_BEFORE) == VisitLink(visit, VISIT)
    assert links.read_opt_out(token(way_out)) == OptOutLink(person, "visits", "email")
    plain = replace(links, base_url="http://clinic.example.org")
    world.tools = replace(world.tools, links=plain)
    assert told(world).headers == {}, "one click is for https alone"


def test_own_words_go_out_in_their_language_alone(world: World, mail: MemorySender) -> None:
    world.book()
    say(world, "Le vemos el {{ visit }}.")
    say(world, "Somebody else's {{ visit }}", language="en")
    world.set_patient(language="es")
    envelope = sent(world, mail)
    assert envelope.subject == "Hasta pronto"
    assert envelope.text.startswith("Le vemos el lunes 7 de diciembre de 2026, 10:00 a. m.\n")
    assert "911" in envelope.text
    assert "<p>Le vemos el lunes 7 de diciembre" in (envelope.html or "")


def test_own_words_that_no_longer_render_give_way_to_the_shipped_ones_without_a_trace_of_the_patient(
    world: World, mail: MemorySender, caplog: pytest.LogCaptureFixture
) -> None:
    world.book()
    say(world, "{{ visit }}", language="en")
    broken = update(MessageTemplate).values(body="{{ gone.__class__ }} {{ given_name }}")
    world.change(lambda s: s.execute(broken).rowcount)  # type: ignore[attr-defined]
    with caplog.at_level(logging.ERROR):
        envelope = sent(world, mail)
    assert envelope.subject == "Reminder of your visit"
    assert "the shipped ones go out" in caplog.text
    assert "SecurityError" in caplog.text
    assert "Peregrine" not in caplog.text
    assert "gone" not in caplog.text


def test_texts_are_signed_with_the_clinics_name_for_texts(world: World) -> None:
    world.book()
    world.change(lambda s: s.execute(update(Clinic).values(text_name="Saguaro")).rowcount)  # type: ignore[attr-defined]
    envelope = told(world, channel="sms", language="es")
    assert (envelope.sms or "").startswith(
        "Saguaro: su visita: lun 7 dic 2026, 10:00 a. m. Tel. +1 602 555 0100."
    )
    assert envelope.headers == {}
    assert envelope.attachments == ()


def test_a_calendar_link_is_told_anew_from_its_id(world: World) -> None:
    world.book()
    envelope = told(world, kind=CALENDAR_LINK, calendar_feed_uid="feed-1", visit=None)
    page = world.tools.links.subscribe_page(world.tools.links.calendar_token("feed-1"))
    assert page in envelope.text
    assert page in (envelope.sms or "")


def test_a_missed_visit_brings_no_calendar_file(world: World) -> None:
    world.book()
    envelope = told(world, kind=MISSED_VISIT)
    assert envelope.attachments == ()
    assert "Confirm" not in envelope.text
    with pytest.raises(ValueError, match="not known"):
        told(world, kind=MISSED_VISIT, visit=None)


@pytest.mark.parametrize("by_invitation", [False, True])
def test_a_clinics_name_with_a_line_break_goes_out_in_one_line(
    world: World, mail: MemorySender, by_invitation: bool
) -> None:
    """No page takes such a name any more; a database may hold one from before."""
    nasty = "Saguaro\r\nBcc: all@example.org"
    world.change(lambda s: s.execute(update(Clinic).values(name=nasty, text_name=nasty)))
    if by_invitation:
        world.set_patient(calendar_by="invitations")
    world.book()
    world.at(WEEK_BEFORE).dispatch()
    assert mail.sent
    for envelope in mail.sent:
        written = outgoing(envelope, "no-reply@clinic.example.org")
        assert b"\r\nBcc:" not in written.content.split(b"\r\n\r\n")[0]
        assert written.recipient == "peregrine0@example.org"
    assert set(world.messages()) == {("sent", False, 1)}
