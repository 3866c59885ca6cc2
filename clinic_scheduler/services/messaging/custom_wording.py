"""A clinic's own words for messages: saved, or given up for the shipped ones. Rendering them is the messages room's."""

from datetime import datetime

from sqlalchemy.orm import Session

from clinic_scheduler.domain.errors import ChangedMeanwhile, InvalidInput
from clinic_scheduler.domain.messaging.custom_wording import Wording, problems
from clinic_scheduler.models import Clinic, MessageTemplate
from clinic_scheduler.queries.messaging.custom_wording import template_of
from clinic_scheduler.services.actors import Actor
from clinic_scheduler.services.audit import record
from clinic_scheduler.services.calendars.revision import raise_revision


def save(
    session: Session, actor: Actor, wording: Wording, based_on: datetime | None, now: datetime
) -> MessageTemplate:
    """Keep the words for the actor's clinic. `based_on` is when the words on the screen were last saved, None
    for the shipped ones. Raises InvalidInput, or ChangedMeanwhile where somebody else saved since.
    """
    found = problems(wording)
    if found:
        raise InvalidInput("; ".join(f"{one.place}: {one.message}" for one in found))
    row = template_of(session, actor.clinic_id, wording.kind, wording.channel, wording.language, lock=True)
    if (row and row.updated_at) != based_on:
        raise ChangedMeanwhile("somebody else saved these words after this page was opened")
    if row is None:
        row = MessageTemplate(
            clinic_id=actor.clinic_id,
            kind=wording.kind,
            channel=wording.channel,
            language=wording.language,
        )
        session.add(row)
    row.subject, row.body = wording.subject, wording.body
    row.updated_at, row.updated_by_id = now, actor.user_id
    session.flush()
    _audit(session, actor, row, "changed", now)
    return row


def reset(session: Session, actor: Actor, kind: str, channel: str, language: str, now: datetime) -> bool:
    """Back to the shipped words; False where they hold already."""
    row = template_of(session, actor.clinic_id, kind, channel, language, lock=True)
    if row is None:
        return False
    _audit(session, actor, row, "removed", now)
    session.delete(row)
    return True


def sign_texts(session: Session, actor: Actor, text_name: str, now: datetime) -> None:
    """The name that signs the clinic's texts; empty: the clinic's own."""
    clinic = session.get_one(Clinic, actor.clinic_id, with_for_update=True)
    if (clinic.text_name or "") == text_name:
        return
    clinic.text_name = text_name or None
    raise_revision(session, clinic.id, now)  # providers' calendars over several clinics call it so
    record(session, actor, now, "changed", "clinics", clinic.id, fields=["text_name"])


def _audit(session: Session, actor: Actor, row: MessageTemplate, action: str, now: datetime) -> None:
    record(
        session,
        actor,
        now,
        action,
        "message_templates",
        row.id,
        kind=row.kind,
        channel=row.channel,
        language=row.language,
    )
