"""What the cells of a column look like, whatever stands over them. Which field that makes it: `guessing`."""

import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import lru_cache

from clinic_scheduler.importing.cells.body_words import names_muscle, plain_words, side_of
from clinic_scheduler.importing.cells.dates import end_of_month, parse_serial, parse_written
from clinic_scheduler.importing.cells.phone_and_email import read_email
from clinic_scheduler.importing.cells.products import products_named
from clinic_scheduler.importing.cells.quantities import is_number, read_number
from clinic_scheduler.importing.files.limits import MAX_WORDS
from clinic_scheduler.importing.files.tables import Table

# So many cells tell what a column is; the rest of a long file is not looked at.
CELLS_LOOKED_AT = 300
SAMPLES = 3
SAMPLE_CHARACTERS = 60


class Look(StrEnum):
    """One thing a cell may be. A cell may be several: "155" is a number and may be a patient's."""

    DATE = "dates"
    MONTH = "months and years"
    CODE = "ICD-10 codes"
    PRODUCT = "toxin names"
    DIAGNOSIS = "diagnoses"
    NUMBER = "numbers"
    DAY_NUMBER = "a workbook's day numbers"
    IDENTIFIER = "numbers of people or things"
    LOT = "lot numbers"
    EMAIL = "email addresses"
    PHONE = "phone numbers"
    PERSON = "names of people"
    TITLED = "names with a title"
    MUSCLE = "muscles"
    SIDE = "sides"
    WORDS = "words"


_DOTTED_CODE = r"[A-TV-Z]\d[0-9A-Z]\.[0-9A-Z]{1,4}"
# Without its dot a code could be a lot, so only the letters of what is treated with toxin count.
_BARE_CODE = r"(?:G|I6|M6|R2|L7|N3|K1|H[04-5])\d[0-9A-Z]{1,4}|[GIMRLNKHFJ]\d\d"
_CODES = re.compile(rf"(?:{_DOTTED_CODE}|{_BARE_CODE})(?:[\s,;/]+(?:{_DOTTED_CODE}|{_BARE_CODE}))*", re.I)
_DIAGNOSIS = re.compile(
    r"migra|spasti|spasm|espasti|dystoni|diston|torticol|tortikol|blepharo|blefaro|hemifa|hyperhidr|hiperhidr"
    r"|sialorr|siallo|drool|bladder|blase|vessie|vejiga|bruxi|headache|kopfschm|cephal|cefal|paresi|paresia"
    r"|plegi|palsy|stroke|s/p cva|hypertoni|tremor|glabell|wrinkl|tmj|tmd|\bcm\b|\b[ul]l spas|dysphon|disfon"
)
# Our own export puts an apostrophe before a "+", as spreadsheets want it.
_PHONE = re.compile(r"'?\+?[\d\s().\-/]{7,}(?:\s*(?:x|ext\.?)\s*\d+)?", re.I)
_TITLE = re.compile(
    r"(?:dr|dra|prof|doctor|doctora|docteur|dott|herr|frau|pd)\b\.?.*|.*\b(?:md|m\.d\.?|do|np|pa-c|pa|rn|aprn|fnp|arnp)\.?",
    re.I,
)
_PERSON = re.compile(r"[^\W\d_][\w'’.\-]*(?:,?\s+[^\W\d_][\w'’.\-]*){0,4}")
_LOT = re.compile(r"(?=[A-Z0-9-]*\d)[A-Z0-9][A-Z0-9-]{3,14}", re.I)
_IDENTIFIER = re.compile(r"#?\s*[A-Z]{0,6}[-.\s/]?\d[\dA-Z]{0,14}(?:[-./][\dA-Z]{1,8})?(?:\.0)?", re.I)


def _is_phone(text: str) -> bool:
    return bool(_PHONE.fullmatch(text)) and sum(map(str.isdigit, text)) >= 7 and not parse_written(text)


# What a cell may look like, several at once, each with its test.
_LOOKS: Mapping[Look, Callable[[str], object]] = {
    Look.DATE: parse_written,
    Look.MONTH: lambda text: not parse_written(text) and end_of_month(text),
    Look.CODE: _CODES.fullmatch,
    Look.PRODUCT: products_named,
    Look.DIAGNOSIS: lambda text: _DIAGNOSIS.search(plain_words(text)),
    Look.NUMBER: is_number,
    Look.IDENTIFIER: _IDENTIFIER.fullmatch,
    Look.LOT: _LOT.fullmatch,
    Look.EMAIL: read_email,
    Look.PHONE: _is_phone,
    Look.MUSCLE: names_muscle,
    Look.SIDE: side_of,
    Look.TITLED: _TITLE.fullmatch,
    Look.PERSON: _PERSON.fullmatch,
    Look.WORDS: lambda text: any(map(str.isalpha, text)),
}


@lru_cache(maxsize=16_384)
def looks(text: str) -> frozenset[Look]:
    return frozenset(look for look, is_so in _LOOKS.items() if is_so(text))


@dataclass(frozen=True)
class Profile:
    """A column's cells that are not blank. `shares` says how many of them, from 0 to 1, look like what."""

    cells: tuple[str, ...]
    shares: Mapping[Look, float]
    samples: tuple[str, ...]

    def share(self, *wanted: Look) -> float:
        """How many look like any of these."""
        if len(wanted) == 1:
            return self.shares.get(wanted[0], 0.0)
        return sum(not looks(cell).isdisjoint(wanted) for cell in self.cells) / max(1, len(self.cells))

    @property
    def distinct(self) -> float:
        return len(set(self.cells)) / max(1, len(self.cells))

    @property
    def numbers(self) -> list[float]:
        return [read_number(cell) for cell in self.cells if is_number(cell)]

    @property
    def years(self) -> list[int]:
        """Years of the dates; a short one is of this century up to 40."""
        written = [found for cell in self.cells if (found := parse_written(cell))]
        return sorted(
            found.year + (2000 if found.year <= 40 else 1900) if found.short_year else found.year
            for found in written
        )


def profiles(table: Table) -> list[Profile]:
    """One for each column of the header, from rows spread over the whole file."""
    step = max(1, len(table.rows) // CELLS_LOOKED_AT)
    header = [name.casefold() for name in table.header]
    rows = [row for row in table.rows[::step] if [cell.strip().casefold() for cell in row.cells] != header]
    return [
        _profile(
            [
                " ".join(row.cells[index][:MAX_WORDS].split())
                for row in rows
                if index < len(row.cells) and row.cells[index].strip()
            ],
            table.serial_epoch,
        )
        for index in range(len(table.header))
    ]


def _profile(cells: list[str], epoch: datetime | None) -> Profile:
    counted = Counter(look for cell in cells for look in looks(cell))
    if epoch:
        counted[Look.DAY_NUMBER] = sum(parse_serial(cell, epoch) is not None for cell in cells)
    shares = {look: count / max(1, len(cells)) for look, count in counted.items()}
    samples = tuple(cell[:SAMPLE_CHARACTERS] for cell in list(dict.fromkeys(cells))[:SAMPLES])
    return Profile(tuple(cells), shares, samples)
