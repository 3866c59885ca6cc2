"""flask import-log: a clinic's spreadsheet export into patients, courses and treatments."""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import click
from flask.cli import with_appcontext
from sqlalchemy.orm import Session

from clinic_scheduler.cli.import_guesses import say_guesses
from clinic_scheduler.cli.wiring import CLINIC_OPTION, IsoDate, plain_failures, terminal, wiring
from clinic_scheduler.db import db, unit_of_work
from clinic_scheduler.domain.local_time import local_date
from clinic_scheduler.importing import ImportFileError, ImportReading, read_log, read_mapping
from clinic_scheduler.importing.report import import_report
from clinic_scheduler.queries.availability import clinic_zone
from clinic_scheduler.queries.lookups import clinics, only_clinic
from clinic_scheduler.services.clinics import ClinicEntry, open_clinic
from clinic_scheduler.services.import_batches import Transaction, add_batch
from clinic_scheduler.services.imports import Applied, LogRow, apply, batches

PATIENTS_A_COMMIT = 25
PROBLEMS_SHOWN = 50


class _DryRun(Exception):
    """Raised to roll a dry run back."""


@click.command("import-log")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Say what would be added, and add nothing.")
@click.option(
    "--mapping",
    "mapping_file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="JSON that says which column is which; see docs/importing.md.",
)
@click.option(
    "--guess", is_flag=True, help="Print what each column is taken for; import only if all are sure."
)
@click.option(
    "--report", type=click.Path(dir_okay=False, path_type=Path), help="Write counts and problems as JSON."
)
@click.option("--as-of", type=IsoDate(), help="The day the log was exported; later treatments are refused.")
@CLINIC_OPTION
@with_appcontext
def import_log(
    file: Path,
    dry_run: bool,
    mapping_file: Path | None,
    guess: bool,
    report: Path | None,
    as_of: date | None,
    clinic: str | None,
) -> None:
    """Import a clinic's injection log from FILE (.csv, .tsv, .txt or .xlsx).

    Rows that cannot be right are reported and left out; the rest is added. Importing the same file again adds
    nothing, so a corrected file can simply be imported once more.
    """
    now = wiring().clock.now()
    with plain_failures():
        name, zone = _place(clinic)
        if guess:
            say_guesses(file, mapping_file)
        reading = _read(file, mapping_file, as_of or local_date(now, zone))
        applied = _apply(reading, name, now, dry_run=dry_run)
    outcome = import_report(file.name, reading, applied, dry_run=dry_run)
    _say(outcome, reading)
    if name is None and not dry_run:
        click.echo(
            f"Opened a clinic in {zone.key}. Tell patients whom to call, and mend the zone if it is wrong: "
            "flask --app wsgi clinic set --phone ... --email ... --zone ..."
        )
    if report is not None:
        report.write_text(json.dumps(outcome, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        click.echo(f"Report written to {report}")


def _place(clinic: str | None) -> tuple[str | None, ZoneInfo]:
    """The clinic's name and zone; no name where the database has no clinic yet."""
    session = db.session()
    if clinic is None and not clinics(session):
        return None, ZoneInfo(wiring().settings.clinic_zone)
    chosen = only_clinic(session, clinic)
    return chosen.name, clinic_zone(session, chosen.id)


def _read(file: Path, mapping_file: Path | None, as_of: date) -> ImportReading:
    try:
        mapping = read_mapping(mapping_file) if mapping_file else None
        with click.progressbar(length=1, label="Reading  ", show_eta=False) as bar:
            reading = read_log(file, as_of=as_of, filename=file.name, mapping=mapping, progress=_onto(bar))
            bar.update(bar.length - bar.pos if bar.length else 0)
        return reading
    except ImportFileError as error:
        safe = "" if "othing was imported" in str(error) else " Nothing was imported."
        raise click.ClickException(f"{error}{safe}") from error


def _onto(bar: Any) -> Any:
    """Rows read, onto click's bar (which shows nothing where there is no terminal)."""

    def progress(done: int, total: int | None) -> None:
        if total:
            bar.length = total
            bar.update(done - bar.pos)

    return progress


def _apply(reading: ImportReading, clinic: str | None, now: datetime, *, dry_run: bool) -> Applied:
    """A dry run does the whole work in one transaction and takes it back."""
    applied = Applied()
    gathered = list(batches(reading.rows, PATIENTS_A_COMMIT))
    with (
        click.progressbar(gathered, label="Importing", show_eta=True) as bar,
        _parts_taken_back() if dry_run else nullcontext(unit_of_work) as transaction,
    ):
        for batch in bar:
            add = partial(_apply_batch, clinic=clinic, reading=reading, now=now)
            applied.add(add_batch(transaction, add, batch))
    return applied


@contextmanager
def _parts_taken_back() -> Iterator[Transaction]:
    """Savepoints in place of transactions, inside one that is never committed."""
    try:
        with unit_of_work() as session:

            @contextmanager
            def savepoint() -> Iterator[Session]:
                with session.begin_nested():
                    yield session

            yield savepoint
            raise _DryRun
    except _DryRun:
        pass


def _apply_batch(
    session: Session,
    batch: Sequence[Sequence[LogRow]],
    *,
    clinic: str | None,
    reading: ImportReading,
    now: datetime,
) -> Applied:
    clinic_id = _clinic_id(session, clinic, reading, now)
    return apply(session, terminal(clinic_id), batch, now)


def _clinic_id(session: Session, clinic: str | None, reading: ImportReading, now: datetime) -> int:
    """The clinic to import into; the first import opens one, named as the log names its place."""
    if clinic is not None or clinics(session):
        return only_clinic(session, clinic).id
    places = Counter(row.location for row in reading.rows if row.location)
    name = str(places.most_common(1)[0][0]) if places else "Our clinic"
    entry = ClinicEntry(name=name, zone=wiring().settings.clinic_zone, phone="", email="")
    return open_clinic(session, "import-log", entry, now).id


def _say(outcome: dict[str, Any], reading: ImportReading) -> None:
    added = outcome["added"]
    click.echo(
        f"{outcome['rows']} rows = {outcome['treatments']} treatments of {outcome['patients']} patients in "
        f"{outcome['courses']} courses, {outcome['repeats']} repeats, {outcome['bad_rows']} bad rows."
    )
    click.echo(outcome["date_order_said"])
    verb = "Would add" if outcome["dry_run"] else "Added"
    click.echo(
        f"{verb} {added['patients']} patients, {added['courses']} courses, {added['treatments']} treatments; "
        f"{outcome['already_there']} were there already."
    )
    if added["providers"]:
        click.echo(f"New providers with standard hours, please check: {', '.join(added['providers'])}")
    for problem in outcome["problems"][:PROBLEMS_SHOWN]:
        where = f", {problem['column']} {problem['value']!r}" if problem["column"] else ""
        word = "left out" if problem["severity"] == "error" else "note"
        click.echo(f"line {problem['line']}{where}: {problem['reason']} ({word})")
    if len(outcome["problems"]) > PROBLEMS_SHOWN:
        click.echo(
            f"... and {len(outcome['problems']) - PROBLEMS_SHOWN} more; --report FILE.json has them all"
        )
