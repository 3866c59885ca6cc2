"""flask import-log: a clinic's spreadsheet export into patients, courses and treatments."""

import json
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import IO, Any
from zoneinfo import ZoneInfo

import click
from flask.cli import with_appcontext
from sqlalchemy.orm import Session

from clinic_scheduler.cli.context import CLINIC_OPTION, IsoDate, plain_failures, spelled, terminal, wiring
from clinic_scheduler.cli.import_guesses import say_guesses
from clinic_scheduler.db import db, unit_of_work
from clinic_scheduler.domain.local_time import local_date
from clinic_scheduler.importing import ImportFileError
from clinic_scheduler.importing.columns.mapping import mapping_file_text
from clinic_scheduler.importing.files.limited import LogFile, SpooledReading, read_limited
from clinic_scheduler.importing.files.limits import MAX_SIZE_SAID
from clinic_scheduler.importing.report import identical_dropped, with_added
from clinic_scheduler.importing.spool import batches, without_identical
from clinic_scheduler.queries.imports.mappings import mappings_of
from clinic_scheduler.queries.lookups import clinics, only_clinic
from clinic_scheduler.queries.schedule.availability import clinic_zone
from clinic_scheduler.services.change import Change
from clinic_scheduler.services.imports.applying import Applied, LogRow, apply
from clinic_scheduler.services.imports.batches import Transaction, add_batch
from clinic_scheduler.services.practice.clinics import ClinicEntry, open_clinic

PATIENTS_A_COMMIT = 25
PROBLEMS_SHOWN = 50


class _DryRun(Exception):
    """Raised to roll a dry run back."""


@click.command(
    "import-log", epilog=f"FILE has at most {MAX_SIZE_SAID}; a larger one is split and imported in parts."
)
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
@click.option(
    "--identical",
    type=click.Choice(["keep", "drop"]),
    default="keep",
    show_default=True,
    help="Identical rows in a file of several rows a visit: two vials, or one row written twice?",
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
    identical: str,
    as_of: date | None,
    clinic: str | None,
) -> None:
    """Import a clinic's injection log from FILE (.csv, .tsv, .txt or .xlsx).

    Rows that cannot be right are reported and left out; the rest is added. Importing the same file again adds
    nothing, so a corrected file can simply be imported once more.
    """
    now = wiring().clock.now()
    # Unnamed, so that whatever ends this command leaves no patient's row behind.
    with plain_failures(), tempfile.TemporaryFile() as spool:
        name, zone = _place(clinic)
        day = as_of or local_date(now, zone)
        mapping = _mapping_text(mapping_file)
        if guess:
            mapping = say_guesses(file, mapping, day, _remembered(name))
        reading = _read(file, mapping, day, spool)
        once = identical == "drop"
        applied = _apply(spool, reading, name, now, dry_run=dry_run, once=once)
    told = identical_dropped(reading.told) if once else reading.told
    outcome = with_added(told, applied) | {"dry_run": dry_run}
    _say(outcome)
    if name is None and not dry_run:
        click.echo(
            f"Opened a clinic in {zone.key}. Tell patients whom to call, and mend the zone if it is wrong: "
            f"{spelled('clinic set')} --phone ... --email ... --zone ..."
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


def _remembered(clinic: str | None) -> dict[str, dict[str, Any]]:
    """What the clinic said of headers before, by their fingerprint."""
    if clinic is None:
        return {}
    session = db.session()
    mappings = mappings_of(session, only_clinic(session, clinic).id)
    return {row.header_key: dict(row.mapping) for row in mappings}


def _mapping_text(file: Path | None) -> str | None:
    try:
        return mapping_file_text(file) if file else None
    except ImportFileError as error:
        raise click.ClickException(error.said) from error


def _read(file: Path, mapping: str | None, as_of: date, spool: IO[bytes]) -> SpooledReading:
    try:
        with (
            file.open("rb") as content,
            click.progressbar(length=1, label="Reading  ", show_eta=False) as bar,
        ):
            reading = read_limited(LogFile(content, file.name, as_of, mapping), spool, _onto(bar))
            bar.update(bar.length - bar.pos if bar.length else 0)
        return reading
    except ImportFileError as error:
        raise click.ClickException(error.said) from error
    except OSError as error:
        raise click.ClickException(
            f"{file.name} could not be read: {error.strerror}. Nothing was imported."
        ) from error


def _onto(bar: Any) -> Any:
    """Rows read, onto click's bar (which shows nothing where there is no terminal)."""

    def progress(done: int, total: int | None) -> None:
        if total:
            bar.length = total
            bar.update(done - bar.pos)

    return progress


def _apply(
    spool: IO[bytes],
    reading: SpooledReading,
    clinic: str | None,
    now: datetime,
    *,
    dry_run: bool,
    once: bool,
) -> Applied:
    """Some patients at a time; a dry run does the whole work in one transaction and takes it back.

    `once`: of identical rows only the first.
    """
    applied = Applied()
    add = partial(_apply_batch, clinic=clinic, place=reading.place, now=now)
    with (
        click.progressbar(length=reading.told["patients"], label="Importing", show_eta=True) as bar,
        _parts_taken_back() if dry_run else nullcontext(unit_of_work) as transaction,
    ):
        for batch in batches(spool, PATIENTS_A_COMMIT):
            chosen = [without_identical(own) for own in batch] if once else batch
            applied.add(add_batch(transaction, add, chosen))
            bar.update(len(batch))
    return applied


@contextmanager
def _parts_taken_back() -> Iterator[Transaction[Session]]:
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
    place: str | None,
    now: datetime,
) -> Applied:
    clinic_id = _clinic_id(session, clinic, place, now)
    return apply(Change(session, terminal(clinic_id), now), batch)


def _clinic_id(session: Session, clinic: str | None, place: str | None, now: datetime) -> int:
    """The clinic to import into; the first import opens one, named as the log names its place."""
    if clinic is not None or clinics(session):
        return only_clinic(session, clinic).id
    entry = ClinicEntry(name=place or "Our clinic", zone=wiring().settings.clinic_zone, phone="", email="")
    return open_clinic(session, "import-log", entry, now).id


def _said_of_courses(added: dict[str, Any]) -> Iterator[str]:
    """What an import decides that somebody may want to look at."""
    if added["courses_closed"]:
        yield f"Courses closed because another product followed: {added['courses_closed']}"
    if added["elsewhere"]:
        yield f"Treatments kept under no course, as exposures: {added['elsewhere']}"
    if added["need_a_course"]:
        yield f"Patients who need a course, on the work list: {added['need_a_course']}"


def _say(outcome: dict[str, Any]) -> None:
    added = outcome["added"]
    click.echo(
        f"{outcome['rows']} rows = {outcome['visits']} visits of {outcome['patients']} patients, "
        f"{outcome['repeats']} repeats, {outcome['bad_rows']} bad rows."
    )
    click.echo(f"{outcome['rows_said']}.")
    if outcome["identical"]:
        click.echo(
            f"{outcome['identical_rows']} rows are identical to another one and were kept, as vials of their own. "
            "If they are one injection written twice, use --identical drop."
        )
    click.echo(outcome["date_order_said"])
    verb = "Would add" if outcome["dry_run"] else "Added"
    click.echo(
        f"{verb} {added['patients']} patients, {added['courses']} courses, {added['treatments']} treatments; "
        f"{outcome['already_there']} were there already."
    )
    for said in _said_of_courses(added):
        click.echo(said)
    if added["providers"]:
        click.echo(f"New providers with standard hours, please check: {', '.join(added['providers'])}")
    for problem in outcome["problems"][:PROBLEMS_SHOWN]:
        where = f", {problem['column']} {problem['value']!r}" if problem["column"] else ""
        word = "left out" if problem["severity"] == "error" else "note"
        click.echo(f"line {problem['line']}{where}: {problem['reason']} ({word})")
    if len(outcome["problems"]) > PROBLEMS_SHOWN:
        unlisted = outcome["problems_unlisted"]
        listed = f"the first {len(outcome['problems'])}" if unlisted else "them all"
        more = len(outcome["problems"]) - PROBLEMS_SHOWN + unlisted
        click.echo(f"... and {more} more; --report FILE.json has {listed}")
