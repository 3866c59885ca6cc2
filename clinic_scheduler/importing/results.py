"""What reading a log gives: rows, problems, repeats, how the file was understood. Reading is elsewhere."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Literal

from .dates import DateOrder, OrderEvidence

Severity = Literal["error", "warning"]
Outcome = Literal["complete", "partial", "aborted"]
Kind = Literal["cycle", "touch_up"]


def _digest(*parts: str) -> str:
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:32]


def visit_key(mrn: str, given_on: date, indication: str, product: str) -> str:
    """One patient, day, indication and product: the same visit of a course, whatever its units and lot."""
    return _digest("visit", mrn, given_on.isoformat(), indication, product)


def fingerprint(
    mrn: str, given_on: date, indication: str, product: str, units: float, lot: str | None, place: str = ""
) -> str:
    """A treatment's identity across imports.

    Everything that says what was given to whom and when, normalised; nothing that a later export may word
    differently (name, phone, provider, notes) and nothing of the file (line, order). Units and lot belong to
    it, so two vials of different lots on one day stay two treatments; a corrected dose becomes a new
    fingerprint under the same `visit_key`, which is how a correction can be told from a new visit.

    `place` (muscle, side, vial) belongs to it where a row is only a part of a visit: ten units left and ten
    right are not one dose said twice.
    """
    lot_key = re.sub(r"[\W_]+", "", lot or "").upper()
    return _digest(
        "treatment",
        mrn,
        given_on.isoformat(),
        indication,
        product,
        format(units, "g"),
        lot_key,
        *([place] if place else []),
    )


@dataclass(frozen=True, slots=True)
class ImportedRow:
    """One treatment. `phone` is E.164, `notes` exactly the cell's text; `phone_raw` is as written, tidied.

    `muscle`, `side` ("left", "right", "both") and `vial` are there where a row is a part of a visit.
    """

    line: int
    mrn: str
    family_name: str
    given_name: str
    birth_date: date
    phone: str | None
    phone_raw: str
    email: str | None
    indication: str
    icd10: str | None
    product: str
    given_on: date
    units: float
    units_wasted: float | None
    lot: str | None
    lot_expires_on: date | None
    outcome: Outcome
    kind: Kind
    provider_name: str | None
    location: str | None
    notes: str
    weight_kg: float | None
    fingerprint: str
    muscle: str | None = None
    side: str | None = None
    vial: str | None = None

    @property
    def visit_key(self) -> str:
        return visit_key(self.mrn, self.given_on, self.indication, self.product)

    @property
    def course_key(self) -> tuple[str, str, str]:
        """A course is one patient x indication x product."""
        return self.mrn, self.indication, self.product


@dataclass(frozen=True, slots=True)
class RowProblem:
    """A fault of one cell or row. An error leaves the row out; a warning leaves it in.

    `column` is the clinic's own header, empty for the whole row; `value` is the cell's text as given.
    """

    line: int
    column: str
    value: str
    reason: str
    severity: Severity


@dataclass(frozen=True, slots=True)
class Repeat:
    """A row that says again what the row of `first_line` says."""

    line: int
    first_line: int


@dataclass(frozen=True)
class ImportReading:
    """A file, read. `total_rows` = rows + repeats + bad lines; totals and footer lines are not rows.

    `columns` maps our field to the clinic's header. `delimiter` and `encoding` are empty for a workbook,
    `sheet` is empty for text.
    """

    rows: tuple[ImportedRow, ...]
    problems: tuple[RowProblem, ...]
    repeats: tuple[Repeat, ...]
    date_evidence: OrderEvidence
    delimiter: str
    encoding: str
    sheet: str
    columns: Mapping[str, str] = field(hash=False)
    unused_headers: tuple[str, ...]
    header_line: int
    total_rows: int

    @property
    def date_order(self) -> DateOrder:
        return self.date_evidence.order

    @cached_property
    def errors(self) -> tuple[RowProblem, ...]:
        return tuple(problem for problem in self.problems if problem.severity == "error")

    @cached_property
    def warnings(self) -> tuple[RowProblem, ...]:
        return tuple(problem for problem in self.problems if problem.severity == "warning")

    @cached_property
    def bad_lines(self) -> tuple[int, ...]:
        """Lines left out, each once, however many errors it has."""
        return tuple(sorted({problem.line for problem in self.errors}))

    @cached_property
    def patient_count(self) -> int:
        return len({row.mrn for row in self.rows})

    @cached_property
    def course_count(self) -> int:
        return len({row.course_key for row in self.rows})
