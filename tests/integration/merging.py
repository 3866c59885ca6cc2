"""Every row there is, for comparing what was before a merge with what is after undoing it."""

from collections import Counter
from typing import Any

from sqlalchemy import select

from clinic_scheduler.db import Base
from clinic_scheduler.models import DueCount, DueCountChange, Patient, PatientSearchKey
from clinic_scheduler.services.patients import search_keys
from tests.integration.house import House

Dump = dict[str, list[Any]]
# Calendars take no lower revision for news, so these only ever rise: undoing is one more change.
REVISIONS = ("forecast_sequence", "forecast_changed_at", "calendar_revision", "calendar_revised_at")


def dump(house: House) -> Dump:
    """Every row of every table but the audit record, which only grows; search keys by what they are, as they are
    written anew, and the due list's counts by what they add up to.
    """
    # Tests set some columns bare.
    house.change(lambda s: search_keys.index(s, s.scalars(select(Patient)).all()))
    keys = [PatientSearchKey.patient_id, PatientSearchKey.key]
    found: Dump = {"patient_search_keys": sorted(tuple(row) for row in house.rows(select(*keys)))}
    for name, table in Base.metadata.tables.items():
        if name not in ("audit_events", "patient_search_keys", "due_counts", "due_count_changes"):
            order = list(table.primary_key.columns)
            columns = [column for column in table.columns if column.name not in REVISIONS]
            found[name] = [tuple(row) for row in house.rows(select(*columns).order_by(*order))]
    counts: Counter[tuple[Any, ...]] = Counter()
    for kind in (DueCount, DueCountChange):
        cell = (kind.clinic_id, kind.provider_id, kind.starts_on, kind.bucket, kind.resting, kind.tries)
        for *key, number in house.rows(select(*cell, kind.number)):
            counts[tuple(key)] += number
    found["due_counts"] = sorted(each for each in counts.items() if each[1])
    return found
