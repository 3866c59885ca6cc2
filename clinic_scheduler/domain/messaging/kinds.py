"""The kinds of message: one record says all there is to know of one; and the ways there are.

Adding a kind is its record here, its texts in templates/messages and its test. When a kind is due is reckoned by its
`plan` (reminder_plan.py), whether it may still go by what it `holds` on (dispatch_rules.py).
"""

from dataclasses import dataclass
from enum import StrEnum

from clinic_scheduler.domain.codes import Labelled
from clinic_scheduler.domain.forecast.status import DUE_SOON_DAYS

VISIT_REMINDER = "visit_reminder"
TIME_TO_BOOK = "time_to_book"
OVERDUE = "overdue"
AFTER_VISIT = "after_visit"
MISSED_VISIT = "missed_visit"
VISIT_BOOKED = "visit_booked"
VISIT_MOVED = "visit_moved"
VISIT_CANCELLED = "visit_cancelled"
CALENDAR_LINK = "calendar_link"


class Purpose(Labelled):
    """What patients agree to, each on each channel."""

    VISITS = "visits", "About their visits"
    BOOKING = "booking", "Time to book"
    FOLLOW_UP = "follow_up", "After a visit"


class Channel(Labelled):
    EMAIL = "email", "E-mail"
    SMS = "sms", "Text"


VISITS, BOOKING, FOLLOW_UP = PURPOSES = tuple(Purpose)
EMAIL, SMS = CHANNELS = tuple(Channel)
# As many days as a rule may name.
MOST_STEPS = 6


class Plan(StrEnum):
    """When a kind goes out."""

    BEFORE_VISIT = "before_visit"  # so many days before each visit
    TO_BOOK = "to_book"  # once a cycle, before the earliest date
    OVERDUE = "overdue"  # again and again after the course became overdue
    MILESTONES = "milestones"  # after a visit, as its indication says (DD-14)
    MISSED = "missed"  # the morning after a visit nobody came to
    AT_ONCE = "at_once"  # as somebody books, moves, cancels or sends


class Holds(StrEnum):
    """What must still be so for it to be true; asked when it is queued, before it is sent and as it leaves."""

    BOOKED = "booked"  # its visit stands, at the time it was planned for
    MISSED = "missed"  # its visit was missed, and no other is booked
    CANCELLED = "cancelled"  # its visit is off
    TO_BOOK = "to_book"  # nothing is booked, and it is near the earliest date
    OVERDUE = "overdue"  # nothing is booked, and the course is overdue
    SAME_CYCLE = "same_cycle"  # no treatment has begun another cycle
    ALWAYS = "always"


@dataclass(frozen=True, slots=True)
class Rule:
    """`days` before or after the day the kind counts from; `most`: how often at most in one cycle."""

    is_on: bool = True
    days: tuple[int, ...] = ()
    repeat_days: int | None = None
    most: int | None = None


@dataclass(frozen=True, slots=True)
class MessageKind:
    """All there is to know of a kind but its texts.

    `label` is what staff call it. `rule` is the shipped one, none where it goes whenever somebody sends it; a clinic
    may name up to `most_days` days. `step` begins the names of its steps, which no other kind of its plan shares.
    """

    code: str
    label: str
    purpose: Purpose
    plan: Plan
    holds: Holds
    rule: Rule | None = Rule()
    most_days: int = 0
    step: str = ""
    # What a clinic's own words may name beside the clinic and the patient (custom_wording.py): on any channel, and in
    # texts alone, which have no button; and what they must name.
    fields: tuple[str, ...] = ()
    text_fields: tuple[str, ...] = ()
    required: tuple[str, ...] = ()
    text_required: tuple[str, ...] = ()
    # The visit goes with it as a file for the calendar.
    has_file: bool = False
    # In doubt whether it went, it goes once more: patients rather read it twice than not at all.
    may_repeat: bool = False

    @property
    def is_planned(self) -> bool:
        """Told by the calendar, as a clinic's rules say, rather than as it happens."""
        return self.plan is not Plan.AT_ONCE

    @property
    def is_once_a_cycle(self) -> bool:
        return self.plan in (Plan.TO_BOOK, Plan.OVERDUE, Plan.MILESTONES)

    @property
    def repeats(self) -> bool:
        return self.plan is Plan.OVERDUE

    @property
    def is_about_a_visit(self) -> bool:
        return "visit" in self.fields

    @property
    def asks_for_an_answer(self) -> bool:
        """Whether the patient may confirm the visit, or ask for another time."""
        return "answer_link" in self.text_fields


_VISIT = ("visit", "visit_name", "provider_name")
_ANSWER = ("answer_link",)
_SHIPPED = (
    MessageKind(
        VISIT_REMINDER,
        "Visit reminder",
        VISITS,
        Plan.BEFORE_VISIT,
        Holds.BOOKED,
        rule=Rule(days=(7, 3, 1)),
        most_days=MOST_STEPS,
        step="visit",
        fields=_VISIT,
        text_fields=_ANSWER,
        required=("visit",),
        has_file=True,
        may_repeat=True,
    ),
    MessageKind(
        TIME_TO_BOOK,
        "Time to book",
        BOOKING,
        Plan.TO_BOOK,
        Holds.TO_BOOK,
        rule=Rule(days=(DUE_SOON_DAYS,)),
        most_days=1,
        step="time_to_book",
        fields=("earliest_date", "last_date"),
        may_repeat=True,
    ),
    MessageKind(
        OVERDUE,
        "Overdue",
        BOOKING,
        Plan.OVERDUE,
        Holds.OVERDUE,
        rule=Rule(days=(1,), repeat_days=14, most=3),
        most_days=1,
        step="overdue",
    ),
    # Its steps are named for the milestones.
    MessageKind(AFTER_VISIT, "After the visit", FOLLOW_UP, Plan.MILESTONES, Holds.SAME_CYCLE),
    MessageKind(
        MISSED_VISIT, "Missed visit", VISITS, Plan.MISSED, Holds.MISSED, step="missed", fields=_VISIT
    ),
    # Who is booked stands at the desk or has just hung up: that is off until a clinic wants it.
    MessageKind(
        VISIT_BOOKED,
        "Visit booked",
        VISITS,
        Plan.AT_ONCE,
        Holds.BOOKED,
        rule=Rule(is_on=False),
        fields=_VISIT,
        text_fields=_ANSWER,
        required=("visit",),
        has_file=True,
    ),
    MessageKind(
        VISIT_MOVED,
        "Visit moved",
        VISITS,
        Plan.AT_ONCE,
        Holds.BOOKED,
        fields=_VISIT,
        text_fields=_ANSWER,
        required=("visit",),
        has_file=True,
    ),
    MessageKind(
        VISIT_CANCELLED,
        "Visit cancelled",
        VISITS,
        Plan.AT_ONCE,
        Holds.CANCELLED,
        fields=_VISIT,
        required=("visit",),
        has_file=True,
    ),
    MessageKind(
        CALENDAR_LINK,
        "Calendar link",
        VISITS,
        Plan.AT_ONCE,
        Holds.ALWAYS,
        rule=None,
        text_fields=("calendar_link",),
        text_required=("calendar_link",),
    ),
)
KINDS: dict[str, MessageKind] = {kind.code: kind for kind in _SHIPPED}


def kinds_of(plan: Plan) -> list[MessageKind]:
    return [kind for kind in KINDS.values() if kind.plan is plan]
