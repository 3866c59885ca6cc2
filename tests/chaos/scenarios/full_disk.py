"""The disk that DATA_DIR is on fills up while workers send, and with SQLite the database's disk with it."""

import time
from dataclasses import replace
from pathlib import Path

from tests.chaos.figures import Figures
from tests.chaos.place import Place
from tests.chaos.small_disk import small_disk

NAME = "disk full"
DATABASES = ("sqlite", "postgresql")
MESSAGES = 160
SECONDS = 15
BLOCK = 4096


def run(place: Place) -> Figures:
    place.people(MESSAGES)
    with small_disk(place) as disk, disk.mail(40):
        for _ in range(2):
            disk.worker()
        disk.until(lambda: disk.taken() >= 20, 30)
        filler = disk.data / "filler"
        fill(filler)
        time.sleep(SECONDS)
        filler.unlink()
        figures = disk.quiet(MESSAGES, 90)
        disk.stop()
    return replace(figures).noted(f"full for {SECONDS} s")


def fill(filler: Path) -> None:
    """To the last block."""
    with filler.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(b"x" * BLOCK)
        except OSError:
            return
