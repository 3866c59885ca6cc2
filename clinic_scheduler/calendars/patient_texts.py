"""The words of patients' calendars, in the language of a catalogue; which of them when: event_texts.py.

Neutral words name no drug, no diagnosis and no specialty; those under `fuller_` only stand where they were chosen.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache

from clinic_scheduler.languages import Language


@dataclass(frozen=True, slots=True)
class Words:
    summary: str
    description: str
    location: str = ""


@dataclass(frozen=True, slots=True)
class PatientWords:
    """`%(whom)s` stands for whom to call, `%(title)s` for what a visit is called, `%(summary)s` for a whole title."""

    calendar: str
    visit: str
    fuller_visit: str
    # What visits that are no injections are called where the fuller title was chosen, by kind.
    fuller_others: Mapping[str, str]
    cancelled: str
    window: Words
    cycle: Words
    empty: Words
    stopped: Words
    # A milestone's kind without words of its own gets `any_milestone`.
    milestones: Mapping[str, Words]
    fuller_milestones: Mapping[str, Words]
    any_milestone: Words
    with_provider: str
    to_change: str
    to_book_again: str
    questions: str
    # How `%(whom)s` is put: a phone, the clinic by name at its phone, by name alone, or neither known.
    phone: str
    named: str
    by_name: str
    nobody: str


@cache
def patient_words(language: Language) -> PatientWords:
    """Looked up once a language: feeds are written by the thousand."""
    say = language.gettext
    return PatientWords(
        calendar=say("My appointments"),
        visit=say("Appointment"),
        fuller_visit=say("Injection visit"),
        fuller_others={"consultation": say("Consultation"), "follow_up": say("Follow-up visit")},
        cancelled=say("Cancelled: %(summary)s"),
        window=Words(
            say("%(title)s due, not booked yet"),
            say("Please call %(whom)s to choose a time within these days."),
        ),
        cycle=Words(
            say("%(title)s planned around these days"),
            say("Nothing is booked yet, and the days may change. Questions? Call %(whom)s."),
        ),
        empty=Words(
            say("No appointments planned"), say("Nothing is planned at the moment. Questions? Call %(whom)s.")
        ),
        stopped=Words(
            say("This calendar link was stopped"),
            say("Please remove this calendar. For a new link, call %(whom)s."),
        ),
        milestones=_milestones(say),
        fuller_milestones=_fuller_milestones(say),
        any_milestone=Words(say("Check-in"), say("Please note how things have been since your visit.")),
        with_provider=say("With %(provider)s."),
        to_change=say("To change or cancel, call %(whom)s."),
        to_book_again=say("To book again, call %(whom)s."),
        questions=say("Questions? Call %(whom)s."),
        phone=language.pgettext("whom to call", "%(phone)s"),
        named=language.pgettext("whom to call", "%(name)s at %(phone)s"),
        by_name=language.pgettext("whom to call", "%(name)s"),
        nobody=language.pgettext("whom to call", "the clinic"),
    )


def _milestones(say: Callable[[str], str]) -> dict[str, Words]:
    return {
        "onset_check": Words(
            say("Check-in: first changes"),
            say(
                "Around these days you may notice first changes since your visit. Note what you notice, and when."
            ),
        ),
        "four_week_count": Words(
            say("Check-in: four-week count"),
            say("Please add up the last four weeks of your diary and keep the number for your next visit."),
        ),
        "peak_review": Words(
            say("Check-in: how it is going"),
            say("Things are often at their best around now. Note what has become easier and what has not."),
        ),
        "response_review": Words(
            say("Check-in: look back"),
            say(
                "Please look back over your diary since you began, so that we can talk through how it has gone."
            ),
        ),
        "wear_off_watch": Words(
            say("Check-in: watch for changes"),
            say("Things may begin to change back around now. If they do, note the day and tell us."),
        ),
    }


def _fuller_milestones(say: Callable[[str], str]) -> dict[str, Words]:
    return {
        "four_week_count": Words(
            say("Headache diary: four-week count"),
            say(
                "Please add up the last four weeks of your headache diary and keep the number for your next visit."
            ),
        ),
        "response_review": Words(
            say("Headache diary: look back"),
            say(
                "Please look back over your headache diary since you began, "
                "so that we can talk through how it has gone."
            ),
        ),
    }
