"""The primary dies, its stand-by is promoted, and an address that names both finds it."""

import time
from contextlib import ExitStack

import psycopg

from tests import databases
from tests.chaos.figures import Figures
from tests.chaos.place import Place

NAME = "promotion"
DATABASES = ("postgresql",)
MESSAGES = 300
# A stand-by that has what was committed; without, no promotion keeps its word.
IN_STEP = (
    "ALTER ROLE clinic SET synchronous_commit = 'on'",
    "ALTER SYSTEM SET synchronous_standby_names = '*'",
    "SELECT pg_reload_conf()",
)


def run(place: Place) -> Figures:
    from tests.postgresql import HERE, cluster

    with ExitStack() as stack:
        first, second = stack.enter_context(cluster()), stack.enter_context(cluster())
        first.make()
        first.start()
        place.address = first.address()
        databases.migrate(place.address, place.folder / "migrating")
        place.people(MESSAGES)
        second.copy(first)
        second.start()
        with psycopg.connect(first.address(), autocommit=True) as connection:
            for statement in IN_STEP:
                connection.execute(statement)
        both = f"postgresql://clinic@{HERE}:{first.port},{HERE}:{second.port}/postgres?target_session_attrs=read-write"
        with place.mail(40):
            for _ in range(2):
                place.worker(DATABASE_URL=both)
            place.until(lambda: place.taken() >= 40, 30)
            first.stop()
            second.promote()
            place.address = second.address()
            began, before = time.monotonic(), place.taken()
            place.until(lambda: place.taken() > before, 60)
            on_again = time.monotonic() - began
            with psycopg.connect(second.address(), autocommit=True) as connection:
                connection.execute("ALTER SYSTEM SET synchronous_standby_names = ''")
                connection.execute("SELECT pg_reload_conf()")
            return place.quiet(MESSAGES, 90).noted(f"on again after {on_again:.1f} s")
