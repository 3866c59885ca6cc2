"""A row while it is being read: what is known so far and what is wrong with it. Not part of the result."""

from dataclasses import dataclass, field
from datetime import date

from clinic_scheduler.importing.cells.dates import Written
from clinic_scheduler.importing.columns.chosen import Columns
from clinic_scheduler.importing.files.tables import TableRow
from clinic_scheduler.importing.results import Kind, Outcome, RowProblem, Severity

MAX_SHOWN = 200


@dataclass(slots=True)
class Draft:
    """Fields of one row; None (or empty) where missing or faulty. Birth date and names settle per patient."""

    row: TableRow
    columns: Columns
    problems: list[RowProblem] = field(default_factory=list)
    bad: bool = False
    mrn: str = ""
    family_name: str = ""
    given_name: str = ""
    name_split_by_clinic: bool = False
    birth_written: Written | None = None
    birth_date: date | None = None
    phone: str | None = None
    phone_raw: str = ""
    email: str | None = None
    indication: str | None = None
    needs: str = ""
    icd10: str | None = None
    product: str | None = None
    given_on: date | None = None
    units: float | None = None
    units_wasted: float | None = None
    lot: str | None = None
    lot_expires_on: date | None = None
    outcome: Outcome = "complete"
    kind: Kind = "cycle"
    provider_name: str | None = None
    location: str | None = None
    notes: str = ""
    weight_kg: float | None = None
    site: str | None = None
    muscle: str | None = None
    side: str | None = None
    vial: str | None = None
    elsewhere: bool = False
    is_approximate: bool = False
    known_from: str | None = None

    def raw(self, name: str) -> str:
        return self.columns.cell(self.row.cells, name)

    def error(self, name: str, reason: str) -> None:
        self.bad = True
        self._add(name, reason, "error")

    def warn(self, name: str, reason: str) -> None:
        self._add(name, reason, "warning")

    def _add(self, name: str, reason: str, severity: Severity) -> None:
        column = self.columns.name(name) if name else ""
        self.problems.append(RowProblem(self.row.line, column, self.raw(name)[:MAX_SHOWN], reason, severity))
