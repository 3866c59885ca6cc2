"""The page of columns as values: what each column is shown as, and what comes next. Choices are taken elsewhere."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from clinic_scheduler.importing import Because, Sureness
from clinic_scheduler.importing.columns.guesses import SITE_UNITS, ColumnGuess, missing_fields
from clinic_scheduler.importing.columns.headers import FIELD_LABELS
from clinic_scheduler.importing.columns.looks import Look
from clinic_scheduler.importing.columns.remembered import CHOICES


class Standing(StrEnum):
    """How a column stands, in the order in which columns are shown."""

    CHOOSE = "choose"
    LIKELY = "likely"
    SURE = "sure"
    CHOSEN = "chosen"
    LEFT_OUT = "left out"

    @property
    def label(self) -> str:
        return self.value.capitalize()


@dataclass(frozen=True, slots=True)
class ColumnShown:
    """`choice` is the value of its select, `perhaps` are choices of one press, `why` is for a person."""

    guess: ColumnGuess
    choice: str
    standing: Standing
    why: str = ""
    perhaps: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return self.guess.header or f"Column {self.guess.position + 1}"

    @property
    def needs_somebody(self) -> bool:
        return self.standing in (Standing.CHOOSE, Standing.LIKELY)


def shown(look: Look, chosen: Mapping[int, str]) -> list[ColumnShown]:
    """Those that need a person first; by what somebody chose, and as they are guessed where nobody has."""
    counted = Counter(name for choice in chosen.values() for name in _fields(choice))
    missing = missing_fields(counted.keys(), SITE_UNITS in counted)
    order = list(Standing)
    columns = [
        _chosen(column, chosen.get(column.position, ""), counted, missing) if chosen else _guessed(column)
        for column in look.guess.columns
    ]
    return sorted(columns, key=lambda column: (order.index(column.standing), column.guess.position))


def counts(columns: Sequence[ColumnShown]) -> list[tuple[int, str]]:
    """(how many, what of them), of the columns that are there."""
    found = Counter(column.standing for column in columns)
    words = {
        Standing.CHOOSE: "to choose",
        Standing.LIKELY: "likely: look",
        Standing.SURE: "sure",
        Standing.CHOSEN: "chosen",
        Standing.LEFT_OUT: "left out",
    }
    return [(found[standing], said) for standing, said in words.items() if found[standing]]


def _choice(column: ColumnGuess) -> str:
    """Fields of a pair stand in the order of the choices."""
    both = "+".join(column.fields)
    return both if both in CHOICES else "+".join(reversed(column.fields))


def _fields(choice: str) -> list[str]:
    return choice.split("+") if choice in CHOICES else []


def _guessed(column: ColumnGuess) -> ColumnShown:
    if column.because is Because.MAPPING:
        return ColumnShown(column, _choice(column), Standing.CHOSEN)
    if column.sureness is Sureness.SURE:
        return ColumnShown(column, _choice(column), Standing.SURE)
    if column.sureness is Sureness.LIKELY:
        return ColumnShown(column, _choice(column), Standing.LIKELY, column.why)
    return _open(column, column.could_be)


def _chosen(
    column: ColumnGuess, choice: str, counted: Mapping[str, int], missing: Sequence[str]
) -> ColumnShown:
    twice = [name for name in _fields(choice) if counted[name] > 1 and name != SITE_UNITS]
    if twice:
        why = f"another column is the {FIELD_LABELS[twice[0]]} as well"
        return ColumnShown(column, choice, Standing.CHOOSE, why)
    if not choice:
        return _open(column, tuple(name for name in (*column.fields, *column.could_be) if name in missing))
    if column.sureness is Sureness.SURE and choice == _choice(column):
        return _guessed(column)
    return ColumnShown(column, choice, Standing.CHOSEN)


def _open(column: ColumnGuess, could_be: tuple[str, ...]) -> ColumnShown:
    if not could_be:
        return ColumnShown(column, "", Standing.LEFT_OUT)
    why = "may be the " + " or the ".join(FIELD_LABELS[name] for name in could_be)
    return ColumnShown(column, "", Standing.CHOOSE, why, could_be)
