"""A clinic's own words for messages: saved, or given up for the shipped ones. Rendering them is the messages room's."""

from datetime import datetime

from clinic_scheduler.domain.errors import ChangedMeanwhile, InvalidInput
from clinic_scheduler.domain.messaging.custom_wording import Wording, problems
from clinic_scheduler.models import Clinic, MessageTemplate
from clinic_scheduler.queries.messaging.custom_wording import template_of
from clinic_scheduler.services.audit import record
from clinic_scheduler.services.calendars.revision import raise_revision
from clinic_scheduler.services.change import Change


def save(change: Change, wording: Wording, based_on: datetime | None) -> MessageTemplate:
    """Keep the words for the actor's clinic. `based_on` is when the words on the screen were last saved, None
    for the shipped ones. Raises InvalidInput, or ChangedMeanwhile where somebody else saved since.
    """
    found = problems(wording)
    if found:
        raise InvalidInput("; ".join(f"{one.place}: {one.message}" for one in found))
    row = template_of(
        change.session, change.clinic_id, wording.kind, wording.channel, wording.language, lock=True
    )
    if (row and row.updated_at) != based_on:
        raise ChangedMeanwhile("somebody else saved these words after this page was opened")
    if row is None:
        row = MessageTemplate(
            clinic_id=change.clinic_id, kind=wording.kind, channel=wording.channel, language=wording.language
        )
        change.session.add(row)
    row.subject, row.body = wording.subject, wording.body
    row.updated_at, row.updated_by_id = change.now, change.actor.user_id
    change.session.flush()
    _audit(change, row, "changed")
    return row


def reset(change: Change, kind: str, channel: str, language: str) -> bool:
    """Back to the shipped words; False where they hold already."""
    row = template_of(change.session, change.clinic_id, kind, channel, language, lock=True)
    if row is None:
        return False
    _audit(change, row, "removed")
    change.session.delete(row)
    return True


def sign_texts(change: Change, text_name: str) -> None:
    """The name that signs the clinic's texts; empty: the clinic's own."""
    clinic = change.session.get_one(Clinic, change.clinic_id, with_for_update=True)
    if (clinic.text_name or "") == text_name:
        return
    clinic.text_name = text_name or None
    raise_revision(
        change.session, clinic.id, change.now
    )  # providers' calendars over several clinics call it so
    record(change, "changed", "clinics", clinic.id, fields=["text_name"])


def _audit(change: Change, row: MessageTemplate, action: str) -> None:
    record(
        change, action, "message_templates", row.id, kind=row.kind, channel=row.channel, language=row.language
    )
