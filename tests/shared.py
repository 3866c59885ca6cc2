"""The application that tests share: each finds it without rows, and none finds what another did to it."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from flask import Flask

from clinic_scheduler.calendars.feed_cache import CachedFeeds
from clinic_scheduler.clock import Clock
from clinic_scheduler.db import db
from clinic_scheduler.sender_factory import console_mail
from clinic_scheduler.web.limits import limiter
from tests import databases


@dataclass(frozen=True)
class Shared:
    """An application that outlives the test, and the database it works on."""

    app: Flask
    database: databases.File | databases.Schema

    def emptied(self) -> Flask:
        self.database.empty()
        return self.app


@contextmanager
def lent(app: Flask, folder: Path, *, clock: Clock, senders: Mapping[str, Any]) -> Iterator[Flask]:
    """A shared application, with a folder, a clock and senders of the test's own.

    No test meets what another left behind: rows go before each, what a test may alter is put back after it,
    and it fails if it leaves a connection in use. Starting an application takes longer than most tests do.
    """
    wiring = app.extensions["clinic"]
    settings = replace(wiring.settings, data_dir=folder, export_dir=folder / "calendars")
    own = {
        "clinic": replace(wiring, settings=settings, clock=clock, senders=senders, console=console_mail()),
        "calendar_feeds": CachedFeeds(),
    }
    alterable = (app.config, app.extensions, app.view_functions)
    before = [dict(values) for values in alterable]
    app.extensions |= own
    # One for the whole process, and on again once a test has made an application as it runs elsewhere.
    limiter.enabled = False
    try:
        yield app
    finally:
        for values, kept in zip(alterable, before, strict=True):
            values.clear()
            values.update(kept)
        with app.app_context():
            in_use = [engine.pool.status() for engine in db.engines.values() if engine.pool.checkedout()]
        assert not in_use, f"the test left a connection in use: {in_use}"
