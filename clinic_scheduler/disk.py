"""Whether folders take files and have room: found out by writing one, as nothing else tells."""

import errno
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

ROOM_BYTES = 64 * 1024 * 1024
_WORDS = {
    errno.ENOSPC: "is on a full disk",
    errno.EDQUOT: "is on a full disk",
    errno.EROFS: "is read-only",
    errno.EACCES: "may not be written to",
    errno.EPERM: "may not be written to",
}
# More than a file system keeps beside a file's name, so that it needs room of its own.
_SAMPLE = b"\0" * 8192


def troubles(places: Mapping[str, Path]) -> Iterator[str]:
    """A sentence for each place that cannot be used, by its name alone: a path may be nobody else's business."""
    for name, place in places.items():
        if words := _trouble(place):
            yield f"{name} {words}"


def _trouble(place: Path) -> str | None:
    """Of a folder, which is made if need be, or of a file that is there."""
    try:
        if place.is_file():
            with place.open("r+b"):
                pass
            place = place.parent
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=place) as file:
            file.write(_SAMPLE)
            file.flush()
        room = shutil.disk_usage(place).free
    except OSError as error:
        return _WORDS.get(error.errno or 0, "cannot be written to")
    return "is on a disk that is nearly full" if room < ROOM_BYTES else None
