"""Why a patient is on hold, what is offered where, and whose word ends a hold."""

from enum import StrEnum


class HoldReason(StrEnum):
    PREGNANCY = "pregnancy"
    BREASTFEEDING = "breastfeeding"
    SURGERY = "surgery"
    INFECTION = "infection"
    MEDICATION = "medication"
    SIDE_EFFECT = "side_effect"
    AWAY = "away"
    OTHER = "other"


REASON_WORDS = {
    HoldReason.PREGNANCY: "Pregnant or trying to become so",
    HoldReason.BREASTFEEDING: "Breastfeeding",
    HoldReason.SURGERY: "Surgery planned",
    HoldReason.INFECTION: "Infection",
    HoldReason.MEDICATION: "Medication that does not go with it",
    HoldReason.SIDE_EFFECT: "Side effect being looked at",
    HoldReason.AWAY: "Away or traveling",
    HoldReason.OTHER: "Other",
}
# What holds whatever is treated, and what may concern one treatment alone, in the order they are offered.
OF_PATIENT = (
    HoldReason.PREGNANCY,
    HoldReason.BREASTFEEDING,
    HoldReason.SURGERY,
    HoldReason.INFECTION,
    HoldReason.MEDICATION,
    HoldReason.AWAY,
    HoldReason.OTHER,
)
OF_TREATMENT = (
    HoldReason.INFECTION,
    HoldReason.SURGERY,
    HoldReason.SIDE_EFFECT,
    HoldReason.MEDICATION,
    HoldReason.AWAY,
    HoldReason.OTHER,
)


def spoken_reason(reason: str, note: str | None) -> str:
    """The reason in words, with the note where that says more."""
    label = REASON_WORDS[HoldReason(reason)]
    if not note:
        return label
    if reason == HoldReason.OTHER or label.lower() in note.lower():
        return note
    return f"{label} ({note})"


def may_end(*, set_by_provider: bool, overrides: bool) -> bool:
    """A provider's hold is ended by who may override (services/actors.py); the desk's by either."""
    return overrides or not set_by_provider
