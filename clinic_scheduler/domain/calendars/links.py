"""The choices behind a calendar link: whose calendar it is, and what it shows. No tokens, no rows."""

from dataclasses import dataclass

from clinic_scheduler.domain.codes import Labelled
from clinic_scheduler.domain.errors import InvalidInput


class LinkKind(Labelled):
    """Whose calendar a link shows."""

    PATIENT = "patient", "Patient"
    PROVIDER = "provider", "Provider"
    CLINIC_DAY = "clinic_day", "The clinic’s day"
    DUE_WINDOWS = "due_windows", "Due, not booked"


class Reveal(Labelled):
    """How much the titles of a calendar say."""

    NEUTRAL = "neutral", "Neutral"
    FULL = "full", "Full"


PATIENT, PROVIDER, CLINIC_DAY, DUE_WINDOWS = tuple(LinkKind)
CLINIC_KINDS = (CLINIC_DAY, DUE_WINDOWS)
REVEALS = tuple(Reveal)
# What a provider's calendar may show besides visits, each a choice of the link; a field of Shown and of its row.
BESIDES_VISITS = ("due_windows", "milestones", "reviews")
MOST_CYCLES = 4
LONGEST_NAME = 120


@dataclass(frozen=True, slots=True)
class Whose:
    """A patient's calendar, a provider's, or one of the clinic's own."""

    kind: str
    patient_id: int | None = None
    provider_id: int | None = None

    def __post_init__(self) -> None:
        named = (self.patient_id is not None, self.provider_id is not None)
        if self.kind not in _KINDS_NAMING[named]:
            raise InvalidInput("a calendar link is a patient's, a provider's or the clinic's")


# (names a patient, names a provider) -> the kinds that do.
_KINDS_NAMING = {
    (True, False): (PATIENT,),
    (False, True): (PROVIDER,),
    (False, False): CLINIC_KINDS,
    (True, True): (),
}


@dataclass(frozen=True, slots=True)
class Shown:
    """What a link shows.

    `reveal`, `alarms` and `language` are part of every event's text. Calendar programs ignore changed text under
    an unchanged revision, so these last as long as the link does; another choice is another link. No language is
    the patient's own, as it is when the link is made.
    The rest, named in LATER, only adds events or takes them away. `all_clinics` and what is named in
    BESIDES_VISITS is a provider's to choose.
    """

    reveal: str = "neutral"
    alarms: bool = False
    cycles_ahead: int = 0
    all_clinics: bool = False
    language: str | None = None
    due_windows: bool = False
    milestones: bool = False
    reviews: bool = False

    def __post_init__(self) -> None:
        if self.reveal not in REVEALS:
            raise InvalidInput(f"a calendar link reveals one of {', '.join(REVEALS)}")
        if not 0 <= self.cycles_ahead <= MOST_CYCLES:
            raise InvalidInput(f"a calendar link shows 0 to {MOST_CYCLES} cycles ahead")


# What can be changed while people are subscribed.
LATER = frozenset({"cycles_ahead", "all_clinics", *BESIDES_VISITS})
