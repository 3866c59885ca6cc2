"""What becomes of each column of a patient when two records of one person are made one. Pure; no rows, no words.

RULES has one record for every column of the table of patients; a test fails for a column without one.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from clinic_scheduler.domain.messaging.invitations import FEED
from clinic_scheduler.domain.messaging.kinds import EMAIL


class Origin(StrEnum):
    """Whose value stays."""

    KEPT = "kept"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class MergeSide:
    """One of the two records: its columns, and those of its preferences that a person is known to have set."""

    columns: Mapping[str, Any]
    set_by_hand: frozenset[str] = frozenset()

    def __getitem__(self, column: str) -> Any:
        return self.columns[column]

    def prefers(self, column: str) -> bool:
        """Whether somebody chose what stands in a preference, rather than left it as every record begins.

        Another value than the default was chosen by somebody. The default itself may have been looked at and left,
        or never thought of: the row cannot tell. It counts as chosen only where an edit of that field is on record,
        and gives way otherwise. To lose a choice, and write English to somebody who reads Spanish, is worse than to
        keep one that was superseded: the page shows which value stays before anything is merged.
        """
        return bool(self[column] != DEFAULTS[column] or column in self.set_by_hand)


@dataclass(frozen=True, slots=True)
class Settled:
    """The value that stays, and whose it was."""

    value: Any
    origin: Origin


Settle = Callable[[MergeSide, MergeSide, str], Settled]
"""From the record that is kept, the other one, and the column."""


@dataclass(frozen=True, slots=True)
class MergeRule:
    """`why` is told on the page of merging. A column without `settle` is the row's own and never merged."""

    why: str
    settle: Settle | None = None


# What a record begins with where nobody says otherwise.
DEFAULTS: Mapping[str, Any] = {
    "preferred_channel": EMAIL,
    "fallback_channel": None,
    "language": "en",
    "zone": None,
    "calendar_by": FEED,
}


def _kept(keep: MergeSide, lose: MergeSide, column: str) -> Settled:
    return Settled(keep[column], Origin.KEPT)


def _filled(keep: MergeSide, lose: MergeSide, column: str) -> Settled:
    return _from(lose if not keep[column] and lose[column] else keep, lose, column)


def _chosen(keep: MergeSide, lose: MergeSide, column: str) -> Settled:
    return _from(lose if lose.prefers(column) and not keep.prefers(column) else keep, lose, column)


def _first_channel(keep: MergeSide, lose: MergeSide, column: str) -> Settled:
    """The two channels are one wish, so that who prefers the first is asked of both."""
    return _from(_whose_channels(keep, lose), lose, column)


def _second_channel(keep: MergeSide, lose: MergeSide, column: str) -> Settled:
    """Of the same record as the first; where that names none, one the other record names, if it is another."""
    owner = _whose_channels(keep, lose)
    if owner is keep and _reached(lose) and not keep.prefers(column):
        for channel in (lose["fallback_channel"], lose["preferred_channel"]):
            if channel not in (None, keep["preferred_channel"]):
                return Settled(channel, Origin.OTHER)
    return _from(owner, lose, column)


def _whose_channels(keep: MergeSide, lose: MergeSide) -> MergeSide:
    return lose if _reached(lose) and not _reached(keep) else keep


def _reached(side: MergeSide) -> bool:
    return side.prefers("preferred_channel") or side.prefers("fallback_channel")


def _weighed(keep: MergeSide, lose: MergeSide, column: str) -> Settled:
    """The newer weight with its day; a weight of no day is older than any."""
    return _from(lose if _weighed_on(lose) > _weighed_on(keep) else keep, lose, column)


def _weighed_on(side: MergeSide) -> tuple[bool, date]:
    return side["weight_kg"] is not None, side["weighed_on"] or date.min


def _if_either(keep: MergeSide, lose: MergeSide, column: str) -> Settled:
    return _from(lose if lose[column] and not keep[column] else keep, lose, column)


def _from(side: MergeSide, lose: MergeSide, column: str) -> Settled:
    return Settled(side[column], Origin.OTHER if side is lose else Origin.KEPT)


_OWN = MergeRule("Belongs to the row, not to the person")
_IDENTITY = MergeRule("The record that is kept says who this is; a difference is to be checked", _kept)
_REACH = MergeRule("Kept where known, else taken over", _filled)
_WISH = MergeRule("What somebody chose goes before what every record begins with", _chosen)
_CHANNEL = "The way somebody chose goes before what every record begins with; the other’s comes second if none is named"
_GONE = MergeRule("If either record says so, nothing more is sent or due", _if_either)
_WEIGHT = MergeRule("The newer weight, with its day", _weighed)

RULES: Mapping[str, MergeRule] = {
    "id": _OWN,
    "clinic_id": _OWN,
    "mrn": MergeRule("Each row keeps its number; the other’s finds the record that is kept"),
    "merged_into_id": MergeRule("Says itself that a row was merged"),
    "created_at": _OWN,
    "updated_at": _OWN,
    "family_name": _IDENTITY,
    "given_name": _IDENTITY,
    "birth_date": _IDENTITY,
    "phone": _REACH,
    "email": _REACH,
    "preferred_channel": MergeRule(_CHANNEL, _first_channel),
    "fallback_channel": MergeRule(_CHANNEL, _second_channel),
    "language": _WISH,
    "zone": _WISH,
    "calendar_by": _WISH,
    "weight_kg": _WEIGHT,
    "weighed_on": _WEIGHT,
    "deceased_on": _GONE,
    "moved_on": _GONE,
    "do_not_contact": MergeRule("If either record says so, nothing is sent", _if_either),
}


def settle(keep: MergeSide, lose: MergeSide) -> dict[str, Settled]:
    """Every column that belongs to the person, with the value that stays."""
    return {
        column: rule.settle(keep, lose, column) for column, rule in RULES.items() if rule.settle is not None
    }
