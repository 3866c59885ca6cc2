"""One message from its claim to its outcome: words, sender, last question. Nothing else of it is elsewhere.

dispatch.py claims it (sending_rows.py) and gives it to a thread (sender_thread.py), which has it tried here and writes
down how that ended. No transaction is open while a sender works; only the last question asks the rows.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from clinic_scheduler.domain.messaging.dispatch_rules import Claimed, Leaving
from clinic_scheduler.domain.messaging.kinds import SMS
from clinic_scheduler.domain.messaging.states import AttemptOutcome
from clinic_scheduler.jobs.context import Tools, fault
from clinic_scheduler.jobs.envelopes import envelope_for
from clinic_scheduler.jobs.sending_rows import Prepared
from clinic_scheduler.senders.base import Envelope, HandOverRefused, Receipt, Sender, SendError, look_up_of
from clinic_scheduler.services.messaging.outbox_outcomes import NotSent, Sent

Ended = Sent | NotSent | None
"""None: turned back before or at the last question, which is on record already."""


@dataclass
class Attempt:
    """One try at one message. Senders are given it as the question they put when all but the last word is said."""

    claimed: Claimed
    ask: Callable[[Leaving], bool]
    address: str | None = None
    agreed: bool = False  # from here on the words may have left

    def __call__(self) -> bool:
        self.agreed = self.ask(Leaving(self.claimed, self.address))
        return self.agreed


def tried(attempt: Attempt, prepared: Prepared, tools: Tools, senders: Mapping[str, Sender]) -> Ended:
    """Send it, and say what became of that; never raises."""
    if prepared.failure or prepared.notification is None:
        return prepared.failure
    try:
        return _sent(attempt, prepared, tools, senders[prepared.notification.channel])
    except HandOverRefused:
        return None
    except SendError as error:
        if error.retryable:
            return NotSent(AttemptOutcome.RETRY, error.reason)
        return NotSent(
            AttemptOutcome.PERMANENT if error.permanent else AttemptOutcome.AMBIGUOUS, error.reason
        )
    except Exception as error:
        # A bad row, or a fault in a sender: what isn't known to have stayed here may have left.
        how = AttemptOutcome.AMBIGUOUS if attempt.agreed else AttemptOutcome.RETRY
        return NotSent(how, f"Unexpected: {fault(error)}.")


def _sent(attempt: Attempt, prepared: Prepared, tools: Tools, sender: Sender) -> Sent:
    notification = prepared.notification
    assert notification
    envelope = envelope_for(notification, attempt.claimed, tools, prepared.wording)
    attempt.address = notification.address
    receipt = _found(attempt, sender, envelope) or sender.send(envelope, attempt)
    body = envelope.sms if notification.channel == SMS else envelope.text
    name = receipt.sender or sender.name
    return Sent(receipt.provider_id, receipt.detail, envelope.subject, body or "", name)


def _found(attempt: Attempt, sender: Sender, envelope: Envelope) -> Receipt | None:
    """A message in doubt, where the provider can be asked: proof that it took it, or none and the doubt is gone."""
    look_up = look_up_of(sender)
    if look_up is None or not attempt.claimed.doubtful:
        return None
    receipt = look_up(envelope, attempt.claimed.created_at)
    attempt.claimed = replace(attempt.claimed, doubtful=False)
    return receipt
