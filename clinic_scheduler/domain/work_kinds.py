"""Kinds of work list items: their titles, what to do about each, and how each may end. No rows, no pages."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Self

from clinic_scheduler.domain.visits.override_requests import RequestState


@dataclass(frozen=True, slots=True)
class WorkKind:
    """`heading` names it, `advice` says what to do; `outcomes` are one press each: code -> the button's words.

    What has none is settled where it is answered.
    """

    heading: str
    advice: str
    outcomes: Mapping[str, str]


class WorkItemKind(StrEnum):
    """What is before the desk; WORK_KINDS says the words."""

    ASKS_TO_MOVE = "asks_to_move"
    ASKS_RELEASE = "asks_release"
    ASKS_TO_ALLOW = "asks_to_allow"
    PROVIDER_ANSWERED = "provider_answered"
    REPLY = "reply"
    NOT_DELIVERED = "not_delivered"
    UNCERTAIN = "uncertain"
    UNKNOWN_SENDER = "unknown_sender"
    NO_WAY_TO_REACH = "no_way_to_reach"
    NEEDS_COURSE = "needs_course"
    IMPORT_PROBLEMS = "import_problems"
    WORKER_WAS_GONE = "worker_was_gone"
    ZONE_UNKNOWN = "zone_unknown"


WORK_KINDS: Mapping[str, WorkKind] = MappingProxyType(
    {
        WorkItemKind.ASKS_TO_MOVE: WorkKind(
            "Asks for another time",
            "Call or move the visit; until then it stands as booked.",
            {"moved": "Moved", "kept": "Keeps the visit", "cancelled": "Cancelled"},
        ),
        WorkItemKind.ASKS_RELEASE: WorkKind(
            "Asks to end a hold",
            "A provider releases the hold or keeps it; until then it stands.",
            {"nothing_needed": "No longer needed"},
        ),
        WorkItemKind.ASKS_TO_ALLOW: WorkKind(
            "A provider is asked",
            "The time is held until the answer. The patient is told nothing meanwhile.",
            {},
        ),
        WorkItemKind.PROVIDER_ANSWERED: WorkKind(
            "A provider answered",
            "Read the answer, and tell the patient what it means for them.",
            {"patient_told": "Patient told", "seen": "Seen"},
        ),
        WorkItemKind.REPLY: WorkKind(
            "Wrote back",
            "Read it, and call if it asks for something.",
            {"answered": "Answered", "nothing_needed": "Nothing needed"},
        ),
        WorkItemKind.NOT_DELIVERED: WorkKind(
            "A message did not arrive",
            "Reach the patient another way, and put the address right.",
            {
                "reached": "Reached otherwise",
                "address_corrected": "Address corrected",
                "nothing_needed": "Nothing needed",
            },
        ),
        WorkItemKind.UNCERTAIN: WorkKind(
            "A message may not have arrived",
            "Nobody knows whether it went out. Ask the patient, or have it sent again.",
            {"arrived": "It arrived", "reached": "Reached otherwise", "nothing_needed": "Nothing needed"},
        ),
        WorkItemKind.UNKNOWN_SENDER: WorkKind(
            "A message from an unknown number",
            "Find out whose it is, and add the number to the patient.",
            {"found": "Found the patient", "no_patient": "Not a patient"},
        ),
        WorkItemKind.NO_WAY_TO_REACH: WorkKind(
            "No way to reach the patient",
            "Add an address or number, or agree on another way.",
            {"added": "Contact added", "by_phone": "Will be called", "nothing_needed": "Nothing needed"},
        ),
        WorkItemKind.NEEDS_COURSE: WorkKind(
            "Needs a course",
            "An imported log leaves open what was treated. Ask, then open the course; until then what was given counts "
            "for every indication.",
            {"course_opened": "Course opened", "nothing_needed": "Nothing needed"},
        ),
        WorkItemKind.IMPORT_PROBLEMS: WorkKind(
            "An imported file needs a look",
            "Its report stands beside it in the import folder, under done or failed. Correct the file and put it there "
            "again: what was added already is not added twice.",
            {"corrected": "Corrected", "nothing_needed": "Nothing needed"},
        ),
        WorkItemKind.WORKER_WAS_GONE: WorkKind(
            "Reminders were not going out",
            "They go out again. Look at the messages of that time, and tell your administrator.",
            {"seen": "Seen"},
        ),
        WorkItemKind.ZONE_UNKNOWN: WorkKind(
            "The clinic’s time zone is not known any more",
            "Messages wait, and nothing can be booked. An administrator chooses the time zone under Settings, Clinic.",
            {},
        ),
    }
)
# Endings that no button gives: trying a message again settles what was asked about it, and a visit that was called off
# or moved away what a provider had answered about it.
SENT_AGAIN = "sent_again"
VISIT_CHANGED = "visit_changed"
ZONE_CHOSEN = "zone_chosen"
ANSWERS = {
    SENT_AGAIN: "Sent again",
    VISIT_CHANGED: "The visit changed since",
    ZONE_CHOSEN: "The time zone was chosen",
    **{state.value: state.label for state in RequestState},
}
_OUTCOME_LENGTH = 120
_GAP, _INSTANT = "worker-was-gone", "%Y%m%dT%H%M%SZ"


@dataclass(frozen=True, slots=True)
class WorkOutcome:
    """How an item ended, and what somebody added; kept with the item as one text."""

    code: str
    note: str = ""

    @classmethod
    def read(cls, text: str) -> Self:
        """Of a text that `str` made."""
        code, _, note = text.partition("; ")
        return cls(code, note)

    def __str__(self) -> str:
        return f"{self.code}; {self.note}"[:_OUTCOME_LENGTH] if self.note else self.code

    def words(self, kind: str) -> str:
        """As a page says it."""
        known = {**WORK_KINDS[kind].outcomes, **ANSWERS} if kind in WORK_KINDS else {}
        said = known.get(self.code, self.code.replace("_", " ").capitalize())
        return f"{said}: {self.note}" if self.note else said


@dataclass(frozen=True, slots=True)
class WorkerGap:
    """A time in which nothing went out at a clinic; the key of its item on the work list, and of the mail about it."""

    clinic_id: int
    since: datetime

    @classmethod
    def read(cls, text: str) -> Self | None:
        """Of a text that `str` made; None for another item's key."""
        kind, _, rest = text.partition(":")
        if kind != _GAP:
            return None
        clinic_id, _, since = rest.partition(":")
        return cls(int(clinic_id), datetime.strptime(since, _INSTANT).replace(tzinfo=UTC))

    def __str__(self) -> str:
        return f"{_GAP}:{self.clinic_id}:{self.since:{_INSTANT}}"
