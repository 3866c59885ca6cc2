"""A mail server that has a message at its dot and says so long after a lease would have run out, among idle workers."""

from tests.chaos.figures import Figures
from tests.chaos.place import Place

NAME = "slow dot"
DATABASES = ("sqlite", "postgresql")
WORKERS = 2
# More than a lease and the pause between two looks for what was left behind.
SECONDS = 80


def run(place: Place) -> Figures:
    place.people(1)
    seconds = place.options.get("slow", 0) or SECONDS
    with place.mail(seconds * 1000):
        for _ in range(WORKERS):
            place.worker()
        figures = place.quiet(1, seconds + 60)
    wrong = "in doubt, though its worker lived" if figures.twice or figures.marked else ""
    return figures.noted(f"answered {seconds} s after the dot", wrong=wrong)
