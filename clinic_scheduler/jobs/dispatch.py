"""The dispatch tick: due reminders into the queue, then message by message to its sender.

No transaction is open while a sender works; only the hand-over asks the rows, in a transaction of its own.
"""

import logging
from collections import Counter
from datetime import timedelta

from clinic_scheduler.domain.own_wording import Wording
from clinic_scheduler.jobs.composing import envelope_for
from clinic_scheduler.jobs.staff_mail import send_notices
from clinic_scheduler.jobs.tools import Counts, Tools, fault
from clinic_scheduler.messages import spoken_in
from clinic_scheduler.queries.message_templates import own_wording
from clinic_scheduler.senders.base import HandOverRefused, SendError
from clinic_scheduler.services import outbox
from clinic_scheduler.services.outbox_outcomes import NotSent, Sent, record_not_sent, record_sent
from clinic_scheduler.services.outbox_rules import Claimed, Telling

QUEUE_BATCH = 50
BATCHES = 200
MESSAGES = 1_000
# A long queue is sent in several passes, each with its heartbeat, so that a busy worker never seems gone.
PASS = timedelta(minutes=1)
logger = logging.getLogger(__name__)


def dispatch(tools: Tools) -> Counts:
    """One pass: everything due is queued, mail to staff goes, and up to MESSAGES messages are tried once each."""
    counts = queue(tools) + send_notices(tools)
    until = tools.clock.now() + PASS
    tried: Counter[str] = Counter()
    try:
        for _ in range(MESSAGES):
            outcome = None if tools.stopping() or tools.clock.now() > until else send_next(tools)
            if outcome is None:
                break
            tried[outcome] += 1
    finally:
        if tried:
            for sender in tools.senders.values():
                sender.close()
    return counts + tried


def queue(tools: Tools) -> Counter[str]:
    """Every due reminder into the outbox, or closed with its reason, batch by batch."""
    counts: Counter[str] = Counter()
    for _ in range(BATCHES):
        with tools.work() as session:
            done = outbox.queue_due(session, tools.clock.now(), tools.senders, tools.uid_host, QUEUE_BATCH)
        counts += done
        if done.total() < QUEUE_BATCH or tools.stopping():
            break
    return counts


def send_next(tools: Tools) -> str | None:
    """Claim one message, try it, keep how it ended. Returns what became of it; None when nothing waits.

    Where the outcome cannot be kept, the lease runs out and the reconcile tick takes the message up, which
    by then is marked as perhaps sent if its words had left.
    """
    with tools.work() as session:
        claimed = outbox.claim(session, tools.clock.now())
    if claimed is None:
        return None
    try:
        state = _keep(tools, claimed, _try(tools, claimed))
    except Exception as error:
        logger.error("message %s: the outcome could not be recorded (%s)", claimed.uid, fault(error))
        return "unrecorded"
    return state


def _try(tools: Tools, claimed: Claimed) -> Sent | NotSent | None:
    """None: turned back before or at the hand-over, which is on record already."""
    question = _HandOver(tools, claimed)
    try:
        with tools.work() as session:
            telling = outbox.prepare(session, claimed, tools.clock.now(), tools.senders)
            if telling is None:
                return None
            wording = own_wording(session, claimed.reminder_id, spoken_in(telling.language))
        return _send(tools, claimed, telling, wording, question)
    except HandOverRefused:
        return None
    except SendError as error:
        if error.retryable:
            return NotSent("retry", error.reason)
        return NotSent("permanent" if error.permanent else "ambiguous", error.reason)
    except Exception as error:
        # A bad row, or a fault in a sender: what isn't known to have stayed here may have left.
        return NotSent("ambiguous" if question.agreed else "retry", f"Unexpected: {fault(error)}.")


def _send(
    tools: Tools, claimed: Claimed, telling: Telling, wording: Wording | None, question: "_HandOver"
) -> Sent:
    envelope = envelope_for(telling, claimed, tools, wording)
    question.address = telling.address
    receipt = tools.senders[telling.channel].send(envelope, question)
    body = envelope.sms if telling.channel == "sms" else envelope.text
    return Sent(receipt.provider_id, receipt.detail, envelope.subject, body or "")


def _keep(tools: Tools, claimed: Claimed, ended: Sent | NotSent | None) -> str:
    if ended is None:
        logger.info("message %s: not sent, no longer wanted now", claimed.uid)
        return "turned_back"
    with tools.work() as session:
        now = tools.clock.now()
        if isinstance(ended, Sent):
            record_sent(session, claimed, ended, now)
            state = "sent"
        else:
            state = record_not_sent(session, claimed, ended, now, tools.jitter, tools.idempotent)
            state = "retry" if state == "pending" else state
    if isinstance(ended, NotSent):
        logger.warning("message %s: %s, now %s. %s", claimed.uid, ended.outcome, state, ended.reason)
    return state


class _HandOver:
    """The question a sender puts at the last moment; `agreed` tells whether the words may have left since."""

    def __init__(self, tools: Tools, claimed: Claimed) -> None:
        self._tools, self._claimed = tools, claimed
        self.address: str | None = None
        self.agreed = False

    def __call__(self) -> bool:
        tools = self._tools
        with tools.work() as session:
            agreed = outbox.hand_over(session, self._claimed, self.address, tools.clock.now(), tools.senders)
        self.agreed = agreed
        return agreed
