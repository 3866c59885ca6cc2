"""What state may follow what: one explicit table for each kind of row, asked before a row's state is changed.

The tables stand beside their states (visits.py, messaging/states.py, override_requests.py); the one place where
a kind of row is moved along its table is a module of services, *_states.py.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

S = TypeVar("S", bound=StrEnum)


class ForbiddenTransition(Exception):
    """A row was to enter a state that may not follow its own. It stays as it was; the program is at fault."""


@dataclass(frozen=True, slots=True)
class Transitions(Generic[S]):
    """`begins`: the states a new row may have. `follow`: what may come after each state; nothing else may.

    A state that may be entered again, as a visit that is moved stays booked, stands among its own followers.
    """

    row: str  # what such a row is called: "visit"
    begins: Collection[S]
    follow: Mapping[S, Collection[S]]

    def require(self, before: S, after: S) -> None:
        """Raises ForbiddenTransition where `after` may not follow `before`."""
        if after not in self.follow[before]:
            raise ForbiddenTransition(
                f"a {self.row} that is {before} cannot become {after}. Nothing was changed. "
                "If that should be possible, add it to the table of what may follow."
            )

    def reachable(self) -> set[S]:
        """The states that a row can ever have."""
        found, waiting = set(self.begins), list(self.begins)
        while waiting:
            new = set(self.follow[waiting.pop()]) - found
            found |= new
            waiting.extend(new)
        return found
