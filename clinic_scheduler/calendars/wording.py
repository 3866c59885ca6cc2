"""The words calendars show patients and providers, by row and reveal level; no iCalendar syntax.

Raise TEMPLATE_VERSION with any change here or in events.py, so that cached events are not reused. Readers
take up changed words of an old event only with its next rise in sequence; to show them at once, let a migration
raise every clinic's calendar_revision.
"""

from dataclasses import dataclass, replace

from clinic_scheduler.domain.calendar_values import (
    Audience,
    Clinic,
    DueWindow,
    Milestone,
    PlannedCycle,
    Visit,
)

TEMPLATE_VERSION = 2

CALENDAR_NAMES = {
    "patient": "My appointments",
    "provider": "Clinic schedule",
    "clinic_day": "Clinic day",
    "due_windows": "Visits to book",
}


@dataclass(frozen=True, slots=True)
class Words:
    summary: str
    description: str
    location: str = ""


_PATIENT_MILESTONES = {
    "onset_check": Words(
        "Check-in: first changes",
        "Around these days you may notice first changes since your visit. Note what you notice, and when.",
    ),
    "four_week_count": Words(
        "Check-in: four-week count",
        "Please add up the last four weeks of your diary and keep the number for your next visit.",
    ),
    "peak_review": Words(
        "Check-in: how it is going",
        "Things are often at their best around now. Note what has become easier and what has not.",
    ),
    "response_review": Words(
        "Check-in: look back",
        "Please look back over your diary since you began, so that we can talk through how it has gone.",
    ),
    "wear_off_watch": Words(
        "Check-in: watch for changes",
        "Things may begin to change back around now. If they do, note the day and tell us.",
    ),
}
# Said only where the reader chose to be told more.
_FULLER_MILESTONES = {
    "four_week_count": Words(
        "Headache diary: four-week count",
        "Please add up the last four weeks of your headache diary and keep the number for your next visit.",
    ),
    "response_review": Words(
        "Headache diary: look back",
        "Please look back over your headache diary since you began, so that we can talk through how it has gone.",
    ),
}
_ANY_PATIENT_MILESTONE = Words("Check-in", "Please note how things have been since your visit.")

_PROVIDER_MILESTONES = {
    "onset_check": "Onset check",
    "four_week_count": "Four-week count",
    "peak_review": "Peak review",
    "response_review": "Response review",
    "wear_off_watch": "Wear-off watch",
}
_ANY_PROVIDER_MILESTONE = "Follow-up"

_PROVIDER_STATUSES = {
    "booked": "Booked",
    "arrived": "Arrived",
    "fulfilled": "Completed",
    "cancelled": "Cancelled",
    "noshow": "Did not attend",
}


def visit_words(visit: Visit, audience: Audience, clinic: Clinic) -> Words:
    patient = audience.kind == "patient"
    words = _patient_visit(visit, audience, clinic) if patient else _provider_visit(visit, audience)
    # Readers that do not show STATUS still must not send anyone to the clinic.
    return replace(words, summary=f"Cancelled: {words.summary}") if visit.called_off else words


def window_words(window: DueWindow, audience: Audience, clinic: Clinic) -> Words:
    if audience.kind != "patient":
        return Words(f"{audience.title or 'Visit'} due, not booked: {window.reference}", "Not booked yet.")
    summary = f"{audience.title or 'Appointment'} due, not booked yet"
    return Words(summary, f"Please call {clinic.whom_to_call} to choose a time within these days.")


def cycle_words(cycle: PlannedCycle, audience: Audience, clinic: Clinic) -> Words:
    if audience.kind != "patient":
        return Words(
            f"{audience.title or 'Visit'} planned: {cycle.reference}", "Planned ahead; days may change."
        )
    summary = f"{audience.title or 'Appointment'} planned around these days"
    return Words(
        summary, f"Nothing is booked yet, and the days may change. Questions? Call {clinic.whom_to_call}."
    )


def milestone_words(milestone: Milestone, audience: Audience, clinic: Clinic) -> Words:
    """A kind without words of its own gets plain ones: it must neither stop a feed nor be shown as it is.

    "Diary" alone says nothing; what it is a diary of is told at the full level alone.
    """
    if audience.kind != "patient":
        label = _PROVIDER_MILESTONES.get(milestone.kind, _ANY_PROVIDER_MILESTONE)
        return Words(f"{label}: {milestone.reference}", "Days in which to look at how things are going.")
    words = _PATIENT_MILESTONES.get(milestone.kind, _ANY_PATIENT_MILESTONE)
    if audience.title is not None:
        words = _FULLER_MILESTONES.get(milestone.kind, words)
    return replace(words, description=f"{words.description} Questions? Call {clinic.whom_to_call}.")


def empty_words(audience: Audience, clinic: Clinic) -> Words:
    if audience.kind == "due_windows":
        return Words("No visits to book", "Nobody is due without a visit at the moment.")
    questions = f" Questions? Call {clinic.whom_to_call}." if audience.kind == "patient" else ""
    return Words("No appointments planned", f"Nothing is planned at the moment.{questions}")


def stopped_words(clinic: Clinic) -> Words:
    """All that is left of a calendar whose link was revoked."""
    return Words(
        "This calendar link was stopped",
        f"Please remove this calendar. For a new link, call {clinic.whom_to_call}.",
    )


def _patient_visit(visit: Visit, audience: Audience, clinic: Clinic) -> Words:
    """Neutral tells the phone alone: a clinic's name, its address or a provider can betray a specialty."""
    if audience.title is None:
        return Words("Appointment", _call(visit, clinic.whom_to_call))
    description = f"With {visit.provider_name}. {_call(visit, clinic.named_contact)}"
    return Words(audience.title, description, clinic.place)


def _call(visit: Visit, whom: str) -> str:
    if visit.called_off:
        return f"To book again, call {whom}."
    return f"To change or cancel, call {whom}." if visit.status == "booked" else f"Questions? Call {whom}."


def _provider_visit(visit: Visit, audience: Audience) -> Words:
    description = f"Provider: {visit.provider_name}\nStatus: {_PROVIDER_STATUSES[visit.status]}"
    if visit.place:
        description += f"\nClinic: {visit.place}"
    summary = f"{audience.title or 'Visit'} {visit.reference}"
    # A clinic's day holds everybody's visits: whose it is stands first.
    return Words(
        f"{visit.provider_name}: {summary}" if audience.kind == "clinic_day" else summary, description
    )
