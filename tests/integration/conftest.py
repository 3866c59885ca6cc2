"""Fixtures of the services' tests: the clinic of factories.py, on SQLite and on PostgreSQL."""

from datetime import date

import pytest
from flask import Flask

from clinic_scheduler.services.actors import Actor
from tests import factories
from tests.conftest import FrozenClock
from tests.integration.house import House
from tests.kept_rows import begin_with


@pytest.fixture
def house(app: Flask, clock: FrozenClock) -> House:
    """Monday 23 November 2026, 09:00: one patient, due today, two providers."""
    return House(app, clock, begin_with(app, factories.cast, clock.now()))


@pytest.fixture
def desk(house: House) -> Actor:
    return Actor("Desk", house.cast.clinic_id, None, frozenset({"front_desk"}))


@pytest.fixture
def provider(house: House) -> Actor:
    """A provider with an account, since an override is kept with who decided it."""
    user_id = house.change(lambda s: factories.staff(s, house.cast.actor, house.now, "provider").id)
    return Actor("Dr Amara Reid", house.cast.clinic_id, user_id, frozenset({"provider"}))


@pytest.fixture
def early(house: House) -> int:
    """A second patient's course that may not be booked before the end of January."""
    return house.another_course(treated_on=date(2026, 11, 2))
