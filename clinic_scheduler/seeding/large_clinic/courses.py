"""One patient's courses at an invented large clinic, as plain values: what was given, promised and held. No rows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from clinic_scheduler.domain.forecast.values import Authorization, Course, GivenSession, Hold
from clinic_scheduler.domain.patients.holds import HoldReason
from clinic_scheduler.domain.protocols.indications import INDICATIONS
from clinic_scheduler.domain.protocols.labels import label_of

MOST_TREATMENTS = 8
_BOTOX, _XEOMIN = "onabotulinumtoxinA", "incobotulinumtoxinA"
_MIGRAINE, _UPPER, _LOWER = "chronic_migraine", "spasticity_upper_limb", "spasticity_lower_limb"
# (weight, fewest days, most days) since the last treatment: from "just been" to "not seen for years".
_LAST_SEEN = ((34, 1, 65), (20, 66, 83), (14, 84, 91), (14, 92, 180), (18, 181, 1100))
_LAST_SEEN_WEIGHTS = [weight for weight, _, _ in _LAST_SEEN]
_BETWEEN = (84, 84, 85, 87, 88, 91, 91, 95, 98, 105, 126, 80)
_UNITS = {
    _MIGRAINE: (155, 155, 155, 165, 195),
    _UPPER: (160, 200, 240),
    _LOWER: (100, 150, 200),
}
TREATED = tuple(_UNITS)
_OUTCOMES = ("complete",) * 60 + ("partial", "aborted")
_HOLD_REASONS = (HoldReason.INFECTION, HoldReason.PREGNANCY, HoldReason.SURGERY, HoldReason.AWAY)
_STOPPED_BECAUSE = ("another product", "moved away", "declined")


# Days since somebody last tried to reach a patient who should come.
_TRIED_AGO = (1, 30)
_RESTS_DAYS = 5


@dataclass(frozen=True, slots=True)
class Story:
    """One course: its values for the rules, with the treatments given under it, the oldest first."""

    indication: str
    course: Course
    sessions: tuple[GivenSession, ...]
    stop_reason: str | None
    tried_on: tuple[date, ...]

    def rests_until(self, tried_on: date) -> date:
        """The day an attempt to reach the patient is over."""
        return tried_on + timedelta(_RESTS_DAYS)


def stories(
    random: Random, ids: Sequence[int], today: date, *, child: bool, most_treatments: int
) -> list[Story]:
    """A patient's one or two courses, each of an indication of its own; children have no migraine course."""
    kinds = [_UPPER, _LOWER]
    if not child:
        kinds.insert(0 if random.random() < 0.8 else 1, _MIGRAINE)
    return [
        _story(random, course_id, indication, today, most_treatments)
        for course_id, indication in zip(ids, kinds, strict=False)
    ]


def _story(random: Random, course_id: int, indication: str, today: date, most_treatments: int) -> Story:
    product = _BOTOX if random.random() < 0.9 else _XEOMIN
    units = random.choice(_UNITS[indication])
    days = [] if random.random() < 0.02 else _days(random, today, min(most_treatments, random.randint(3, 8)))
    stopped_on = min(today, days[-1] + timedelta(60)) if days and random.random() < 0.04 else None
    required = random.random() < 0.4
    course = Course(
        id=course_id,
        product=product,
        started_on=days[0] if days else today - timedelta(random.randint(0, 40)),
        protocol=INDICATIONS[indication].protocol,
        label=label_of(product, indication),
        stopped_on=stopped_on,
        planned_units=float(units),
        authorization_required=required,
        authorizations=_authorizations(random, today) if required else (),
        holds=_holds(random, today),
    )
    sessions = tuple(
        GivenSession(n, course_id, day, float(units), product, random.choice(_OUTCOMES))
        # The number of a session tells it from the patient's others, of whichever course.
        for n, day in enumerate(days, course_id * MOST_TREATMENTS)
    )
    reason = random.choice(_STOPPED_BECAUSE) if stopped_on else None
    tried = _tried(random, today) if days and today - days[-1] > timedelta(75) else ()
    return Story(indication, course, sessions, reason, tried)


def _days(random: Random, today: date, count: int) -> list[date]:
    """Back from the last treatment, a cycle or somewhat more between two."""
    _, fewest, most = random.choices(_LAST_SEEN, _LAST_SEEN_WEIGHTS)[0]
    days = [today - timedelta(random.randint(fewest, most))]
    while len(days) < count:
        days.append(days[-1] - timedelta(random.choice(_BETWEEN)))
    return days[::-1]


def _authorizations(random: Random, today: date) -> tuple[Authorization, ...]:
    """A year's leave as payers give it; one in eight is used up, one in ten was never asked for."""
    if random.random() < 0.1:
        return ()
    starts_on = today - timedelta(random.randint(0, 330))
    visits = 0 if random.random() < 0.125 else random.randint(1, 4)
    return (Authorization(starts_on, starts_on + timedelta(364), visits, None),)


def _holds(random: Random, today: date) -> tuple[Hold, ...]:
    """One course in a hundred is on hold, half of those until further notice; two in a hundred were."""
    drawn = random.random()
    if drawn > 0.03:
        return ()
    starts_on = today - timedelta(random.randint(1, 30))
    if drawn < 0.005:
        ends_on = None
    else:
        ends_on = today + timedelta(random.randint(1, 60)) if drawn < 0.01 else today - timedelta(1)
    return (Hold(starts_on, ends_on, random.choice(_HOLD_REASONS)),)


def _tried(random: Random, today: date) -> tuple[date, ...]:
    """The days on which the desk tried to reach the patient: for one in eight, once to three times."""
    if random.random() > 0.125:
        return ()
    days = {today - timedelta(random.randint(*_TRIED_AGO)) for _ in range(random.randint(1, 3))}
    return tuple(sorted(days))
