"""From each released schema, with rows in it, to the newest: no row goes, no date changes, nothing is told twice."""

import flask_migrate
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, inspect, text

from clinic_scheduler.cli.losses import LOSE_ALL_THE_SAME
from tests import databases
from tests.chaos.figures import Figures
from tests.chaos.place import Place
from tests.integration.outbox.rig import START
from tests.integration.outbox.world import VISIT, crowd, open_world

NAME = "upgrades"
DATABASES = ("sqlite", "postgresql")
PEOPLE, TOLD = 40, 20
KEPT = (
    "patients",
    "courses",
    "appointments",
    "reminders",
    "messages",
    "delivery_attempts",
    "audit_events",
    "users",
)


def run(place: Place) -> Figures:
    with databases.opened(place.address, place.folder / "made") as app:
        world = open_world(app, people=2)
        world.book(1, at=VISIT)
        crowd(world, PEOPLE - 1)
    place.set_clock(START)
    with place.mail():
        place.worker()
        place.until(lambda: place.taken() >= TOLD, 60)
        place.stop()
        told, before, wrong = place.taken(), rows(place), []
        revisions = released()
        for revision in revisions:
            migrated(place, revision, down=True)
            migrated(place, "head", down=False)
            now = rows(place)
            # An upgrade that computes dates anew says so in the audit record.
            wrong += [
                f"{name} of {revision} are fewer" for name, number in before.items() if now[name] < number
            ]
            before = now
        if "0 differences" not in place.command("recompute"):
            wrong.append("dates differ")
        # The oldest schemas know no mark of an installation, so the worker asks first whether all this was sent before.
        place.worker()
        if not place.until(lambda: "is held" in place.command("sending"), 60):
            wrong.append("sending is not held")
        place.command("sending", "--send", "all")
        figures = place.quiet(PEOPLE + 1, 90)
    note = f"from {len(revisions)} schemas, {told} told before"
    return figures.noted(note, wrong="; ".join(wrong))


def released() -> list[str]:
    """Every revision but the newest, the newest of them first."""
    script = ScriptDirectory(str(databases.MIGRATIONS))
    return [each.revision for each in script.walk_revisions()][1:]


def migrated(place: Place, revision: str, *, down: bool) -> None:
    with databases.opened(place.address, place.folder / "migrating") as app, app.app_context():
        if down:
            # What the older schema has no place for goes; none of it is among the rows that are counted.
            flask_migrate.downgrade(str(databases.MIGRATIONS), revision, x_arg=LOSE_ALL_THE_SAME)
        else:
            flask_migrate.upgrade(str(databases.MIGRATIONS), revision)


def rows(place: Place) -> dict[str, int]:
    """How many rows of each there are."""
    engine = create_engine(place.address.replace("postgresql://", "postgresql+psycopg://"))
    try:
        with engine.connect() as connection:
            there = set(inspect(connection).get_table_names())
            return {
                name: connection.execute(text(f"SELECT count(*) FROM {name}")).scalar_one()
                for name in KEPT
                if name in there
            }
    finally:
        engine.dispose()
