"""Kinds of work list items: their titles, what to do about each, and how each may end. No rows, no pages."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from clinic_scheduler.domain.visits.override_requests import RequestState


@dataclass(frozen=True, slots=True)
class WorkKind:
    """`heading` names it, `advice` says what to do; `outcomes` are one press each: code -> the button's words.

    What has none is settled where it is answered.
    """

    heading: str
    advice: str
    outcomes: Mapping[str, str]


ASKS_RELEASE = "asks_release"
PROVIDER_ANSWERED = "provider_answered"
NEEDS_COURSE = "needs_course"
IMPORT_PROBLEMS = "import_problems"
WORK_KINDS = MappingProxyType(
    {
        "asks_to_move": WorkKind(
            "Asks for another time",
            "Call or move the visit; until then it stands as booked.",
            {"moved": "Moved", "kept": "Keeps the visit", "cancelled": "Cancelled"},
        ),
        ASKS_RELEASE: WorkKind(
            "Asks to end a hold",
            "A provider releases the hold or keeps it; until then it stands.",
            {"nothing_needed": "No longer needed"},
        ),
        "asks_to_allow": WorkKind(
            "A provider is asked",
            "The time is held until the answer. The patient is told nothing meanwhile.",
            {},
        ),
        PROVIDER_ANSWERED: WorkKind(
            "A provider answered",
            "Read the answer, and tell the patient what it means for them.",
            {"patient_told": "Patient told", "seen": "Seen"},
        ),
        "reply": WorkKind(
            "Wrote back",
            "Read it, and call if it asks for something.",
            {"answered": "Answered", "nothing_needed": "Nothing needed"},
        ),
        "not_delivered": WorkKind(
            "A message did not arrive",
            "Reach the patient another way, and put the address right.",
            {
                "reached": "Reached otherwise",
                "address_corrected": "Address corrected",
                "nothing_needed": "Nothing needed",
            },
        ),
        "uncertain": WorkKind(
            "A message may not have arrived",
            "Nobody knows whether it went out. Ask the patient, or have it sent again.",
            {"arrived": "It arrived", "reached": "Reached otherwise", "nothing_needed": "Nothing needed"},
        ),
        "unknown_sender": WorkKind(
            "A message from an unknown number",
            "Find out whose it is, and add the number to the patient.",
            {"found": "Found the patient", "no_patient": "Not a patient"},
        ),
        "no_way_to_reach": WorkKind(
            "No way to reach the patient",
            "Add an address or number, or agree on another way.",
            {"added": "Contact added", "by_phone": "Will be called", "nothing_needed": "Nothing needed"},
        ),
        NEEDS_COURSE: WorkKind(
            "Needs a course",
            "An imported log leaves open what was treated. Ask, then open the course; until then what was given counts "
            "for every indication.",
            {"course_opened": "Course opened", "nothing_needed": "Nothing needed"},
        ),
        IMPORT_PROBLEMS: WorkKind(
            "An imported file needs a look",
            "Its report stands beside it in the import folder, under done or failed. Correct the file and put it there "
            "again: what was added already is not added twice.",
            {"corrected": "Corrected", "nothing_needed": "Nothing needed"},
        ),
        "worker_was_gone": WorkKind(
            "Reminders were not going out",
            "They go out again. Look at the messages of that time, and tell your administrator.",
            {"seen": "Seen"},
        ),
    }
)
# Endings that no button gives: trying a message again settles what was asked about it, and a visit that was called off
# or moved away what a provider had answered about it.
SENT_AGAIN = "sent_again"
VISIT_CHANGED = "visit_changed"
ANSWERS = {
    SENT_AGAIN: "Sent again",
    VISIT_CHANGED: "The visit changed since",
    **{state.value: state.label for state in RequestState},
}
_OUTCOME_LENGTH = 120


def outcome_text(code: str, note: str) -> str:
    """As an item keeps it: the code, and what somebody added."""
    return f"{code}; {note}"[:_OUTCOME_LENGTH] if note else code


def outcome_words(kind: str, outcome: str) -> str:
    """As a page says it."""
    code, _, note = outcome.partition("; ")
    known = {**WORK_KINDS[kind].outcomes, **ANSWERS} if kind in WORK_KINDS else {}
    said = known.get(code, code.replace("_", " ").capitalize())
    return f"{said}: {note}" if note else said
