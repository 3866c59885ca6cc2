"""What staff stopped is stopped on every channel: the same step may wait on another one, or come to."""

from collections.abc import Sequence

from sqlalchemy import select

from clinic_scheduler.domain.messaging.dispatch_key import DispatchKey
from clinic_scheduler.domain.messaging.states import AttemptOutcome, MessageState, ReminderState
from clinic_scheduler.domain.messaging.suppression_reasons import SuppressionReason
from clinic_scheduler.models import Message, Reminder
from clinic_scheduler.services.change import Change
from clinic_scheduler.services.messaging.outbox_opening import keys_elsewhere
from clinic_scheduler.services.messaging.outbox_outcomes import close, note
from clinic_scheduler.services.messaging.reminder_states import move_to


def stop_elsewhere(change: Change, reminder: Reminder) -> None:
    """The same step is not told on another channel either; what a worker holds at this moment is beyond reach."""
    for twin, message in _elsewhere(change, reminder):
        if twin.state in (ReminderState.PENDING, ReminderState.SUPPRESSED):
            move_to(twin, ReminderState.SUPPRESSED, change.now, SuppressionReason.STOPPED_BY_STAFF)
        elif message is not None and message.state == MessageState.PENDING:
            told = f"{change.actor.name} stopped it on another channel."
            note(change.session, message, change.now, AttemptOutcome.REFUSED, told)
            close(
                change.session,
                message,
                MessageState.SUPPRESSED,
                SuppressionReason.STOPPED_BY_STAFF,
                change.now,
            )


def let_go_elsewhere(change: Change, reminder: Reminder) -> None:
    """The stop holds on no other channel any more; a plan made anew brings up whichever is wanted."""
    for twin, _ in _elsewhere(change, reminder):
        if (twin.state, twin.suppressed_reason) == (
            ReminderState.SUPPRESSED,
            SuppressionReason.STOPPED_BY_STAFF,
        ):
            move_to(twin, ReminderState.SUPPRESSED, change.now, SuppressionReason.REPLANNED)


def _elsewhere(change: Change, reminder: Reminder) -> Sequence[tuple[Reminder, Message | None]]:
    """Messages are locked before their reminders, as workers do."""
    session = change.session
    keys = keys_elsewhere(DispatchKey.read(reminder.dedupe_key))
    session.flush()
    messages = session.scalars(
        select(Message)
        .join(Reminder, Reminder.id == Message.reminder_id)
        .where(Reminder.dedupe_key.in_(keys))
        .order_by(Message.id)
        .with_for_update(of=Message)
    ).all()
    by_reminder = {message.reminder_id: message for message in messages}
    twins = session.scalars(
        select(Reminder).where(Reminder.dedupe_key.in_(keys)).order_by(Reminder.id).with_for_update()
    )
    return [(twin, by_reminder.get(twin.id)) for twin in twins]
