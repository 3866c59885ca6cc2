"""Rows of a bill that take another one back: fewer than no units, of the same patient, day and product."""

from collections import defaultdict, deque
from collections.abc import Iterable, Sequence

from .drafts import Draft
from .mapping import words_key

# Whom, when, whether elsewhere, what and how many units; what a reversal has to share with the row it takes back.
Key = tuple[object, ...]


def settle_reversals(drafts: Iterable[Draft]) -> None:
    """Leave out each row of negative units with the row it mirrors, wherever in the file they stand.

    Of several copies the one of the same lot, vial, site and indication is meant, else the nth reversal takes back
    the nth copy. A row with another fault is taken back too: mended, it would still not have been given.
    """
    given: dict[Key, list[Draft]] = defaultdict(list)
    taking: dict[Key, list[Draft]] = defaultdict(list)
    for draft in drafts:
        if draft.units and draft.mrn and draft.given_on:
            (taking if draft.units < 0 else given)[_key(draft)].append(draft)
        elif draft.units and draft.units < 0:
            draft.error("units", _mirrors_nothing(draft))
    for key, reversals in taking.items():
        _take_back(reversals, given[key])


def _key(draft: Draft) -> Key:
    product = draft.product or words_key(draft.raw("product"))
    return draft.mrn, draft.given_on, draft.elsewhere, product, abs(round(draft.units or 0, 4))


def _take_back(reversals: Sequence[Draft], given: Sequence[Draft]) -> None:
    alike: dict[Key, deque[Draft]] = defaultdict(deque)
    for row in given:
        alike[_beside(row)].append(row)
    others = []
    taken = set()
    for reversal in reversals:
        if same := alike[_beside(reversal)]:
            row = same.popleft()
            taken.add(row.row.line)
            _leave_out(reversal, row)
        else:
            others.append(reversal)
    left = [row for row in given if row.row.line not in taken]
    for reversal, row in zip(others, left, strict=False):
        _leave_out(reversal, row)
    for reversal in others[len(left) :]:
        reversal.error("units", _mirrors_nothing(reversal))


def _beside(draft: Draft) -> Key:
    """What tells apart rows of one key."""
    return draft.indication, draft.lot, draft.muscle, draft.side, draft.vial


def _leave_out(reversal: Draft, row: Draft) -> None:
    reason = (
        f"line {reversal.row.line} takes back line {row.row.line}: neither is imported. "
        "What an earlier import added of it stays; void it there"
    )
    reversal.error("units", reason)
    row.error("units", reason)


def _mirrors_nothing(draft: Draft) -> str:
    units = -(draft.units or 0)
    return (
        f"takes back {units:g} U, but no row of this patient, day and product has {units:g} U left to take back. "
        "It is left out and changes nothing: all other rows of that day count in full. Look up what was given"
    )
