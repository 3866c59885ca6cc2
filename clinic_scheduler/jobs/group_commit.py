"""Group commit: one thread writes for all sender threads, and commits together what is asked together.

Sharing a transaction shares its one wait for the disk, and what is alike is asked of the database in one question.
"""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from typing import Any, Protocol, TypeVar

Item = TypeVar("Item", contravariant=True)
Result = TypeVar("Result", covariant=True)
Work = Callable[[], AbstractContextManager[Any]]


class Step(Protocol[Item, Result]):
    """What to do for several items with a session; a result for each, in their order.

    It may be run again, from the start, after a rollback. Equal steps are done in one call.
    """

    def __call__(self, session: Any, items: Sequence[Item], /) -> Sequence[Result]: ...


class GroupCommit(Protocol):
    """Commits steps; the returned future is done once the step is on disk, or has failed."""

    def write(self, step: Step[Item, Result], item: Item) -> "Future[Result]": ...


class SingleCommit:
    """Each change at once, in a transaction of its own: for a single sender thread."""

    def __init__(self, work: Work) -> None:
        self._work = work

    def write(self, step: Step[Item, Result], item: Item) -> "Future[Result]":
        entry = _Entry(step, item)
        _commit(self._work, [entry])
        return entry.future


class SharedCommit:
    """For several sender threads: they `write`, the thread that has the application's context `serve`s."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self._waiting: SimpleQueue[_Entry | None] = SimpleQueue()

    def write(self, step: Step[Item, Result], item: Item) -> "Future[Result]":
        entry = _Entry(step, item)
        self._waiting.put(entry)
        return entry.future

    def leave(self) -> None:
        """Said once by each sender thread, after its last write is done."""
        self._waiting.put(None)

    def serve(self, sender_threads: int) -> None:
        """Write for so many sender threads until each has left."""
        while sender_threads:
            together = [self._waiting.get()]
            try:
                while True:
                    together.append(self._waiting.get_nowait())
            except Empty:
                pass
            sender_threads -= together.count(None)
            entries = [entry for entry in together if entry is not None]
            if entries:
                _commit(self._work, entries)


@dataclass(eq=False)
class _Entry:
    step: Step[Any, Any]
    item: Any
    future: "Future[Any]" = field(default_factory=Future)


def _commit(work: Work, entries: Sequence[_Entry]) -> None:
    """All in one transaction; where that fails, each in its own, so that one bad row costs no other its turn."""
    try:
        with work() as session:
            results = list(_results(session, entries))
    except Exception as error:
        if len(entries) == 1:
            entries[0].future.set_exception(error)
            return
        for entry in entries:
            _commit(work, [entry])
    else:
        for entry, result in results:
            entry.future.set_result(result)


def _results(session: Any, entries: Sequence[_Entry]) -> Iterator[tuple[_Entry, Any]]:
    alike: dict[Step[Any, Any], list[_Entry]] = {}
    for entry in entries:
        alike.setdefault(entry.step, []).append(entry)
    for step, several in alike.items():
        yield from zip(several, step(session, [entry.item for entry in several]), strict=True)
