"""Kinds and states of a visit, and what each of them means for the rules and for those who read them."""

from collections.abc import Mapping

from clinic_scheduler.domain.codes import Labelled
from clinic_scheduler.domain.transitions import Transitions


class VisitKind(Labelled):
    """What a visit is for. Only injections know floors and caps."""

    INJECTION = "injection", "Injection"
    CONSULTATION = "consultation", "Consultation"
    FOLLOW_UP = "follow_up", "Follow-up"


OTHER_KINDS = (VisitKind.CONSULTATION, VisitKind.FOLLOW_UP)

# In the middle of a sentence; an injection is what staff mean by a visit.
KIND_NOUNS: Mapping[str, str] = {
    VisitKind.INJECTION: "visit",
    VisitKind.CONSULTATION: "consultation",
    VisitKind.FOLLOW_UP: "follow-up",
}


class ConsultationOutcome(Labelled):
    """How a consultation ended; each of them is one, so that the course counts as consulted on that day."""

    GO_ON = "go_on", "Go on as before"
    CHANGE = "change", "Go on with a change of plan"
    STOP = "stop", "Stop the treatment"


class VisitState(Labelled):
    """As FHIR names the states of an appointment; there is no waiting list here, so none ever waits on one."""

    PROPOSED = "proposed", "Proposed"
    PENDING = "pending", "Proposed move"
    BOOKED = "booked", "Booked"
    ARRIVED = "arrived", "Arrived"
    FULFILLED = "fulfilled", "Treated"
    CANCELLED = "cancelled", "Cancelled"
    NOSHOW = "noshow", "Did not attend"
    WAITLIST = "waitlist", "Waiting list"
    IN_ERROR = "entered-in-error", "Entered in error"


class CancelReason(Labelled):
    """Why a visit, or a time held for one, is off."""

    PATIENT_ASKED = "patient_asked", "Patient asked"
    CLINIC_ASKED = "clinic_asked", "Clinic asked"
    ILLNESS = "illness", "Illness"
    AUTHORIZATION = "authorization", "Authorization not in place"
    NO_LONGER_NEEDED = "no_longer_needed", "No longer needed"
    BOOKED_IN_ERROR = "booked_in_error", "Booked in error"
    PATIENT_DECEASED = "patient_deceased", "Patient has died"
    PATIENT_MOVED = "patient_moved", "Patient moved away"
    NOT_ALLOWED = "not_allowed", "The provider decided against it"
    NOBODY_ANSWERED = "nobody_answered", "Nobody answered in time"
    QUESTION_WITHDRAWN = "question_withdrawn", "The question was taken back"
    # The visit that asked for a held time stands there itself now.
    MOVED_HERE = "moved_here", "The visit was moved here"
    CANCELLED_ELSEWHERE = "cancelled_elsewhere", "Cancelled in the record system"


# An appointment that stands:
OPEN_STATES = (VisitState.BOOKED, VisitState.ARRIVED)
# What the rules count as an open visit: a proposed one holds its time, and is no appointment yet.
HELD_STATES = (VisitState.PROPOSED, *OPEN_STATES)
# A time held until a provider answers: for a visit yet to be booked (proposed), or for one that would move there
# (pending). Until then it is no appointment.
AWAITING_ANSWER = (VisitState.PROPOSED, VisitState.PENDING)
# What takes a provider's time.
OCCUPYING = (*HELD_STATES, VisitState.PENDING, VisitState.FULFILLED)
# Why a proposed time came to nothing: nobody outside the clinic ever heard of such a visit.
NEVER_BOOKED = (
    CancelReason.NOT_ALLOWED,
    CancelReason.NOBODY_ANSWERED,
    CancelReason.QUESTION_WITHDRAWN,
    CancelReason.MOVED_HERE,
)
# These follow from what is said of the patient or the request, or elsewhere; nobody chooses them for a single visit.
REASONS_THAT_FOLLOW = frozenset(
    {
        CancelReason.PATIENT_DECEASED,
        CancelReason.PATIENT_MOVED,
        CancelReason.CANCELLED_ELSEWHERE,
        *NEVER_BOOKED,
    }
)

_V = VisitState
_ENDINGS = (_V.FULFILLED, _V.CANCELLED, _V.NOSHOW)
VISIT_TRANSITIONS = Transitions(
    "visit",
    # One that nobody had booked is kept once it is over.
    begins=(_V.PROPOSED, _V.PENDING, _V.BOOKED, _V.FULFILLED),
    follow={
        _V.PROPOSED: (_V.BOOKED, _V.CANCELLED),
        # The visit that would move there moves itself; the time held for it is let go either way.
        _V.PENDING: (_V.CANCELLED,),
        # A visit that is moved is booked anew, and whoever has arrived may be checked in again.
        _V.BOOKED: (_V.BOOKED, _V.ARRIVED, *_ENDINGS),
        _V.ARRIVED: (_V.BOOKED, _V.ARRIVED, *_ENDINGS),
        # Endings are taken back; what never was booked was entered in error.
        _V.FULFILLED: (_V.BOOKED, _V.ARRIVED, _V.IN_ERROR),
        _V.CANCELLED: (_V.BOOKED,),
        _V.NOSHOW: (_V.BOOKED,),
        _V.IN_ERROR: (),
        _V.WAITLIST: (),
    },
)


def state_said(state: VisitState, kind: VisitKind) -> str:
    """A state in the middle of a sentence: "This visit is already treated"."""
    match state:
        case VisitState.FULFILLED:
            return "treated" if kind == VisitKind.INJECTION else "over"
        case VisitState.NOSHOW:
            return "missed"
        case VisitState.PENDING:
            return "only a proposed move"
        case VisitState.IN_ERROR:
            return "entered in error"
    return state.value
