"""Somebody else, such as a forgotten session, keeps the database locked for longer than anyone waits."""

import time
from collections.abc import Iterator
from contextlib import closing, contextmanager

import psycopg

from clinic_scheduler.db import sqlite_module
from tests import databases
from tests.chaos.figures import Figures
from tests.chaos.place import Place

NAME = "foreign lock"
DATABASES = ("sqlite", "postgresql")
MESSAGES = 160
SECONDS = 25


def run(place: Place) -> Figures:
    place.people(MESSAGES)
    with place.mail(40):
        for _ in range(2):
            place.worker()
        place.until(lambda: place.taken() >= 20, 30)
        with locked(place):
            time.sleep(SECONDS)
        return place.quiet(MESSAGES, 90).noted(f"locked for {SECONDS} s")


@contextmanager
def locked(place: Place) -> Iterator[None]:
    if place.kind == "sqlite":
        file = place.address.removeprefix("sqlite:///")
        with closing(sqlite_module().connect(file, timeout=30, isolation_level=None)) as connection:
            connection.execute("BEGIN IMMEDIATE")
            yield
        return
    with psycopg.connect(databases.without_driver(place.address)) as connection:
        connection.execute("LOCK TABLE messages IN ACCESS EXCLUSIVE MODE")
        yield
