"""What is read and written of the outbox while messages are sent, for several of them in one transaction.

One thread does it for all sender threads, so what it knows of leases needs no lock.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from clinic_scheduler.domain.messaging.custom_wording import Wording
from clinic_scheduler.domain.messaging.dispatch_rules import Claimed, Leaving, Notification
from clinic_scheduler.domain.messaging.states import AttemptOutcome, MessageState
from clinic_scheduler.jobs.context import Tools, fault
from clinic_scheduler.languages import spoken_in
from clinic_scheduler.queries.messaging.custom_wording import any_custom_wording, custom_wording
from clinic_scheduler.services.messaging import leases, outbox, receipts
from clinic_scheduler.services.messaging.outbox_outcomes import NotSent, Sent, record_not_sent, record_sent
from clinic_scheduler.services.messaging.sending_hold import is_held

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Prepared:
    """A claimed message and what it says, in the clinic's own words if it has some; or why that cannot be told."""

    claimed: Claimed
    notification: Notification | None
    wording: Wording | None = None
    failure: NotSent | None = None


class SendingRows:
    """A message's rows from its claim to its outcome; between the two its lease is renewed."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools
        self._held: dict[str, Claimed] = {}

    def claim(self, session: Session, numbers: Sequence[int]) -> list[list[Prepared]]:
        """So many of those that have waited longest; none while sending is held."""
        if is_held(session, self._tools.place.here(), self._tools.clock.now()):
            return [[] for _ in numbers]
        return [self._claim(session, number) for number in numbers]

    def hand_over(self, session: Session, leaving: Sequence[Leaving]) -> list[bool]:
        """The last question: whether each may leave. Where it may, it is marked as perhaps sent."""
        agreed = outbox.hand_over(session, leaving, self._tools.clock.now(), self._tools.senders)
        self._let_go([each.claimed for each, yes in zip(leaving, agreed, strict=True) if not yes])
        return agreed

    def keep(self, session: Session, ended: Sequence[tuple[Claimed, Sent | NotSent]]) -> list[str]:
        """How tries ended; returns the states that followed."""
        now = self._tools.clock.now()
        self._let_go([claimed for claimed, _ in ended])
        sent = [(claimed, how) for claimed, how in ended if isinstance(how, Sent)]
        record_sent(session, sent, now)
        # A receipt may have come before this record of what it is about.
        receipts.match_all(session, {(how.sender, how.provider_reference) for _, how in sent}, now)
        return [
            MessageState.SENT if isinstance(how, Sent) else self._not_sent(session, claimed, how, now)
            for claimed, how in ended
        ]

    def release(self, session: Session, unused: Sequence[Claimed]) -> list[None]:
        """Give back what nobody tried."""
        self._let_go(unused)
        for claimed in unused:
            outbox.release(session, claimed, self._tools.clock.now())
        return [None] * len(unused)

    def renew(self) -> None:
        """Lease for longer what is held. What is another worker's by now is refused at its last question, and if that
        was put already it is on record as in doubt.
        """
        if not self._held:
            return
        with self._tools.work() as session:
            mine = leases.renew(session, self._held.values(), self._tools.clock.now())
        lost = [each for each in self._held.values() if each.message_id not in mine]
        self._let_go(lost)
        for claimed in lost:
            logger.warning("message %s: its lease had run out while this worker held it", claimed.uid)

    def _let_go(self, claimed: Sequence[Claimed]) -> None:
        for each in claimed:
            self._held.pop(each.token, None)

    def _claim(self, session: Session, number: int) -> list[Prepared]:
        found = outbox.claim_prepared(session, self._tools.clock.now(), self._tools.senders, number)
        self._held |= {claimed.token: claimed for claimed, _ in found}
        own = bool(found) and any_custom_wording(session)
        return [_prepared(session, claimed, notification, own) for claimed, notification in found]

    def _not_sent(self, session: Session, claimed: Claimed, failure: NotSent, now: datetime) -> str:
        tools = self._tools
        state = record_not_sent(session, claimed, failure, now, tools.jitter, tools.idempotent)
        said = "retry" if state == MessageState.PENDING else state
        logger.warning("message %s: %s, now %s. %s", claimed.uid, failure.outcome, said, failure.reason)
        return said


def _prepared(
    session: Session, claimed: Claimed, notification: Notification | Exception | None, own: bool
) -> Prepared:
    if isinstance(notification, Exception):
        failure = NotSent(AttemptOutcome.RETRY, f"Unexpected: {fault(notification)}.")
        return Prepared(claimed, None, failure=failure)
    if notification is None or not own:
        return Prepared(claimed, notification)
    return Prepared(
        claimed, notification, custom_wording(session, claimed.reminder_id, spoken_in(notification.language))
    )
