"""Clinic spreadsheets -> validated rows and per-row problems. Reading touches no database and no clock."""

from .dates import DateOrder, OrderEvidence
from .errors import ImportFileError, MappingError, UnreadableFile, UnrecognisedColumns
from .files import read_table
from .guesses import Because, ColumnGuess, Guess, Sureness
from .limits import MAX_FILE_BYTES
from .mapping import LogMapping, parse_mapping, read_mapping
from .reading import guess_file, read_log
from .results import ImportedRow, ImportReading, Repeat, RowProblem, fingerprint, visit_key
from .tables import Table, TableRow

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
