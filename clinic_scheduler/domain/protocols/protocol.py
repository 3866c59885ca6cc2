"""A protocol: one edition of an indication's intervals, each value with its source (CDSi names)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from clinic_scheduler.domain.forecast.intervals import Interval
from clinic_scheduler.domain.protocols.figures import Field, Kind, always_longer, shown


@dataclass(frozen=True, slots=True)
class Protocol:
    """When an indication is treated again. Doses and ages are its label's (labels.py), caps its product's."""

    indication: str
    absolute_minimum_interval: Interval
    minimum_interval: Interval
    earliest_recommended_interval: Interval
    latest_recommended_interval: Interval
    lapse_interval: Interval
    first_treatment_within: Interval
    shared_minimum_interval: Interval | None
    other_product_review: Interval
    grace_after_due: Interval
    sources: Mapping[str, str]


PROTOCOL_FIELDS = (
    Field(
        "absolute_minimum_interval",
        Kind.INTERVAL,
        "Absolute minimum",
        "A treatment before this is too soon",
    ),
    Field("minimum_interval", Kind.INTERVAL, "Minimum", "No visit is booked before this"),
    Field("earliest_recommended_interval", Kind.INTERVAL, "Due after", "The due date"),
    Field("latest_recommended_interval", Kind.INTERVAL, "On time until", "Overdue the day after"),
    Field("lapse_interval", Kind.INTERVAL, "Lapsed after", "A new consultation comes first"),
    Field(
        "first_treatment_within",
        Kind.INTERVAL,
        "First treatment within",
        "A new course is on time until then",
    ),
    Field(
        "shared_minimum_interval",
        Kind.OPTIONAL_INTERVAL,
        "Minimum after other courses",
        "After toxin given for another indication",
    ),
    Field(
        "other_product_review",
        Kind.INTERVAL,
        "Review after another product",
        "Until then a provider decides on a different toxin",
    ),
    Field(
        "grace_after_due",
        Kind.INTERVAL,
        "Grace after the due date",
        "On time at least this long after it is due",
    ),
)
# (shorter, longer): where the first is longer on every day, the two cannot both be meant.
_IN_ORDER = (
    ("absolute_minimum_interval", "minimum_interval"),
    ("earliest_recommended_interval", "latest_recommended_interval"),
    ("latest_recommended_interval", "lapse_interval"),
)
_LABELS = {field.name: field.label for field in PROTOCOL_FIELDS}


def contradictions(draft: Protocol) -> Iterator[tuple[str, str]]:
    """(field, sentence) of values that cannot both be meant."""
    for short, long in _IN_ORDER:
        if always_longer(getattr(draft, short), getattr(draft, long)):
            yield (
                short,
                f"{_LABELS[short]} ({shown(getattr(draft, short))}) is longer than "
                f"{_LABELS[long].lower()} ({shown(getattr(draft, long))})",
            )
