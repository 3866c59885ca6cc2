"""Clinic spreadsheets -> validated rows and per-row problems. Reading touches no database and no clock."""

from clinic_scheduler.importing.cells.dates import DateOrder, OrderEvidence
from clinic_scheduler.importing.columns.guesses import Because, ColumnGuess, Guess, Sureness
from clinic_scheduler.importing.columns.mapping import LogMapping, parse_mapping, read_mapping
from clinic_scheduler.importing.files.limits import MAX_FILE_BYTES
from clinic_scheduler.importing.files.opening import read_table
from clinic_scheduler.importing.files.tables import Table, TableRow

from .errors import ImportFileError, MappingError, UnreadableFile, UnrecognisedColumns
from .reading import guess_file, read_log
from .results import ImportedRow, ImportReading, Repeat, RowProblem, fingerprint, visit_key

__all__ = [
    "MAX_FILE_BYTES",
    "Because",
    "ColumnGuess",
    "DateOrder",
    "Guess",
    "ImportFileError",
    "ImportReading",
    "ImportedRow",
    "LogMapping",
    "MappingError",
    "OrderEvidence",
    "Repeat",
    "RowProblem",
    "Sureness",
    "Table",
    "TableRow",
    "UnreadableFile",
    "UnrecognisedColumns",
    "fingerprint",
    "guess_file",
    "parse_mapping",
    "read_log",
    "read_mapping",
    "read_table",
    "visit_key",
]
