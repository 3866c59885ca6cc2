"""When each kind of notification goes out: the shipped rules, a clinic's custom ones, what an edit may say."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from clinic_scheduler.domain.forecast.status import DUE_SOON_DAYS
from clinic_scheduler.domain.messaging.kinds import (
    AFTER_VISIT,
    MISSED_VISIT,
    OVERDUE,
    TIME_TO_BOOK,
    VISIT_BOOKED,
    VISIT_CANCELLED,
    VISIT_MOVED,
    VISIT_REMINDER,
)

EVERY_INDICATION = ""
MOST_DAYS, MOST_STEPS = 60, 6
LEAST_REPEAT, MOST_REPEAT = 7, 90
MOST_TIMES = 12


@dataclass(frozen=True, slots=True)
class Rule:
    """`days` before or after the day the kind counts from; `most`: how often at most in one cycle."""

    is_on: bool = True
    days: tuple[int, ...] = ()
    repeat_days: int | None = None
    most: int | None = None


# Who is booked stands at the desk or has just hung up: that notification is off until a clinic wants it.
DEFAULT_RULES: Mapping[str, Rule] = MappingProxyType(
    {
        VISIT_REMINDER: Rule(days=(7, 3, 1)),
        TIME_TO_BOOK: Rule(days=(DUE_SOON_DAYS,)),
        OVERDUE: Rule(days=(1,), repeat_days=14, most=3),
        AFTER_VISIT: Rule(),
        MISSED_VISIT: Rule(),
        VISIT_BOOKED: Rule(is_on=False),
        VISIT_MOVED: Rule(),
        VISIT_CANCELLED: Rule(),
    }
)
RULED_KINDS = tuple(DEFAULT_RULES)
# How many days a kind's rule may name; the other kinds' days are not a clinic's to choose.
DAYS_OF = MappingProxyType({VISIT_REMINDER: MOST_STEPS, TIME_TO_BOOK: 1, OVERDUE: 1})
REPEATING = frozenset({OVERDUE})


@dataclass(frozen=True, slots=True)
class ClinicRules:
    """A clinic's own rules by (indication, kind), and the kinds its master switch has stopped."""

    own: Mapping[tuple[str, str], Rule]
    stopped: frozenset[str] = frozenset()

    def rule(self, kind: str, indication: str = EVERY_INDICATION) -> Rule:
        """The indication's own rule, else the clinic's for all, else the shipped one."""
        for scope in (indication, EVERY_INDICATION):
            if (scope, kind) in self.own:
                return self.own[scope, kind]
        return DEFAULT_RULES[kind]

    def in_force(self, indication: str) -> dict[str, Rule]:
        """Every kind's rule for the indication; what is stopped is off, whatever its rule says."""
        return {kind: self._in_force(kind, indication) for kind in RULED_KINDS}

    def _in_force(self, kind: str, indication: str) -> Rule:
        rule = self.rule(kind, indication)
        return replace(rule, is_on=False) if kind in self.stopped else rule


def flaws(kind: str, rule: Rule) -> list[tuple[str, str]]:
    """(field, what is wrong and what to do) of a rule for `kind`; empty where it may stand."""
    found = _flaws_of_days(rule.days, DAYS_OF.get(kind, 0))
    if kind not in REPEATING:
        if rule.repeat_days is not None or rule.most is not None:
            found.append(("repeat_days", "This kind is not repeated"))
        return found
    if rule.repeat_days is None or not LEAST_REPEAT <= rule.repeat_days <= MOST_REPEAT:
        found.append(("repeat_days", f"Enter {LEAST_REPEAT} to {MOST_REPEAT} days between two messages"))
    if rule.most is None or not 1 <= rule.most <= MOST_TIMES:
        found.append(("most", f"Enter 1 to {MOST_TIMES} messages at most"))
    return found


def _flaws_of_days(days: Sequence[int], allowed: int) -> list[tuple[str, str]]:
    if not allowed:
        return [("days", "The days of this kind are fixed")] if days else []
    texts = []
    if not days:
        texts.append("Enter at least one day")
    if len(days) > allowed:
        texts.append("Enter one number of days" if allowed == 1 else f"Enter at most {allowed} days")
    if any(not 0 <= day <= MOST_DAYS for day in days):
        texts.append(f"Days lie between 0 and {MOST_DAYS}")
    if len(set(days)) < len(days):
        texts.append("Enter each day once")
    return [("days", text) for text in texts]


def in_order(days: Sequence[int]) -> tuple[int, ...]:
    """As they go out before a visit: the earliest, which is the most days, first."""
    return tuple(sorted(days, reverse=True))


def in_words(kind: str, rule: Rule) -> str:
    """What the rule does, as staff read it."""
    days = _listed([str(day) for day in rule.days])
    noun = "day" if rule.days == (1,) else "days"
    match kind:
        case "visit_reminder":
            return f"{days} {noun} before, at 10:00 or the visit's own hour where that is earlier"
        case "time_to_book":
            return f"Once a cycle, {days} {noun} before the earliest date, at 10:00"
        case "overdue":
            return f"{days} {noun} after the course became overdue, at 10:00{_again(rule)}"
        case "after_visit":
            return "At 10:00 on the first day of the onset check, and of the peak review or four-week count"
        case "missed_visit":
            return "Once, at 10:00 the morning after, unless the patient is booked again"
        case _:
            return "5 minutes after it happens, unless it is undone by then; never in quiet hours"


def _again(rule: Rule) -> str:
    if rule.most == 1:
        return "; once a cycle"
    return f", then every {rule.repeat_days} days; at most {rule.most} in a cycle"


def _listed(parts: Sequence[str]) -> str:
    return " and ".join(filter(None, [", ".join(parts[:-1]), *parts[-1:]]))
