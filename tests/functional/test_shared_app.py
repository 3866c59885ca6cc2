"""The application that tests share: nothing that one of them leaves behind reaches another."""

from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from clinic_scheduler.db import db, unit_of_work
from clinic_scheduler.models import Clinic
from tests import factories
from tests.conftest import FrozenClock
from tests.shared import Shared, lent

# What hangs on an application. `lent` gives each test its own of the first two, since they are altered in use;
# the third is only ever set, and so taken away again. Nothing of the others changes once they are made.
OWN = {"clinic", "calendar_feeds"}
# The limiter hangs itself on the first application of a process alone.
SET_IN_USE = {"clinic_uploads_swept", "limiter"}
UNCHANGING = {"babel", "clinic_assets", "csrf", "migrate", "security", "sqlalchemy"}


@pytest.mark.parametrize("shared_app", ["sqlite"], indirect=True)
def test_what_a_test_alters_is_put_back(shared_app: Flask, clock: FrozenClock, tmp_path: Path) -> None:
    kept = (shared_app.config, shared_app.extensions, shared_app.view_functions)
    before = [dict(values) for values in kept]
    with lent(shared_app, tmp_path, clock=clock, senders={}) as app:
        assert app.extensions["clinic"].clock is clock
        assert app.extensions["clinic"].settings.data_dir == tmp_path
        assert app.extensions["calendar_feeds"] is not before[1]["calendar_feeds"]
        app.config["PROPAGATE_EXCEPTIONS"] = False
        app.view_functions["due.home"] = lambda: "altered"
        app.extensions["added"] = 1
    assert [dict(values) for values in kept] == before


def test_nothing_else_on_an_application_could_be_altered_unseen(app: Flask) -> None:
    assert set(app.extensions) - SET_IN_USE == OWN | UNCHANGING


def test_a_connection_left_in_use_fails_the_test(
    shared_app: Flask, clock: FrozenClock, tmp_path: Path
) -> None:
    lending = lent(shared_app, tmp_path, clock=clock, senders={})
    app = lending.__enter__()
    with app.app_context():
        left = db.engine.connect()
    try:
        with pytest.raises(AssertionError, match="left a connection in use"):
            lending.__exit__(None, None, None)
    finally:
        left.close()


@pytest.mark.parametrize("kind", ["shared_sqlite", "shared_postgresql"])
def test_rows_go_and_numbers_start_again(
    request: pytest.FixtureRequest, kind: str, clock: FrozenClock
) -> None:
    shared: Shared = request.getfixturevalue(kind)
    for _ in range(2):
        app = shared.emptied()
        with app.app_context(), unit_of_work() as session:
            assert session.scalar(select(func.count()).select_from(Clinic)) == 0
            assert factories.cast(session, clock.now()).clinic_id == 1
