"""A clinic's reminder rules as it keeps them, and how many courses wait to be planned by them."""

from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from clinic_scheduler.domain.messaging.reminder_rules import ClinicRules, Rule
from clinic_scheduler.models import Clinic, Course, ReminderRule


def clinic_rules(session: Session, clinic_id: int) -> ClinicRules:
    off = session.scalars(select(Clinic.reminders_off).where(Clinic.id == clinic_id)).one()
    rows = session.scalars(select(ReminderRule).where(ReminderRule.clinic_id == clinic_id))
    own = {(row.indication, row.kind): rule_value(row) for row in rows}
    return ClinicRules(own, frozenset(off.split()))


def rule_value(row: Any) -> Rule:
    """Of a ReminderRule, or of a row with its columns."""
    return Rule(row.is_on, tuple(int(day) for day in row.days.split()), row.repeat_days, row.most)


def unplanned_courses(session: Session, clinic_id: int) -> int:
    """Courses whose reminders the worker has yet to plan."""
    wanted = select(func.count()).where(Course.reminders_planned_at.is_(None), Course.clinic_id == clinic_id)
    return session.scalar(wanted) or 0
