"""Calendar links: issued, changed, replaced, revoked for good. Kept as a hash; sending one is link_sending.py."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import update
from sqlalchemy.orm import Session

from clinic_scheduler.domain.calendars.links import (
    BESIDES_VISITS,
    LATER,
    LONGEST_NAME,
    PATIENT,
    PROVIDER,
    Shown,
    Whose,
)
from clinic_scheduler.domain.errors import InvalidInput
from clinic_scheduler.domain.token_hash import token_hash
from clinic_scheduler.languages import languages, spoken_in
from clinic_scheduler.models import CalendarFeed, Patient, Provider
from clinic_scheduler.models.column_types import opaque_id
from clinic_scheduler.queries.calendars.links import newest_that_can_be_told
from clinic_scheduler.queries.lookups import row_in_clinic
from clinic_scheduler.services.audit import record
from clinic_scheduler.services.calendars.link_sending import call_off
from clinic_scheduler.services.change import Change
from clinic_scheduler.services.locks import lock_patients

TokenOf = Callable[[str], str]
"""Makes a link's token from its uid and the installation's key: links.Links.calendar_token."""

SENT_LINK = "Sent to the patient"


class Issued(NamedTuple):
    """A new link's row and its token, of which the row keeps a hash."""

    feed: CalendarFeed
    token: str


def issue(
    change: Change, whose: Whose, token_of: TokenOf, *, name: str, shown: Shown | None = None
) -> Issued:
    """A new link. Its token can be made again for as long as the installation's key is known."""
    shown = shown or Shown()
    _require_own(change, whose)
    _require_providers(whose.kind, shown)
    uid = opaque_id()
    token = token_of(uid)
    feed = CalendarFeed(
        clinic_id=change.clinic_id,
        kind=whose.kind,
        patient_id=whose.patient_id,
        provider_id=whose.provider_id,
        name=_name(name),
        uid=uid,
        token_sha256=token_hash(token),
        reveal=shown.reveal,
        alarms=shown.alarms,
        language=_language(change.session, whose, shown),
        cycles_ahead=shown.cycles_ahead,
        all_clinics=shown.all_clinics,
        **{name: getattr(shown, name) for name in BESIDES_VISITS},
        created_at=change.now,
        created_by_id=change.actor.user_id,
    )
    change.session.add(feed)
    change.session.flush()
    _audit(change, "issued", feed, kind=feed.kind, **_codes(feed))
    return Issued(feed, token)


def link_to_send(change: Change, patient_id: int, token_of: TokenOf) -> CalendarFeed:
    """The patient's newest link that holds and can be told again, else a new one."""
    row_in_clinic(change.session, Patient, change.clinic_id, patient_id)
    lock_patients(change.session, [patient_id])  # or two presses at once would make two links
    known = newest_that_can_be_told(change.session, patient_id, token_of)
    if known is not None:
        return known
    return issue(change, Whose(PATIENT, patient_id=patient_id), token_of, name=SENT_LINK).feed


def change(change: Change, feed_id: int, *, name: str, **later: Any) -> CalendarFeed:
    """What can change under a link people have subscribed to: its name, and fields of Shown named in LATER."""
    feed = _holding(change, feed_id)
    if not later.keys() <= LATER:
        raise InvalidInput(
            "a calendar's titles, alarms and language last as long as its link; make another link"
        )
    before = {"name": feed.name, **_codes(feed)}
    shown = replace(shown_by(feed), **later)
    _require_providers(feed.kind, shown)
    feed.name = _name(name)
    for field in later:
        setattr(feed, field, getattr(shown, field))
    changed = {key: value for key, value in _codes(feed).items() if value != before[key]}
    if changed or feed.name != before["name"]:
        _audit(change, "changed", feed, **changed)
    return feed


def rotate(change: Change, feed_id: int, token_of: TokenOf, shown: Shown | None = None) -> CalendarFeed:
    """Another link in its place, the old one revoked; `shown` where more than the address should change."""
    old = _holding(change, feed_id)
    whose = Whose(old.kind, old.patient_id, old.provider_id)
    new = issue(change, whose, token_of, name=old.name, shown=shown or shown_by(old)).feed
    revoke(change, feed_id)
    _audit(change, "replaced", old, replaced_by=new.id)
    return new


def revoke(change: Change, feed_id: int) -> CalendarFeed:
    """Stop a link; subscribers see one notice in its place. Revoking twice changes nothing."""
    feed = row_in_clinic(change.session, CalendarFeed, change.clinic_id, feed_id)
    if feed.revoked_at is None:
        feed.revoked_at = change.now
        call_off(change.session, feed.id, change.now)
        _audit(change, "revoked", feed)
    return feed


def note_shown(change: Change, feed_id: int) -> CalendarFeed:
    """Whoever reads a link's address can read the calendar, so each time it is shown again is on record."""
    feed = row_in_clinic(change.session, CalendarFeed, change.clinic_id, feed_id)
    _audit(change, "shown", feed)
    return feed


def mark_used(session: Session, feed_id: int, now: datetime) -> None:
    """Keep when a link was last fetched; not a change anybody made, so no audit row."""
    session.execute(update(CalendarFeed).where(CalendarFeed.id == feed_id).values(last_used_at=now))


def shown_by(feed: CalendarFeed) -> Shown:
    besides = {name: getattr(feed, name) for name in BESIDES_VISITS}
    return Shown(feed.reveal, feed.alarms, feed.cycles_ahead, feed.all_clinics, feed.language, **besides)


def _language(session: Session, whose: Whose, shown: Shown) -> str:
    """What staff read is in English."""
    if whose.patient_id is None:
        if shown.language not in (None, "en"):
            raise InvalidInput("only a patient's calendar is written in another language than English")
        return "en"
    if shown.language is not None and shown.language not in languages():
        raise InvalidInput(f"a calendar is written in one of {', '.join(languages())}")
    return shown.language or spoken_in(session.get_one(Patient, whose.patient_id).language)


def _require_providers(kind: str, shown: Shown) -> None:
    if kind == PROVIDER:
        return
    if shown.all_clinics:
        raise InvalidInput("only a provider's calendar link reaches over several clinics")
    if any(getattr(shown, name) for name in BESIDES_VISITS):
        raise InvalidInput("what is shown besides visits is chosen for a provider's calendar alone")


def _require_own(change: Change, whose: Whose) -> None:
    if whose.patient_id is not None:
        row_in_clinic(change.session, Patient, change.clinic_id, whose.patient_id)
    if whose.provider_id is not None:
        row_in_clinic(change.session, Provider, change.clinic_id, whose.provider_id)


def _holding(change: Change, feed_id: int) -> CalendarFeed:
    feed = row_in_clinic(change.session, CalendarFeed, change.clinic_id, feed_id)
    if feed.revoked_at is not None:
        raise InvalidInput("this calendar link was revoked; make a new one")
    return feed


def _name(name: str) -> str:
    if not name.strip() or len(name) > LONGEST_NAME:
        raise InvalidInput(f"a calendar link needs a name of at most {LONGEST_NAME} characters")
    return name.strip()


def _codes(feed: CalendarFeed) -> dict[str, object]:
    """What an audit row keeps; the name is free text and stays out."""
    return {
        "reveal": feed.reveal,
        "alarms": feed.alarms,
        "language": feed.language,
        "cycles_ahead": feed.cycles_ahead,
        "all_clinics": feed.all_clinics,
        **{name: getattr(feed, name) for name in BESIDES_VISITS},
    }


def _audit(change: Change, action: str, feed: CalendarFeed, **details: object) -> None:
    record(change, action, "calendar_feeds", feed.id, patient_id=feed.patient_id, **details)
