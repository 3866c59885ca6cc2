"""Which course each visit of a log belongs to, where a course ends, and which have to be opened. Nothing is written.

One patient and one indication at a time. A product that takes over closes the course before it on its own first day.
A day of another product between two days of the same one is an exception: it stays under the course (wrong_product).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

from clinic_scheduler.models import Course, Treatment
from clinic_scheduler.services.imports.recognition import Newcomer

ANOTHER_PRODUCT = "another product"


@dataclass(slots=True)
class Leg:
    """A stretch under one product: a course that is there, or a new one to open, with what the log adds to it.

    `stop` is the day on which the log closes it.
    """

    product: str
    course: Course | None = None
    visits: list[Newcomer] = field(default_factory=list)
    stop: date | None = None
    is_new: bool = False


@dataclass(slots=True)
class _Day:
    """`recorded` are courses with a session on that day."""

    recorded: list[Course] = field(default_factory=list)
    fresh: list[Newcomer] = field(default_factory=list)

    @property
    def products(self) -> list[str]:
        """What is recorded before what the log tells, in order."""
        fresh = (each.visit.product or "" for each in self.fresh)
        return [*(course.product for course in self.recorded), *fresh]


@dataclass(slots=True)
class _Plan:
    days: dict[date, _Day]
    courses: Sequence[Course]
    legs: list[Leg] = field(default_factory=list)
    # Which leg led on which day, in order.
    led: list[tuple[date, Leg]] = field(default_factory=list)


def plan_courses(
    courses: Sequence[Course], given: Iterable[Treatment], newcomers: Sequence[Newcomer]
) -> list[Leg]:
    """The legs that the log adds visits to or closes. `courses` and `given` are the patient's for the indication.

    Two products on one day: one of them leads, and the other is kept under its course as wrong_product, an exposure
    and never a cycle. What is recorded leads before what the log tells, the product given before leads before
    another, then the one given next, then the first in the file. So a day on which the earlier product was given as
    well never closes its course; where the other one goes on alone, that does, on its next day. A visit without
    units was no treatment and decides nothing.
    """
    decisive = [each for each in newcomers if each.visit.units != 0]
    plan = _Plan(_days(courses, given, decisive), courses)
    order = sorted(plan.days)
    leg: Leg | None = None
    for number, day in enumerate(order):
        upcoming = plan.days[order[number + 1]].products if number + 1 < len(order) else []
        leg = _leading(plan, day, leg, upcoming)
        plan.led.append((day, leg))
        for each in plan.days[day].fresh:
            _of_that_day(plan, day, each, leg).visits.append(each)
    _close(plan)
    for each in newcomers:
        if each.visit.units == 0:
            _without_units(plan, each).visits.append(each)
    return [leg for leg in plan.legs if leg.visits or leg.stop]


def _days(
    courses: Sequence[Course], given: Iterable[Treatment], decisive: Sequence[Newcomer]
) -> dict[date, _Day]:
    by_id = {course.id: course for course in courses}
    days: dict[date, _Day] = {}
    for treatment in given:
        course = by_id.get(treatment.course_id or 0)
        if course is not None and treatment.units != 0:
            days.setdefault(treatment.given_on, _Day()).recorded.append(course)
    for each in decisive:
        days.setdefault(each.visit.given_on, _Day()).fresh.append(each)
    return days


def _leading(plan: _Plan, day: date, before: Leg | None, upcoming: Sequence[str]) -> Leg:
    here = plan.days[day]
    if here.recorded:
        own = (course for course in here.recorded if before and course is before.course)
        return _leg_of(plan, next(own, here.recorded[0]))
    products = here.products
    if before and (before.product in products or before.product in upcoming):
        return before
    product = next((each for each in products if each in upcoming), products[0])
    course = _course_for(plan, product, day, before)
    return _new_leg(plan, product) if course is None else _leg_of(plan, course)


def _course_for(plan: _Plan, product: str, day: date, before: Leg | None) -> Course | None:
    """The course of the product that runs on the day, or that it continues; none where another one came between."""
    own = [course for course in plan.courses if course.product == product]
    running = [course for course in own if course.stopped_on is not None and day <= course.stopped_on]
    if running:
        return min(running, key=lambda course: course.stopped_on or day)
    still_open = next((course for course in own if course.stopped_on is None), None)
    if still_open is not None and (
        _goes_on(plan, still_open, day) or _end(plan, _leg_of(plan, still_open)) is None
    ):
        return still_open
    if before is None and own and still_open is None:
        return max(own, key=lambda course: course.id)
    return None


def _goes_on(plan: _Plan, course: Course, day: date) -> bool:
    """Whether it has sessions on later days as well."""
    return any(later >= day and course in each.recorded for later, each in plan.days.items())


def _leg_of(plan: _Plan, course: Course) -> Leg:
    for leg in plan.legs:
        if leg.course is course:
            return leg
    plan.legs.append(Leg(course.product, course))
    return plan.legs[-1]


def _new_leg(plan: _Plan, product: str) -> Leg:
    plan.legs.append(Leg(product, is_new=True))
    return plan.legs[-1]


def _of_that_day(plan: _Plan, day: date, each: Newcomer, leading: Leg) -> Leg:
    """More of a session that is recorded goes to that session's course, whichever leads."""
    recorded = plan.days[day].recorded
    own = next((course for course in recorded if course.product == each.visit.product), None)
    return leading if own is None else _leg_of(plan, own)


def _close(plan: _Plan) -> None:
    """A course ends where another leads after its last day."""
    for leg in plan.legs:
        if leg.course is None or leg.course.stopped_on is None:
            leg.stop = _end(plan, leg)


def _end(plan: _Plan, leg: Leg) -> date | None:
    """The first session of another product after the leg's last day; of a course that is there only by the log."""
    last = max((number for number, (_, each) in enumerate(plan.led) if each is leg), default=None)
    if last is None:
        return None
    after = next(iter(plan.led[last + 1 :]), None)
    if leg.course is None:
        return after[0] if after else _ordered_since(plan, plan.led[last][0])
    return after[0] if after and not plan.days[after[0]].recorded else None


def _ordered_since(plan: _Plan, day: date) -> date | None:
    """When staff opened a course that nothing was given under yet, after all that the log tells."""
    waiting = (
        course.started_on
        for course in plan.courses
        if course.stopped_on is None and course.started_on > day
        if not any(leg.course is course for leg in plan.legs)
    )
    return min(waiting, default=None)


def _without_units(plan: _Plan, each: Newcomer) -> Leg:
    """Under the course of its product, else under whichever led then, else under one of its own."""
    product, day = each.visit.product or "", each.visit.given_on
    for leg in plan.legs:
        if leg.product == product:
            return leg
    course = _course_for(plan, product, day, None)
    if course is not None:
        return _leg_of(plan, course)
    led = [leg for led_on, leg in plan.led if led_on <= day] or [leg for _, leg in plan.led]
    return led[-1] if led else _new_leg(plan, product)
