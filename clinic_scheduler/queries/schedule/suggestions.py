"""Free times to suggest for a course: no more of the diaries is read than the answer needs."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
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


# More than a suggestion has times, so that those of one day are mostly found in them.
_FIRST_DIARIES = 8


def suggestions(
    session: Session,
    course: Course,
    now: datetime,
    *,
    limit: int = 6,
    per_diary: int = 1,
    ignoring: int | None = None,
    provider_id: int | None = None,
    kind: str = VisitKind.INJECTION,
    near: date | None = None,
    first: int | None = None,
    late_too: bool = False,
    known: Reading | None = None,
) -> list[Slot]:
    """Free times for the course's next visit of a kind, best first (DD-10): its own provider before the others.

    Only days on which an injection may be booked as it is. With `provider_id`, that provider's times only; with
    `first`, theirs before the others'; with `near`, from that day on, or as without it where nothing is free then.
    With `late_too`, also days against which nothing stands but that they are late, which takes a reason.
    `known` is what was read of the course already.
    """
    zone = known.zone if known else clinic_zone(session, course.clinic_id)
    today = now.astimezone(zone).date()
    window = _window(session, course, today, kind, late_too, known)
    later = window if near is None else replace(window, due_date=max(near, window.earliest_date))
    last = max(later.overdue_date, later.due_date, today) + LATEST_SEARCH
    empty = [
        diary
        for diary in empty_diaries(
            session, course.clinic_id, today, last, indication=course.indication, kind=kind
        )
        if provider_id in (None, diary.provider_id)
    ]
    preferred = (first, course.provider_id)
    empty.sort(key=lambda diary: [diary.provider_id != each for each in preferred])

    def free(of: Window) -> Iterator[Slot]:
        for days, some in _by_need(of, empty, today):
            read = filled(
                session, some, zone, (days[0], days[-1]), patient_id=course.patient_id, ignoring=ignoring
            )
            yield from offers(of, days, read, zone, now, per_diary=per_diary)

    slots = list(islice(free(later), limit))
    return slots if slots or near is None else list(islice(free(window), limit))


def may_be_booked(session: Session, course: Course, day: date, today: date) -> bool:
    """Whether an injection of the course may be booked on `day` as it is, with nothing to override."""
    return _window(session, course, today, VisitKind.INJECTION).is_good(day)


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


def _window(
    session: Session,
    course: Course,
    today: date,
    kind: str,
    late_too: bool = False,
    known: Reading | None = None,
) -> Window:
    """From when to offer times, and which days may not be booked as they are."""
    if kind != VisitKind.INJECTION:
        return Window(today, today, today, lambda _day: True)
    if known is None:
        dates, facts = patient_history(session, course.patient_id).read(today)[course.id]
    else:
        dates, facts = known.dates, known.facts
    late_is_fine = late_too or today >= dates.overdue_date
    closed_from = dates.closed_from or date.max
    return Window(
        dates.earliest_date,
        dates.due_date,
        dates.overdue_date,
        lambda day: day < closed_from and is_good(facts, day, late_is_fine=late_is_fine),
    )
