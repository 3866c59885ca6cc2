"""The machine's clock is put forward and back while two workers send."""

from datetime import timedelta

from tests.chaos.figures import Figures
from tests.chaos.place import Place
from tests.integration.outbox.rig import START

NAME = "clock steps"
DATABASES = ("sqlite", "postgresql")
MESSAGES = 160
STEPS = (timedelta(hours=1), -timedelta(hours=2), timedelta(minutes=10), -timedelta(minutes=10))


def run(place: Place) -> Figures:
    place.people(MESSAGES)
    with place.mail(40):
        for _ in range(2):
            place.worker()
        for number, step in enumerate(STEPS, 1):
            place.until(lambda number=number: place.taken() >= 20 * number, 20)
            place.clock_steps(step)
        # What was put off by a clock that was wrong is due by a later one.
        place.set_clock(START + timedelta(hours=5))
        return place.quiet(MESSAGES, 90).noted(f"{len(STEPS)} steps, up to two hours")
