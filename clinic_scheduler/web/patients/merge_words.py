"""What differs between two records about to be merged, line by line: which value stays, whose it is, and why. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from clinic_scheduler.domain.patients.merge_rules import RULES, Origin
from clinic_scheduler.languages import languages
from clinic_scheduler.queries.patients.merge_preview import MergePreview
from clinic_scheduler.web.formats import NOT_KNOWN, day, words

_LABELS = {
    "birth_date": "Date of birth",
    "email": "E-mail address",
    "preferred_channel": "Reminders by",
    "fallback_channel": "If that fails, by",
    "language": "Messages in",
    "zone": "Time zone",
    "calendar_by": "Calendar entries",
    "weight_kg": "Weight in kg",
    "deceased_on": "Died",
    "moved_on": "Moved away",
}
_NOTHING = {
    "fallback_channel": "Nothing else",
    "zone": "The clinic’s",
    "deceased_on": "Nothing said",
    "moved_on": "Nothing said",
}
_CODES = ("preferred_channel", "fallback_channel", "calendar_by")


@dataclass(frozen=True, slots=True)
class Stays:
    """One line. `mrn` is the number of the record whose value stays, `unused` what the other one says."""

    label: str
    value: str
    mrn: str
    is_kept_records: bool
    unused: str
    why: str


def what_stays(plan: MergePreview) -> list[Stays]:
    return [*_columns(plan), *_refusals(plan)]


def _columns(plan: MergePreview) -> Iterator[Stays]:
    for column, settled in plan.outcome.columns.items():
        kept, other = getattr(plan.keep, column), getattr(plan.lose, column)
        if not kept == other == settled.value:
            yield _line(
                plan,
                _LABELS.get(column, words(column)),
                settled.origin,
                _spoken(column, settled.value),
                _spoken(column, other if settled.origin is Origin.KEPT else kept),
                RULES[column].why,
            )


def _refusals(plan: MergePreview) -> Iterator[Stays]:
    for refusal in plan.outcome.refusals:
        label = f"{words(f'purpose_{refusal.purpose}')}, {words(refusal.channel).lower()}"
        why = "A no holds, whichever record has it"
        yield _line(plan, label, refusal.origin, "Not wanted", "Not refused", why)


def _line(plan: MergePreview, label: str, origin: Origin, value: str, unused: str, why: str) -> Stays:
    is_kept_records = origin is Origin.KEPT
    return Stays(
        label, value, (plan.keep if is_kept_records else plan.lose).mrn, is_kept_records, unused, why
    )


def _spoken(column: str, value: Any) -> str:
    if value is None or value == "":
        return _NOTHING.get(column, NOT_KNOWN)
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, date):
        return day(value)
    if column == "language":
        return languages().get(value, value)
    return words(value) if column in _CODES else str(value)
