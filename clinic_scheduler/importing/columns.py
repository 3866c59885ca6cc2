"""Which column holds which field: by header, overridden by a mapping. Reading cells lives in `fields`."""

from collections.abc import Mapping
from dataclasses import dataclass

from .errors import MappingError, UnrecognisedColumns
from .headers import FIELD_LABELS, RECOGNISED, REQUIRED_FIELDS, header_key
from .mapping import ColumnRef
from .tables import Cells, Table

_HOW_TO_MAP = (
    'Nothing was imported. Name the columns in a mapping file, such as {"columns": {"mrn": "Your header"}} '
    "(see docs/importing.md)."
)


@dataclass(frozen=True)
class Columns:
    """Field -> position from 0, with the headers as the clinic wrote them."""

    positions: Mapping[str, int]
    header: Cells

    def cell(self, cells: Cells, field: str) -> str:
        """The raw text under a field; empty where the column or the cell is missing."""
        position = self.positions.get(field)
        return cells[position] if position is not None and position < len(cells) else ""

    def name(self, field: str) -> str:
        """The clinic's own header of a field, as problems cite it."""
        position = self.positions.get(field)
        return self.header[position] if position is not None else FIELD_LABELS.get(field, field)

    @property
    def headers_used(self) -> dict[str, str]:
        return {field: self.header[position] for field, position in self.positions.items()}

    @property
    def headers_unused(self) -> Cells:
        used = set(self.positions.values())
        return tuple(name for index, name in enumerate(self.header) if index not in used and name)


def choose_columns(table: Table, wanted: Mapping[str, ColumnRef]) -> Columns:
    """Raises UnrecognisedColumns (missing or ambiguous) or MappingError (a header that is not there)."""
    positions = _mapped(table.header, wanted)
    taken = set(positions.values())
    candidates: dict[str, dict[int, list[int]]] = {}
    for index, name in enumerate(table.header):
        found = RECOGNISED.get(header_key(name))
        if found and index not in taken and found[0] not in wanted:
            candidates.setdefault(found[0], {}).setdefault(found[1], []).append(index)
    for field, tiers in candidates.items():
        best = tiers[min(tiers)]
        if len(best) > 1:
            raise _ambiguous(field, [table.header[index] for index in best])
        positions[field] = best[0]
    if "family_name" in positions and "given_name" in positions:
        positions.pop("patient_name", None)
    _require(positions, table)
    return Columns(positions, table.header)


def _mapped(header: Cells, wanted: Mapping[str, ColumnRef]) -> dict[str, int]:
    positions = {field: _position(header, field, ref) for field, ref in wanted.items() if ref is not None}
    if len(set(positions.values())) < len(positions):
        raise MappingError("The mapping names one column for two fields. Name each column once.")
    return positions


def _position(header: Cells, field: str, ref: str | int) -> int:
    shown = ", ".join(filter(None, header))
    if isinstance(ref, int):
        if ref > len(header):
            raise MappingError(
                f'The mapping gives column {ref} for "{field}", but the file has {len(header)}.'
            )
        return ref - 1
    matches = [index for index, name in enumerate(header) if header_key(name) == header_key(ref)]
    if not matches:
        raise MappingError(
            f'The mapping names "{ref}" for "{field}", but the file has no such header. It has: {shown}.'
        )
    if len(matches) > 1:
        numbers = ", ".join(str(index + 1) for index in matches)
        raise MappingError(
            f'"{ref}" heads more than one column ({numbers}). Give the column\'s number instead.'
        )
    return matches[0]


def _ambiguous(field: str, names: list[str]) -> UnrecognisedColumns:
    return UnrecognisedColumns(
        f"More than one column could be the {FIELD_LABELS.get(field, field)}: {', '.join(names)}. "
        f"{_HOW_TO_MAP} "
        f'The field is called "{field}"; where two headers are alike, give the column\'s number.'
    )


def _require(positions: Mapping[str, int], table: Table) -> None:
    missing = [field for field in REQUIRED_FIELDS if field not in positions]
    if "patient_name" not in positions and not {"family_name", "given_name"} <= positions.keys():
        missing.append("patient_name")
    if not {"diagnosis", "icd10"} & positions.keys():
        missing.append("diagnosis")
    if missing:
        labels = ", ".join(f'{FIELD_LABELS[field]} ("{field}")' for field in missing)
        found = ", ".join(filter(None, table.header))
        raise UnrecognisedColumns(
            f"No column was recognised for: {labels}. "
            f"The header in line {table.header_line} has: {found}. {_HOW_TO_MAP}"
        )
