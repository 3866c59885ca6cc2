"""Servers that end connections, restart, are promoted, or have few connections to give."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import psycopg
import pytest
from sqlalchemy.engine import make_url

from tests import databases
from tests.conftest import FrozenClock
from tests.functional.web.conftest import Visitor, cast_with_accounts
from tests.integration.house import House
from tests.integration.postgresql.conftest import Open, at_the_desk
from tests.postgresql import HERE, Cluster, cluster, wait_for

ROUNDS = 30


def end_all(address: str) -> int:
    """Have the server end every other connection to it, and wait until it has."""
    with psycopg.connect(databases.without_driver(address), autocommit=True) as connection:
        others = (
            "SELECT count(pg_terminate_backend(pid, 5000)) FROM pg_stat_activity WHERE backend_type = 'client backend'"
            " AND application_name = 'desk'"
        )
        ended = connection.execute(others).fetchone()
    return int(ended[0]) if ended else 0


def test_no_page_fails_for_a_connection_that_the_server_has_ended(house: House, open_app: Open) -> None:
    """However short a time it has rested: each round ends them all and asks at once."""
    named = make_url(house.database_url).update_query_dict({"application_name": "desk"})
    desk = at_the_desk(open_app(named.render_as_string(hide_password=False)))
    ended = 0
    for number in range(ROUNDS):
        ended += end_all(house.database_url)
        assert desk.get("/due").status_code == 200, f"round {number}"
    assert ended >= ROUNDS


# --- servers of their own ---------------------------------------------------------------------------------


@pytest.fixture
def primary() -> Iterator[Cluster]:
    with cluster() as server:
        server.make()
        server.start()
        yield server


@pytest.fixture
def clinic(primary: Cluster, tmp_path: Path, clock: FrozenClock) -> Iterator[House]:
    """The cast on a server of the test's own."""
    databases.migrate(primary.address(), tmp_path / "migrated")
    with databases.opened(primary.address(), tmp_path / "house", clock=clock) as app:
        made = House(app, clock, None)  # type: ignore[arg-type]
        made.cast = made.change(lambda session: cast_with_accounts(session, clock.now()))
        yield made


def opened(stack: ExitStack, address: str, folder: Path, clinic: House) -> Visitor:
    app = stack.enter_context(databases.opened(address, folder, clock=clinic.clock))
    return at_the_desk(app)


@pytest.mark.thorough
def test_a_restarted_server_costs_no_page(primary: Cluster, clinic: House, tmp_path: Path) -> None:
    with ExitStack() as stack:
        desk = opened(stack, primary.address(), tmp_path / "data", clinic)
        for _ in range(3):
            primary.restart()
            assert desk.get("/due").status_code == 200


@pytest.mark.thorough
def test_a_stand_by_that_is_promoted_takes_over(primary: Cluster, clinic: House, tmp_path: Path) -> None:
    """One address names both. Pages read and write as soon as the stand-by is the primary."""
    with ExitStack() as stack:
        standby = stack.enter_context(cluster())
        standby.copy(primary)
        standby.start()
        both = f"postgresql://clinic@{HERE}:{standby.port},{HERE}:{primary.port}/postgres?target_session_attrs=read-write"
        desk = opened(stack, both, tmp_path / "data", clinic)
        courses = f"/courses/{clinic.cast.course_id}"
        assert desk.get(f"{courses}/book").status_code == 200
        primary.stop()
        typed = {"provider": clinic.cast.provider_id, "day": "2026-11-24", "at": "09:00", "key": desk.key}
        assert desk.post(f"{courses}/book", **typed).status_code == 503
        standby.promote()
        wait_for(f"{standby.address()}?target_session_attrs=read-write")
        answer = desk.post(f"{courses}/book", **typed)
        while answer.status_code == 503:
            answer = desk.post(f"{courses}/book", **typed)
        assert answer.status_code == 302
        with psycopg.connect(standby.address()) as connection:
            booked = connection.execute("SELECT count(*) FROM appointments WHERE state = 'booked'")
            assert booked.fetchone() == (1,)


@pytest.mark.thorough
def test_a_role_of_few_connections_serves_many_at_once(
    primary: Cluster, clinic: House, tmp_path: Path
) -> None:
    """As many as the process may open; who comes meanwhile waits a moment for one of them."""
    with psycopg.connect(primary.address(), autocommit=True) as connection:
        connection.execute("CREATE ROLE narrow LOGIN CONNECTION LIMIT 2; GRANT clinic TO narrow")
    narrow = primary.address().replace("clinic@", "narrow@")
    with ExitStack() as stack:
        settings = {"database_connections": 2}
        app = stack.enter_context(
            databases.opened(narrow, tmp_path / "data", settings=settings, clock=clinic.clock)
        )
        desks = [at_the_desk(app) for _ in range(8)]
        with ThreadPoolExecutor(len(desks)) as browsers:
            answers = [browsers.submit(desk.get, "/due") for desk in desks * 4]
            assert [answer.result().status_code for answer in answers] == [200] * 32
            told = app.test_client().get("/healthz")
    assert told.status_code == 200
