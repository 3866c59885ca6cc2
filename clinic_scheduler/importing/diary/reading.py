"""Reading a list of visits or of contacts: its rows, a patient a line of JSON, and the report on it.

Runs where logs are read, in the limited process. Nothing is looked up and nothing is stored.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, time
from itertools import islice, zip_longest
from typing import IO, Any

from clinic_scheduler.domain.record_system import OutsideContact, OutsideStatus, OutsideVisit
from clinic_scheduler.domain.visits.kinds_and_states import VisitKind
from clinic_scheduler.importing.cells.dates import OrderEvidence, weigh_order
from clinic_scheduler.importing.columns.chosen import Columns
from clinic_scheduler.importing.columns.headers import header_key
from clinic_scheduler.importing.diary.columns import DiaryMapping, FileKind, choose_diary_columns, kind_of
from clinic_scheduler.importing.diary.rows import DiaryReader
from clinic_scheduler.importing.errors import UnrecognisedColumns
from clinic_scheduler.importing.files.limits import MAX_PROBLEMS
from clinic_scheduler.importing.files.opening import read_table
from clinic_scheduler.importing.files.tables import Table, TableRow
from clinic_scheduler.importing.report import cut, listed
from clinic_scheduler.importing.results import RowProblem

OutsideRow = OutsideVisit | OutsideContact
Heard = Callable[[int, int | None], None]
_EVERY = 500


@dataclass(frozen=True)
class DiaryReading:
    """`kind` is VISITS or CONTACTS; `told` is the report before anything is added, fit for JSON."""

    kind: FileKind
    rows: tuple[OutsideRow, ...]
    told: dict[str, Any]


def read_diary(
    content: bytes,
    *,
    as_of: date,
    filename: str,
    mapping: DiaryMapping,
    heard: Heard,
    default_region: str = "US",
) -> DiaryReading | None:
    """The file as a list of visits or of contacts; None where it is a log. Raises ImportFileError."""
    if mapping.kind == FileKind.LOG:
        return None
    try:
        table = read_table(content, filename, mapping.hints, lambda rows: heard(rows, None))
    except UnrecognisedColumns:
        if mapping.kind:
            raise
        return None  # read as a log, it says what a log needs
    kind = mapping.kind or kind_of(table.header)
    if kind == FileKind.LOG:
        return None
    columns = choose_diary_columns(table, kind, mapping.columns)
    rows, problems = _data_rows(table, columns)
    evidence = _date_order(rows, columns, mapping)
    reader = DiaryReader(
        columns, mapping, evidence.order, as_of, default_region, table.serial_epoch, problems
    )
    if kind == FileKind.VISITS and not evidence.certain:
        problems.append(RowProblem(table.header_line, "", "", evidence.says(), "warning"))
    read: Callable[[TableRow], OutsideRow | None] = (
        reader.visit if kind == FileKind.VISITS else reader.contact
    )
    found = [value for row in _counted(rows, heard) if (value := read(row)) is not None]
    told = _report(filename, kind, table, columns, len(rows), found, reader)
    return DiaryReading(kind, tuple(found), told | _order_said(kind, evidence))


def by_patient(rows: Sequence[OutsideRow]) -> Iterator[str]:
    """Each patient's rows in the file's order, as a line without its end."""
    gathered: dict[str, list[OutsideRow]] = {}
    for row in rows:
        gathered.setdefault(row.mrn, []).append(row)
    for own in gathered.values():
        yield json.dumps([asdict(row) for row in own], default=_plain, ensure_ascii=False)


def visit_batches(spool: IO[bytes], patients: int) -> Iterator[list[OutsideVisit]]:
    """The rows of so many patients at a time, from the beginning of what was written by `by_patient`."""
    for batch in _batches(spool, patients):
        yield [_visit(values) for values in batch]


def contact_batches(spool: IO[bytes], patients: int) -> Iterator[list[OutsideContact]]:
    for batch in _batches(spool, patients):
        yield [OutsideContact(**values) for values in batch]


def with_counts(
    told: Mapping[str, Any], counts: Mapping[str, int], refused: list[tuple[int, str]]
) -> dict[str, Any]:
    """The report of reading once it is known what became of the rows."""
    faults = [
        {"line": line, "column": "", "value": "", "reason": reason, "severity": "error"}
        for line, reason in refused
    ]
    problems = listed([*told["problems"], *faults])
    unlisted = told["problems_unlisted"] + len(told["problems"]) + len(faults) - len(problems)
    return {
        **told,
        "bad_rows": told["bad_rows"] + len({line for line, _ in refused}),
        "done": dict(counts),
        "problems": problems,
        "problems_unlisted": unlisted,
        "dry_run": False,
    }


def _batches(spool: IO[bytes], patients: int) -> Iterator[list[dict[str, Any]]]:
    spool.seek(0)
    while lines := list(islice(iter(spool.readline, b""), patients)):
        yield [values for line in lines for values in json.loads(line)]


def _visit(values: dict[str, Any]) -> OutsideVisit:
    typed = {
        "on": date.fromisoformat(values["on"]),
        "at": time.fromisoformat(values["at"]),
        "status": OutsideStatus(values["status"]),
        "kind": VisitKind(values["kind"]),
    }
    return OutsideVisit(**values | typed)


def _plain(value: date | time) -> str:
    return value.isoformat()


def _data_rows(table: Table, columns: Columns) -> tuple[list[TableRow], list[RowProblem]]:
    """Headers repeated on each page and lines of totals are no rows."""
    header = [header_key(name) for name in table.header]
    rows: list[TableRow] = []
    problems: list[RowProblem] = []
    for row in table.rows:
        again = all(header_key(cell) == name for cell, name in zip_longest(row.cells, header, fillvalue=""))
        if again or not any(columns.cell(row.cells, name).strip() for name in ("mrn", "starts_at")):
            first = next((cell for cell in row.cells if cell.strip()), "")
            problems.append(
                RowProblem(row.line, "", first[:200], "names no patient and no day; left out", "warning")
            )
        else:
            rows.append(row)
    return rows, problems


def _date_order(rows: list[TableRow], columns: Columns, mapping: DiaryMapping) -> OrderEvidence:
    evidence = weigh_order(([columns.cell(row.cells, "starts_at")] for row in rows), default="mdy")
    if mapping.words.date_order is None:
        return evidence
    return OrderEvidence(mapping.words.date_order, ambiguous=evidence.ambiguous, given=True)


def _order_said(kind: FileKind, evidence: OrderEvidence) -> dict[str, Any]:
    if kind != FileKind.VISITS:
        return {}
    return {
        "date_order": evidence.order,
        "date_order_said": evidence.says(),
        "date_order_certain": evidence.certain,
    }


def _counted(rows: list[TableRow], heard: Heard) -> Iterator[TableRow]:
    for done, row in enumerate(rows):
        if done % _EVERY == 0:
            heard(done, len(rows))
        yield row


def _report(
    name: str,
    kind: FileKind,
    table: Table,
    columns: Columns,
    total: int,
    found: Sequence[OutsideRow],
    reader: DiaryReader,
) -> dict[str, Any]:
    grave_first = sorted(reader.problems, key=lambda problem: problem.severity != "error")
    problems = listed([asdict(problem) for problem in grave_first[:MAX_PROBLEMS]])
    return {
        "file": cut(name),
        "kind": kind.value,
        "rows": total,
        "patients": len({row.mrn for row in found}),
        "none_of_ours": reader.not_ours,
        "bad_rows": len({each.line for each in reader.problems if each.severity == "error"}),
        "delimiter": table.delimiter,
        "encoding": table.encoding,
        "sheet": cut(table.sheet),
        "columns": {field: cut(header) for field, header in columns.headers_used.items()},
        "unused_columns": [cut(header) for header in columns.headers_unused],
        "problems": problems,
        "problems_unlisted": len(reader.problems) - len(problems),
    }
