"""Why something that stands against a visit is overridden: shipped reasons for each, which a clinic edits."""

from collections.abc import Mapping
from types import MappingProxyType

from clinic_scheduler.domain.forecast.blocks import Against

# A code keeps its meaning; clinics change the words, retire it or add reasons of their own.
OTHER = "other"
# Given by the rules themselves where a course was overdue before anybody could book (DD-11).
ALREADY_OVERDUE = "already_overdue"
# How a time passed over by an older edition of the rules was explained; kept on visits of then.
CARRIED_OVER = MappingProxyType(
    {
        "provider_decision": "Provider's clinical decision, documented in the chart",
        "payer_approved": "Payer approved the earlier date in writing",
        "record_correction": "The earlier treatment was recorded on a wrong date",
        "dose_adjusted": "Dose adjusted so that the cap holds",
    }
)

_OTHER_REASON = {OTHER: "Another reason, written below"}
_DOSE = {
    "dose_adjusted": "The dose will be lower so that the cap holds",
    "severe_need": "Waiting is the greater harm",
}
_RECORD = {"record_correction": "The entry is wrong or doubtful"}

SHIPPED: Mapping[Against, Mapping[str, str]] = MappingProxyType(
    {
        Against.TOO_EARLY: {
            "provider_decision": "Clinical decision, documented in the chart",
            "payer_approved": "The payer approved the earlier date in writing",
            "travel": "Travel",
            **_RECORD,
        },
        Against.OVER_CAP: {**_DOSE, "visit_will_move": "One of the visits will be moved", **_RECORD},
        Against.ON_HOLD: {
            "reason_ended": "The reason for the hold has ended",
            "benefit_outweighs": "The benefit outweighs the risk",
        },
        Against.CONSULTATION_NEEDED: {
            "seen_elsewhere": "The patient was seen elsewhere",
            "same_visit": "The consultation and the injection are one visit",
        },
        Against.CAP_EXCEEDED: {**_DOSE, "provider_decision": "Clinical decision, documented in the chart"},
        Against.CAP_UNKNOWN: {"small_dose": "The unknown dose was small", **_RECORD},
        Against.WEIGHT_MISSING: {"weighed_at_visit": "The patient is weighed at the visit"},
        Against.PLAN_MISSING: {"planned_at_visit": "The dose is decided at the visit"},
        Against.AGE_NOT_COVERED: {"off_label": "Off-label treatment was agreed on"},
        Against.OTHER_TOXIN_REVIEW: {
            "small_dose": "Small cosmetic dose",
            "severe_need": "Waiting is the greater harm",
            "product_switched": "The product was switched on purpose",
            **_RECORD,
        },
        Against.LATE: {
            "patient_wish": "The patient cannot come earlier",
            "no_earlier_time": "No earlier time is free",
            "provider_away": "Provider away",
        },
        Against.OUTSIDE_AUTHORIZATION: {
            "renewal_expected": "A renewal is expected by then",
            "patient_pays": "The patient pays",
            "payer_agreed": "The payer agreed by phone",
        },
    }
)


def shipped_for(name: Against) -> Mapping[str, str]:
    """Code -> words of the shipped reasons for one name; the last always asks for words."""
    return {**SHIPPED[name], **_OTHER_REASON}
