"""The mapping file: a clinic's own words for columns and for what stands in them. Applying it lives elsewhere."""

import codecs
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

from clinic_scheduler.domain.protocols.indications import INDICATIONS, OTHER
from clinic_scheduler.importing.cells.dates import DateOrder
from clinic_scheduler.importing.cells.products import product_of
from clinic_scheduler.importing.cells.quantities import Counted, NumberForm
from clinic_scheduler.importing.columns.guesses import SITE_UNITS
from clinic_scheduler.importing.columns.headers import FIELD_HEADERS, header_key
from clinic_scheduler.importing.errors import MappingError
from clinic_scheduler.importing.files.limits import MAX_MAPPING_BYTES
from clinic_scheduler.importing.files.tables import ReadingHints

ColumnRef = str | int | tuple[str | int, ...] | None
# Python calls these text encodings, but no spreadsheet writes them, and some take for ever over a large file.
_NO_FILES_ENCODING = frozenset(
    {"punycode", "idna", "unicode-escape", "raw-unicode-escape", "undefined", "utf-7", "mbcs", "oem"}
)
WORD_KEYS = ("products", "diagnoses", "limbs", "providers", "places")
LEAVE = "leave"
KEYS = ("columns", *WORD_KEYS, LEAVE, "units", "date_order", "decimals", "delimiter", "encoding")
LIMBS = ("upper limb", "lower limb")


def words_key(text: str) -> str:
    """Free words compared without case and spacing."""
    return " ".join(text.casefold().split())


@dataclass(frozen=True)
class LogMapping:
    """A checked mapping.

    `columns`: our field -> their header, a column number from 1, or None to leave the field out; "site_units"
    has several. The next five are their words (as `words_key`) -> generic name, indication, limb, name; `leave`
    has, for each of those five, the words that nobody is to be asked about again: they stay as they are. `units`
    is what the units given and wasted are counted in, where somebody said so.
    """

    columns: Mapping[str, ColumnRef] = field(default_factory=dict)
    products: Mapping[str, str] = field(default_factory=dict)
    diagnoses: Mapping[str, str] = field(default_factory=dict)
    limbs: Mapping[str, str] = field(default_factory=dict)
    providers: Mapping[str, str] = field(default_factory=dict)
    places: Mapping[str, str] = field(default_factory=dict)
    leave: Mapping[str, frozenset[str]] = field(default_factory=dict)
    units: Counted | None = None
    decimals: NumberForm | None = None
    date_order: DateOrder | None = None
    delimiter: str | None = None
    encoding: str | None = None

    @property
    def hints(self) -> ReadingHints:
        refs = [
            ref for refs in self.columns.values() for ref in (refs if isinstance(refs, tuple) else (refs,))
        ]
        named = frozenset(header_key(name) for name in refs if isinstance(name, str))
        return ReadingHints(named, self.delimiter, self.encoding)


def read_mapping(source: str | Path) -> LogMapping:
    """Read a mapping from a JSON file. Raises MappingError."""
    return parse_mapping(mapping_file_text(Path(source)))


def mapping_file_text(path: Path) -> str:
    """The file's text, for whoever parses it. Raises MappingError."""
    try:
        with path.open("rb") as file:
            return mapping_text(file.read(MAX_MAPPING_BYTES + 1))
    except OSError as error:
        raise MappingError(f"The mapping file {path.name} could not be read: {error.strerror}.") from error


def mapping_text(content: bytes) -> str:
    """A mapping file's bytes as text. Raises MappingError."""
    if len(content) > MAX_MAPPING_BYTES:
        raise MappingError("The mapping file is larger than 1 MB; a mapping is a page of text at most.")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise MappingError("The mapping file could not be read as UTF-8 text.") from error


def mapping_values(text: str) -> dict[str, object]:
    """A mapping file's text as plain values, checked. Raises MappingError."""
    given = _json_object(text)
    parse_mapping(given)
    return dict(given)


def parse_mapping(content: str | Mapping[str, object]) -> LogMapping:
    """Check a mapping given as JSON text or as an already parsed object. Raises MappingError."""
    given = _json_object(content) if isinstance(content, str) else content
    _refuse_unknown(given, KEYS, "key")
    return LogMapping(
        columns=_columns(_section(given, "columns")),
        products=_products(_section(given, "products")),
        diagnoses=_one_of(given, "diagnoses", (*INDICATIONS, OTHER)),
        limbs=_one_of(given, "limbs", LIMBS),
        providers=_names(given, "providers"),
        places=_names(given, "places"),
        leave=_left(_section(given, LEAVE)),
        units=_counted(given.get("units")),
        decimals=_decimals(given.get("decimals")),
        date_order=_date_order(given.get("date_order")),
        delimiter=_delimiter(given.get("delimiter")),
        encoding=_encoding(given.get("encoding")),
    )


def _json_object(text: str) -> Mapping[str, object]:
    try:
        given = json.loads(text)
    except json.JSONDecodeError as error:
        raise MappingError(f"The mapping file is not JSON: {error.msg} in line {error.lineno}.") from error
    except RecursionError as error:
        raise MappingError(
            "The mapping file is nested far deeper than a mapping is: an object of objects, no more."
        ) from error
    except ValueError as error:  # a number of thousands of digits
        raise MappingError("The mapping file holds a number that no column has.") from error
    if not isinstance(given, dict):
        raise MappingError('The mapping file must hold one JSON object: {"columns": {...}}.')
    return given


def _refuse_unknown(given: Mapping[str, object], known: tuple[str, ...], what: str) -> None:
    unknown = sorted(str(key) for key in given if key not in known)
    if unknown:
        raise MappingError(
            f"The mapping has an unknown {what}: {', '.join(unknown)}. Known are: {', '.join(known)}."
        )


def _section(given: Mapping[str, object], key: str) -> Mapping[str, object]:
    section = given.get(key, {})
    if not isinstance(section, Mapping):
        raise MappingError(f'"{key}" in the mapping must be an object of names and values.')
    return section


def _columns(section: Mapping[str, object]) -> dict[str, ColumnRef]:
    _refuse_unknown(section, (*FIELD_HEADERS, SITE_UNITS), "field under columns")
    columns: dict[str, ColumnRef] = {}
    for name, refs in section.items():
        several = name == SITE_UNITS and isinstance(refs, list | tuple)
        if not all(map(_is_ref, cast(list[object], refs) if several else [refs])):
            raise MappingError(f'"{name}" under columns must be a header, a column number from 1, or null.')
        columns[name] = tuple(cast(list[str | int], refs)) if several else cast(ColumnRef, refs)
    return columns


def _is_ref(ref: object) -> bool:
    number = isinstance(ref, int) and not isinstance(ref, bool) and ref >= 1
    return ref is None or number or (isinstance(ref, str) and bool(ref.strip()))


def _products(section: Mapping[str, object]) -> dict[str, str]:
    products = {}
    for words, value in section.items():
        product = product_of(value) if isinstance(value, str) else None
        if product is None:
            raise MappingError(f'"{words}" under products names no known toxin: {value!r}.')
        products[words_key(words)] = product
    return products


def _one_of(given: Mapping[str, object], key: str, known: Sequence[str]) -> dict[str, str]:
    section = _section(given, key)
    for words, value in section.items():
        if value not in known:
            raise MappingError(f'"{words}" under {key} must be one of {", ".join(known)}, not {value!r}.')
    return {words_key(words): str(value) for words, value in section.items()}


def _names(given: Mapping[str, object], key: str) -> dict[str, str]:
    section = _section(given, key)
    for words, value in section.items():
        if not isinstance(value, str) or not value.strip():
            raise MappingError(f'"{words}" under {key} must be a name, not {value!r}.')
    return {words_key(words): " ".join(str(value).split()) for words, value in section.items()}


def _left(section: Mapping[str, object]) -> dict[str, frozenset[str]]:
    _refuse_unknown(section, WORD_KEYS, f"key under {LEAVE}")
    for key, words in section.items():
        if not isinstance(words, list | tuple) or not all(isinstance(word, str) for word in words):
            raise MappingError(f'"{key}" under {LEAVE} must be a list of words.')
    return {key: frozenset(map(words_key, cast(list[str], words))) for key, words in section.items()}


def _counted(value: object) -> Counted | None:
    if value is None or value in list(Counted):
        return None if value is None else Counted(str(value))
    raise MappingError(f'"units" in the mapping must be "toxin" or "billing", not {value!r}.')


def _decimals(value: object) -> NumberForm | None:
    if value is None or value in list(NumberForm):
        return None if value is None else NumberForm(str(value))
    raise MappingError(f'"decimals" in the mapping must be "point" or "comma", not {value!r}.')


def _date_order(value: object) -> DateOrder | None:
    if value is None or value == "mdy" or value == "dmy":
        return value
    raise MappingError(f'"date_order" in the mapping must be "mdy" or "dmy", not {value!r}.')


def _delimiter(value: object) -> str | None:
    named = {"comma": ",", "semicolon": ";", "tab": "\t", "pipe": "|", "\\t": "\t"}
    if value is None:
        return None
    text = named.get(value, value) if isinstance(value, str) else ""
    if len(text) != 1 or text in '"\r\n':
        raise MappingError(f'"delimiter" in the mapping must be one character, not {value!r}.')
    return text


def _encoding(value: object) -> str | None:
    if value is None:
        return None
    try:
        if not isinstance(value, str):
            raise LookupError(value)
        "a".encode(value)
        if codecs.lookup(value).name.replace("_", "-") in _NO_FILES_ENCODING:
            raise LookupError(value)
    except (LookupError, ValueError) as error:
        raise MappingError(
            f'"encoding" in the mapping is not a text encoding: {str(value)[:80]!r}. '
            "Files are in utf-8, utf-16, cp1252 and the like."
        ) from error
    return value
