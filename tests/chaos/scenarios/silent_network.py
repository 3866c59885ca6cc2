"""The network between worker and database goes silent, as when a firewall forgets its connections; then it is back."""

import time

from tests.chaos.figures import Figures
from tests.chaos.place import Place

NAME = "silent network"
DATABASES = ("postgresql",)
MESSAGES, SECONDS = 200, 15


def run(place: Place) -> Figures:
    from tests.postgresql import network

    place.people(MESSAGES)
    with place.mail(40), network(place.address) as way:
        for _ in range(2):
            place.worker(DATABASE_URL=way.address)
        place.until(lambda: place.taken() >= 20, 30)
        way.go_silent()
        time.sleep(SECONDS)
        way.speak_again()
        began, before = time.monotonic(), place.taken()
        place.until(lambda: place.taken() > before, 90)
        on_again = time.monotonic() - began
        return place.quiet(MESSAGES, 100).noted(f"silent for {SECONDS} s, on again after {on_again:.1f} s")
