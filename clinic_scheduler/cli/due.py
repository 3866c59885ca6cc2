"""flask due: the due list on a terminal, as CSV or as JSON."""

import csv
import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TextIO

import click
from flask.cli import with_appcontext
from sqlalchemy.orm import Session

from clinic_scheduler.cli.context import CLINIC_OPTION, IsoDate, reading, wiring
from clinic_scheduler.domain.csv_cells import formula_safe
from clinic_scheduler.domain.forecast.judgements import Bucket
from clinic_scheduler.domain.local_time import local_date
from clinic_scheduler.queries.due.as_of import due_rows_as_of
from clinic_scheduler.queries.due.rows import DueRow
from clinic_scheduler.queries.lookups import clinics, only_clinic, provider_by_name
from clinic_scheduler.queries.schedule.availability import clinic_zone

_COLUMNS = (
    "mrn",
    "indication",
    "product",
    "reference",
    "earliest_date",
    "due_date",
    "overdue_date",
    "lapse_date",
    "timing",
    "blocks",
    "booking",
    "bucket",
)


@dataclass(frozen=True)
class _Wanted:
    """What the command was asked for."""

    as_of: date | None
    bucket: str | None
    provider: str | None
    clinic: str | None


@click.command()
@click.option("--as-of", type=IsoDate(), help="The day to judge by; today in the clinic's zone if not given.")
@click.option(
    "--bucket",
    type=click.Choice([b.value for b in Bucket if b is not Bucket.CLOSED]),
    help="Only this bucket.",
)
@click.option("--provider", help="Only this provider's courses, by name.")
@click.option("--format", "layout", type=click.Choice(["table", "csv", "json"]), default="table")
@CLINIC_OPTION
@with_appcontext
def due(
    as_of: date | None, bucket: str | None, provider: str | None, layout: str, clinic: str | None
) -> None:
    """List every open course, and every visit left under a closed one, with its dates, status and bucket."""
    with reading() as session:
        rows = _rows(session, _Wanted(as_of, bucket, provider, clinic))
        _WRITERS[layout](rows, sys.stdout)


def _rows(session: Session, wanted: _Wanted) -> list[DueRow]:
    """The rows of the clinic named, or of every clinic."""
    if wanted.clinic is None and wanted.provider is None:
        chosen = clinics(session)
    else:
        chosen = [only_clinic(session, wanted.clinic)]
    rows: list[DueRow] = []
    for clinic in chosen:
        today = local_date(wiring().clock.now(), clinic_zone(session, clinic.id))
        provider = provider_by_name(session, clinic.id, wanted.provider) if wanted.provider else None
        rows += due_rows_as_of(
            session,
            clinic.id,
            wanted.as_of or today,
            today,
            provider_id=provider.id if provider else None,
        )
    return [row for row in rows if wanted.bucket in (None, row.bucket)]


def _record(row: DueRow) -> dict[str, object]:
    record: dict[str, object] = {}
    for name in _COLUMNS:
        value = getattr(row, name)
        record[name] = value.isoformat() if isinstance(value, date) else value
    record["blocks"] = list(row.blocks)
    return record


def _json(rows: Sequence[DueRow], out: TextIO) -> None:
    json.dump([_record(row) for row in rows], out, indent=1)
    out.write("\n")


def _csv(rows: Sequence[DueRow], out: TextIO) -> None:
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(_COLUMNS)
    for row in rows:
        writer.writerow([formula_safe(cell) for cell in _cells(row)])


def _table(rows: Sequence[DueRow], out: TextIO) -> None:
    lines = [_COLUMNS, *(_cells(row) for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(_COLUMNS))]
    for line in lines:
        out.write(
            "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() + "\n"
        )
    out.write(f"{len(rows)} course{'s' if len(rows) != 1 else ''}\n")


def _cells(row: DueRow) -> tuple[str, ...]:
    record = _record(row) | {"blocks": " ".join(row.blocks)}
    return tuple("" if value is None else str(value) for value in record.values())


_WRITERS: dict[str, Callable[[Sequence[DueRow], TextIO], None]] = {
    "table": _table,
    "csv": _csv,
    "json": _json,
}
