"""Fixtures of the jobs' tests: the outbox's world of one person."""

import pytest
from flask import Flask

from tests.integration.outbox.world import World, open_world


@pytest.fixture
def world(app: Flask) -> World:
    return open_world(app)
