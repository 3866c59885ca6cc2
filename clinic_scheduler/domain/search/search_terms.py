"""The keys a patient's record is stored under for search, and typed text turned into such keys.

Pure. Every key is looked up by equality in one index; name_matching.py makes those of names.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from clinic_scheduler.domain.day_names import SHORT_MONTHS
from clinic_scheduler.domain.search.name_matching import (
    SHORTEST_BEGINNING,
    fold,
    search_keys,
    typed_keys,
    words_of,
)

LONGEST_KEY = 40
LONGEST_BEGINNING = 12
_LOCAL, _NATIONAL = 7, 10  # digits of an American number without and with its area
_MONTH = rf"(?P<name>{'|'.join(SHORT_MONTHS)})[a-z]*\.?"
_DATES = tuple(
    re.compile(rf"(?<![\w-]){form}(?![\w-])", re.IGNORECASE | re.ASCII)
    for form in (
        r"(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})",
        rf"(?P<day>\d{{1,2}})[-\s]*{_MONTH}[-,\s]*(?P<year>\d{{4}})",
        rf"{_MONTH}\s*(?P<day>\d{{1,2}}),?\s+(?P<year>\d{{4}})",
        r"(?P<month>\d{1,2})[/.-](?P<day>\d{1,2})[/.-](?P<year>\d{4})",  # as Americans write it
    )
)

# How sure a find is: a number or a date that fits, a record number that begins so, then names.
EXACT, BEGINS, NAMED = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Way:
    """One way to be found: under one key of each of `conditions` (key: how weak a sign it is). `base` comes first."""

    base: int
    conditions: tuple[Mapping[str, int], ...]


@dataclass(frozen=True, slots=True)
class Sought:
    """What was typed: `ways` to look for it, and the names' folded words."""

    ways: tuple[Way, ...]
    words: tuple[str, ...]


def record_keys(
    mrn: str, family_name: str, given_name: str, birth_date: date, phone: str | None, email: str | None
) -> set[str]:
    """Everything one record is found by, each at most LONGEST_KEY characters."""
    keys = search_keys(family_name, given_name) | mrn_keys(mrn) | {birth_key(birth_date)}
    if phone:
        keys |= phone_keys(phone)
    if email:
        keys.add(email_key(email))
    return keys


def mrn_keys(mrn: str) -> set[str]:
    """The number however it is written, and its beginnings."""
    bare = _bare(mrn)
    beginnings = range(SHORTEST_BEGINNING, min(len(bare) - 1, LONGEST_BEGINNING) + 1)
    return {mrn_key(mrn), *(f"#{bare[:length]}" for length in beginnings)}


def mrn_key(mrn: str) -> str:
    return f"#={_bare(mrn)}"[:LONGEST_KEY]


def birth_key(day: date) -> str:
    return f"b{day.isoformat()}"


def phone_keys(number: str) -> set[str]:
    """By the last 7 and the last 10 digits of a number, which need not be American."""
    digits = re.sub(r"\D", "", number)
    return {f"t{digits[-length:]}" for length in (_LOCAL, _NATIONAL) if len(digits) >= length}


def email_key(address: str) -> str:
    """The beginning of a long address; what is found by it is compared in full where that matters."""
    return f"@{address.casefold()}"[:LONGEST_KEY]


def read(text: str) -> Sought:
    """Names, record number, phone, e-mail or date of birth, and a date with names, as typed."""
    text = text.strip()
    born_on, rest = _date_in(text)
    words = tuple(words_of(rest))
    ways: list[Way] = []
    if born_on is not None:
        ways.append(Way(NAMED if words else EXACT, ({birth_key(born_on): 0}, *_names(words))))
    elif "@" in text:
        ways.append(Way(EXACT, ({email_key(text): 0},)))
    elif _bare(text):
        ways += _numbers(text)
        ways += [Way(NAMED, names) for names in _spellings(words)]
    return Sought(tuple(ways), words)


def _numbers(text: str) -> Iterator[Way]:
    """The text as a record number and, if it has only digits enough, as a phone number."""
    bare = _bare(text)
    yield Way(EXACT, ({mrn_key(text): 0},))
    if SHORTEST_BEGINNING <= len(bare) <= LONGEST_BEGINNING and any(char.isdigit() for char in bare):
        yield Way(BEGINS, ({f"#{bare}": 0},))
    digits = re.sub(r"[\s().+/-]", "", text)
    if digits.isdecimal() and len(digits) >= _LOCAL:
        length = _NATIONAL if len(digits) >= _NATIONAL else _LOCAL
        yield Way(EXACT, ({f"t{digits[-length:]}": 0},))


def _spellings(words: tuple[str, ...]) -> Iterator[tuple[Mapping[str, int], ...]]:
    """The words each for itself, and all written as one."""
    names = _names(words)
    if names:
        yield names
    if len(words) > 1:
        yield ({f"={''.join(words)}"[:LONGEST_KEY]: 0},)


def _names(words: tuple[str, ...]) -> tuple[Mapping[str, int], ...]:
    """Initials find too many to look for; they are compared once the longer words have found somebody."""
    notification = [word for word in words if len(word) >= SHORTEST_BEGINNING] or [
        word for word in words if len(word) > 1
    ]
    return tuple(typed_keys(word) for word in notification)


def _date_in(text: str) -> tuple[date | None, str]:
    """The first date and the text around it."""
    for form in _DATES:
        found = form.search(text)
        if found is None:
            continue
        parts = found.groupdict()
        month = SHORT_MONTHS.index(parts["name"].capitalize()) + 1 if "name" in parts else int(parts["month"])
        try:
            day = date(int(parts["year"]), month, int(parts["day"]))
        except ValueError:
            continue
        return day, f"{text[: found.start()]} {text[found.end() :]}"
    return None, text


def _bare(text: str) -> str:
    """A number without what stands between its letters and digits."""
    return fold(text).replace(" ", "")
