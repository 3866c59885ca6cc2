"""A thread that sends one message after the other, each outcome written while the next one is under way."""

import logging
from collections import Counter
from collections.abc import Mapping
from concurrent.futures import Future

from clinic_scheduler.domain.messaging.dispatch_rules import Claimed, Leaving
from clinic_scheduler.jobs.context import Tools, fault
from clinic_scheduler.jobs.group_commit import GroupCommit
from clinic_scheduler.jobs.sending import Attempt, tried
from clinic_scheduler.jobs.sending_rows import Prepared, SendingRows
from clinic_scheduler.jobs.taken_notes import TakenNotes
from clinic_scheduler.senders.base import Sender
from clinic_scheduler.services.messaging.outbox_outcomes import Sent

logger = logging.getLogger(__name__)


class SenderThread:
    """What one thread sends with. `counts` are final after `finish`."""

    def __init__(
        self,
        tools: Tools,
        senders: Mapping[str, Sender],
        commit_group: GroupCommit,
        rows: SendingRows,
        notes: TakenNotes,
    ) -> None:
        self._tools, self._senders = tools, senders
        self._commit_group, self._rows, self._notes = commit_group, rows, notes
        self.counts: Counter[str] = Counter()
        self._being_kept: tuple[Claimed, Future[str]] | None = None

    def take(self, prepared: Prepared) -> None:
        """Try it once. Its outcome is written without waiting, so that the next one can go on meanwhile."""
        attempt = Attempt(prepared.claimed, self._ask)
        ended = tried(attempt, prepared, self._tools, self._senders)
        if isinstance(ended, Sent):
            self._notes.add(attempt.claimed, ended)
        self._settle()
        if ended is None:
            logger.info("message %s: not sent, no longer wanted now", attempt.claimed.uid)
            self.counts["turned_back"] += 1
            return
        kept = self._commit_group.write(self._rows.keep, (attempt.claimed, ended))
        self._being_kept = (attempt.claimed, kept)

    def finish(self) -> None:
        """Wait for what is still being written, and let go of the connections."""
        self._settle()
        for sender in self._senders.values():
            sender.close()

    def _ask(self, leaving: Leaving) -> bool:
        return self._commit_group.write(self._rows.hand_over, leaving).result()

    def _settle(self) -> None:
        if self._being_kept is None:
            return
        claimed, kept = self._being_kept
        self._being_kept = None
        try:
            state = kept.result()
            self.counts[state] += 1
            if state == "sent":
                self._tools.place.sent(claimed.uid, self._tools.clock.now())
        except Exception as error:
            # The lease runs out and the reconcile tick takes the message up, which is noted as taken, or else
            # marked as perhaps sent if its words had left.
            logger.error("message %s: the outcome could not be recorded (%s)", claimed.uid, fault(error))
            self.counts["unrecorded"] += 1
