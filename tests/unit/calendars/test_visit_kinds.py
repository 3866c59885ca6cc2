"""How calendars speak of consultations and follow-ups; an injection keeps every byte it has."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from clinic_scheduler.calendars.event_texts import full_title, visit_words
from clinic_scheduler.domain.calendars.values import PATIENT, PROVIDER, Audience, Clinic, Visit

CLINIC = Clinic("Harbor Neurology", "(602) 555-0100", "1 Quay", "America/Los_Angeles", "clinic.example.org")
VISIT = Visit(
    id="v1",
    starts_at=datetime(2026, 11, 24, 17, tzinfo=UTC),
    ends_at=datetime(2026, 11, 24, 18, tzinfo=UTC),
    zone="America/Los_Angeles",
    status="booked",
    sequence=0,
    updated_at=datetime(2026, 11, 1, tzinfo=UTC),
    provider_name="Dr Reid",
    reference="ab12cd34",
    course_id="c1",
)
KINDS = ("injection", "consultation", "follow_up")


def titles(audience: Audience) -> list[str]:
    return [visit_words(replace(VISIT, kind=kind), audience, CLINIC).summary for kind in KINDS]


def test_a_neutral_calendar_calls_every_kind_the_same() -> None:
    assert titles(PATIENT) == ["Appointment"] * 3
    assert titles(Audience("patient", language="es")) == ["Cita"] * 3
    said = {visit_words(replace(VISIT, kind=kind), PATIENT, CLINIC).description for kind in KINDS}
    assert said == {"To change or cancel, call (602) 555-0100."}


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("en", ["Injection visit", "Consultation", "Follow-up visit"]),
        ("es", ["Cita de inyección", "Consulta", "Visita de seguimiento"]),
    ],
)
def test_the_fuller_title_is_each_kinds_own(language: str, expected: list[str]) -> None:
    assert titles(Audience("patient", "full", full_title(language), language)) == expected


def test_staffs_calendars_name_the_kind() -> None:
    assert titles(PROVIDER) == ["Visit ab12cd34", "Consultation ab12cd34", "Follow-up ab12cd34"]
    full = Audience("provider", "full", "Injection visit")
    assert titles(full) == ["Injection visit ab12cd34", "Consultation ab12cd34", "Follow-up ab12cd34"]
    assert titles(Audience("clinic_day"))[1] == "Dr Reid: Consultation ab12cd34"
    missed = replace(VISIT, kind="follow_up", status="noshow")
    assert visit_words(missed, PROVIDER, CLINIC).summary == "Cancelled: Follow-up ab12cd34"


def test_a_visit_without_a_kind_is_an_injection_and_an_unknown_kind_is_none() -> None:
    assert VISIT.kind == "injection"
    with pytest.raises(ValueError, match="kind must be one of"):
        replace(VISIT, kind="chat")
