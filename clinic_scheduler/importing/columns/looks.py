"""A look into a log before it is read: what each column may be, what is in doubt, which words nobody knows.

A look is taken in the limited process and told as JSON to whoever asks a person.
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from clinic_scheduler.importing.cells.dates import OrderEvidence
from clinic_scheduler.importing.columns.chosen import choose_columns, guess_table
from clinic_scheduler.importing.columns.guesses import Because, ColumnGuess, Guess, Sureness
from clinic_scheduler.importing.columns.header_words import Language
from clinic_scheduler.importing.columns.mapping import mapping_values, parse_mapping
from clinic_scheduler.importing.columns.remembered import header_fingerprint
from clinic_scheduler.importing.columns.unknown_values import UnknownWord, Vocabulary, unknown_words
from clinic_scheduler.importing.errors import MappingError
from clinic_scheduler.importing.files.limits import MAX_WORDS
from clinic_scheduler.importing.files.opening import read_table
from clinic_scheduler.importing.files.tables import Cells
from clinic_scheduler.importing.reading import date_order_of


@dataclass(frozen=True)
class Look:
    """`mapping` is what was said of the file, as a mapping file has it; `first` is its first row, each cell cut.

    `refused`: why what was said of its columns does not fit them; they are guessed then.
    """

    header: Cells
    header_line: int
    rows: int
    guess: Guess
    order: OrderEvidence
    first: Cells
    words: tuple[UnknownWord, ...]
    mapping: dict[str, Any]
    refused: str = ""


def look_at(
    content: bytes,
    filename: str,
    mapping: str | None,
    remembered: Mapping[str, Mapping[str, Any]],
    heard: Callable[[int], None] = lambda rows: None,
) -> Look:
    """`mapping` is a mapping file's text; without one, what is `remembered` of the header's fingerprint is used.

    Raises ImportFileError where there is no table, or the text is no mapping.
    """
    given = mapping_values(mapping) if mapping is not None else {}
    table = read_table(content, filename, parse_mapping(given).hints, heard)
    if mapping is None:
        given = dict(remembered.get(header_fingerprint(table.header), {}))
    checked, refused = parse_mapping(given), ""
    try:
        guess = guess_table(table, checked.columns)
    except MappingError as error:
        guess, refused = guess_table(table, {}), str(error)
    heard(len(table.rows))
    order = date_order_of(table, guess, checked)
    sure = guess.sure and not refused
    words = unknown_words(table, choose_columns(table, checked.columns), checked, heard) if sure else []
    first = table.rows[0].cells if table.rows else ()
    return Look(
        header=table.header,
        header_line=table.header_line,
        rows=len(table.rows),
        guess=guess,
        order=order,
        first=tuple(cell.strip()[:MAX_WORDS] for cell in first),
        words=tuple(words),
        mapping=given,
        refused=refused,
    )


def look_told(look: Look) -> dict[str, Any]:
    """As JSON can hold it."""
    return asdict(look)


def told_look(told: Mapping[str, Any]) -> Look:
    """What `look_told` said."""
    guess = told["guess"]
    return Look(
        header=tuple(told["header"]),
        header_line=told["header_line"],
        rows=told["rows"],
        guess=Guess(
            tuple(_column(values) for values in guess["columns"]),
            Language(guess["language"]),
            {name: tuple(positions) for name, positions in guess["rivals"].items()},
        ),
        order=OrderEvidence(**told["order"]),
        first=tuple(told["first"]),
        words=tuple(
            UnknownWord(Vocabulary(word["vocabulary"]), word["words"], word["rows"], word["why"])
            for word in told["words"]
        ),
        mapping=told["mapping"],
        refused=told["refused"],
    )


def _column(values: Mapping[str, Any]) -> ColumnGuess:
    return ColumnGuess(
        position=values["position"],
        header=values["header"],
        samples=tuple(values["samples"]),
        fields=tuple(values["fields"]),
        sureness=Sureness(values["sureness"]),
        because=Because(values["because"]),
        why=values["why"],
        could_be=tuple(values["could_be"]),
    )
