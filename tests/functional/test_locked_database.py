"""A SQLite file that another program writes to: nobody waits for longer than is said, and page and command say so."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import text

from clinic_scheduler.db import db, sqlite_module, unit_of_work
from clinic_scheduler.domain.database_lock import LOCK_WAIT_SECONDS
from tests import databases
from tests.conftest import FrozenClock
from tests.functional.web.conftest import Visitor, cast_with_accounts, words

SAID = "Another program has been writing to the database for 20 seconds"


@contextmanager
def held(file: Path) -> Iterator[None]:
    """Somebody else has begun to write."""
    other = sqlite_module().connect(file, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        other.execute("ROLLBACK")
        other.close()


def test_it_waits_for_twenty_seconds(sqlite_url: str, tmp_path: Path) -> None:
    with databases.opened(sqlite_url, tmp_path) as app, app.app_context(), db.engine.connect() as connection:
        assert connection.execute(text("PRAGMA busy_timeout")).scalar() == 20_000 == LOCK_WAIT_SECONDS * 1000


def test_page_and_command_say_what_is_in_the_way(
    sqlite_url: str, tmp_path: Path, clock: FrozenClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    # What is said stays; the test need not wait as long.
    monkeypatch.setattr(sys.modules["clinic_scheduler.db"], "LOCK_WAIT_SECONDS", 0)
    with databases.opened(sqlite_url, tmp_path, clock=clock) as app:
        app.config["PROPAGATE_EXCEPTIONS"] = False
        with app.app_context(), unit_of_work() as session:
            cast_with_accounts(session, clock.now())
        desk = Visitor(app.test_client())
        desk.sign_in()
        desk.get("/courses/1/contact")
        with held(tmp_path / "clinic.sqlite"):
            answer = desk.post("/courses/1/contact", press="phone:no_answer", key="k1")
            assert answer.status_code == 503
            assert f"{SAID}. Your change was not saved. Try again in a minute." in words(answer)
            result = app.test_cli_runner().invoke(args=["clinic", "set", "--phone", "(206) 555-0199"])
        assert result.exit_code == 1
        assert result.output.startswith(f"Error: {SAID}. Nothing was changed. Try again once it is done")
        assert desk.post("/courses/1/contact", press="phone:no_answer", key="k1").status_code == 302
