"""What is treated: one record an indication, with its words, its codes, its shipped intervals and what follows a visit.

Adding an indication is adding its record; each clinic offers what it treats (Settings) and edits every figure.
"""

from dataclasses import dataclass
from types import MappingProxyType

from clinic_scheduler.domain.errors import InvalidInput
from clinic_scheduler.domain.forecast.intervals import parse_interval
from clinic_scheduler.domain.protocols.figures import Overrides, edited
from clinic_scheduler.domain.protocols.protocol import PROTOCOL_FIELDS, Protocol

# Known, and none of ours: a cosmetic treatment, say. It counts as an exposure and for no course.
OTHER = "other"


@dataclass(frozen=True, slots=True)
class Span:
    """DD-14: days after a visit, both ends included, in which to look. `kind` picks the words.

    With `cycles` only after those, counted from 1.
    """

    kind: str
    first: int
    last: int
    cycles: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Indication:
    """`icd10` are ICD-10-CM codes, a star for any ending; `names` what people write for it, in lower case.

    `limb` is upper or lower where indications differ by that alone; a code that fits both tells neither.
    `response_rule` is how a cycle's outcome is judged (headache_days, mas), or None.
    """

    code: str
    words: str
    icd10: tuple[str, ...]
    names: tuple[str, ...]
    protocol: Protocol
    typical_units: float
    milestones: tuple[Span, ...]
    response_rule: str | None = None
    limb: str | None = None
    offered: bool = False


_LABELS = "the toxins' prescribing information"
_HOUSE = "clinic default"
_SOURCES = MappingProxyType(
    {
        "absolute_minimum_interval": _HOUSE,
        "minimum_interval": f"{_LABELS}; common payer policy, 84 days",
        "earliest_recommended_interval": _LABELS,
        "latest_recommended_interval": _HOUSE,
        "lapse_interval": _HOUSE,
        "first_treatment_within": _HOUSE,
        "shared_minimum_interval": _HOUSE,
        "other_product_review": _HOUSE,
        "grace_after_due": _HOUSE,
    }
)
_MIGRAINE_SPANS = (
    Span("onset_check", 14, 21),
    Span("four_week_count", 28, 28),
    Span("wear_off_watch", 56, 70),
    # The decision wants the 4-week count and must be made before the next cycle is due.
    Span("response_review", 70, 84, cycles=(2, 3)),
)
_SPASTICITY_SPANS = (
    Span("onset_check", 7, 14),
    Span("peak_review", 28, 42),
    Span("wear_off_watch", 56, 70),
)


def _protocol(code: str, absolute: str, minimum: str, due: str, on_time: str, lapse: str) -> Protocol:
    return Protocol(
        indication=code,
        absolute_minimum_interval=parse_interval(absolute),
        minimum_interval=parse_interval(minimum),
        earliest_recommended_interval=parse_interval(due),
        latest_recommended_interval=parse_interval(on_time),
        lapse_interval=parse_interval(lapse),
        first_treatment_within=parse_interval("P4W"),
        shared_minimum_interval=None,
        other_product_review=parse_interval("P16W"),
        grace_after_due=parse_interval("P7D"),
        sources=_SOURCES,
    )


def _spasticity(
    code: str, words: str, limb: str, icd10: tuple[str, ...], names: tuple[str, ...]
) -> Indication:
    return Indication(
        code=code,
        words=words,
        # What fits both limbs comes first; G35 (multiple sclerosis) tells spasticity only beside words that do.
        icd10=("G81.1*", "G80.*", "G82.*", "I69.*51-59", "M62.838", "G35", *icd10),
        names=names,
        protocol=_protocol(code, "P84D", "P84D", "P3M", "P4M", "P6M"),
        typical_units=300,
        milestones=_SPASTICITY_SPANS,
        response_rule="mas",
        limb=limb,
        offered=True,
    )


def _other(
    code: str,
    words: str,
    icd10: str,
    intervals: tuple[str, str, str],
    typical: float,
    names: tuple[str, ...],
) -> Indication:
    """Of 84 days at least; `intervals` are due from, on time through and lapse, the first in weeks."""
    protocol = _protocol(code, "P84D", "P84D", *intervals)
    due = protocol.earliest_recommended_interval.exact.days
    return Indication(
        code=code,
        words=words,
        icd10=(icd10,),
        names=names,
        protocol=protocol,
        typical_units=typical,
        milestones=(
            Span("onset_check", 7, 14),
            Span("peak_review", 28, 42),
            Span("wear_off_watch", due - 14, due),
        ),
    )


_SHIPPED = (
    Indication(
        code="chronic_migraine",
        words="Chronic migraine",
        icd10=("G43.7*", "G43.E*"),
        names=("migraine", "chronic migraine", "cm"),
        protocol=_protocol("chronic_migraine", "P78D", "P84D", "P12W", "P13W", "P26W"),
        typical_units=155,
        milestones=_MIGRAINE_SPANS,
        response_rule="headache_days",
        offered=True,
    ),
    _spasticity(
        "spasticity_upper_limb",
        "Spasticity, upper limb",
        "upper",
        ("G83.2*", "I69.*31-39"),
        ("uls", "upper limb spasticity"),
    ),
    _spasticity(
        "spasticity_lower_limb",
        "Spasticity, lower limb",
        "lower",
        ("G83.1*", "I69.*41-49"),
        ("lls", "lower limb spasticity"),
    ),
    _other(
        "cervical_dystonia",
        "Cervical dystonia",
        "G24.3",
        ("P12W", "P16W", "P26W"),
        200,
        ("cervical dystonia", "spasmodic torticollis", "torticollis", "cd"),
    ),
    _other(
        "blepharospasm",
        "Blepharospasm",
        "G24.5",
        ("P12W", "P16W", "P26W"),
        50,
        ("blepharospasm", "bleph"),
    ),
    _other(
        "hemifacial_spasm",
        "Hemifacial spasm",
        "G51.3*",
        ("P12W", "P16W", "P26W"),
        30,
        ("hemifacial spasm", "hfs"),
    ),
    _other(
        "sialorrhea",
        "Chronic sialorrhea",
        "K11.7",
        ("P16W", "P20W", "P30W"),
        100,
        ("sialorrhea", "sialorrhoea", "drooling"),
    ),
    _other(
        "axillary_hyperhidrosis",
        "Axillary hyperhidrosis",
        "L74.510",
        ("P24W", "P39W", "P52W"),
        100,
        ("axillary hyperhidrosis", "hyperhidrosis"),
    ),
    _other(
        "overactive_bladder",
        "Overactive bladder",
        "N32.81",
        ("P24W", "P36W", "P52W"),
        100,
        ("overactive bladder", "oab", "detrusor overactivity"),
    ),
)
INDICATIONS: dict[str, Indication] = {indication.code: indication for indication in _SHIPPED}


def indication_named(code: str) -> Indication:
    """Raises InvalidInput for one there is no record of."""
    if code not in INDICATIONS:
        raise InvalidInput(f"unknown indication {code!r}; known are {', '.join(INDICATIONS)}")
    return INDICATIONS[code]


def protocol_with(code: str, overrides: Overrides) -> Protocol:
    """The indication's shipped protocol with a clinic's own values (figures.py). Raises InvalidInput."""
    return edited(indication_named(code).protocol, PROTOCOL_FIELDS, overrides)


def shipped_offer() -> list[str]:
    """What a new clinic offers, until it says what it treats."""
    return [code for code, indication in INDICATIONS.items() if indication.offered]


def words_of(code: str) -> str:
    """What staff call an indication; the code itself where there is no record of it."""
    if code == OTHER:
        return "Something else"
    return INDICATIONS[code].words if code in INDICATIONS else code
