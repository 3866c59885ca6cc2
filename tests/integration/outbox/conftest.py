"""Fixtures of the outbox's tests: a world of one person on each database."""

import pytest
from flask import Flask

from clinic_scheduler.senders.memory import MemorySender
from tests.integration.outbox.world import World, world_of_one


@pytest.fixture
def world(app: Flask) -> World:
    return world_of_one(app)


@pytest.fixture
def mail(senders: dict[str, MemorySender]) -> MemorySender:
    return senders["email"]
