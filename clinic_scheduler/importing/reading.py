"""Reading a clinic's injection log into validated rows. Writing them to the database lives elsewhere."""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from itertools import zip_longest
from pathlib import Path

from clinic_scheduler.importing.cells.dates import DateOrder, OrderEvidence, weigh_order
from clinic_scheduler.importing.cells.quantities import NumberForm, weigh_numbers
from clinic_scheduler.importing.columns.chosen import Columns, choose_columns, guess_table
from clinic_scheduler.importing.columns.guesses import Guess, Sureness
from clinic_scheduler.importing.columns.header_words import Language
from clinic_scheduler.importing.columns.headers import DATE_FIELDS, header_key
from clinic_scheduler.importing.columns.mapping import LogMapping, parse_mapping
from clinic_scheduler.importing.files.opening import read_table
from clinic_scheduler.importing.files.tables import Table, TableRow
from clinic_scheduler.importing.rows.cells_to_draft import EARLIEST_SERVICE, RowReader
from clinic_scheduler.importing.rows.drafts import Draft
from clinic_scheduler.importing.rows.patients import settle_patients
from clinic_scheduler.importing.rows.reversals import settle_reversals
from clinic_scheduler.importing.rows.shape import sort_out

from .results import ImportReading, RowProblem

Progress = Callable[[int, int | None], None]
PROGRESS_EVERY = 500


def _nobody(_done: int, _total: int | None) -> None:
    """Nobody wants to know how far reading is."""


_FOOTER_WORDS = re.compile(
    r"(?:grand |sub|zwischen|gesamt)?-?(?:totals?|totales|totaux|summen?|suma|somme)\b|sum\b|count\b|average\b"
    r"|mean\b|end of (?:report|file)|printed\b|generated\b|page \d|\d+ (?:rows|records|treatments)|report run\b"
    r"|confidential\b|gesamt\b|anzahl\b|seite \d|ende der liste|gedruckt|erstellt|mittelwert|moyenne|fin de\b"
    r"|imprim|promedio|p[aá]gina \d|impreso|media\b|nombre (?:de|total)|n[uú]mero de",
    re.IGNORECASE,
)
# A row that sums up one visit stands in the place of its muscles or products.
_TOTAL = re.compile(
    r"(?:grand |sub|zwischen|gesamt)?[- ]?(?:totals?|totales|totaux|summen?|suma|somme|gesamt)"
    r"(?: (?:units|einheiten|unit[eé]s|unidades|visit|session|général))?:?",
    re.IGNORECASE,
)


def read_log(
    source: bytes | str | Path,
    *,
    as_of: date,
    filename: str = "",
    mapping: LogMapping | Mapping[str, object] | None = None,
    default_region: str = "US",
    progress: Progress | None = None,
) -> ImportReading:
    """Read a path or the bytes of a file as the log stood on `as_of`; no clock is read and nothing is stored.

    `progress(done, total)` is called with rows read, without a total while rows are still looked for. Raises
    ImportFileError where the file as a whole cannot be read; faults of single rows are in the result.
    """
    checked = mapping if isinstance(mapping, LogMapping) else parse_mapping(mapping or {})
    tell = progress or _nobody
    table = read_table(source, filename, checked.hints, lambda rows: tell(rows, None))
    columns = choose_columns(table, checked.columns)
    tell(len(table.rows), None)
    rows, problems = _data_rows(table, columns)
    tell(len(table.rows), None)
    evidence = _date_order(rows, columns, checked)
    form = checked.decimals or _number_form(rows, columns)
    reader = RowReader(columns, checked, evidence.order, as_of, default_region, table.serial_epoch, form)
    drafts = [reader.read(row) for row in _counted(rows, progress)]
    settle_patients(drafts, evidence.order, as_of)
    tell(len(rows), len(rows))  # of a large file, each of these takes a while
    for draft in drafts:
        _check_across(draft)
    settle_reversals(drafts)
    sorted_out = sort_out(drafts, columns)
    tell(len(rows), len(rows))
    problems += [problem for draft in drafts for problem in draft.problems]
    problems += _file_warnings(evidence, table)
    return ImportReading(
        rows=sorted_out.rows,
        problems=tuple(sorted(problems, key=lambda problem: problem.line)),
        repeats=sorted_out.repeats,
        several_rows=sorted_out.several_rows,
        identical=sorted_out.identical,
        date_evidence=evidence,
        delimiter=table.delimiter,
        encoding=table.encoding,
        sheet=table.sheet,
        columns=columns.headers_used,
        unused_headers=columns.headers_unused,
        header_line=table.header_line,
        total_rows=len(rows),
    )


def guess_file(
    source: bytes | str | Path,
    *,
    filename: str = "",
    mapping: LogMapping | Mapping[str, object] | None = None,
) -> Guess:
    """What each column of a file may be, before it is read. Raises ImportFileError where there is no table."""
    checked = mapping if isinstance(mapping, LogMapping) else parse_mapping(mapping or {})
    return guess_table(read_table(source, filename, checked.hints), checked.columns)


def date_order_of(table: Table, guess: Guess, mapping: LogMapping) -> OrderEvidence:
    """Whether days or months come first in the columns of dates guessed so far."""
    placed = guess.placed(Sureness.SURE, Sureness.LIKELY)
    columns = Columns(
        {name: placed[name] for name in DATE_FIELDS if name in placed}, table.header, language=guess.language
    )
    return _date_order(list(table.rows), columns, mapping)


def _data_rows(table: Table, columns: Columns) -> tuple[list[TableRow], list[RowProblem]]:
    """The rows that are meant as data; headers repeated on each page and totals become warnings."""
    header = [header_key(name) for name in table.header]
    rows, problems = [], []
    for row in table.rows:
        reason = _no_data(row, columns, header)
        if reason:
            first = next(cell for cell in row.cells if cell.strip())
            problems.append(RowProblem(row.line, "", first[:200], reason, "warning"))
        else:
            rows.append(row)
    return rows, problems


def _no_data(row: TableRow, columns: Columns, header: list[str]) -> str:
    if all(header_key(cell) == name for cell, name in zip_longest(row.cells, header, fillvalue="")):
        return "repeats the header; left out"
    if any(_TOTAL.fullmatch(columns.cell(row.cells, name).strip()) for name in ("muscle", "vial", "product")):
        return "looks like a line of totals or a footer, not a treatment; left out"
    # A word for "total" may stand under any header, most often the first.
    cells = tuple("" if _TOTAL.fullmatch(cell.strip()) else cell.strip() for cell in row.cells)
    says_nothing = not any(
        columns.cell(cells, name) for name in ("birth_date", "diagnosis", "icd10", "product", "given_on")
    )
    unnamed = not any(columns.cell(cells, name) for name in ("mrn", "patient_name", "family_name"))
    filled = [cell.strip() for cell in row.cells if cell.strip()]
    if says_nothing and (unnamed or any(_FOOTER_WORDS.match(cell) for cell in filled)):
        return "looks like a line of totals or a footer, not a treatment; left out"
    return ""


def _date_order(rows: list[TableRow], columns: Columns, mapping: LogMapping) -> OrderEvidence:
    names = [name for name in DATE_FIELDS if name in columns.positions]
    default: DateOrder = "mdy" if columns.language is Language.ENGLISH else "dmy"
    evidence = weigh_order(
        ((columns.cell(row.cells, name) for name in names) for row in rows), default=default
    )
    if mapping.date_order is None:
        return evidence
    agree = mapping.date_order == evidence.order
    proven, against = (
        (evidence.proven_by, evidence.against) if agree else (evidence.against, evidence.proven_by)
    )
    return OrderEvidence(mapping.date_order, proven, against, evidence.ambiguous, given=True)


def _number_form(rows: list[TableRow], columns: Columns) -> NumberForm:
    """Whether "1.250" is a thousand: proven by the file's own numbers, else as its language writes them."""
    default = NumberForm.POINT if columns.language is Language.ENGLISH else NumberForm.COMMA
    texts = [columns.cell(row.cells, name) for row in rows for name in ("units", "units_wasted")]
    sites = [text for row in rows for text in columns.site_units(row.cells).values()]
    return weigh_numbers([*texts, *sites], default)


def _file_warnings(evidence: OrderEvidence, table: Table) -> Iterator[RowProblem]:
    if not evidence.certain or (evidence.against and not evidence.given):
        yield RowProblem(table.header_line, "", "", evidence.says(), "warning")


def _counted(rows: list[TableRow], progress: Progress | None) -> Iterator[TableRow]:
    for done, row in enumerate(rows):
        if progress and done % PROGRESS_EVERY == 0:
            progress(done, len(rows))
        yield row
    if progress:
        progress(len(rows), len(rows))


def _check_across(draft: Draft) -> None:
    """What takes two fields of a row to see."""
    given_on, born = draft.given_on, draft.birth_date
    if given_on is None:
        return
    if born and given_on < born:
        draft.error("given_on", f"is before the patient's birth ({born:%d-%b-%Y})")
    elif given_on < EARLIEST_SERVICE:
        draft.error("given_on", f"is before {EARLIEST_SERVICE.year}, when no such toxin was in use")
