"""How many courses each bucket of the due list has: the sum of what is kept by day (models/due_count.py).

It takes as long at a clinic of a million courses as at one of a thousand. Tests hold the numbers to the rows.
"""

from collections import Counter
from datetime import date
from functools import cache
from typing import Any

from sqlalchemy import Date, Integer, Select, bindparam, func, or_, select, union_all
from sqlalchemy.orm import Session

from clinic_scheduler.domain.forecast.due_steps import Standing
from clinic_scheduler.models import DueCount, DueCountChange

Tally = Counter[Standing]


def count_courses(session: Session, clinic_id: int, today: date, provider_id: int | None) -> Tally:
    """Listed courses of a provider, or of all, by how they stand today."""
    asked = {"clinic": clinic_id, "today": today, "provider": provider_id}
    tally: Tally = Counter()
    for bucket, resting, tries, number in session.execute(_summed(), asked):
        tally[Standing(bucket, bool(resting), tries)] = int(number)
    return tally


@cache
def _summed() -> Select[*tuple[Any, ...]]:
    """The statement never changes, and making it anew takes as long as a tenth of the page."""
    clinic, today = bindparam("clinic", type_=Integer()), bindparam("today", type_=Date())
    provider = bindparam("provider", type_=Integer())
    parts = union_all(
        *(
            select(kind.bucket, kind.resting, kind.tries, kind.number).where(
                kind.clinic_id == clinic,
                kind.starts_on <= today,
                or_(provider.is_(None), kind.provider_id == provider),
            )
            for kind in (DueCount, DueCountChange)
        )
    ).subquery()
    key = parts.c.bucket, parts.c.resting, parts.c.tries
    return select(*key, func.sum(parts.c.number)).group_by(*key)
