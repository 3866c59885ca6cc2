"""Free times to suggest for a course: no more of the diaries is read than the answer needs."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import islice
from typing import NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from clinic_scheduler.domain.forecast.values import Forecast
from clinic_scheduler.domain.visits.check_texts import is_good
from clinic_scheduler.domain.visits.day_checks import CourseFacts
from clinic_scheduler.domain.visits.kinds_and_states import VisitKind
from clinic_scheduler.domain.visits.slots import LATEST_SEARCH, Diary, Slot, Window, days_to_offer, offers
from clinic_scheduler.models import Course
from clinic_scheduler.queries.courses.histories import patient_history
from clinic_scheduler.queries.schedule.availability import clinic_zone, empty_diaries, filled


class Reading(NamedTuple):
    """What was read of a course: its dates, the facts by which any of its days is judged, and its clinic's zone."""

    dates: Forecast
    facts: CourseFacts
    zone: ZoneInfo


class TimesWanted(NamedTuple):
    """Which times are looked for: `limit` in all, `per_diary` a day of each provider.

    With `provider_id`, that provider's times only; with `first`, theirs before the others'; with `near`, from that day
    on, or as without it where nothing is free then. `ignoring` is the visit that is about to be moved.
    """

    limit: int = 6
    per_diary: int = 1
    kind: str = VisitKind.INJECTION
    provider_id: int | None = None
    first: int | None = None
    near: date | None = None
    ignoring: int | None = None


class Suggested(NamedTuple):
    """`late` has times only where there are no others: nothing stands against them but that each takes a reason."""

    times: list[Slot]
    late: list[Slot]


_ANY_TIMES = TimesWanted()
# More than a suggestion has times, so that those of one day are mostly found in them.
_FIRST_DIARIES = 8


def suggestions(
    session: Session,
    course: Course,
    now: datetime,
    wanted: TimesWanted = _ANY_TIMES,
    known: Reading | None = None,
) -> list[Slot]:
    """Free times for the course's next visit of a kind, best first (DD-10): its own provider before the others.

    Only days on which an injection may be booked as it is. `known` is what was read of the course already.
    """
    return _search(session, course, now, wanted, known).found()


def suggestions_or_late(
    session: Session, course: Course, now: datetime, wanted: TimesWanted, known: Reading
) -> Suggested:
    """The same; and where nothing is free, times for an injection that is late by then."""
    search = _search(session, course, now, wanted, known)
    times = search.found()
    if times or wanted.kind != VisitKind.INJECTION:
        return Suggested(times, [])
    # No day that is on time has anything free: that has just been looked at.
    on_time, late_too = search.window.is_good, _window(known, search.today, late_too=True)
    late = replace(late_too, is_good=lambda day: not on_time(day) and late_too.is_good(day))
    return Suggested([], search.free(late))


def may_be_booked(session: Session, course: Course, day: date, now: datetime) -> bool:
    """Whether an injection of the course may be booked on `day` as it is, with nothing to override."""
    zone = clinic_zone(session, course.clinic_id)
    today = now.astimezone(zone).date()
    return _window(_read(session, course, today, zone), today).is_good(day)


@dataclass(frozen=True, slots=True)
class _Search:
    """The clinic's diaries, in the order in which they are offered, with nothing in them yet; and what is wanted."""

    session: Session
    patient_id: int
    now: datetime
    zone: ZoneInfo
    wanted: TimesWanted
    window: Window
    diaries: Sequence[Diary]

    @property
    def today(self) -> date:
        return self.now.astimezone(self.zone).date()

    def found(self) -> list[Slot]:
        times = self.free(_later(self.window, self.wanted.near))
        return times if times or self.wanted.near is None else self.free(self.window)

    def free(self, window: Window) -> list[Slot]:
        return list(islice(self._offers(window), self.wanted.limit))

    def _offers(self, window: Window) -> Iterator[Slot]:
        patient = {"patient_id": self.patient_id, "ignoring": self.wanted.ignoring}
        for days, some in _by_need(window, self.diaries, self.today):
            read = filled(self.session, some, self.zone, (days[0], days[-1]), **patient)
            yield from offers(window, days, read, self.zone, self.now, per_diary=self.wanted.per_diary)


def _search(
    session: Session, course: Course, now: datetime, wanted: TimesWanted, known: Reading | None
) -> _Search:
    zone = known.zone if known else clinic_zone(session, course.clinic_id)
    today = now.astimezone(zone).date()
    if wanted.kind == VisitKind.INJECTION:
        window = _window(known or _read(session, course, today, zone), today)
    else:
        window = Window(today, today, today)
    later = _later(window, wanted.near)
    last = max(later.overdue_date, later.due_date, today) + LATEST_SEARCH
    found = empty_diaries(
        session, course.clinic_id, today, last, indication=course.indication, kind=wanted.kind
    )
    preferred = (wanted.first, course.provider_id)
    return _Search(
        session,
        course.patient_id,
        now,
        zone,
        wanted,
        window,
        sorted(
            (diary for diary in found if wanted.provider_id in (None, diary.provider_id)),
            key=lambda diary: [diary.provider_id != each for each in preferred],
        ),
    )


def _read(session: Session, course: Course, today: date, zone: ZoneInfo) -> Reading:
    return Reading(*patient_history(session, course.patient_id).read(today)[course.id], zone)


def _later(window: Window, near: date | None) -> Window:
    """The same from that day on."""
    return window if near is None else replace(window, due_date=max(near, window.earliest_date))


def _by_need(
    window: Window, diaries: Sequence[Diary], today: date
) -> Iterator[tuple[list[date], Sequence[Diary]]]:
    """Days to offer and the diaries to look into, in order: some of a single day first, then more and more at once."""
    worked = {stretch.weekday for diary in diaries for stretch in diary.hours}
    days = (day for day in days_to_offer(window, today) if day.weekday() in worked)
    for day in islice(days, 1):
        yield [day], diaries[:_FIRST_DIARIES]
        if diaries[_FIRST_DIARIES:]:
            yield [day], diaries[_FIRST_DIARIES:]
    number = 2
    while stretch := list(islice(days, number)):
        yield stretch, diaries
        number *= 2


def _window(known: Reading, today: date, *, late_too: bool = False) -> Window:
    """From when to offer times for an injection, and which days may not be booked as they are."""
    dates, facts = known.dates, known.facts
    late_is_fine = late_too or today >= dates.overdue_date
    closed_from = dates.closed_from or date.max
    return Window(
        dates.earliest_date,
        dates.due_date,
        dates.overdue_date,
        lambda day: day < closed_from and is_good(facts, day, late_is_fine=late_is_fine),
    )
