"""A reminder in a language of which there is one file alone, from the outbox to the page behind its link."""

from clinic_scheduler.domain.messaging.kinds import CHANNELS, KINDS
from clinic_scheduler.languages import languages
from clinic_scheduler.links import VisitLink
from clinic_scheduler.messages import shipped_wording
from clinic_scheduler.senders.memory import MemorySender
from tests.integration.outbox.test_outbox_words import sent
from tests.integration.outbox.world import VISIT, World
from tests.third_language import CODE, third_language

__all__ = ["third_language"]


def test_a_reminder_its_file_and_its_page(third_language: None, world: World, mail: MemorySender) -> None:
    visit = world.book()
    world.set_patient(language=CODE)
    envelope = sent(world, mail)
    assert envelope.subject == "«Reminder of your visit»"
    assert envelope.text.startswith("«Hello Peregrine0,»\n")
    assert "«lundo, la 7-a de Decembro 2026 at 10:00»" in envelope.text
    assert f'<html lang="{CODE}">' in (envelope.html or "")
    assert "«lundo, la 7-a de Decembro 2026 at 10:00»" in (envelope.html or "")
    assert "lu 7 Dec 2026, 10:00" in (envelope.sms or "")
    (file,) = envelope.attachments
    assert "SUMMARY:«Appointment»" in file.content.decode()
    page = world.app.test_client().get(
        "/" + world.tools.links.visit(VisitLink(visit, VISIT)).split("/", 3)[3]
    )
    assert f'<html lang="{CODE}">' in page.text
    assert "«lundo, la 7-a de Decembro at 10:00»" in page.text
    assert "«Will you come?»" in page.text


def test_a_clinic_can_word_it_itself(third_language: None, world: World) -> None:
    assert languages()[CODE] == "Esperanto"
    for kind in KINDS:
        for channel in CHANNELS:
            words = shipped_wording(kind, channel, CODE, world.tools.templates)
            assert words.body.startswith(("«", "{{ clinic_name }}: "))
