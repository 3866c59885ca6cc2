"""Providers that keep what they took in a file, so that no kill can make them forget. No tests here."""

import os
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from clinic_scheduler.senders.base import Envelope, HandOver, HandOverRefused, Receipt


@dataclass
class LoggingProvider:
    """Keeps the Message-ID of what it took in a file, as a provider's own log would; it cannot be asked."""

    log: Path
    channel: str = "email"
    name: str = "logging"
    idempotent: bool = False
    pace: int | None = None  # a pipe's end: every step waits for a byte from it

    def send(self, envelope: Envelope, hand_over: HandOver) -> Receipt:
        self._step()
        if not hand_over():
            raise HandOverRefused
        self._step()
        line = os.open(self.log, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        os.write(line, f"{envelope.message_id}\n".encode())
        os.close(line)
        self._step()
        return Receipt(None, "logged")

    def twin(self) -> "LoggingProvider":
        return replace(self)

    def taken(self) -> list[str]:
        return self.log.read_text().split() if self.log.exists() else []

    def _step(self) -> None:
        if self.pace is not None:
            os.read(self.pace, 1)

    def close(self) -> None:
        """The file is closed after every line."""


class LookUpProvider(LoggingProvider):
    """Can be asked whether it took a message: its log tells."""

    def look_up(self, envelope: Envelope, _since: datetime) -> Receipt | None:
        return Receipt(None, "found in the log") if envelope.message_id in self.taken() else None


PROVIDERS = {"look-up": LookUpProvider, "plain": LoggingProvider}
