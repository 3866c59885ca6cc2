"""Calendar links: issued once, kept as a hash, revoked for good."""

import secrets
from datetime import datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from clinic_scheduler.domain.errors import InvalidInput
from clinic_scheduler.domain.token import token_hash
from clinic_scheduler.models import CalendarFeed, Patient, Provider
from clinic_scheduler.queries.lookups import row_in_clinic
from clinic_scheduler.services.actors import Actor
from clinic_scheduler.services.audit import record

TOKEN_BYTES = 32


def issue(
    session: Session,
    actor: Actor,
    now: datetime,
    *,
    name: str,
    patient_id: int | None = None,
    provider_id: int | None = None,
    reveal: str = "neutral",
) -> str:
    """A new link's token, shown this once; exactly one of patient and provider."""
    if (patient_id is None) == (provider_id is None):
        raise InvalidInput("a calendar link is a patient's or a provider's")
    if patient_id is not None:
        row_in_clinic(session, Patient, actor.clinic_id, patient_id)
    if provider_id is not None:
        row_in_clinic(session, Provider, actor.clinic_id, provider_id)
    token = secrets.token_urlsafe(TOKEN_BYTES)
    feed = CalendarFeed(
        clinic_id=actor.clinic_id,
        kind="patient" if patient_id is not None else "provider",
        patient_id=patient_id,
        provider_id=provider_id,
        name=name,
        token_sha256=token_hash(token),
        reveal=reveal,
        created_at=now,
        created_by_id=actor.user_id,
    )
    session.add(feed)
    session.flush()
    record(session, actor, now, "issued", "calendar_feeds", feed.id, patient_id=patient_id)
    return token


def revoke(session: Session, actor: Actor, feed_id: int, now: datetime) -> CalendarFeed:
    """Stop a link; subscribers see one notice in its place. Revoking twice changes nothing."""
    feed = row_in_clinic(session, CalendarFeed, actor.clinic_id, feed_id)
    if feed.revoked_at is None:
        feed.revoked_at = now
        record(session, actor, now, "revoked", "calendar_feeds", feed.id, patient_id=feed.patient_id)
    return feed


def mark_used(session: Session, feed_id: int, now: datetime) -> None:
    """Keep when a link was last fetched; not a change anybody made, so no audit row."""
    session.execute(update(CalendarFeed).where(CalendarFeed.id == feed_id).values(last_used_at=now))
