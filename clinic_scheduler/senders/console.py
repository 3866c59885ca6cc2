"""A sender that prints messages to a stream: for demonstrations, where nothing may leave the machine."""

from typing import TextIO

from .base import Envelope, HandOver, HandOverRefused, Receipt, SendError


class ConsoleSender:
    """Prints one line without the recipient, then subject and body. Not for real patients' messages."""

    name = "console"
    idempotent = False

    def __init__(self, channel: str, stream: TextIO) -> None:
        self.channel = channel
        self._stream = stream

    def send(self, envelope: Envelope, hand_over: HandOver) -> Receipt:
        body = (envelope.sms or "") if self.channel == "sms" else f"{envelope.subject}\n\n{envelope.text}"
        headline = f"--- {self.channel} {envelope.message_id} (printed, not sent)"
        lines = [headline, *body.splitlines(), "---", ""]
        if not hand_over():
            raise HandOverRefused
        try:
            self._stream.write("\n".join(_printable(line) for line in lines))
            self._stream.flush()
        except (OSError, ValueError) as error:
            raise SendError("The message couldn't be printed. Nothing was sent.", permanent=False) from error
        return Receipt(provider_id=None, detail="printed")

    def close(self) -> None:
        """The stream belongs to whoever opened it."""


def _printable(line: str) -> str:
    """Without the control characters that would steer a terminal."""
    return "".join(char for char in line if char.isprintable())
