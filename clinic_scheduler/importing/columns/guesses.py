"""What is guessed of a file's columns, as plain values. The guessing itself lives in `guessing`."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from clinic_scheduler.importing.columns.header_words import Language
from clinic_scheduler.importing.columns.headers import FIELD_LABELS, REQUIRED_FIELDS, header_key

SITE_UNITS = "site_units"


class Sureness(StrEnum):
    """How sure a guess is. A sure one is used unasked, a likely one only once a person agrees."""

    SURE = "sure"
    LIKELY = "likely"
    UNKNOWN = "unknown"

    @property
    def label(self) -> str:
        return self.value.capitalize()


class Because(StrEnum):
    """What a guess rests on."""

    MAPPING = "mapping"
    HEADER = "header"
    CONTENT = "content"
    BOTH = "header and content"
    NOTHING = "nothing"


@dataclass(frozen=True)
class ColumnGuess:
    """One column of the file. `fields` is empty where nothing is known of it, two where it serves two.

    `why` is for a person; `could_be` are the missing fields that its cells would fit.
    """

    position: int
    header: str
    samples: tuple[str, ...]
    fields: tuple[str, ...] = ()
    sureness: Sureness = Sureness.UNKNOWN
    because: Because = Because.NOTHING
    why: str = ""
    could_be: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        return " and ".join(FIELD_LABELS[name] for name in self.fields)


@dataclass(frozen=True)
class Guess:
    """All columns of a file. `rivals`: required field -> columns that claim it with equal right."""

    columns: tuple[ColumnGuess, ...]
    language: Language
    rivals: Mapping[str, tuple[int, ...]] = field(default_factory=dict)

    def of(self, *wanted: Sureness) -> tuple[ColumnGuess, ...]:
        return tuple(column for column in self.columns if column.sureness in wanted)

    def placed(self, *wanted: Sureness) -> dict[str, int]:
        """Field -> position, of guesses so sure; units by site are not among them."""
        return {
            name: column.position
            for column in self.of(*wanted)
            for name in column.fields
            if name != SITE_UNITS
        }

    def sites(self, *wanted: Sureness) -> tuple[int, ...]:
        """The positions of columns that hold the units of one site each."""
        return tuple(column.position for column in self.of(*wanted) if SITE_UNITS in column.fields)

    @property
    def missing(self) -> tuple[str, ...]:
        """Required fields of which nobody can be sure yet."""
        return missing_fields(self.placed(Sureness.SURE).keys(), bool(self.sites(Sureness.SURE)))

    @property
    def sure(self) -> bool:
        """Whether the file can be read without asking."""
        return not self.missing and not self.rivals

    def as_columns(self) -> dict[str, object]:
        """The sure and likely guesses as the "columns" of a mapping: by header, by number where it stands twice."""
        keys = [header_key(column.header) for column in self.columns]
        found: dict[str, object] = {}
        sites: list[object] = []
        for column in self.of(Sureness.SURE, Sureness.LIKELY):
            key = header_key(column.header)
            ref: object = column.header if key and keys.count(key) == 1 else column.position + 1
            for name in column.fields:
                if name == SITE_UNITS:
                    sites.append(ref)
                else:
                    found[name] = ref
        return found | ({SITE_UNITS: sites} if sites else {})


def missing_fields(placed: Collection[str], sites: bool) -> tuple[str, ...]:
    """What a table needs and does not have; `placed` are fields that have a column."""
    have = set(placed) | ({"units"} if sites else set())
    missing = [name for name in REQUIRED_FIELDS if name not in have]
    if "patient_name" not in have and not {"family_name", "given_name"} <= have:
        missing.append("patient_name")
    if not {"diagnosis", "icd10"} & have:
        missing.append("diagnosis")
    return tuple(missing)
