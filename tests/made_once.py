"""A folder that is costly to fill is filled once in a run, by whichever worker needs it first; all only read it."""

import fcntl
import os
from collections.abc import Callable
from pathlib import Path

import pytest

MadeOnce = Callable[[str, Callable[[Path], object]], Path]


def made_once_in(factory: pytest.TempPathFactory) -> MadeOnce:
    """`made_once(name, make)` is the folder of that name, which `make` filled, here or in another worker."""
    place = factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        place = place.parent  # what the workers of one run have in common

    def made_once(name: str, make: Callable[[Path], object]) -> Path:
        folder = place / name
        with (place / f"{name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not folder.exists():
                begun = factory.mktemp(name)
                make(begun)
                begun.rename(folder)
        return folder

    return made_once
