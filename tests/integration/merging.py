"""Every row there is, for comparing what was before a merge with what is after undoing it."""

from typing import Any

from sqlalchemy import select

from clinic_scheduler.db import Base
from clinic_scheduler.models import PatientSearchKey
from clinic_scheduler.services.patients import search_keys
from tests.integration.house import House

Dump = dict[str, list[Any]]
# Calendars take no lower revision for news, so these only ever rise: undoing is one more change.
REVISIONS = ("forecast_sequence", "forecast_changed_at", "calendar_revision", "calendar_revised_at")


def dump(house: House) -> Dump:
    """Every row of every table but the audit record, which only grows; search keys by what they are, as they are
    written anew.
    """
    house.change(lambda s: search_keys.rebuild(s, house.cast.clinic_id))  # tests set some columns bare
    keys = [PatientSearchKey.patient_id, PatientSearchKey.key]
    found: Dump = {"patient_search_keys": sorted(tuple(row) for row in house.rows(select(*keys)))}
    for name, table in Base.metadata.tables.items():
        if name not in ("audit_events", "patient_search_keys"):
            order = list(table.primary_key.columns)
            columns = [column for column in table.columns if column.name not in REVISIONS]
            found[name] = [tuple(row) for row in house.rows(select(*columns).order_by(*order))]
    return found
