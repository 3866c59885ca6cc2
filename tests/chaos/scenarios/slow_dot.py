"""A mail server that has each message at its dot and says so long after a lease would have run out."""

from tests.chaos.figures import Figures
from tests.chaos.place import Place

NAME = "slow dot"
DATABASES = ("sqlite", "postgresql")
MESSAGES = 3
# More than a lease and the pause between two looks for what was left behind.
SECONDS = 85


def run(place: Place) -> Figures:
    place.people(MESSAGES)
    seconds = place.options.get("slow", 0) or SECONDS
    with place.mail(seconds * 1000):
        for _ in range(2):
            place.worker()
        # One connection sends them one after the other; the first is enough to see.
        place.until(lambda: place.taken() >= 2, seconds + 60)
        place.until(lambda: place.taken() > MESSAGES, 2)
        first = place.taken()
        for process in list(place.running):
            place.kill(process)
    with place.mail():
        place.worker()
        figures = place.quiet(MESSAGES, 120)
    # The second was in a dead worker's hands at the end, so it alone may have gone twice.
    wrong = "" if first == 2 and figures.twice <= 1 else f"{first} taken while two were due"
    return figures.noted(f"answered {seconds} s after the dot", wrong=wrong)
