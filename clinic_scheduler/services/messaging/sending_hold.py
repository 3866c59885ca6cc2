"""Holding all sending while it is unknown what has gone out, and going on once somebody has answered for that.

A backup that is put in the database's place knows nothing of what was sent since; sending on would repeat it.
"""

import logging
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from clinic_scheduler.domain.errors import ActionRefused, InvalidInput
from clinic_scheduler.domain.messaging.sending_holds import REASON_WORDS, GapAnswer, Here, SendingHoldReason
from clinic_scheduler.domain.messaging.states import AttemptOutcome, MessageState, ReminderState
from clinic_scheduler.domain.messaging.suppression_reasons import SuppressionReason
from clinic_scheduler.models import Clinic, Installation, Message, Reminder
from clinic_scheduler.queries.messaging.sending_hold import (
    any_sent,
    gap,
    last_sign_of_life,
    reminders_in_gap,
    sending_hold,
    was_sent,
)
from clinic_scheduler.services.audit import record
from clinic_scheduler.services.change import Change
from clinic_scheduler.services.inserts import insert_into
from clinic_scheduler.services.messaging.outbox_outcomes import close, note
from clinic_scheduler.services.messaging.reminder_states import move_to

# A data folder that knows nothing joins a database in which somebody was at work this lately.
ALIVE = timedelta(minutes=30)
_THE_ROW = 1
logger = logging.getLogger(__name__)


def is_held(session: Session, here: Here, now: datetime) -> bool:
    """Whether nothing may be sent; asked in the transaction that claims what would be.

    What speaks against this database is found here, and kept with it until somebody answers.
    """
    row = session.get(Installation, _THE_ROW, populate_existing=True)
    if row is not None and row.held_reason is None and _is_known(session, row, here):
        # Shared: a hold that begins now waits for this claim, or this claim for it.
        held = select(Installation.held_reason).with_for_update(read=True)
        return session.scalar(held) is not None
    row = _locked(session)
    if row.held_reason is None:
        reason = _against(session, row, here, now)
        if reason is None:
            # A mark that is known stays: under a rotated secret others may not know the new one yet.
            row.mark, row.base_url = row.mark or here.marks[0], here.base_url
        else:
            _hold(row, reason, now, last_sign_of_life(session))
    return row.held_reason is not None


def hold(session: Session, reason: SendingHoldReason, now: datetime, gap_from: datetime | None) -> None:
    """Nothing is sent from here on; `gap_from` is when the rows stop knowing what was."""
    _hold(_locked(session), reason, now, gap_from)


def answer(change: Change, here: Here, answers: Mapping[str, GapAnswer]) -> Mapping[GapAnswer, int]:
    """Send or drop what is in the gap, by its kind, in every clinic; sending then goes on. Returns how many of each.

    What is dropped is as if staff had stopped it: it can be let go one by one. Raises ActionRefused where nothing is
    held, InvalidInput where a kind is not answered for.
    """
    row = _locked(change.session)
    held = sending_hold(change.session)
    if held is None:
        raise ActionRefused("Sending is not held; somebody else may have answered. Nothing was changed.")
    found = gap(change.session, held)
    if unanswered := [kind for kind in found if kind not in answers]:
        raise InvalidInput(f"Say whether to send or to drop: {', '.join(unanswered)}")
    counts = dict.fromkeys(GapAnswer, 0)
    for kind, number in found.items():
        counts[answers[kind]] += number
    dropped = [kind for kind in found if answers[kind] == GapAnswer.DROP]
    for reminder in reminders_in_gap(change.session, held, dropped):
        _drop(change, reminder)
    row.mark, row.base_url, row.answered_at = here.marks[0], here.base_url, change.now
    row.held_reason = row.held_since = row.gap_from = None
    _keep_on_record(change, held.reason, counts)
    return counts


def _keep_on_record(change: Change, reason: SendingHoldReason, counts: Mapping[GapAnswer, int]) -> None:
    """In every clinic: it is each one's messages that were sent or dropped."""
    details = {"sent": counts[GapAnswer.SEND], "dropped": counts[GapAnswer.DROP]}
    for clinic_id in change.session.scalars(select(Clinic.id).order_by(Clinic.id)):
        own = replace(change, actor=replace(change.actor, clinic_id=clinic_id))
        record(own, "sending_released", "installation", _THE_ROW, reason=reason.value, **details)


def _locked(session: Session) -> Installation:
    """The row, made where there is none yet."""
    new = insert_into(session, Installation).values(id=_THE_ROW)
    session.execute(new.on_conflict_do_nothing(index_elements=[Installation.id]))
    return session.get_one(Installation, _THE_ROW, with_for_update=True, populate_existing=True)


def _is_known(session: Session, row: Installation, here: Here) -> bool:
    """The same installation, and what it knows it sent is among the rows or was answered for."""
    same = row.mark in here.marks and row.base_url is not None and here.is_at(row.base_url)
    return same and here.last_sent is not None and not _is_older(session, row, here)


def _is_older(session: Session, row: Installation, here: Here) -> bool:
    last = here.last_sent
    if last is None or (row.answered_at is not None and last.at <= row.answered_at):
        return False
    return not was_sent(session, last.uid)


def _against(session: Session, row: Installation, here: Here, now: datetime) -> SendingHoldReason | None:
    """Why nothing may be sent from this database yet; None for a fresh one, or one that is this installation's."""
    strange = row.mark is not None and row.mark not in here.marks
    if strange or (row.mark is None and here.last_sent is not None):
        return SendingHoldReason.UNMARKED
    if row.base_url is not None and not here.is_at(row.base_url):
        return SendingHoldReason.OTHER_ADDRESS
    if _is_older(session, row, here):
        return SendingHoldReason.OLDER
    if here.last_sent is not None or not any_sent(session, row.answered_at):
        return None
    seen = last_sign_of_life(session)
    if seen is not None and now - seen < ALIVE:
        return None
    return SendingHoldReason.UNMARKED if row.mark is None else SendingHoldReason.NEW_PLACE


def _hold(row: Installation, reason: SendingHoldReason, now: datetime, gap_from: datetime | None) -> None:
    row.held_reason, row.held_since, row.gap_from = reason.value, now, gap_from
    logger.warning("Nothing is sent until an administrator answers. %s", REASON_WORDS[reason])


def _drop(change: Change, reminder: Reminder) -> None:
    session, now = change.session, change.now
    message = session.scalar(select(Message).where(Message.reminder_id == reminder.id).with_for_update())
    if message is not None and message.state in (MessageState.PENDING, MessageState.SENDING):
        told = f"{change.actor.name} dropped it: it may have been sent before."
        note(session, message, now, AttemptOutcome.REFUSED, told)
        close(session, message, MessageState.SUPPRESSED, SuppressionReason.STOPPED_BY_STAFF, now)
    else:
        move_to(reminder, ReminderState.SUPPRESSED, now, SuppressionReason.STOPPED_BY_STAFF)
