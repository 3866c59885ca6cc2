"""A lint for iCalendar bytes: faults that common parsers accept and real readers stumble over; no tests."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

_LINE = re.compile(r'(?P<name>[A-Z0-9-]+)(?P<params>(?:;[A-Z0-9-]+=(?:"[^"]*"|[^";:,]*))*):(?P<value>.*)')
_UTC = re.compile(r"\d{8}T\d{6}Z")
_LOCAL = re.compile(r"\d{8}T\d{6}")
_DATE = re.compile(r"\d{8}")
_DURATION = re.compile(r"P(?:\d+W|(?:\d+D)?(?:T(?:\d+H)?(?:\d+M)?(?:\d+S)?)?)")
_TEXT = re.compile(r"(?:[^\\;,]|\\[\\;,nN])*")
_TEXT_NAMES = {"SUMMARY", "DESCRIPTION", "LOCATION", "NAME", "X-WR-CALNAME", "TZNAME"}
_EVENT_ONCE = (
    "UID",
    "SEQUENCE",
    "DTSTAMP",
    "LAST-MODIFIED",
    "DTSTART",
    "DTEND",
    "STATUS",
    "TRANSP",
    "SUMMARY",
)


@dataclass(frozen=True)
class Property:
    name: str
    params: str
    value: str


@dataclass
class Component:
    name: str
    properties: list[Property] = field(default_factory=list)
    children: list["Component"] = field(default_factory=list)

    def all(self, name: str) -> list[Property]:
        return [found for found in self.properties if found.name == name]

    def one(self, name: str) -> Property:
        return (self.all(name) or [Property(name, "", "")])[0]

    def parts(self, name: str) -> list["Component"]:
        return [child for child in self.children if child.name == name]


def lint(body: bytes, *, method: str | None = None, feed: bool = True) -> list[str]:
    """Every fault found, in words; none is a clean calendar. `feed=False` for the file of a single visit."""
    faults = list(_bytes_faults(body))
    try:
        root = parse(body)
    except (ValueError, IndexError) as error:
        return [*faults, f"cannot be read: {error}"]
    faults += _calendar_faults(root, method)
    if feed:
        faults += _feed_faults(root)
    for block in root.parts("VTIMEZONE"):
        faults += _zone_faults(block)
    for event in root.parts("VEVENT"):
        faults += _event_faults(event, {block.one("TZID").value for block in root.parts("VTIMEZONE")})
    return faults


def parse(body: bytes) -> Component:
    lines = re.sub(r"\r?\n[ \t]", "", body.decode("utf-8")).rstrip("\r\n").split("\n")
    top = Component("")
    stack = [top]
    for line in (line.rstrip("\r") for line in lines):
        match = _LINE.fullmatch(line)
        if match is None:
            raise ValueError(f"not a property: {line!r}")
        name, params, value = match["name"], match["params"], match["value"]
        if name == "BEGIN":
            stack.append(Component(value))
            stack[-2].children.append(stack[-1])
        elif name == "END":
            if stack.pop().name != value:
                raise ValueError(f"END:{value} closes nothing")
        else:
            stack[-1].properties.append(Property(name, params, value))
    if len(stack) != 1 or [child.name for child in top.children] != ["VCALENDAR"]:
        raise ValueError("not exactly one closed VCALENDAR")
    return top.children[0]


def _bytes_faults(body: bytes) -> Iterator[str]:
    if re.search(rb"(?<!\r)\n|\r(?!\n)", body):
        yield "bare line feed or carriage return"
    if not body.endswith(b"\r\n"):
        yield "no line break at the end"
    if any(len(line) > 75 for line in body.split(b"\r\n")):
        yield "line over 75 octets"
    if re.search(rb"[\x00-\x09\x0b\x0c\x0e-\x1f\x7f]", body):
        yield "control character"


def _calendar_faults(root: Component, method: str | None) -> Iterator[str]:
    for name in ("VERSION", "PRODID"):
        if len(root.all(name)) != 1:
            yield f"not exactly one {name}"
    if root.all("UID"):
        yield "UID of the VCALENDAR itself"
    if [found.value for found in root.all("METHOD")] != ([method] if method else []):
        yield f"METHOD is not {method}"
    if not root.parts("VEVENT"):
        yield "no event"
    yield from _text_faults(root)
    for uid, count in Counter(event.one("UID").value for event in root.parts("VEVENT")).items():
        if count > 1:
            yield f"UID twice: {uid}"
    used = {_tzid(found) for event in root.parts("VEVENT") for found in event.properties} - {None}
    zones = [block.one("TZID").value for block in root.parts("VTIMEZONE")]
    if len(zones) != len(set(zones)):
        yield "VTIMEZONE twice"
    if used - set(zones):
        yield "TZID without VTIMEZONE"


def _feed_faults(root: Component) -> Iterator[str]:
    for name in ("NAME", "X-WR-CALNAME"):
        if len(root.all(name)) != 1:
            yield f"not exactly one {name}"
    refresh = root.one("REFRESH-INTERVAL")
    if refresh.params != ";VALUE=DURATION" or not _DURATION.fullmatch(refresh.value):
        yield "REFRESH-INTERVAL without VALUE=DURATION or duration"
    if not _DURATION.fullmatch(root.one("X-PUBLISHED-TTL").value):
        yield "X-PUBLISHED-TTL is no duration"


def _zone_faults(block: Component) -> Iterator[str]:
    if block.all("COMMENT") or any(part.all("COMMENT") for part in block.children):
        yield "COMMENT in VTIMEZONE"
    if sorted(part.name for part in block.children) not in (["STANDARD"], ["DAYLIGHT", "STANDARD"]):
        yield "VTIMEZONE is not one STANDARD and at most one DAYLIGHT"
    for part in block.children:
        yield from _text_faults(part)
        if part.all("RDATE"):
            yield "RDATE in VTIMEZONE"
        if len(block.children) == 2 and not re.fullmatch(
            r"FREQ=YEARLY;BYDAY=(-1|[1-4])(SU|MO|TU|WE|TH|FR|SA);BYMONTH=\d+", part.one("RRULE").value
        ):
            yield "VTIMEZONE rule is not a yearly BYMONTH and BYDAY"
        if not _LOCAL.fullmatch(part.one("DTSTART").value):
            yield "DTSTART in VTIMEZONE is not local"
        for name in ("TZOFFSETFROM", "TZOFFSETTO"):
            if not re.fullmatch(r"[+-]\d{4}(\d\d)?", part.one(name).value):
                yield f"{name} missing or malformed"


def _event_faults(event: Component, zones: set[str]) -> Iterator[str]:
    for name in _EVENT_ONCE:
        if len(event.all(name)) != 1:
            yield f"not exactly one {name}"
    for name in ("DTSTAMP", "LAST-MODIFIED"):
        if not _UTC.fullmatch(event.one(name).value):
            yield f"{name} is not UTC"
    yield from _time_faults(event, zones)
    if any(found.params for found in event.all("ORGANIZER")):
        yield "ORGANIZER is not bare"
    yield from _text_faults(event)
    for alarm in event.parts("VALARM"):
        if not all(len(alarm.all(name)) == 1 for name in ("ACTION", "TRIGGER", "DESCRIPTION")):
            yield "VALARM is incomplete"


def _time_faults(event: Component, zones: set[str]) -> Iterator[str]:
    start, end = event.one("DTSTART"), event.one("DTEND")
    kinds = {_time_kind(start, zones), _time_kind(end, zones)}
    if len(kinds) != 1 or not kinds <= {"date", "utc", "zoned"}:
        yield f"times are {' and '.join(sorted(kinds))}"
    if start.value >= end.value and kinds != {"zoned"}:
        yield "does not end after its start"
    if kinds == {"date"} and event.one("TRANSP").value != "TRANSPARENT":
        yield "all-day event takes up time"
    if event.one("STATUS").value == "CANCELLED" and event.one("TRANSP").value != "TRANSPARENT":
        yield "cancelled event takes up time"


def _text_faults(component: Component) -> Iterator[str]:
    for found in component.properties:
        if found.name in _TEXT_NAMES and not _TEXT.fullmatch(found.value):
            yield f"{found.name} is not escaped"


def _tzid(found: Property) -> str | None:
    match = re.search(r";TZID=([^;:]+)", found.params)
    return match[1] if match else None


def _time_kind(found: Property, zones: set[str]) -> str:
    if found.params == ";VALUE=DATE" and _DATE.fullmatch(found.value):
        return "date"
    if found.params == "" and _UTC.fullmatch(found.value):
        return "utc"
    if _tzid(found) in zones and _LOCAL.fullmatch(found.value):
        return "zoned"
    return "floating or malformed"
