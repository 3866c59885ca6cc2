"""Whether a file has a row a visit or several: a row a vial, a site, a muscle; and which of its rows are repeats."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from clinic_scheduler.importing.cells.products import plausible_units
from clinic_scheduler.importing.cells.quantities import too_few
from clinic_scheduler.importing.columns.chosen import Columns
from clinic_scheduler.importing.results import ImportedRow, Repeat, fingerprint
from clinic_scheduler.importing.rows.drafts import Draft

# Who has a column for these writes a row for each.
_PARTS = ("muscle", "side", "vial")
# Fields of a row that its fingerprint leaves out; a repeat that differs in one deserves a look.
_BESIDE_FINGERPRINT = {
    "units_wasted": "units wasted",
    "lot_expires_on": "expiry",
    "outcome": "outcome",
    "kind": "kind",
    "provider_name": "provider",
    "notes": "notes",
}


@dataclass(frozen=True)
class SortedOut:
    """Good rows in the file's order. `identical` are among them, `repeats` are not."""

    rows: tuple[ImportedRow, ...]
    repeats: tuple[Repeat, ...]
    several_rows: bool
    identical: tuple[Repeat, ...]


def sort_out(drafts: Sequence[Draft], columns: Columns) -> SortedOut:
    """In a file of a row a visit a row that says the same again is a repeat; where a visit has several, a vial.

    A visit with two rows that differ shows that the file has several rows a visit, and so does a column that tells
    a row's vial or site.
    """
    several = any(part in columns.positions for part in _PARTS) or _differ(drafts)
    if several:
        return _with_identical(drafts)
    for draft in drafts:
        if not draft.elsewhere and (reason := too_few(draft.units, draft.product)):
            draft.error("units", reason)
    return _with_repeats(drafts)


def _differ(drafts: Iterable[Draft]) -> bool:
    """Whether a visit has two rows with different units or lots."""
    known: dict[tuple[str, bool], str] = {}
    return any(
        known.setdefault((row.visit_key, row.elsewhere), row.fingerprint) != row.fingerprint
        for _, row in _good(drafts)
    )


def _good(drafts: Iterable[Draft]) -> Iterable[tuple[Draft, ImportedRow]]:
    for draft in drafts:
        row = _imported(draft)
        if row is not None:
            yield draft, row


def _with_repeats(drafts: Iterable[Draft]) -> SortedOut:
    """The first of equal rows is kept."""
    first: dict[str, ImportedRow] = {}
    repeats = []
    for draft, row in _good(drafts):
        known = first.setdefault(row.fingerprint, row)
        if known is not row:
            repeats.append(Repeat(row.line, known.line))
            _warn_of_difference(draft, row, known)
    return SortedOut(tuple(first.values()), tuple(repeats), several_rows=False, identical=())


def _warn_of_difference(draft: Draft, row: ImportedRow, known: ImportedRow) -> None:
    for name, label in _BESIDE_FINGERPRINT.items():
        if getattr(row, name) != getattr(known, name):
            draft.warn(
                name, f"repeats line {known.line} with another value for {label}; line {known.line} is kept"
            )


def _with_identical(drafts: Iterable[Draft]) -> SortedOut:
    """Every row is kept; who says exactly what another says is marked, so that a person can be asked."""
    first: dict[tuple[object, ...], int] = {}
    rows, identical = [], []
    visits: dict[tuple[str, bool], list[tuple[Draft, ImportedRow]]] = defaultdict(list)
    for draft, row in _good(drafts):
        beside = (getattr(row, name) for name in _BESIDE_FINGERPRINT)
        line = first.setdefault(
            (row.fingerprint, row.elsewhere, row.muscle, row.side, row.vial, *beside), row.line
        )
        if line != row.line:
            row = replace(row, same_as=line)
            identical.append(Repeat(row.line, line))
        rows.append(row)
        visits[row.visit_key, row.elsewhere].append((draft, row))
    for parts in visits.values():
        _warn_of_sum(parts)
    return SortedOut(tuple(rows), (), several_rows=True, identical=tuple(identical))


def _warn_of_sum(parts: Sequence[tuple[Draft, ImportedRow]]) -> None:
    """What each row may plausibly be, all of a visit need not be."""
    draft, row = parts[-1]
    if row.product is None or row.elsewhere:
        return
    low, high = plausible_units(row.product)
    total = sum(part.units or 0 for _, part in parts)
    if total and not low <= total <= high:
        draft.warn(
            "units",
            f"the rows of this visit add up to {total:,g} U, where {low:,g} to {high:,g} are expected",
        )


def _imported(draft: Draft) -> ImportedRow | None:
    born, given_on = draft.birth_date, draft.given_on
    if draft.bad or born is None or given_on is None:
        return None
    return ImportedRow(
        line=draft.row.line,
        mrn=draft.mrn,
        family_name=draft.family_name,
        given_name=draft.given_name,
        birth_date=born,
        phone=draft.phone,
        phone_raw=draft.phone_raw,
        email=draft.email,
        indication=draft.indication,
        icd10=draft.icd10,
        product=draft.product,
        given_on=given_on,
        units=draft.units,
        units_wasted=draft.units_wasted,
        lot=draft.lot,
        lot_expires_on=draft.lot_expires_on,
        outcome=draft.outcome,
        kind=draft.kind,
        provider_name=draft.provider_name,
        location=draft.location,
        notes=draft.notes,
        weight_kg=draft.weight_kg,
        fingerprint=fingerprint(
            draft.mrn,
            given_on,
            draft.indication,
            draft.product,
            draft.units,
            draft.lot,
            elsewhere=draft.elsewhere,
        ),
        site=draft.site,
        needs=draft.needs,
        elsewhere=draft.elsewhere,
        is_approximate=draft.is_approximate,
        known_from=draft.known_from,
        muscle=draft.muscle,
        side=draft.side,
        vial=draft.vial,
    )
