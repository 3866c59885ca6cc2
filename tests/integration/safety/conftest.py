"""The world of world.py on each database, and on SQLite alone for what no database decides."""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from clinic_scheduler.senders.memory import MemorySender
from tests.conftest import BOTH, FrozenClock
from tests.integration.safety.world import MONDAY, World, opened
from tests.shared import Shared, lent


@pytest.fixture(params=BOTH)
def shared(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Shared]:
    """An application that is emptied for each story; see Shared.emptied."""
    own: Shared = request.getfixturevalue(f"shared_{request.param}")
    with _lent(own, tmp_path):
        yield own


@pytest.fixture
def world(shared_sqlite: Shared, tmp_path: Path) -> Iterator[World]:
    with _lent(shared_sqlite, tmp_path):
        yield opened(shared_sqlite.app)


def _lent(own: Shared, folder: Path) -> AbstractContextManager[object]:
    senders = {channel: MemorySender(channel) for channel in ("email", "sms")}
    return lent(own.emptied(), folder / "data", clock=FrozenClock(MONDAY), senders=senders)
