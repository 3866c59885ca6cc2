"""Rows of a bill that take another one back: fewer than no units, of the same patient, day and product.

Where nothing of that patient, day and product would be left, the row that is taken back stays and the reversal is said:
a minus may as well be a slip of the finger, and an injection that is dropped makes the next one come too early.
"""

from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Sequence

from clinic_scheduler.importing.columns.mapping import words_key
from clinic_scheduler.importing.rows.drafts import Draft

# Of whom, of which day, whether elsewhere, and of what.
Day = tuple[object, ...]
Pair = tuple[Draft, Draft | None]


def settle_reversals(drafts: Iterable[Draft]) -> None:
    """Leave out each row of negative units, with the row it mirrors where others of that day are left.

    Of several copies the one of the same lot, vial, site and indication is meant, else the nth reversal takes back
    the nth copy. A row with another fault is taken back too: mended, it would still not have been given.
    """
    days: dict[Day, tuple[list[Draft], list[Draft]]] = defaultdict(lambda: ([], []))
    for draft in drafts:
        if draft.units and draft.mrn and draft.given_on:
            given, taking = days[_day(draft)]
            (taking if draft.units < 0 else given).append(draft)
        elif draft.units and draft.units < 0:
            draft.error("units", _mirrors_nothing(draft))
    for given, taking in days.values():
        if taking:
            _settle(given, list(_pairs(given, taking)))


def _day(draft: Draft) -> Day:
    return draft.mrn, draft.given_on, draft.elsewhere, draft.product or words_key(draft.raw("product"))


def _settle(given: Sequence[Draft], pairs: Sequence[Pair]) -> None:
    something_is_left = sum(row is not None for _, row in pairs) < len(given)
    for reversal, row in pairs:
        if row is None:
            reversal.error("units", _mirrors_nothing(reversal))
        elif something_is_left:
            reason = (
                f"line {reversal.row.line} takes back line {row.row.line}: neither is imported. "
                "What an earlier import added of it stays; void it there"
            )
            reversal.error("units", reason)
            row.error("units", reason)
        else:
            reversal.error(
                "units",
                f"outside the plausible range: it may take back line {row.row.line}, and nothing else of that day "
                "would be left, so that line stays. Look up what was given",
            )


def _pairs(given: Sequence[Draft], taking: Sequence[Draft]) -> Iterator[Pair]:
    """Each reversal with the row it mirrors, if there is one: those that agree in all they say first."""
    alike: dict[Day, deque[Draft]] = defaultdict(deque)
    for row in given:
        alike[_size(row), *_beside(row)].append(row)
    others, taken = [], set()
    for reversal in taking:
        if same := alike[_size(reversal), *_beside(reversal)]:
            row = same.popleft()
            taken.add(row.row.line)
            yield reversal, row
        else:
            others.append(reversal)
    left: dict[float, deque[Draft]] = defaultdict(deque)
    for row in given:
        if row.row.line not in taken:
            left[_size(row)].append(row)
    for reversal in others:
        copies = left[_size(reversal)]
        yield reversal, copies.popleft() if copies else None


def _size(draft: Draft) -> float:
    return abs(round(draft.units or 0, 4))


def _beside(draft: Draft) -> Day:
    """What tells apart rows of one day and one number of units."""
    return draft.indication, draft.lot, draft.muscle, draft.side, draft.vial


def _mirrors_nothing(draft: Draft) -> str:
    return (
        f"outside the plausible range: it takes back {-(draft.units or 0):g} U, but no row of this patient, day and "
        "product has so many. It is left out and changes nothing: all other rows of that day count in full. "
        "Look up what was given"
    )
