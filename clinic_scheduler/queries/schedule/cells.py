"""How the schedule's table is laid out: quarter-hour rows, and each column's cells. Values only, nothing is read."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from clinic_scheduler.domain.visits.busy_hours import on_day
from clinic_scheduler.domain.visits.kinds_and_states import (
    AWAITING_ANSWER,
    HELD_STATES,
    OCCUPYING,
    VisitKind,
)
from clinic_scheduler.domain.visits.slots import Diary, free_times

QUARTER = 15
DAY_MINUTES = 24 * 60


@dataclass(frozen=True, slots=True)
class OpenTime:
    """A free start with one provider, in the clinic's local time."""

    provider_id: int
    provider_name: str
    day: date
    at: time

    @property
    def token(self) -> str:
        """As forms and addresses carry it: 3_2026-11-24_10:15."""
        return f"{self.provider_id}_{self.day.isoformat()}_{self.at:%H:%M}"


@dataclass(frozen=True, slots=True)
class Visit:
    """What the table shows of a visit, with its patient, course and provider.

    `booking` is the course's; `overrides` say why it stands where the rules would not have it.
    """

    id: int
    provider_id: int
    state: str
    local_date: date
    local_time: time
    starts_at: datetime
    ends_at: datetime
    arrived_at: datetime | None
    confirmed_at: datetime | None
    cancel_reason: str | None
    kind: str
    booking: str
    family_name: str
    given_name: str
    indication: str
    provider_name: str
    overrides: Sequence[str] = ()

    @property
    def is_problem(self) -> bool:
        """Whether something stands against it that nobody has overridden."""
        ahead = self.kind == VisitKind.INJECTION and self.state in HELD_STATES
        return ahead and self.booking not in ("ok", "none")


@dataclass(frozen=True, slots=True)
class Cell:
    """`kind`: visits, free, held (closed or away, for `reason`), off (no hours), elsewhere or blank.

    `elsewhere` is within the hours, taken by a calendar of the provider's own. `span` counts rows.
    """

    kind: str
    span: int = 1
    visits: tuple[Visit, ...] = ()
    free: tuple[OpenTime, ...] = ()
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Column:
    """One provider's day. `cells` by the row they begin in; `room` is how many visits the hours hold."""

    provider_id: int
    provider_name: str
    day: date
    cells: Mapping[int, Cell]
    room: int
    booked: int
    proposed: int
    closure: str | None


@dataclass(frozen=True, slots=True)
class Grid:
    """`rows` are minutes after midnight, none where nobody injects and nothing is booked."""

    columns: list[Column]
    rows: Sequence[int]
    cancelled: list[Visit]

    @property
    def lines(self) -> Iterator[tuple[int, list[tuple[int, Cell]]]]:
        """Each row with the cells that begin in it and the numbers of their columns."""
        for row in self.rows:
            yield row, [(n, of.cells[row]) for n, of in enumerate(self.columns) if row in of.cells]


def rows_for(wanted: Sequence[tuple[Diary, date]], visits: Sequence[Visit]) -> Sequence[int]:
    """The quarter-hours from the first anybody injects, or is booked, to the last."""
    stretches = [_span(visit) for visit in visits]
    stretches += [stretch for diary, day in wanted for stretch in _hours(diary, day)]
    if not stretches:
        return ()
    return range(_floor(min(start for start, _ in stretches)), max(end for _, end in stretches), QUARTER)


def column(
    diary: Diary, day: date, visits: Sequence[Visit], rows: Sequence[int], zone: ZoneInfo, now: datetime
) -> Column:
    closure = diary.closure_on(day)
    reason = None if closure is None else closure.reason
    free: dict[int, list[OpenTime]] = {}
    for start in free_times(diary, day, zone, now):
        at = start.astimezone(zone).time().replace(fold=0)
        free.setdefault(_floor(minutes_of(at)), []).append(
            OpenTime(diary.provider_id, diary.provider_name, day, at)
        )
    return Column(
        diary.provider_id,
        diary.provider_name,
        day,
        dict(
            _cells(
                rows,
                _together(visits),
                free,
                _Ground(_hours(diary, day), _elsewhere(diary, day, zone), reason),
            )
        ),
        _room(diary, day) if closure is None else 0,
        sum(visit.state in OCCUPYING and visit.state not in AWAITING_ANSWER for visit in visits),
        sum(visit.state in AWAITING_ANSWER for visit in visits),
        reason,
    )


@dataclass(frozen=True, slots=True)
class _Ground:
    """What a row is where nothing is booked and nothing free; stretches are minutes after midnight."""

    hours: Sequence[tuple[int, int]]
    elsewhere: Sequence[tuple[int, int]]
    closure: str | None

    def kind(self, row: int) -> str:
        if self.closure is not None:
            return "held"
        if not _within(row, self.hours):
            return "off"
        return "elsewhere" if _within(row, self.elsewhere) else "blank"


def _cells(
    rows: Sequence[int],
    blocks: Mapping[int, tuple[int, tuple[Visit, ...]]],
    free: Mapping[int, list[OpenTime]],
    ground: _Ground,
) -> Iterator[tuple[int, Cell]]:
    """(row, cell) down one column; a cell of several rows stands at its first."""
    waiting = list(rows)
    while waiting:
        row = waiting[0]
        if row in blocks:
            end, visits = blocks[row]
            inside = tuple(time_ for at in range(row, end, QUARTER) for time_ in free.get(at, ()))
            cell = Cell("visits", sum(at < end for at in waiting), visits, inside)
        elif row in free:
            cell = Cell("free", free=tuple(free[row]))
        else:
            kind = ground.kind(row)
            span = 1 if kind == "blank" else _alike(waiting, {*blocks, *free}, ground)
            cell = Cell(kind, span, reason=ground.closure or "")
        yield row, cell
        del waiting[: cell.span]


def _alike(waiting: Sequence[int], taken: set[int], ground: _Ground) -> int:
    """How many rows from the first on are of its kind, and begin no visit and no free time."""
    kind = ground.kind(waiting[0])
    for count, row in enumerate(waiting):
        if row in taken or ground.kind(row) != kind:
            return count
    return len(waiting)


def _together(visits: Sequence[Visit]) -> dict[int, tuple[int, tuple[Visit, ...]]]:
    """First row -> (end, visits): what shares a row shares a cell."""
    blocks: dict[int, tuple[int, tuple[Visit, ...]]] = {}
    last = None
    for visit in visits:
        start, end = _span(visit)
        if last is not None and start < blocks[last][0]:
            before_end, before = blocks[last]
            blocks[last] = (max(before_end, end), (*before, visit))
        else:
            last = start
            blocks[start] = (end, (visit,))
    return blocks


def _span(visit: Visit) -> tuple[int, int]:
    """Rows a visit covers, whole quarter-hours, not past midnight."""
    begins = minutes_of(visit.local_time)
    length = int((visit.ends_at - visit.starts_at).total_seconds()) // 60
    return _floor(begins), min(-(-(begins + length) // QUARTER) * QUARTER, DAY_MINUTES)


def _hours(diary: Diary, day: date) -> list[tuple[int, int]]:
    return [
        (minutes_of(h.starts_at), minutes_of(h.ends_at)) for h in diary.hours if h.weekday == day.weekday()
    ]


def _elsewhere(diary: Diary, day: date, zone: ZoneInfo) -> list[tuple[int, int]]:
    """In minutes of the day on the wall, as rows are."""
    found = []
    for start, end in on_day(diary.elsewhere, day, zone):
        last = end.astimezone(zone)
        finish = DAY_MINUTES if last.date() > day else minutes_of(last.time())
        found.append((minutes_of(start.astimezone(zone).time()), finish))
    return found


def _room(diary: Diary, day: date) -> int:
    return sum((end - start) // diary.visit_minutes for start, end in _hours(diary, day))


def _within(row: int, hours: Sequence[tuple[int, int]]) -> bool:
    return any(start < row + QUARTER and row < end for start, end in hours)


def _floor(minutes: int) -> int:
    return minutes // QUARTER * QUARTER


def minutes_of(at: time) -> int:
    return at.hour * 60 + at.minute
