"""Why a patient is on hold, what is offered where, and whose word ends a hold."""

from clinic_scheduler.domain.codes import Labelled


class HoldReason(Labelled):
    PREGNANCY = "pregnancy", "Pregnant or trying to become so"
    BREASTFEEDING = "breastfeeding", "Breastfeeding"
    SURGERY = "surgery", "Surgery planned"
    INFECTION = "infection", "Infection"
    MEDICATION = "medication", "Medication that does not go with it"
    SIDE_EFFECT = "side_effect", "Side effect being looked at"
    AWAY = "away", "Away or traveling"
    OTHER = "other", "Other"


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
    label = HoldReason(reason).label
    if not note:
        return label
    if reason == HoldReason.OTHER or label.lower() in note.lower():
        return note
    return f"{label} ({note})"


def may_end(*, set_by_provider: bool, overrides: bool) -> bool:
    """A provider's hold is ended by who may override (services/actors.py); the desk's by either."""
    return overrides or not set_by_provider
