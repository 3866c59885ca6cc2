"""A clinic on PostgreSQL, as the services' tests have it, and browsers at it over whatever way there is."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from tests import databases
from tests.conftest import FrozenClock
from tests.functional.web.conftest import Visitor, cast_with_accounts
from tests.integration.house import House
from tests.postgresql import Network, network

Open = Callable[..., Flask]


@pytest.fixture
def house(postgresql_url: str, tmp_path: Path, clock: FrozenClock) -> Iterator[House]:
    """The cast with an account for each role, over a connection that nothing happens to."""
    with databases.opened(postgresql_url, tmp_path / "house", clock=clock) as app:
        made = House(app, clock, None)  # type: ignore[arg-type]
        made.cast = made.change(lambda session: cast_with_accounts(session, clock.now()))
        yield made


@pytest.fixture
def way(house: House) -> Iterator[Network]:
    """A network between the application and its database."""
    with network(house.database_url) as between:
        yield between


@pytest.fixture
def open_app(house: House, tmp_path: Path) -> Iterator[Open]:
    """Opens the application over an address of the house's database, with settings of a test's own."""
    with ExitStack() as stack:

        def opened(address: str, **settings: Any) -> Flask:
            same = {"secret_key": house.app.config["SECRET_KEY"]} | settings
            return stack.enter_context(
                databases.opened(address, tmp_path / "data", settings=same, clock=house.clock)
            )

        yield opened


def at_the_desk(app: Flask) -> Visitor:
    """Signed in as the front desk."""
    visitor = Visitor(app.test_client())
    assert visitor.sign_in().status_code == 302
    return visitor
