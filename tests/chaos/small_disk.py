"""A disk of a few megabytes with DATA_DIR on it, and the database where that is a file. It takes root to have one."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests import databases
from tests.chaos.place import Place

MEGABYTES = 24


@dataclass
class OnSmallDisk(Place):
    """The same place, its data on the disk."""

    disk: Path = Path()

    @property
    def data(self) -> Path:
        return self.disk / "data"

    def may_write(self, yes: bool) -> None:
        """Mount it again; nobody may have a file of it open."""
        subprocess.run(["mount", "-o", f"remount,{'rw' if yes else 'ro'}", self.disk], check=True)


@contextmanager
def small_disk(place: Place) -> Iterator[OnSmallDisk]:
    if os.geteuid() != 0:
        databases.lacking("Only root may mount a small disk.")
    at = place.folder / "disk"
    at.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={MEGABYTES}m", "tmpfs", at], check=True)
    try:
        address = place.address
        if place.kind == "sqlite":
            file = address.removeprefix("sqlite:///")
            address = databases.sqlite_address(Path(shutil.copy(file, at / "clinic.sqlite")))
        known = {name: getattr(place, name) for name in ("kind", "folder", "fresh", "server", "options")}
        disk = OnSmallDisk(address=address, disk=at, **known)
        disk.data.mkdir()
        try:
            yield disk
        finally:
            disk.stop()
    finally:
        subprocess.run(["umount", "--lazy", at], check=True)
