"""Why a message did not go, as its row keeps it: a code or a sentence, and whether it may have gone after all."""

from dataclasses import dataclass
from typing import Self

from clinic_scheduler.domain.messaging.suppression_reasons import sentence

_IN_DOUBT = "perhaps sent; then "


@dataclass(frozen=True, slots=True)
class StoredReason:
    """`said` is a code of suppression_reasons.py or a sentence; `in_doubt`: a try before that may have sent it."""

    said: str
    in_doubt: bool = False

    @classmethod
    def read(cls, text: str) -> Self:
        """Of a text that `str` made."""
        return cls(text.removeprefix(_IN_DOUBT), text.startswith(_IN_DOUBT))

    def __str__(self) -> str:
        return f"{_IN_DOUBT}{self.said}" if self.in_doubt else self.said

    @property
    def sentence(self) -> str:
        """As staff read it."""
        said = sentence(self.said)
        return f"It may have been sent. After that: {said}" if self.in_doubt else said
