"""How planned notifications, their messages, tries, receipts and mail to staff may stand, and what may follow what."""

from clinic_scheduler.domain.codes import Labelled
from clinic_scheduler.domain.transitions import Transitions


class ReminderState(Labelled):
    """Of a planned notification."""

    PENDING = "pending", "Planned"
    QUEUED = "queued", "Waiting"  # its message waits, or is on its way
    SENT = "sent", "Sent"
    FAILED = "failed", "Failed"
    SUPPRESSED = "suppressed", "Not sent"


class MessageState(Labelled):
    """Of one telling on its way to one address."""

    PENDING = "pending", "Waiting"
    SENDING = "sending", "Being sent"
    SENT = "sent", "Sent"
    DELIVERED = "delivered", "Delivered"
    FAILED = "failed", "Failed"
    UNCERTAIN = "uncertain", "Perhaps sent"
    EXPIRED = "expired", "Too late"
    SUPPRESSED = "suppressed", "Not sent"


class AttemptOutcome(Labelled):
    """How one try at a message ended, or what else happened to it."""

    SENT = "sent", "Taken by the mail or text service"
    RETRY = "retry", "Not sent; tried again later"
    PERMANENT = "permanent", "Refused for good"
    AMBIGUOUS = "ambiguous", "Perhaps sent; no answer came"
    REFUSED = "refused", "Held back"
    ASKED_AGAIN = "asked_again", "Tried again by staff"
    DELIVERED = "delivered", "Delivered"


class ReceiptState(Labelled):
    """What a provider said later about a message it took."""

    SENT = "sent", "On its way"
    DELIVERED = "delivered", "Delivered"
    FAILED = "failed", "Not delivered"


class StaffMailState(Labelled):
    PENDING = "pending", "Waiting"
    SENDING = "sending", "Being sent"
    SENT = "sent", "Sent"
    FAILED = "failed", "Failed"


# Waiting for its hour, or taken back so that a new plan may bring it up again.
NOT_YET_TOLD = (ReminderState.PENDING, ReminderState.SUPPRESSED)
TOLD = (ReminderState.QUEUED, ReminderState.SENT)
# Proved to have gone out.
TAKEN = (MessageState.SENT, MessageState.DELIVERED)
ON_ITS_WAY = (MessageState.PENDING, MessageState.SENDING)

_M, _R = MessageState, ReminderState
# Whoever took it may say so, or that it failed, long after the message was given up.
_SAID_LATER = (_M.SENT, _M.DELIVERED, _M.FAILED, _M.UNCERTAIN)
MESSAGE_TRANSITIONS = Transitions(
    "message",
    begins=(_M.PENDING,),
    follow={
        _M.PENDING: (_M.SENDING, _M.EXPIRED, _M.SUPPRESSED, *_SAID_LATER),
        _M.SENDING: (_M.PENDING, _M.EXPIRED, _M.SUPPRESSED, *_SAID_LATER),
        _M.SENT: (_M.DELIVERED, _M.FAILED, _M.UNCERTAIN),
        # Proof: nothing said later takes it back.
        _M.DELIVERED: (_M.DELIVERED,),
        _M.FAILED: (_M.PENDING, *_SAID_LATER),
        _M.UNCERTAIN: (_M.PENDING, *_SAID_LATER),
        _M.EXPIRED: (_M.PENDING, *_SAID_LATER),
        _M.SUPPRESSED: (_M.PENDING, *_SAID_LATER),
    },
)
REMINDER_TRANSITIONS = Transitions(
    "reminder",
    begins=(_R.PENDING,),
    follow={
        # To itself: planned anew, for another hour.
        _R.PENDING: (_R.PENDING, _R.QUEUED, _R.SENT, _R.FAILED, _R.SUPPRESSED),
        _R.QUEUED: (_R.SENT, _R.FAILED, _R.SUPPRESSED),
        # A provider may say later that it did not arrive.
        _R.SENT: (_R.SENT, _R.FAILED),
        _R.FAILED: (_R.QUEUED, _R.SENT, _R.FAILED),
        _R.SUPPRESSED: (_R.PENDING, _R.QUEUED, _R.SENT, _R.FAILED, _R.SUPPRESSED),
    },
)
_S = StaffMailState
# Two workers may hold one where a lease ran out, so either may end it last; sent is never taken back.
_ANY_END = (_S.PENDING, _S.SENT, _S.FAILED)
STAFF_MAIL_TRANSITIONS = Transitions(
    "mail to staff",
    begins=(_S.PENDING,),
    follow={
        _S.PENDING: (_S.SENDING, *_ANY_END),
        _S.SENDING: (_S.SENDING, *_ANY_END),
        _S.FAILED: _ANY_END,
        _S.SENT: (_S.SENT,),
    },
)
