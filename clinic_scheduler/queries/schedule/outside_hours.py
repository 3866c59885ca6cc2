"""Visits booked when their provider no longer injects: hours changed since, or no bookings taken any more."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from clinic_scheduler.domain.visits.slots import Diary, Hours, within_hours
from clinic_scheduler.models import Appointment, Provider
from clinic_scheduler.queries.providers import visits_ahead, weeks_of
from clinic_scheduler.queries.schedule.availability import clinic_zone


def visits_outside_hours(session: Session, provider: Provider, now: datetime) -> Sequence[Appointment]:
    """The provider's open visits and held times from `now` on, the next first; all where the provider is inactive."""
    ahead = visits_ahead(session, provider.id, now)
    if not provider.is_active:
        return ahead
    zone = clinic_zone(session, provider.clinic_id)
    week = weeks_of(session, provider.clinic_id).get(provider.id, {})
    hours = [Hours(weekday, *stretch) for weekday, stretches in week.items() for stretch in stretches]
    diary = Diary(provider.id, provider.name, provider.visit_minutes, hours)
    return [
        visit
        for visit in ahead
        if not within_hours(diary, visit.local_date, visit.starts_at, visit.ends_at, zone)
    ]
