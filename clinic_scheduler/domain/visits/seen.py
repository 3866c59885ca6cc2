"""What somebody has looked at before saying yes, so that nobody passes over what has come up meanwhile. Pure."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol, TypeVar


class Marked(Protocol):
    """Something a page shows. Its mark changes with its words."""

    @property
    def mark(self) -> str: ...


_Shown = TypeVar("_Shown", bound=Marked)


@dataclass(frozen=True, slots=True)
class Seen:
    """What whoever decides has looked at, by its marks; or `everything`, whatever it turns out to be."""

    marks: frozenset[str] = frozenset()
    everything: bool = False

    def unseen(self, shown: Iterable[_Shown]) -> list[_Shown]:
        return [] if self.everything else [each for each in shown if each.mark not in self.marks]


NOTHING_SEEN = Seen()
# For commands and files, which nobody looks at line by line.
ACCEPTS_ALL = Seen(everything=True)


def seen_in(text: str | None) -> Seen:
    """As a form carries it: the marks of its page, with spaces between."""
    return Seen(frozenset((text or "").split()))


def mark_of(*parts: str) -> str:
    return hashlib.sha256(" ".join(parts).encode()).hexdigest()[:16]
