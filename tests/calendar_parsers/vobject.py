"""vobject, which Radicale reads calendars with."""

from collections.abc import Iterator, Sequence
from datetime import datetime

import vobject

from tests.calendar_parsers.seen import Seen, epoch


def read(bodies: Sequence[bytes]) -> list[list[Seen]]:
    return [list(_events(body)) for body in bodies]


def _events(body: bytes) -> Iterator[Seen]:
    for event in vobject.readOne(body.decode()).vevent_list:
        start = event.dtstart.value
        yield Seen(
            event.uid.value,
            epoch(start),
            epoch(event.dtend.value),
            not isinstance(start, datetime),
            *(
                event.contents[name][0].value if name in event.contents else ""
                for name in ("status", "summary", "description", "location")
            ),
        )
