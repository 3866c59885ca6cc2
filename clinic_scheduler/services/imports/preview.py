"""What an import would add, from reading alone: nothing is written and no row is kept waiting."""

from collections.abc import Iterable, Sequence

from sqlalchemy.orm import Session

from clinic_scheduler.services.imports.applying import Applied, Fresh, count, sorted_visits
from clinic_scheduler.services.imports.lookups import Known, LogRow, bare_name


def preview(session: Session, clinic_id: int, batches: Iterable[Sequence[Sequence[LogRow]]]) -> Applied:
    """The counts that apply() would give, batch by batch; `providers` are those it would add."""
    expected = Applied()
    names: dict[str, str] = {}
    for batch in batches:
        known, fresh = sorted_visits(session, clinic_id, batch, expected)
        for own in fresh:
            expected.patients += own.patient is None
            count(own, expected)
            _add_names(own, known, names)
    expected.providers = list(names.values())
    return expected


def _add_names(own: Fresh, known: Known, names: dict[str, str]) -> None:
    for visit in own.new:
        wanted = bare_name(visit.provider_name or "")
        if wanted and wanted not in known.providers:
            names.setdefault(wanted, " ".join((visit.provider_name or "").split()))
