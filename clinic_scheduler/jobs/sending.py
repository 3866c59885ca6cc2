"""One message at a time through a sender thread: words, sender, last question, outcome. dispatch.py chooses which.

No transaction is open while a sender works; only the hand-over asks the rows, in a short one of its own.
"""

import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.orm import Session

from clinic_scheduler.domain.messaging.custom_wording import Wording
from clinic_scheduler.domain.messaging.dispatch_rules import Claimed, Leaving, Notification
from clinic_scheduler.domain.messaging.kinds import SMS
from clinic_scheduler.domain.messaging.states import AttemptOutcome, MessageState
from clinic_scheduler.jobs.context import Tools, fault
from clinic_scheduler.jobs.envelopes import envelope_for
from clinic_scheduler.jobs.group_commit import GroupCommit
from clinic_scheduler.senders.base import Envelope, HandOverRefused, Receipt, Sender, SendError, look_up_of
from clinic_scheduler.services.messaging import outbox, receipts
from clinic_scheduler.services.messaging.outbox_outcomes import NotSent, Sent, record_not_sent, record_sent

Ended = Sent | NotSent | None
"""None: turned back before or at the hand-over, which is on record already."""
logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Prepared:
    """A claimed message and what it says, in the clinic's own words if it has some; or why that cannot be told."""

    claimed: Claimed
    notification: Notification | None
    wording: Wording | None = None
    failure: NotSent | None = None


class Rows:
    """What group commit writes for the sender threads, several at once: the last question, and how tries ended."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools

    def hand_over(self, session: Session, leaving: Sequence[Leaving]) -> list[bool]:
        return outbox.hand_over(session, leaving, self._tools.clock.now(), self._tools.senders)

    def keep(self, session: Session, ended: Sequence[tuple[Claimed, Sent | NotSent]]) -> list[str]:
        """The states that followed."""
        now = self._tools.clock.now()
        sent = [(claimed, how) for claimed, how in ended if isinstance(how, Sent)]
        record_sent(session, sent, now)
        # A receipt may have come before this record of what it is about.
        receipts.match_all(session, {(how.sender, how.provider_reference) for _, how in sent}, now)
        return [
            MessageState.SENT if isinstance(how, Sent) else self._not_sent(session, claimed, how, now)
            for claimed, how in ended
        ]

    def _not_sent(self, session: Session, claimed: Claimed, failure: NotSent, now: datetime) -> str:
        tools = self._tools
        state = record_not_sent(session, claimed, failure, now, tools.jitter, tools.idempotent)
        said = "retry" if state == MessageState.PENDING else state
        logger.warning("message %s: %s, now %s. %s", claimed.uid, failure.outcome, said, failure.reason)
        return said


class SenderThread:
    """What one thread sends with. `counts` are final after `finish`."""

    def __init__(
        self, tools: Tools, senders: Mapping[str, Sender], commit_group: GroupCommit, rows: Rows
    ) -> None:
        self.tools, self.senders, self.commit_group, self.rows = tools, senders, commit_group, rows
        self.counts: Counter[str] = Counter()
        self._being_kept: tuple[Claimed, Future[str]] | None = None

    def take(self, prepared: Prepared) -> None:
        """Try it once. Its outcome is written without waiting, so that the next one can go on meanwhile."""
        attempt = _Attempt(self, prepared.claimed)
        ended = prepared.failure or _try(attempt, prepared.notification, prepared.wording)
        self._settle()
        if ended is None:
            logger.info("message %s: not sent, no longer wanted now", attempt.claimed.uid)
            self.counts["turned_back"] += 1
            return
        kept = self.commit_group.write(self.rows.keep, (attempt.claimed, ended))
        self._being_kept = (attempt.claimed, kept)

    def finish(self) -> None:
        """Wait for what is still being written, and let go of the connections."""
        self._settle()
        for sender in self.senders.values():
            sender.close()

    def _settle(self) -> None:
        if self._being_kept is None:
            return
        claimed, kept = self._being_kept
        self._being_kept = None
        try:
            state = kept.result()
            self.counts[state] += 1
            if state == "sent":
                self.tools.place.sent(claimed.uid, self.tools.clock.now())
        except Exception as error:
            # The lease runs out and the reconcile tick takes the message up, which by then is marked as
            # perhaps sent if its words had left.
            logger.error("message %s: the outcome could not be recorded (%s)", claimed.uid, fault(error))
            self.counts["unrecorded"] += 1


class _Attempt:
    """The question a sender puts at the last moment; `agreed` tells whether the words may have left since."""

    def __init__(self, sender_thread: SenderThread, claimed: Claimed) -> None:
        self.sender_thread, self.claimed = sender_thread, claimed
        self.address: str | None = None
        self.agreed = False

    def __call__(self) -> bool:
        asked = self.sender_thread.commit_group.write(
            self.sender_thread.rows.hand_over, Leaving(self.claimed, self.address)
        )
        self.agreed = asked.result()
        return self.agreed


def _try(attempt: _Attempt, notification: Notification | None, wording: Wording | None) -> Ended:
    try:
        return None if notification is None else _send(attempt, notification, wording)
    except HandOverRefused:
        return None
    except SendError as error:
        if error.retryable:
            return NotSent(AttemptOutcome.RETRY, error.reason)
        how = AttemptOutcome.PERMANENT if error.permanent else AttemptOutcome.AMBIGUOUS
        return NotSent(how, error.reason)
    except Exception as error:
        # A bad row, or a fault in a sender: what isn't known to have stayed here may have left.
        how = AttemptOutcome.AMBIGUOUS if attempt.agreed else AttemptOutcome.RETRY
        return NotSent(how, f"Unexpected: {fault(error)}.")


def _send(attempt: _Attempt, notification: Notification, wording: Wording | None) -> Sent:
    tools, sender = attempt.sender_thread.tools, attempt.sender_thread.senders[notification.channel]
    envelope = envelope_for(notification, attempt.claimed, tools, wording)
    attempt.address = notification.address
    receipt = _found(attempt, sender, envelope) or sender.send(envelope, attempt)
    name = receipt.sender or sender.name
    body = envelope.sms if notification.channel == SMS else envelope.text
    return Sent(receipt.provider_id, receipt.detail, envelope.subject, body or "", name)


def _found(attempt: _Attempt, sender: Sender, envelope: Envelope) -> Receipt | None:
    """A message in doubt, where the provider can be asked: proof that it took it, or none and the doubt is gone."""
    look_up = look_up_of(sender)
    if look_up is None or not attempt.claimed.doubtful:
        return None
    receipt = look_up(envelope, attempt.claimed.created_at)
    attempt.claimed = replace(attempt.claimed, doubtful=False)
    return receipt
