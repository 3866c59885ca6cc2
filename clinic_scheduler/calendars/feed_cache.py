"""Feeds a process has made, kept in its memory until what they were made from has changed; no rows, no HTTP."""

from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock
from typing import Any, Generic, TypeVar

from clinic_scheduler.domain.calendars.values import Row

Link = TypeVar("Link")
MOST_BYTES = 32 * 1024 * 1024
# Roughly what an event takes up besides its bytes: its row and its place among the others.
_ROW_BYTES = 1_000


class Blocks(dict[Hashable, bytes]):
    """Events of a feed as it is now; those that its former edition had rendered already are taken over."""

    def __init__(self, former: "Blocks | None" = None) -> None:
        super().__init__()
        self._former = former

    def get(self, key: Hashable, default: Any = None) -> Any:
        former = self._former
        if key not in self and former is not None and key in former:
            self[key] = former[key]
        return super().get(key, default)

    def forget_former(self) -> None:
        self._former = None


@dataclass(slots=True)
class CachedFeed(Generic[Link]):
    """`link` as it was then, `made_from` all it depends on. `body` is None until somebody needs more than a 304."""

    link: Link
    made_from: Hashable
    rows: tuple[Row, ...]
    version: str
    last_modified: datetime
    blocks: Blocks = field(default_factory=Blocks)
    body: bytes | None = None

    @property
    def size(self) -> int:
        return 2 * len(self.body or b"") + _ROW_BYTES * (1 + len(self.rows))


class CachedFeeds(Generic[Link]):
    """By the hash of the link's token; the ones not asked for longest go first.

    Feeds hold what patients may see: memory only.
    """

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._most_bytes = most_bytes
        self._feeds: OrderedDict[str, tuple[CachedFeed[Link], int]] = OrderedDict()
        self._bytes = 0
        self._lock = Lock()

    def find(self, token_hash: str) -> CachedFeed[Link] | None:
        with self._lock:
            if token_hash not in self._feeds:
                return None
            self._feeds.move_to_end(token_hash)
            return self._feeds[token_hash][0]

    def keep(self, token_hash: str, feed: CachedFeed[Link]) -> None:
        with self._lock:
            self._bytes -= self._feeds.pop(token_hash, (feed, 0))[1]
            self._feeds[token_hash] = feed, feed.size
            self._bytes += feed.size
            while self._bytes > self._most_bytes:
                self._bytes -= self._feeds.popitem(last=False)[1][1]
