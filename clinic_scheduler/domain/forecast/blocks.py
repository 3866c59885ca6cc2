"""The names of what may stand against a visit (DD-9), in the rule's order, and who may decide which."""

from enum import StrEnum


class Against(StrEnum):
    """What stands against an injection visit on a day, in the order in which `booking` is judged."""

    TOO_EARLY = "too_early"
    OVER_CAP = "over_cap"
    ON_HOLD = "on_hold"
    CONSULTATION_NEEDED = "consultation_needed"
    CAP_EXCEEDED = "cap_exceeded"
    CAP_UNKNOWN = "cap_unknown"
    WEIGHT_MISSING = "weight_missing"
    PLAN_MISSING = "plan_missing"
    AGE_NOT_COVERED = "age_not_covered"
    OTHER_TOXIN_REVIEW = "other_toxin_review"
    LATE = "late"
    OUTSIDE_AUTHORIZATION = "outside_authorization"

    @property
    def is_block(self) -> bool:
        return self in BLOCKS

    @property
    def needs_provider(self) -> bool:
        """Whether only a provider overrides it; the others take the desk's own reason (DD-11)."""
        return self not in DESK_DECIDES


DESK_DECIDES = frozenset({Against.LATE, Against.OUTSIDE_AUTHORIZATION})
# Those that make a booking `blocked`.
BLOCKS = frozenset(Against) - DESK_DECIDES - {Against.TOO_EARLY, Against.OVER_CAP}
# Those a provider may decide for good, until a day; the others end when their cause does.
DECIDABLE = (
    Against.CAP_EXCEEDED,
    Against.CAP_UNKNOWN,
    Against.AGE_NOT_COVERED,
    Against.OTHER_TOXIN_REVIEW,
)
