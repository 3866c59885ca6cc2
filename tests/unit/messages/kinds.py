"""Values of every kind for the messages' tests, about invented people."""

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from clinic_scheduler.messages import (
    ClinicDetails,
    MessageValues,
    Overdue,
    TimeToBook,
    VisitBooked,
    VisitCancelled,
    VisitMoved,
    VisitReminder,
    template_environment,
)

TEMPLATES = Path(__file__).parents[3] / "templates"
ENVIRONMENT = template_environment(TEMPLATES)
STARTS_AT = datetime(2026, 11, 23, 17, 0, tzinfo=UTC)
CLINIC = ClinicDetails(name="Riverside Clinic", phone="(602) 555-0100", zone=ZoneInfo("America/Los_Angeles"))


def every_kind(clinic: ClinicDetails = CLINIC) -> list[MessageValues]:
    """One of each kind, with every optional value given."""
    plain: list[MessageValues] = [
        VisitReminder(clinic=clinic, starts_at=STARTS_AT, days_before=3, provider_name="Dr Reid"),
        TimeToBook(clinic=clinic, earliest_date=date(2026, 11, 23), on_time_until=date(2026, 11, 30)),
        VisitBooked(clinic=clinic, starts_at=STARTS_AT, provider_name="Dr Reid"),
        VisitMoved(
            clinic=clinic,
            starts_at=STARTS_AT,
            previous_starts_at=datetime(2026, 11, 20, 18, 30, tzinfo=UTC),
            provider_name="Dr Reid",
        ),
        VisitCancelled(clinic=clinic, starts_at=STARTS_AT, provider_name="Dr Reid"),
        Overdue(clinic=clinic),
    ]
    return [
        replace(
            values,
            given_name="Pat",
            calendar_url="https://clinic.example.org/calendar/abc.ics",
            preferences_url="https://clinic.example.org/m/abc?a=1&b=2",
        )
        for values in plain
    ]


def bare_kinds(clinic: ClinicDetails = CLINIC) -> list[MessageValues]:
    """One of each kind, with nothing optional."""
    return [
        VisitReminder(clinic=clinic, starts_at=STARTS_AT, days_before=1),
        TimeToBook(clinic=clinic),
        VisitBooked(clinic=clinic, starts_at=STARTS_AT),
        VisitMoved(clinic=clinic, starts_at=STARTS_AT),
        VisitCancelled(clinic=clinic, starts_at=STARTS_AT),
        Overdue(clinic=clinic),
    ]
