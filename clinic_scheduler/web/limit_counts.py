"""Counts of tries in this process's memory, for the limiter; what is limited, and to how many, is in limits.py."""

from threading import Lock
from time import monotonic
from typing import Any

from limits.storage import Storage

# So many counts may stand before those that are over are swept out.
_ROOM = 1_000


class Counts(Storage):
    """Windows of fixed length by key.

    The library's own counts start a thread at every other request, to look for those that are over: that took
    longer than to read a calendar's rows. Here it is done by whoever counts, once there are many.
    """

    STORAGE_SCHEME = ["counts"]  # noqa: RUF012 - the library reads it from the class

    def __init__(self, uri: str | None = None, wrap_exceptions: bool = False, **options: Any) -> None:
        super().__init__(uri, wrap_exceptions=wrap_exceptions, **options)
        self._counts: dict[str, tuple[int, float]] = {}
        self._room = _ROOM
        self._lock = Lock()

    @property
    def base_exceptions(self) -> tuple[type[Exception], ...]:
        return ()

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        at = monotonic()
        with self._lock:
            count, until = self._counts.get(key, (0, at))
            if until <= at:
                count, until = 0, at + expiry
            self._counts[key] = count + amount, until
            if len(self._counts) > self._room:
                self._sweep(at)
        return count + amount

    def get(self, key: str) -> int:
        count, until = self._counts.get(key, (0, 0.0))
        return count if until > monotonic() else 0

    def get_expiry(self, key: str) -> float:
        """When the window is over, by the same clock that never goes back; only headers would tell it."""
        return self._counts.get(key, (0, monotonic()))[1]

    def check(self) -> bool:
        return True

    def reset(self) -> int:
        with self._lock:
            count = len(self._counts)
            self._counts.clear()
        return count

    def clear(self, key: str) -> None:
        self._counts.pop(key, None)

    def _sweep(self, at: float) -> None:
        """Many that still run are no reason to look through them all at each try: then there is room for twice."""
        self._counts = {key: kept for key, kept in self._counts.items() if kept[1] > at}
        self._room = max(_ROOM, 2 * len(self._counts))
