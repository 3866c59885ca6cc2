"""How a worker's lanes reach the rows: one thread writes for all, and commits together what is asked together.

Sharing a transaction shares its one wait for the disk; each change is still judged by itself, right when it is asked.
"""

from collections.abc import Callable
from concurrent.futures import Future
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from typing import Any, Generic, Protocol, TypeVar

Result = TypeVar("Result")
Change = Callable[[Any], Result]
"""What to do with a session. It may be run again, from the start, after a rollback."""
Work = Callable[[], AbstractContextManager[Any]]


class Ledger(Protocol):
    """Commits changes; the returned future is done once the change is on disk, or has failed."""

    def write(self, change: Change[Result]) -> "Future[Result]": ...


class OwnLedger:
    """Each change at once, in a transaction of its own: for a single lane."""

    def __init__(self, work: Work) -> None:
        self._work = work

    def write(self, change: Change[Result]) -> "Future[Result]":
        entry = _Entry(change)
        _commit(self._work, [entry])
        return entry.future


class SharedLedger:
    """For several lanes: they `write`, the thread that has the application's context `serve`s."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self._waiting: SimpleQueue[_Entry[Any] | None] = SimpleQueue()

    def write(self, change: Change[Result]) -> "Future[Result]":
        entry = _Entry(change)
        self._waiting.put(entry)
        return entry.future

    def leave(self) -> None:
        """Said once by each lane, after its last write is done."""
        self._waiting.put(None)

    def serve(self, lanes: int) -> None:
        """Write for so many lanes until each has left."""
        while lanes:
            together = [self._waiting.get()]
            try:
                while True:
                    together.append(self._waiting.get_nowait())
            except Empty:
                pass
            lanes -= together.count(None)
            entries = [entry for entry in together if entry is not None]
            if entries:
                _commit(self._work, entries)


@dataclass(eq=False)
class _Entry(Generic[Result]):
    change: Change[Result]
    future: "Future[Result]" = field(default_factory=Future)


def _commit(work: Work, entries: list[_Entry[Any]]) -> None:
    """All in one transaction; where that fails, each in its own, so that one bad row costs no other its turn."""
    try:
        with work() as session:
            results = [entry.change(session) for entry in entries]
    except Exception as error:
        if len(entries) == 1:
            entries[0].future.set_exception(error)
            return
        for entry in entries:
            _commit(work, [entry])
    else:
        for entry, result in zip(entries, results, strict=True):
            entry.future.set_result(result)
