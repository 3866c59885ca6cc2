"""Which words calendars show patients and staff, by row, reveal level and language; no iCalendar syntax.

Staff's calendars are in English; patients' words are in patient_words.py. Raise TEMPLATE_VERSION with any change
there, here or in events.py, so that cached events are not reused. Readers take up changed words of an old event
only with its next rise in sequence; to show them at once, let a migration raise every clinic's calendar_revision.
"""

from dataclasses import replace

from clinic_scheduler.calendars.patient_texts import PatientWords, Words, patient_words
from clinic_scheduler.domain.calendars.values import (
    Audience,
    Clinic,
    Milestone,
    PlannedCycle,
    ReviewWeek,
    Visit,
    Window,
)
from clinic_scheduler.domain.visits.kinds_and_states import VisitState
from clinic_scheduler.languages import language

TEMPLATE_VERSION = 2

_STAFF_CALENDARS = {
    "provider": "Clinic schedule",
    "clinic_day": "Clinic day",
    "due_windows": "Visits to book",
}
_PROVIDER_MILESTONES = {
    "onset_check": "Onset check",
    "four_week_count": "Four-week count",
    "peak_review": "Peak review",
    "response_review": "Response review",
    "wear_off_watch": "Wear-off watch",
}
_ANY_PROVIDER_MILESTONE = "Follow-up"

# An injection is what a visit is, unless said otherwise.
_PROVIDER_KINDS = {"consultation": "Consultation", "follow_up": "Follow-up"}
_PROVIDER_STATUSES = {
    VisitState.BOOKED: "Booked",
    VisitState.ARRIVED: "Arrived",
    VisitState.FULFILLED: "Completed",
    VisitState.CANCELLED: "Cancelled",
    VisitState.NOSHOW: "Did not attend",
}


def calendar_name(kind: str, tag: str = "en") -> str:
    return _STAFF_CALENDARS.get(kind) or patient_words(language(tag)).calendar


def full_title(tag: str = "en") -> str:
    """What a visit is called where the reader chose to be told more."""
    return patient_words(language(tag)).fuller_visit


def visit_words(visit: Visit, audience: Audience, clinic: Clinic) -> Words:
    patient = audience.kind == "patient"
    words = _patient_visit(visit, audience, clinic) if patient else _provider_visit(visit, audience)
    if not visit.called_off:
        return words
    # Readers that do not show STATUS still must not send anyone to the clinic.
    return replace(words, summary=_said(audience).cancelled % {"summary": words.summary})


def window_words(window: Window, audience: Audience, clinic: Clinic) -> Words:
    planned = isinstance(window, PlannedCycle)
    if audience.kind == "patient":
        said = _said(audience)
        return _filled(said.cycle if planned else said.window, audience, clinic)
    title = audience.title or "Visit"
    if planned:
        return Words(f"{title} planned: {window.reference}", "Planned ahead; days may change.")
    return Words(f"{title} due, not booked: {window.reference}", "Not booked yet.")


def milestone_words(milestone: Milestone, audience: Audience, clinic: Clinic) -> Words:
    """A kind without words of its own gets plain ones: it must neither stop a feed nor be shown as it is.

    "Diary" alone says nothing; what it is a diary of is told at the full level alone.
    """
    if audience.kind != "patient":
        label = _PROVIDER_MILESTONES.get(milestone.kind, _ANY_PROVIDER_MILESTONE)
        return Words(f"{label}: {milestone.reference}", "Days in which to look at how things are going.")
    said = _said(audience)
    words = said.milestones.get(milestone.kind, said.any_milestone)
    if audience.title is not None:
        words = said.fuller_milestones.get(milestone.kind, words)
    questions = said.questions % {"whom": _whom(said, clinic)}
    return replace(words, description=f"{words.description} {questions}")


def review_words(week: ReviewWeek) -> Words:
    """Staff's alone. One event a week: each review as one of its own would bury the visits."""
    counted = "1 review" if week.reviews == 1 else f"{week.reviews} reviews"
    return Words(f"{counted} this week", "Patients whose response is to be reviewed.")


def empty_words(audience: Audience, clinic: Clinic) -> Words:
    if audience.kind == "due_windows":
        return Words("No visits to book", "Nobody is due without a visit at the moment.")
    if audience.kind != "patient":
        return Words("No appointments planned", "Nothing is planned at the moment.")
    return _filled(_said(audience).empty, audience, clinic)


def stopped_words(audience: Audience, clinic: Clinic) -> Words:
    """All that is left of a calendar whose link was revoked."""
    return _filled(_said(audience).stopped, audience, clinic)


def _said(audience: Audience) -> PatientWords:
    return patient_words(language(audience.language))


def _filled(words: Words, audience: Audience, clinic: Clinic) -> Words:
    said = _said(audience)
    return Words(
        words.summary % {"title": audience.title or said.visit},
        words.description % {"whom": _whom(said, clinic)},
    )


def _whom(said: PatientWords, clinic: Clinic) -> str:
    phone = clinic.phone.strip()
    return said.phone % {"phone": phone} if phone else said.nobody


def _by_name(said: PatientWords, clinic: Clinic) -> str:
    return (said.named if clinic.phone.strip() else said.by_name) % {
        "name": clinic.name,
        "phone": clinic.phone,
    }


def _patient_visit(visit: Visit, audience: Audience, clinic: Clinic) -> Words:
    """Neutral tells the phone alone: a clinic's name, its address or a provider can betray a specialty."""
    said = _said(audience)
    if audience.title is None:
        return Words(said.visit, _call(said, visit, _whom(said, clinic)))
    call = _call(said, visit, _by_name(said, clinic))
    provider = said.with_provider % {"provider": visit.provider_name}
    title = said.fuller_others.get(visit.kind, audience.title)
    return Words(title, f"{provider} {call}", clinic.place)


def _call(said: PatientWords, visit: Visit, whom: str) -> str:
    if visit.called_off:
        return said.to_book_again % {"whom": whom}
    return (said.to_change if visit.status == VisitState.BOOKED else said.questions) % {"whom": whom}


def _provider_visit(visit: Visit, audience: Audience) -> Words:
    description = f"Provider: {visit.provider_name}\nStatus: {_PROVIDER_STATUSES[visit.status]}"
    if visit.place:
        description += f"\nClinic: {visit.place}"
    title = _PROVIDER_KINDS.get(visit.kind) or audience.title or "Visit"
    summary = f"{title} {visit.reference}"
    # A clinic's day holds everybody's visits: whose it is stands first.
    return Words(
        f"{visit.provider_name}: {summary}" if audience.kind == "clinic_day" else summary, description
    )
