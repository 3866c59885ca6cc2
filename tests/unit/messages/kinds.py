"""Values of every kind for the messages' tests, about invented people."""

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from clinic_scheduler.domain.visits.kinds_and_states import OTHER_KINDS
from clinic_scheduler.messages import (
    AfterVisit,
    CalendarLink,
    ClinicDetails,
    MessageValues,
    MissedVisit,
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
VISIT = "https://clinic.example.org/v/abc?a=1&b=2"
OPT_OUT = "https://clinic.example.org/u/abc"
SUBSCRIBE = "https://clinic.example.org/c/" + "x" * 43
CLINIC = ClinicDetails(name="Riverside Clinic", phone="(602) 555-0100", zone=ZoneInfo("America/Los_Angeles"))


def every_kind(clinic: ClinicDetails = CLINIC) -> list[MessageValues]:
    """One of each kind, with every optional value given."""
    plain: list[MessageValues] = [
        VisitReminder(
            clinic=clinic, starts_at=STARTS_AT, days_before=3, provider_name="Dr Reid", visit_url=VISIT
        ),
        TimeToBook(clinic=clinic, earliest_date=date(2026, 11, 23), on_time_until=date(2026, 11, 30)),
        VisitBooked(clinic=clinic, starts_at=STARTS_AT, provider_name="Dr Reid", visit_url=VISIT),
        VisitMoved(
            clinic=clinic,
            starts_at=STARTS_AT,
            previous_starts_at=datetime(2026, 11, 20, 18, 30, tzinfo=UTC),
            provider_name="Dr Reid",
            visit_url=VISIT,
        ),
        VisitCancelled(clinic=clinic, starts_at=STARTS_AT, provider_name="Dr Reid"),
        MissedVisit(clinic=clinic, starts_at=STARTS_AT, provider_name="Dr Reid"),
        Overdue(clinic=clinic),
        *(AfterVisit(clinic=clinic, step=step) for step in ("onset_check", "four_week_count", "peak_review")),
        CalendarLink(clinic=clinic, subscribe_url=SUBSCRIBE),
    ]
    return [replace(values, given_name="Pat", opt_out_url=OPT_OUT) for values in plain]


def other_visits(clinic: ClinicDetails = CLINIC) -> list[MessageValues]:
    """What is told of visits, each of a consultation and of a follow-up."""
    return [
        replace(values, visit_kind=kind)  # type: ignore[call-arg]  # only those that have it
        for values in every_kind(clinic)
        if hasattr(values, "visit_kind")
        for kind in OTHER_KINDS
    ]


def bare_kinds(clinic: ClinicDetails = CLINIC) -> list[MessageValues]:
    """One of each kind, with nothing optional."""
    return [
        VisitReminder(clinic=clinic, starts_at=STARTS_AT, days_before=1),
        TimeToBook(clinic=clinic),
        VisitBooked(clinic=clinic, starts_at=STARTS_AT),
        VisitMoved(clinic=clinic, starts_at=STARTS_AT),
        VisitCancelled(clinic=clinic, starts_at=STARTS_AT),
        MissedVisit(clinic=clinic, starts_at=STARTS_AT),
        Overdue(clinic=clinic),
        AfterVisit(clinic=clinic),
        CalendarLink(clinic=clinic, subscribe_url=SUBSCRIBE),
    ]
