"""Kinds and states of a visit, and what each of them means for the rules and for those who read them."""

from collections.abc import Mapping
from enum import StrEnum


class VisitKind(StrEnum):
    """What a visit is for. Only injections know floors and caps."""

    INJECTION = "injection"
    CONSULTATION = "consultation"
    FOLLOW_UP = "follow_up"


OTHER_KINDS = (VisitKind.CONSULTATION, VisitKind.FOLLOW_UP)

KIND_LABELS: Mapping[str, str] = {
    VisitKind.INJECTION: "Injection",
    VisitKind.CONSULTATION: "Consultation",
    VisitKind.FOLLOW_UP: "Follow-up",
}


# In the middle of a sentence; an injection is what staff mean by a visit.
KIND_NOUNS: Mapping[str, str] = {
    VisitKind.INJECTION: "visit",
    VisitKind.CONSULTATION: "consultation",
    VisitKind.FOLLOW_UP: "follow-up",
}


class ConsultationOutcome(StrEnum):
    """How a consultation ended; each of them is one, so that the course counts as consulted on that day."""

    GO_ON = "go_on"
    CHANGE = "change"
    STOP = "stop"


OUTCOME_LABELS: Mapping[str, str] = {
    ConsultationOutcome.GO_ON: "Go on as before",
    ConsultationOutcome.CHANGE: "Go on with a change of plan",
    ConsultationOutcome.STOP: "Stop the treatment",
}

_ENDED = {"noshow": "missed", "entered-in-error": "entered in error"}


def state_said(state: str, kind: str) -> str:
    """A state in the middle of a sentence: "This visit is already treated"."""
    if state == "fulfilled":
        return "treated" if kind == VisitKind.INJECTION else "over"
    return _ENDED.get(state, state)


# States as FHIR names them. An appointment that stands:
OPEN_STATES = ("booked", "arrived")
# What the rules count as an open visit: a proposed one holds its time, and is no appointment yet.
HELD_STATES = ("proposed", *OPEN_STATES)
# A time held until a provider answers: for a visit yet to be booked (proposed), or for one that would move there
# (pending). Until then it is no appointment.
AWAITING_ANSWER = ("proposed", "pending")
# What takes a provider's time.
OCCUPYING = (*HELD_STATES, "pending", "fulfilled")
# Why a proposed time came to nothing: nobody outside the clinic ever heard of such a visit.
# `moved_here`: the visit that asked for it stands there itself now.
NEVER_BOOKED = ("not_allowed", "nobody_answered", "question_withdrawn", "moved_here")
