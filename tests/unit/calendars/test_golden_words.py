"""The words of every event a patient's calendar can hold, character for character, and an invitation's bytes."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from clinic_scheduler.calendars.event_texts import (
    calendar_name,
    empty_words,
    full_title,
    milestone_words,
    stopped_words,
    visit_words,
    window_words,
)
from clinic_scheduler.calendars.feed import patient_feed, stopped_feed
from clinic_scheduler.calendars.invitation import invitation, visit_attachment
from clinic_scheduler.domain.calendars.values import Audience
from tests.patient_texts import same_as_golden

from .rows import CLINIC, CYCLE, MILESTONE, NOW, SUBSCRIPTION, VISIT, WINDOW
from .samples import KINDS, sample_rows

STATUSES = ("booked", "arrived", "fulfilled", "cancelled", "noshow")


def audiences(language: str) -> dict[str, Audience]:
    return {
        "neutral": Audience("patient", language=language),
        "full": Audience("patient", "full", full_title(language), language),
    }


def words(language: str) -> Iterator[tuple[str, str]]:
    yield "name", calendar_name("patient", language)
    for level, audience in audiences(language).items():
        for clinic, reach in ((CLINIC, "phone"), (replace(CLINIC, phone=""), "no phone")):
            said = {
                f"{kind} {status}": visit_words(replace(VISIT, kind=kind, status=status), audience, clinic)
                for kind in ("injection", "consultation", "follow_up")
                for status in STATUSES
            }
            said |= {
                f"milestone {kind}": milestone_words(replace(MILESTONE, kind=kind), audience, clinic)
                for kind in (*KINDS, "toxin_review")
            }
            said |= {
                "window": window_words(WINDOW, audience, clinic),
                "cycle": window_words(CYCLE, audience, clinic),
                "empty": empty_words(audience, clinic),
                "stopped": stopped_words(audience, clinic),
            }
            for name, each in said.items():
                yield (
                    f"{level}, {reach}, {name}",
                    f"{each.summary}\n{each.description}\n{each.location}",
                )


@pytest.mark.parametrize("language", ["en", "es"])
def test_words_of_events(language: str) -> None:
    same_as_golden(f"events.{language}.txt", words(language))


@pytest.mark.parametrize("language", ["en", "es"])
def test_bytes_of_files_and_feeds(language: str) -> None:
    def files() -> Iterator[tuple[str, bytes]]:
        for level, audience in audiences(language).items():
            yield (
                f"feed, {level}",
                patient_feed(
                    sample_rows(), clinic=CLINIC, subscription=SUBSCRIPTION, now=NOW, audience=audience
                ),
            )
            yield f"file, {level}", visit_attachment(VISIT, clinic=CLINIC, audience=audience)
            yield (
                f"stopped, {level}",
                stopped_feed(
                    on=NOW.date(),
                    clinic=CLINIC,
                    subscription=SUBSCRIPTION,
                    updated_at=NOW,
                    audience=audience,
                ),
            )
            for method in ("REQUEST", "CANCEL"):
                visit = replace(VISIT, status="booked" if method == "REQUEST" else "cancelled")
                yield (
                    f"{method}, {level}",
                    invitation(
                        visit,
                        organizer_email="clinic@example.org",
                        attendee_email="pat@example.org",
                        clinic=CLINIC,
                        method=method,
                        audience=audience,
                    ),
                )

    same_as_golden(f"calendars.{language}.txt", ((name, body.decode("utf-8")) for name, body in files()))
