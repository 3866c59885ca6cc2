"""Statements asked all day long: their rows and values as through a session, their errors, what they leave behind."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import Engine, bindparam, create_engine, func, literal, select, text
from sqlalchemy.exc import OperationalError

from clinic_scheduler import postgresql
from clinic_scheduler.db import db
from clinic_scheduler.models import Clinic
from clinic_scheduler.queries.compiled_statement import CompiledStatement
from tests import databases
from tests.integration.house import House

NAMES = CompiledStatement(
    select(Clinic.id, func.aggregate_strings(Clinic.name, "; "), literal("constant"))
    .where(Clinic.created_at <= bindparam("now"), Clinic.zone == bindparam("zone"))
    .group_by(Clinic.id)
)


@pytest.fixture
def engine(house: House) -> Iterator[Engine]:
    with house.app.app_context():
        yield db.engine


def test_values_are_bound_by_their_types_and_names(house: House, engine: Engine) -> None:
    here = {"now": house.now, "zone": "America/Los_Angeles"}
    assert NAMES.row(engine, here) == (house.cast.clinic_id, "Harbor Neurology", "constant")
    assert NAMES.row(engine, {"zone": here["zone"], "now": house.now}) == NAMES.row(engine, here)
    assert NAMES.row(engine, here | {"zone": "America/New_York"}) is None
    assert NAMES.row(engine, here | {"now": datetime(2020, 1, 1, tzinfo=UTC)}) is None


def test_it_sees_what_was_committed_since(house: House, engine: Engine) -> None:
    here = {"now": house.now, "zone": "America/Los_Angeles"}
    NAMES.row(engine, here)
    house.set(Clinic, house.cast.clinic_id, name="Harbor")
    row = NAMES.row(engine, here)
    assert row is not None
    assert row[1] == "Harbor"


def test_connections_go_back_as_they_came(house: House, engine: Engine) -> None:
    """What borrows one next must be able to roll back."""
    NAMES.row(engine, {"now": house.now, "zone": ""})
    with engine.connect() as connection:
        connection.execute(text("UPDATE clinics SET name = 'changed'"))
        connection.rollback()
    assert house.row(Clinic, house.cast.clinic_id)["name"] == "Harbor Neurology"


def test_an_error_names_no_values_and_its_connection_is_not_used_again(engine: Engine) -> None:
    broken = CompiledStatement(select(text("no_such_column")).where(literal("x") == bindparam("whose")))
    with pytest.raises(OperationalError) as raised:
        broken.row(engine, {"whose": "a secret"})
    assert "a secret" not in str(raised.value)
    assert engine.pool.checkedout() == 0  # type: ignore[attr-defined]
    works = CompiledStatement(select(literal(1)))
    assert works.row(engine, {}) == (1,)


def test_a_fault_of_ours_leaves_no_connection_that_commits_by_itself(house: House, engine: Engine) -> None:
    NAMES.row(engine, {"now": house.now, "zone": ""})
    with pytest.raises(KeyError):
        NAMES.row(engine, {"now": house.now})
    with engine.connect() as connection:
        connection.execute(text("UPDATE clinics SET name = 'changed'"))
        connection.rollback()
    assert house.row(Clinic, house.cast.clinic_id)["name"] == "Harbor Neurology"


def test_a_server_that_is_not_there_is_an_error_like_any_other_of_a_database() -> None:
    nowhere = create_engine("postgresql+psycopg://nobody@127.0.0.1:1/none")
    with pytest.raises(OperationalError):
        CompiledStatement(select(literal(1))).row(nowhere, {})


@pytest.mark.parametrize("rested", [True, False])
def test_a_connection_whose_server_is_gone_is_never_used_however_short_its_rest(
    postgresql_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rested: bool
) -> None:
    """One that has rested is asked; one that has not is looked at: its server has said goodbye."""
    monkeypatch.setattr(postgresql, "ASKED_AFTER_SECONDS", 0 if rested else 60)
    if rested:
        monkeypatch.setattr(postgresql.WatchedConnection, "has_news", lambda _: False)
    works = CompiledStatement(select(literal(1)))
    with databases.opened(postgresql_url, tmp_path) as app, app.app_context():
        (number,) = CompiledStatement(select(func.pg_backend_pid())).row(db.engine, {}) or (0,)
        with psycopg.connect(databases.without_driver(postgresql_url)) as another:
            another.execute("SELECT pg_terminate_backend(%s, 5000)", (number,))
        assert works.row(db.engine, {}) == (1,)


def test_a_connection_in_good_order_is_not_asked(
    postgresql_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgresql, "ASKED_AFTER_SECONDS", 60)
    number = CompiledStatement(select(func.pg_backend_pid()))
    with databases.opened(postgresql_url, tmp_path) as app, app.app_context():
        first = number.row(db.engine, {})
        monkeypatch.setattr(postgresql.WatchedConnection, "ask", lambda _: pytest.fail("it was asked"))
        assert number.row(db.engine, {}) == first
