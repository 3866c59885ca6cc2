"""Group commit: one thread writes for all sender threads, and commits together what is asked together.

Sharing a transaction shares its one wait for the disk, and what is alike is asked of the database in one question.
"""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from typing import Any, Protocol, TypeVar

Item = TypeVar("Item", contravariant=True)
Result = TypeVar("Result", covariant=True)
Done = TypeVar("Done")
Work = Callable[[], AbstractContextManager[Any]]
# Seconds; how long `meanwhile` may have to wait while nobody writes.
LOOKS_UP_EVERY = 0.5


class Step(Protocol[Item, Result]):
    """What to do for several items with a session; a result for each, in their order.

    It may be run again, from the start, after a rollback. Equal steps are done in one call.
    """

    def __call__(self, session: Any, items: Sequence[Item], /) -> Sequence[Result]: ...


class GroupCommit:
    """Threads `write`; the one that has the application's context `serve`s them, and does `meanwhile` now and then."""

    def __init__(self, work: Work, meanwhile: Callable[[], None] = lambda: None) -> None:
        self._work, self._meanwhile = work, meanwhile
        self._waiting: SimpleQueue[_Entry | None] = SimpleQueue()

    def write(self, step: Step[Item, Result], item: Item) -> "Future[Result]":
        """The future is done once the step is on disk, or has failed."""
        entry = _Entry(step, item)
        self._waiting.put(entry)
        return entry.future

    def serve(self, *tasks: Callable[[], Done]) -> list[Done]:
        """Run each task in a thread of its own and write for them all until each has ended; their results."""

        def run(task: Callable[[], Done]) -> Done:
            try:
                return task()
            finally:
                self._waiting.put(None)

        with ThreadPoolExecutor(len(tasks), "sender") as pool:
            running = [pool.submit(run, task) for task in tasks]
            left = len(tasks)
            while left:
                together = self._asked()
                left -= together.count(None)
                if entries := [entry for entry in together if entry is not None]:
                    _commit(self._work, entries)
                self._meanwhile()
        return [each.result() for each in running]

    def _asked(self) -> "list[_Entry | None]":
        """All that is asked by now; nothing where nobody asks for a while."""
        together: list[_Entry | None] = []
        with suppress(Empty):
            together.append(self._waiting.get(timeout=LOOKS_UP_EVERY))
            while True:
                together.append(self._waiting.get_nowait())
        return together


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
