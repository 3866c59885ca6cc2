"""Providers that keep what they took in a file, so that no kill can make them forget. No tests here."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from pathlib import Path

from clinic_scheduler.senders.base import Envelope, HandOver, HandOverRefused, Receipt
from clinic_scheduler.senders.smtp import SmtpSender

ROOT = Path(__file__).parents[3]
# As a mail server that stores what it takes.
STORES_MS = 10


@dataclass
class LoggingProvider:
    """Keeps the Message-ID of what it took in a file, as a provider's own log would; it cannot be asked."""

    log: Path
    channel: str = "email"
    name: str = "logging"
    idempotent: bool = False
    pace: int | None = None  # a pipe's end: every step waits for a byte from it
    steps: int = field(default=3, init=False)  # of each message
    # So many steps may be taken until a kill comes, so that it finds all at work.
    ahead: int = field(default=0, init=False)

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


@dataclass
class MailProvider(LoggingProvider):
    """A real mail server, asked as the product asks it: each message begins when it may and then takes its time."""

    smtp: SmtpSender = field(kw_only=True)
    port: int = field(kw_only=True)

    def __post_init__(self) -> None:
        self.steps, self.ahead = 1, 24

    def send(self, envelope: Envelope, hand_over: HandOver) -> Receipt:
        self._step()
        return self.smtp.send(envelope, hand_over)

    def twin(self) -> "MailProvider":
        return replace(self, smtp=self.smtp.twin())

    def close(self) -> None:
        self.smtp.close()


@contextmanager
def mail_server(log: Path, milliseconds: int = STORES_MS) -> Iterator[MailProvider]:
    command = [sys.executable, "-m", "tests.integration.outbox.mail_sink", str(log), str(milliseconds)]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as sink:
        assert sink.stdin
        assert sink.stdout
        own = {"from_address": "clinic@example.org", "local_hostname": "clinic.example.org"}
        port = int(sink.stdout.readline())
        smtp = SmtpSender("127.0.0.1", port, security="none", **own)
        try:
            yield MailProvider(log, smtp=smtp, port=port)
        finally:
            smtp.close()
            sink.stdin.close()


PROVIDERS: dict[str, Callable[[Path], AbstractContextManager[LoggingProvider]]] = {
    "look-up": lambda log: nullcontext(LookUpProvider(log)),
    "plain": lambda log: nullcontext(LoggingProvider(log)),
    "smtp": mail_server,
    "smtp-quick": partial(mail_server, milliseconds=0),
}
