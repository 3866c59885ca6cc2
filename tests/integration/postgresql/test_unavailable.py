"""Each way in which the database may be out of reach: the page keeps what was typed, and no log says too much."""

import io
import logging
import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from flask import Flask
from sqlalchemy import event

from clinic_scheduler.db import db, unit_of_work
from clinic_scheduler.links import VisitLink
from clinic_scheduler.redaction import redact_logs
from tests import databases, factories
from tests.conftest import FrozenClock
from tests.functional.web.conftest import Visitor, cast_with_accounts, words
from tests.integration.house import TODAY, House, at
from tests.integration.postgresql.conftest import Open, at_the_desk
from tests.postgresql import Network

NOTE = 'Allergic to <b>lidocaine</b> & "latex"'
STATEMENT = re.compile(
    r"\b(SELECT|INSERT|UPDATE|DELETE)\b.*\b(FROM|INTO|SET)\b|\[SQL|\[parameters", re.IGNORECASE
)


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """What all logs say, as a process writes them."""
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(logging.Formatter("%(levelname)s %(name)s %(message)s"))
    root, before = logging.getLogger(), logging.getLogger().level
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    redact_logs()
    try:
        yield written
    finally:
        root.removeHandler(handler)
        root.setLevel(before)


@dataclass
class Scene:
    house: House
    app: Flask
    way: Network


def nobody_there(scene: Scene) -> AbstractContextManager[None]:
    scene.way.close()
    return nullcontext()


def silence(scene: Scene) -> AbstractContextManager[None]:
    scene.way.go_silent()
    return nullcontext()


@contextmanager
def held_rows(scene: Scene) -> Iterator[None]:
    with psycopg.connect(databases.without_driver(scene.house.database_url)) as holder:
        holder.execute("SELECT 1 FROM patients FOR UPDATE")
        yield


@contextmanager
def ended_in_the_middle(scene: Scene) -> Iterator[None]:
    """Each connection is ended by the server right after it has been asked something that writes."""

    def end(connection: object, _cursor: object, statement: str, *_others: object) -> None:
        if statement.startswith("INSERT"):
            pid = connection.connection.driver_connection.info.backend_pid  # type: ignore[attr-defined]
            with psycopg.connect(databases.without_driver(scene.house.database_url)) as other:
                other.execute("SELECT pg_terminate_backend(%s, 5000)", (pid,))

    with scene.app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", end)
    try:
        yield
    finally:
        event.remove(engine, "before_cursor_execute", end)


@contextmanager
def all_in_use(scene: Scene) -> Iterator[None]:
    with scene.app.app_context():
        pool = db.engine.pool
        pool._timeout = 0.1  # type: ignore[attr-defined]
        borrowed = [db.engine.raw_connection() for _ in range(2)]
        try:
            yield
        finally:
            for each in borrowed:
                each.close()


@contextmanager
def a_stand_by(scene: Scene) -> Iterator[None]:
    """The database takes no changes any more, as a primary that has been made a stand-by."""
    with scene.app.app_context():
        engine = db.engine
    said = "SET default_transaction_read_only = on"
    name = psycopg.conninfo.conninfo_to_dict(databases.without_driver(scene.house.database_url))["user"]
    with psycopg.connect(databases.without_driver(scene.house.database_url), autocommit=True) as other:
        other.execute(f'ALTER ROLE "{name}" {said}')
        try:
            engine.dispose()
            yield
        finally:
            other.execute("SET default_transaction_read_only = off")
            other.execute(f'ALTER ROLE "{name}" RESET default_transaction_read_only')


Fault = Callable[[Scene], AbstractContextManager[None]]
FAULTS: list[Fault] = [nobody_there, silence, held_rows, ended_in_the_middle, all_in_use, a_stand_by]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__)
def test_the_page_keeps_what_was_typed_and_logs_say_neither_values_nor_places(
    house: House, open_app: Open, way: Network, log: io.StringIO, fault: Fault
) -> None:
    app = open_app(way.address, database_connections=2, database_page_timeout=2, database_lock_timeout=1)
    desk = at_the_desk(app)
    address = f"/courses/{house.cast.course_id}/book?day={TODAY}"
    assert desk.get(address).status_code == 200
    cookie = desk.client.get_cookie("session", domain="localhost")
    typed = {"provider": house.cast.provider_id, "day": TODAY.isoformat(), "at": "14:00", "note": NOTE}
    with fault(Scene(house, app, way)):
        answer = desk.post(address, key=desk.key, password="only-once", **typed)
    assert answer.status_code == 503
    assert answer.headers["Retry-After"]
    assert "Send it again" in words(answer)
    assert "Allergic to &lt;b&gt;lidocaine&lt;/b&gt; &amp; &#34;latex&#34;" in answer.text
    assert f'action="{address}"' in answer.text
    assert f'value="{desk.token}"' in answer.text
    assert "only-once" not in answer.text
    assert house.occupied() == []
    said = log.getvalue()
    assert " at booking." in said
    assert not STATEMENT.search(re.sub(r"(?m)^ .*$", "", said)), said
    known = psycopg.conninfo.conninfo_to_dict(way.address)
    for secret in (
        NOTE,
        "OKONKWO",
        str(known["port"]),
        "127.0.0.1",
        desk.token,
        cookie.value if cookie else "",
    ):
        assert secret not in said, said


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_patient_is_told_in_every_language_and_keeps_the_answer(
    house: House, open_app: Open, way: Network, method: str
) -> None:
    starts = at(TODAY, 14)
    visit = house.book(starts)
    link = house.app.extensions["clinic"].links.visit(VisitLink(visit, starts))
    app = open_app(way.address)
    page = link[link.index("/v/") :]
    assert app.test_client().get(page).status_code == 200
    way.close()
    answer = app.test_client().open(page, method=method, data={"answer": "move", "note": "Mornings, please"})
    assert answer.status_code == 503
    assert '<div lang="es">' in answer.text
    assert ("Mornings, please" in answer.text) == (method == "POST")
    assert ("Enviar de nuevo" in answer.text) == (method == "POST")
    assert "error 503" not in answer.text


def test_programs_get_a_line_and_are_to_ask_again(open_app: Open, way: Network) -> None:
    app = open_app(way.address)
    way.close()
    answer = app.test_client().get("/calendar/" + "x" * 43 + ".ics")
    assert (answer.status_code, answer.mimetype) == (503, "text/plain")
    assert answer.headers["Retry-After"]


def test_a_database_file_that_cannot_be_written_to_is_out_of_order_too(
    sqlite_url: str, tmp_path: Path, clock: FrozenClock
) -> None:
    with (
        databases.opened(sqlite_url, tmp_path / "data", clock=clock) as app,
        app.app_context(),
        unit_of_work() as session,
    ):
        cast_with_accounts(session, clock.now())
    read_only = sqlite_url.replace("sqlite:///", "sqlite:///file:") + "?mode=ro&uri=true"
    with databases.opened(read_only, tmp_path / "data", clock=clock) as app:
        visitor = Visitor(app.test_client())
        assert visitor.get("/sign-in").status_code == 200
        answer = visitor.post("/sign-in", email="front_desk@example.org", password=factories.PASSWORD)
    assert answer.status_code == 503
    assert 'value="front_desk@example.org"' in answer.text
    assert factories.PASSWORD not in answer.text
