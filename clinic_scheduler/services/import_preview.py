"""What an import would add, from reading alone: nothing is written and no row is kept waiting."""

from collections.abc import Iterable, Sequence

from sqlalchemy.orm import Session

from clinic_scheduler.services.import_lookups import Known, LogRow, bare_name, known_rows
from clinic_scheduler.services.imports import Applied, fresh_rows


def preview(session: Session, clinic_id: int, batches: Iterable[Sequence[Sequence[LogRow]]]) -> Applied:
    """The counts that apply() would give, batch by batch; `providers` are those it would add."""
    expected = Applied()
    names: dict[str, str] = {}
    for batch in batches:
        known = known_rows(session, clinic_id, [row for own in batch for row in own])
        fresh = fresh_rows(batch, known, expected)
        for own in fresh.values():
            _count(own, known, expected, names)
    expected.providers = list(names.values())
    return expected


def _count(own: list[LogRow], known: Known, expected: Applied, names: dict[str, str]) -> None:
    """One patient's new rows."""
    patient = known.patients.get(own[0].mrn)
    expected.patients += patient is None
    expected.treatments += len(own)
    courses = {(row.indication, row.product) for row in own}
    expected.courses += sum(
        patient is None or (patient.id, *course) not in known.courses for course in courses
    )
    for row in own:
        wanted = bare_name(row.provider_name or "")
        if wanted and wanted not in known.providers:
            names.setdefault(wanted, " ".join((row.provider_name or "").split()))
