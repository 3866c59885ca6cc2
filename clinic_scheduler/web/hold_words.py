"""Holds in the words of pages: of what, for how long, why; and what was just done to one."""

from collections.abc import Mapping
from typing import Any

from clinic_scheduler.domain.patients.holds import may_end, spoken_reason
from clinic_scheduler.domain.protocols.indications import words_of
from clinic_scheduler.queries.courses.holds import current_holds
from clinic_scheduler.web.context import actor, reading, today

HOLD_WORDS: Mapping[str, str] = {
    "patient_held": "Put on hold",
    "hold_released": "Released from hold",
    "hold_kept": "The hold stays",
    "release_asked": "Asked. The provider sees it on their weeks and on the work list",
    "asked_release": "asked to release",
    "kept_hold": "kept on hold",
}


def hold_reason(hold: Any) -> str:
    return spoken_reason(hold.reason, hold.note)


def hold_scope(hold: Any) -> str:
    """What is held."""
    return "Every treatment" if hold.indication is None else words_of(hold.indication)


def may_release(hold: Any) -> bool:
    """Whether whoever asks may end it themselves."""
    return may_end(set_by_provider=hold.set_by_provider, overrides=actor().may_override)


def held_now(patient: Any) -> list[str]:
    """What of a patient is on hold today, for the banner."""
    found = [hold for hold in current_holds(reading(), patient.id, today()) if hold.starts_on <= today()]
    if any(hold.indication is None for hold in found):
        return ["On hold"]
    return sorted({f"On hold: {hold_scope(hold).lower()}" for hold in found})
