"""libical, which Evolution and many servers read calendars with, through its C interface."""

import ctypes
from collections.abc import Iterator, Sequence
from functools import cache

from tests import databases
from tests.calendar_parsers.seen import Seen

LIBRARY = "libical.so.3"


class Time(ctypes.Structure):
    """`struct icaltimetype` of libical 3."""

    _fields_ = (
        *((name, ctypes.c_int) for name in ("year", "month", "day", "hour", "minute", "second")),
        ("is_date", ctypes.c_int),
        ("is_daylight", ctypes.c_int),
        ("zone", ctypes.c_void_p),
    )


TEXT, POINTER = ctypes.c_char_p, ctypes.c_void_p
# Function -> what it returns, what it takes.
FUNCTIONS = {
    "icalparser_parse_string": (POINTER, [TEXT]),
    "icalcomponent_free": (None, [POINTER]),
    "icalcomponent_count_errors": (ctypes.c_int, [POINTER]),
    "icalcomponent_string_to_kind": (ctypes.c_int, [TEXT]),
    "icalcomponent_get_first_component": (POINTER, [POINTER, ctypes.c_int]),
    "icalcomponent_get_next_component": (POINTER, [POINTER, ctypes.c_int]),
    "icalcomponent_get_dtstart": (Time, [POINTER]),
    "icalcomponent_get_dtend": (Time, [POINTER]),
    "icalcomponent_get_status": (ctypes.c_int, [POINTER]),
    "icalproperty_status_to_string": (TEXT, [ctypes.c_int]),
    "icaltime_as_timet_with_zone": (ctypes.c_int64, [Time, POINTER]),
    **{
        f"icalcomponent_get_{name}": (TEXT, [POINTER])
        for name in ("uid", "summary", "description", "location")
    },
}


def read(bodies: Sequence[bytes]) -> list[list[Seen]]:
    return [list(_events(body)) for body in bodies]


@cache
def _library() -> ctypes.CDLL:
    try:
        library = ctypes.CDLL(LIBRARY)
    except OSError:
        databases.lacking("libical is missing: install it (Debian: apt-get install libical3).")
    for name, (returned, taken) in FUNCTIONS.items():
        function = getattr(library, name)
        function.restype, function.argtypes = returned, taken
    return library


def _events(body: bytes) -> Iterator[Seen]:
    library = _library()
    root = library.icalparser_parse_string(body)
    assert root, "libical could not read the calendar"
    try:
        assert library.icalcomponent_count_errors(root) == 0
        kind = library.icalcomponent_string_to_kind(b"VEVENT")
        event = library.icalcomponent_get_first_component(root, kind)
        while event:
            yield _seen(library, event)
            event = library.icalcomponent_get_next_component(root, kind)
    finally:
        library.icalcomponent_free(root)


def _seen(library: ctypes.CDLL, event: int) -> Seen:
    def text(name: str) -> str:
        return (getattr(library, f"icalcomponent_get_{name}")(event) or b"").decode()

    start, end = library.icalcomponent_get_dtstart(event), library.icalcomponent_get_dtend(event)
    status = library.icalproperty_status_to_string(library.icalcomponent_get_status(event)).decode()
    return Seen(
        text("uid"),
        library.icaltime_as_timet_with_zone(start, start.zone),
        library.icaltime_as_timet_with_zone(end, end.zone),
        bool(start.is_date),
        status,
        text("summary"),
        text("description"),
        text("location"),
    )
