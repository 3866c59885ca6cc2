"""Two senders of one channel: the second is asked where the first surely did not take the message."""

from collections.abc import Callable
from datetime import datetime, timedelta

from .base import Envelope, HandOver, LookUp, Receipt, Sender, SendError, look_up_of, twin_of


class Circuit:
    """Leaves a failing sender alone for a while, so that not every message waits for it first."""

    def __init__(self, now: Callable[[], datetime], failures: int, pause: timedelta) -> None:
        self._now, self._failures, self._pause = now, failures, pause
        self._in_a_row = 0
        self._until: datetime | None = None

    @property
    def closed(self) -> bool:
        """Whether the sender may be tried; after the pause one try decides anew."""
        return self._until is None or self._now() >= self._until

    def worked(self) -> None:
        self._in_a_row, self._until = 0, None

    def failed(self) -> None:
        self._in_a_row += 1
        if self._in_a_row >= self._failures:
            self._until = self._now() + self._pause


class FailoverSender:
    """`first`, and `second` for what the first could not take just now. Never after an unclear hand-over.

    A repeated message may meet the other provider, which cannot know it: so this is never `idempotent`, and
    can look messages up only where both can.
    """

    idempotent = False

    def __init__(
        self,
        first: Sender,
        second: Sender,
        *,
        now: Callable[[], datetime],
        failures: int = 3,
        pause: timedelta = timedelta(minutes=5),
        circuit: Circuit | None = None,
    ) -> None:
        if first.channel != second.channel:
            raise ValueError("A second sender must carry the same channel as the first.")
        self.channel, self.name = first.channel, first.name
        self._first, self._second, self._now = first, second, now
        self._circuit = circuit or Circuit(now, failures, pause)
        first_looks, second_looks = look_up_of(first), look_up_of(second)
        self.look_up: LookUp | None = None
        if first_looks and second_looks:
            self.look_up = lambda envelope, since: (
                first_looks(envelope, since) or second_looks(envelope, since)
            )

    def send(self, envelope: Envelope, hand_over: HandOver) -> Receipt:
        if self._circuit.closed:
            try:
                receipt = _taken_by(self._first, envelope, hand_over)
            except SendError as error:
                if error.permanent:
                    self._circuit.worked()  # it answered about this message, so it is there
                    raise
                self._circuit.failed()
                if error.ambiguous:
                    raise
            else:
                self._circuit.worked()
                return receipt
        return _taken_by(self._second, envelope, hand_over)

    def twin(self) -> "FailoverSender | None":
        """Both once more, under the same circuit; None where one of them cannot be had twice."""
        first, second = twin_of(self._first), twin_of(self._second)
        if first is None or second is None:
            return None
        return FailoverSender(first, second, now=self._now, circuit=self._circuit)

    def close(self) -> None:
        self._first.close()
        self._second.close()


def _taken_by(sender: Sender, envelope: Envelope, hand_over: HandOver) -> Receipt:
    receipt = sender.send(envelope, hand_over)
    return Receipt(receipt.provider_id, receipt.detail, receipt.sender or sender.name)
