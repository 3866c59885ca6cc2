"""Guesses of a table's columns while they are made: what is placed, and which columns are free."""

from dataclasses import dataclass, field

from clinic_scheduler.importing.columns.content import Profile
from clinic_scheduler.importing.columns.guesses import SITE_UNITS, Because, ColumnGuess, Sureness
from clinic_scheduler.importing.files.tables import Table


@dataclass
class Board:
    """`taken`: field -> position, -1 where a person wants it left out; `rivals` as in Guess."""

    table: Table
    cells: list[Profile]
    guesses: dict[int, ColumnGuess] = field(default_factory=dict)
    taken: dict[str, int] = field(default_factory=dict)
    rivals: dict[str, tuple[int, ...]] = field(default_factory=dict)

    def place(
        self, position: int, fields: tuple[str, ...], sureness: Sureness, because: Because, why: str
    ) -> None:
        self.guesses[position] = ColumnGuess(
            position,
            self.table.header[position],
            self.cells[position].samples,
            fields,
            sureness,
            because,
            why,
        )
        self.taken |= {name: position for name in fields if name != SITE_UNITS}

    @property
    def free(self) -> list[int]:
        return [index for index in range(len(self.table.header)) if index not in self.guesses]
