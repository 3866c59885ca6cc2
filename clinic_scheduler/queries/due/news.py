"""What is checked before the due list is shown: whether a new day changed anything, whether rules changed lately."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Exists, select
from sqlalchemy.orm import Session

from clinic_scheduler.models import Course, ForecastChange

# So long the due list points to the report of what new date rules changed.
FRESH = timedelta(14)


@dataclass(frozen=True, slots=True)
class DueNews:
    """`turned`: a course reads otherwise than is kept, since a day has begun."""

    turned: bool
    rules_changed: bool


def due_news(session: Session, clinic_id: int, today: date, now: datetime) -> DueNews:
    """Both in one short question, which every page of the list asks."""
    newest = select(ForecastChange.made_at).where(ForecastChange.clinic_id == clinic_id)
    last = newest.order_by(ForecastChange.id.desc()).limit(1).scalar_subquery()
    turned, made_at = session.execute(select(_turned(clinic_id, today), last)).one()
    return DueNews(bool(turned), made_at is not None and made_at > now - FRESH)


def anything_turned(session: Session, clinic_id: int, today: date) -> bool:
    """DueNews.turned alone."""
    return bool(session.scalar(select(_turned(clinic_id, today))))


def _turned(clinic_id: int, today: date) -> Exists:
    return select(Course.id).where(Course.clinic_id == clinic_id, Course.turns_on <= today).exists()
