"""A backup restored after everything in it has gone out: nothing goes again before somebody answers."""

from dataclasses import replace
from datetime import timedelta

from tests.chaos.figures import Figures, counted
from tests.chaos.place import Place

NAME = "restore"
DATABASES = ("sqlite", "postgresql")
MESSAGES = 60
WATCHED = 15  # seconds, in which a worker would send


def run(place: Place) -> Figures:
    place.people(MESSAGES)
    with place.mail():
        backup = place.folder / "clinic.backup"
        place.command("backup", str(backup))
        place.worker()
        before = place.quiet(MESSAGES, 90)
        restored = replace(place, address=place.fresh(), running=[])
        restored.command("restore", str(backup))
        restored.clock_steps(timedelta(minutes=5))
        restored.worker()
        went = restored.until(lambda: place.taken() > before.taken, WATCHED)
        restored.stop()
        restored.command("sending", "--drop", "all")
        restored.worker()
        again = restored.until(lambda: place.taken() > before.taken, WATCHED)
        restored.stop()
    wrong = "sent before anybody answered" if went else "sent what was dropped" if again else ""
    after = counted(restored.address, place.log, 0)
    return replace(before, stuck=before.stuck + after.stuck, twice=after.twice).noted(
        "held, then dropped; nothing went twice", wrong=wrong
    )
