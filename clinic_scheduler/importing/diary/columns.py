"""Lists of visits and of contacts: told from a log by their header, and which column holds which field in them.

The columns of a log are `columns`'s. What stands in the cells is read by `diary_rows`.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from clinic_scheduler.domain.visits.kinds_and_states import VisitKind
from clinic_scheduler.importing.columns.chosen import Columns
from clinic_scheduler.importing.columns.headers import FIELD_HEADERS, RECOGNISED, header_key
from clinic_scheduler.importing.columns.mapping import ColumnRef, LogMapping, parse_mapping, words_key
from clinic_scheduler.importing.errors import MappingError, UnrecognisedColumns
from clinic_scheduler.importing.files.tables import Cells, ReadingHints, Table


class FileKind(StrEnum):
    LOG = "log"
    VISITS = "visits"
    CONTACTS = "contacts"


# As in `headers`: tiers of names, the most telling first.
VISIT_HEADERS: dict[str, tuple[str, ...]] = {
    "mrn": FIELD_HEADERS["mrn"],
    "starts_at": (
        "Appointment Date/Time | Appointment Date and Time | Appointment DateTime | Appt Date/Time | "
        "Appt Date and Time | Appt DateTime | Visit Date/Time | Visit Date and Time | Visit DateTime | "
        "Scheduled Date/Time | Start Date/Time | Start DateTime | Scheduled Start | Starts At | Scheduled For",
        "Appointment Date | Appt Date | Scheduled Date | Date of Appointment | Appointment | Appt | Start | Start Date",
        "Visit Date | Date of Visit | Encounter Date | Date/Time | Date and Time | DateTime",
        "Date of Service | DOS | Date | Day",
    ),
    "starts_time": (
        "Appointment Time | Appt Time | Visit Time | Start Time | Scheduled Time | Time of Visit | Time",
    ),
    "provider_name": (
        *FIELD_HEADERS["provider_name"],
        "Resource | Scheduled With | Scheduled Provider | Appointment Provider | Appt Provider | Visit Provider",
    ),
    "status": ("Appointment Status | Appt Status | Visit Status | Status",),
    "kind": ("Visit Type | Appointment Type | Appt Type | Type of Visit | Visit Kind", "Type"),
    "outside_id": (
        "Appointment ID | Appt ID | Appointment # | Appt # | Appointment Number | Visit ID | Visit # | Visit Number | "
        "Booking ID | Encounter ID | Encounter # | CSN",
    ),
    "diagnosis": (*FIELD_HEADERS["diagnosis"], "Appointment Reason | Appt Reason"),
    "icd10": FIELD_HEADERS["icd10"],
}
CONTACT_HEADERS = {name: FIELD_HEADERS[name] for name in ("mrn", "phone", "email")}
_HEADERS = {FileKind.VISITS: VISIT_HEADERS, FileKind.CONTACTS: CONTACT_HEADERS}
_LABELS = {
    "mrn": "MRN (patient number)",
    "starts_at": "date of the visit",
    "phone": "phone or email",
}
# A tier of `starts_at` from here on may as well be the day of a treatment.
_ANY_DAY = 2
_OF_A_LOG = frozenset({"units", "product", "units_wasted", "lot"})
_TEXT_KEYS = ("date_order", "delimiter", "encoding")


def _named(headers: Mapping[str, tuple[str, ...]]) -> dict[str, tuple[str, int]]:
    """header key -> (field, tier)."""
    return {
        header_key(name): (field, tier)
        for field, tiers in headers.items()
        for tier, names in enumerate(tiers)
        for name in names.split("|")
    }


_KNOWN = {kind: _named(headers) for kind, headers in _HEADERS.items()}
# Counted towards a header beside what a log's may name, each once.
_MORE_KEYS = frozenset(_KNOWN[FileKind.VISITS]) - frozenset(RECOGNISED)


@dataclass(frozen=True)
class DiaryMapping:
    """A clinic's own words for such a file. `types`: their words for a visit's type -> our kind; None: not ours."""

    kind: FileKind | None = None
    columns: Mapping[str, ColumnRef] = field(default_factory=dict)
    types: Mapping[str, VisitKind | None] = field(default_factory=dict)
    words: LogMapping = field(default_factory=LogMapping)

    @property
    def hints(self) -> ReadingHints:
        named = frozenset(header_key(name) for name in self.columns.values() if isinstance(name, str))
        return replace(self.words.hints, header_keys=_MORE_KEYS | named)


def kind_of(header: Cells) -> FileKind:
    """What a file with this header is. A log where it is nothing else: that it lacks something is said there."""
    keys = {header_key(name) for name in header}
    fields = {RECOGNISED[key].field for key in keys if key in RECOGNISED}
    if "mrn" not in fields or fields & _OF_A_LOG:
        return FileKind.LOG
    tiers: dict[str, int] = {}
    for key in keys & _KNOWN[FileKind.VISITS].keys():
        name, tier = _KNOWN[FileKind.VISITS][key]
        tiers[name] = min(tier, tiers.get(name, tier))
    told_otherwise = tiers.keys() & {"starts_time", "status", "outside_id"}
    if "starts_at" in tiers and (tiers["starts_at"] < _ANY_DAY or told_otherwise):
        return FileKind.VISITS
    if fields & {"phone", "email"} and not fields & {"given_on", "diagnosis", "icd10"}:
        return FileKind.CONTACTS
    return FileKind.LOG


def parse_diary_mapping(text: str | None) -> tuple[DiaryMapping, str | None]:
    """The mapping, and its text for a log where it says nothing of another kind. Raises MappingError."""
    given = _object(text)
    kind = given.pop("kind", FileKind.LOG)
    if text is None:
        return DiaryMapping(), None
    if kind == FileKind.LOG:
        return DiaryMapping(FileKind.LOG), json.dumps(given)
    if kind not in list(FileKind):
        raise MappingError(f'"kind" in the mapping is one of {", ".join(FileKind)}, not {str(kind)[:40]!r}.')
    kind = FileKind(str(kind))
    known = ("columns", "types", "diagnoses", *_TEXT_KEYS)
    unknown = sorted(name for name in given if name not in known)
    if unknown:
        raise MappingError(
            f"The mapping has an unknown key: {', '.join(unknown)}. Known are: {', '.join(('kind', *known))}."
        )
    words = parse_mapping({name: given[name] for name in ("diagnoses", *_TEXT_KEYS) if name in given})
    return DiaryMapping(
        kind, _columns(kind, given.get("columns", {})), _types(given.get("types", {})), words
    ), None


def choose_diary_columns(table: Table, kind: FileKind, wanted: Mapping[str, ColumnRef]) -> Columns:
    """Raises UnrecognisedColumns (missing or ambiguous) or MappingError (a header that is not there)."""
    positions = {
        name: _position(table.header, name, ref) for name, ref in wanted.items() if isinstance(ref, str | int)
    }
    taken = set(positions.values())
    candidates: dict[str, dict[int, list[int]]] = {}
    for index, name in enumerate(table.header):
        found = _KNOWN[kind].get(header_key(name))
        if found and index not in taken and found[0] not in wanted:
            candidates.setdefault(found[0], {}).setdefault(found[1], []).append(index)
    for name, tiers in candidates.items():
        best = tiers[min(tiers)]
        if len(best) > 1:
            headers = ", ".join(table.header[index] for index in best)
            raise UnrecognisedColumns(
                f'More than one column could be "{name}": {headers}. Nothing was imported. {_how_to_map(kind)}'
            )
        positions[name] = best[0]
    _require(kind, positions, table)
    return Columns(positions, table.header)


def _require(kind: FileKind, positions: Mapping[str, int], table: Table) -> None:
    needed = ("mrn", "starts_at") if kind == FileKind.VISITS else ("mrn", "phone")
    missing = [name for name in needed if name not in positions]
    if "email" in positions and "phone" in missing:
        missing.remove("phone")
    if missing:
        found = ", ".join(filter(None, table.header))
        raise UnrecognisedColumns(
            f"No column was recognised for: {', '.join(_LABELS[name] for name in missing)}. "
            f"The header in line {table.header_line} has: {found}. Nothing was imported. {_how_to_map(kind)}"
        )


def _how_to_map(kind: FileKind) -> str:
    return f'Name the columns in a mapping file: {{"kind": "{kind}", "columns": {{"mrn": "Your header"}}}}.'


def _position(header: Cells, name: str, ref: str | int) -> int:
    if isinstance(ref, int):
        found = [ref - 1] if ref <= len(header) else []
    else:
        found = [index for index, cell in enumerate(header) if header_key(cell) == header_key(ref)]
    if len(found) != 1:
        raise MappingError(
            f'The mapping names "{ref}" for "{name}"; the file has {"no" if not found else "more than one"} such '
            f"column. It has: {', '.join(filter(None, header))}."
        )
    return found[0]


def _object(text: str | None) -> dict[str, object]:
    if text is None:
        return {}
    try:
        given = json.loads(text)
    except (ValueError, RecursionError):
        given = None
    if not isinstance(given, dict):
        parse_mapping(text)  # says what is wrong with it
        raise MappingError('The mapping file must hold one JSON object: {"columns": {...}}.')
    return given


def _columns(kind: FileKind, section: object) -> dict[str, ColumnRef]:
    if not isinstance(section, dict) or not section.keys() <= _HEADERS[kind].keys():
        raise MappingError(f'"columns" in the mapping names some of {", ".join(_HEADERS[kind])}.')
    for name, ref in section.items():
        number = isinstance(ref, int) and not isinstance(ref, bool) and ref >= 1
        if not (ref is None or number or (isinstance(ref, str) and ref.strip())):
            raise MappingError(f'"{name}" under columns must be a header, a column number from 1, or null.')
    return section


def _types(section: object) -> dict[str, VisitKind | None]:
    if not isinstance(section, dict) or not all(kind in (None, *VisitKind) for kind in section.values()):
        raise MappingError(f'"types" in the mapping gives words one of {", ".join(VisitKind)}, or null.')
    return {words_key(words): VisitKind(kind) if kind else None for words, kind in section.items()}
