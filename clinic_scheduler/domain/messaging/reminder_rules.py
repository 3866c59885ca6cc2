"""When each kind of notification goes out: the shipped rules, a clinic's custom ones, what an edit may say."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from clinic_scheduler.domain.messaging.kinds import KINDS, Plan
from clinic_scheduler.domain.messaging.kinds import Rule as Rule

EVERY_INDICATION = ""
MOST_DAYS = 60
LEAST_REPEAT, MOST_REPEAT = 7, 90
MOST_TIMES = 12


def shipped_rules() -> dict[str, Rule]:
    """Of every kind that has one: those a clinic may change, and switch off."""
    return {kind.code: kind.rule for kind in KINDS.values() if kind.rule is not None}


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
        return shipped_rules()[kind]

    def in_force(self, indication: str) -> dict[str, Rule]:
        """Every kind's rule for the indication; what is stopped is off, whatever its rule says."""
        return {kind: self._in_force(kind, indication) for kind in shipped_rules()}

    def _in_force(self, kind: str, indication: str) -> Rule:
        rule = self.rule(kind, indication)
        return replace(rule, is_on=False) if kind in self.stopped else rule


def flaws(kind: str, rule: Rule) -> list[tuple[str, str]]:
    """(field, what is wrong and what to do) of a rule for `kind`; empty where it may stand."""
    found = _flaws_of_days(rule.days, KINDS[kind].most_days)
    if not KINDS[kind].repeats:
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
    match KINDS[kind].plan:
        case Plan.BEFORE_VISIT:
            return f"{days} {noun} before, at 10:00 or the visit's own hour where that is earlier"
        case Plan.TO_BOOK:
            return f"Once a cycle, {days} {noun} before the earliest date, at 10:00"
        case Plan.OVERDUE:
            return f"{days} {noun} after the course became overdue, at 10:00{_again(rule)}"
        case Plan.MILESTONES:
            return "At 10:00 on the first day of the onset check, and of the peak review or four-week count"
        case Plan.MISSED:
            return "Once, at 10:00 the morning after, unless the patient is booked again"
    return "5 minutes after it happens, unless it is undone by then; never in quiet hours"  # Plan.AT_ONCE


def _again(rule: Rule) -> str:
    if rule.most == 1:
        return "; once a cycle"
    return f", then every {rule.repeat_days} days; at most {rule.most} in a cycle"


def _listed(parts: Sequence[str]) -> str:
    return " and ".join(filter(None, [", ".join(parts[:-1]), *parts[-1:]]))
