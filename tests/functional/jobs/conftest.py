"""Fixtures of the jobs' tests: the outbox's world of one person."""

import pytest
from flask import Flask

from tests.integration.outbox.world import World, world_of_one


@pytest.fixture
def world(app: Flask) -> World:
    return world_of_one(app)
