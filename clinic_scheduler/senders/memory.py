"""A sender that keeps what it is given, with failures set in advance: for tests of whatever sends."""

from collections import deque
from dataclasses import dataclass

from .base import Envelope, HandOver, HandOverRefused, Receipt, SendError


@dataclass(frozen=True)
class Failure:
    """`error` is raised before the hand-over, or after it; `delivered` keeps the message all the same."""

    error: SendError
    after_hand_over: bool = False
    delivered: bool = False

    def __post_init__(self) -> None:
        if self.delivered and not self.after_hand_over:
            raise ValueError("A message can't be delivered before it is handed over.")


class MemorySender:
    """`sent` holds what was delivered, in order; `fail_next` queues failures for the sends to come."""

    idempotent = False

    def __init__(self, channel: str, name: str = "memory") -> None:
        self.channel = channel
        self.name = name
        self.sent: list[Envelope] = []
        self._script: deque[Failure | None] = deque()

    def fail_next(self, *failures: Failure | None) -> None:
        """One entry a send, in order; None lets that one through."""
        self._script.extend(failures)

    def send(self, envelope: Envelope, hand_over: HandOver) -> Receipt:
        failure = self._script.popleft() if self._script else None
        if failure and not failure.after_hand_over:
            raise failure.error
        if not hand_over():
            raise HandOverRefused
        if failure is None or failure.delivered:
            self.sent.append(envelope)
        if failure:
            raise failure.error
        return Receipt(provider_id=f"memory-{len(self.sent)}", detail="kept in memory")

    def close(self) -> None:
        """Nothing is held open."""
