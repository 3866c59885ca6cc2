"""Reading one row of a list of visits or of contacts into a value, with what is wrong with it."""

import re
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from clinic_scheduler.domain.record_system import OutsideContact, OutsideStatus, OutsideVisit
from clinic_scheduler.domain.visits.kinds_and_states import VisitKind
from clinic_scheduler.importing.cells.dates import ORDER_WORDS, DateOrder, parse_serial, parse_written
from clinic_scheduler.importing.cells.indications import read_indication
from clinic_scheduler.importing.cells.phone_and_email import read_email, read_phone
from clinic_scheduler.importing.cells.products import product_of
from clinic_scheduler.importing.cells.tidying import tidy
from clinic_scheduler.importing.columns.chosen import Columns
from clinic_scheduler.importing.columns.mapping import words_key
from clinic_scheduler.importing.diary.columns import DiaryMapping
from clinic_scheduler.importing.files.tables import TableRow
from clinic_scheduler.importing.results import RowProblem, Severity
from clinic_scheduler.importing.rows.cells_to_draft import read_mrn
from clinic_scheduler.importing.rows.drafts import MAX_SHOWN

# Past every interval there is, and a list that goes further back is no diary.
FURTHEST = timedelta(days=5 * 366)
_LONGEST_ID = 80
_WHEN = ("starts_at", "starts_time")
_CLOCK = re.compile(
    r"(?:^|[t ,])(?P<hour>\d{1,2})(?::(?P<minute>\d{2}))?(?::\d{2}(?:\.\d+)?)?\s*(?P<half>[ap])?\.?(?:m\.?)?$",
    re.IGNORECASE,
)
_FOUR_DIGITS = re.compile(r"\d{4}")
_ZONE = re.compile(r"\d(?:z|\s*(?:utc|gmt)|[+-]\d{2}:?\d{2})$", re.IGNORECASE)
# Tried in order, so that "not completed" is no "completed".
_STATUSES: tuple[tuple[str, OutsideStatus], ...] = (
    (r"cancel|\bvoid|\bdeleted?\b", OutsideStatus.CANCELLED),
    (r"no.?show|did not (?:attend|come)|\bdna\b|missed", OutsideStatus.MISSED),
    (r"^(?:completed?|done|fulfilled|seen|finished|closed|treated|check(?:ed)?.?out)$", OutsideStatus.OVER),
    (
        r"^(?:booked|scheduled|confirmed|unconfirmed|pending|active|new|open|arrived|check(?:ed)?.?in|in progress)$",
        OutsideStatus.BOOKED,
    ),
)
_KINDS: tuple[tuple[str, VisitKind], ...] = (
    (r"follow.?up|\bf/?u\b|re.?check|post.?(?:procedure|injection)|after.?care", VisitKind.FOLLOW_UP),
    (r"consult|evaluation|\beval\b|new patient|assessment", VisitKind.CONSULTATION),
    (r"inject|\binj\b|toxin|\btox\b|chemodenervation|procedure|treatment", VisitKind.INJECTION),
)


class _Faulty(Exception):
    """The row is left out; its problem is noted."""


class _NoneOfOurs(Exception):
    """The mapping says that such a visit is none of the clinic's treatments."""


@dataclass
class DiaryReader:
    """Reads rows of one file, all in the same way; `problems` gather what was wrong."""

    columns: Columns
    mapping: DiaryMapping
    order: DateOrder
    as_of: date
    region: str
    serial_epoch: datetime | None
    problems: list[RowProblem] = field(default_factory=list)
    not_ours: int = 0

    def visit(self, row: TableRow) -> OutsideVisit | None:
        """None where something is wrong with it, or it is none of ours."""
        try:
            self._well_shaped(row)
            return OutsideVisit(
                line=row.line,
                mrn=self._mrn(row),
                on=self._day(row),
                at=self._time(row),
                status=self._status(row),
                kind=self._kind(row),
                indication=self._indication(row),
                provider_name=self._cell(row, "provider_name")[:120] or None,
                outside_id=self._outside_id(row),
            )
        except _NoneOfOurs:
            self.not_ours += 1
        except _Faulty:
            pass
        return None

    def contact(self, row: TableRow) -> OutsideContact | None:
        """None where something is wrong with it, or it says nothing."""
        try:
            self._well_shaped(row)
            mrn = self._mrn(row)
        except _Faulty:
            return None
        phone = email = None
        if text := self._cell(row, "phone"):
            phone = read_phone(text, self.region)
            if phone is None:
                self._note(
                    row, "phone", "is not a valid phone number; the patient's stays as it is", "warning"
                )
        if text := self._cell(row, "email"):
            email = read_email(text)
            if email is None:
                self._note(row, "email", "is not an email address; the patient's stays as it is", "warning")
        return OutsideContact(row.line, mrn, phone, email) if phone or email else None

    def _cell(self, row: TableRow, name: str) -> str:
        return tidy(self.columns.cell(row.cells, name))

    def _note(self, row: TableRow, name: str, reason: str, severity: Severity) -> None:
        column, value = (self.columns.name(name), self._cell(row, name)) if name else ("", "")
        self.problems.append(RowProblem(row.line, column, value[:MAX_SHOWN], reason, severity))

    def _fault(self, row: TableRow, name: str, reason: str) -> _Faulty:
        self._note(row, name, reason, "error")
        return _Faulty()

    def _well_shaped(self, row: TableRow) -> None:
        width = len(self.columns.header)
        if any(cell.strip() for cell in row.cells[width:]):
            raise self._fault(
                row,
                "",
                f"has {len(row.cells)} cells under {width} headers; a cell holds an unquoted delimiter?",
            )

    def _mrn(self, row: TableRow) -> str:
        try:
            return read_mrn(self.columns.cell(row.cells, "mrn"))
        except ValueError as error:
            raise self._fault(row, "mrn", str(error)) from error

    def _day(self, row: TableRow) -> date:
        text = self._cell(row, "starts_at")
        if not text:
            raise self._fault(row, "starts_at", "the day of the visit is missing")
        if any(_ZONE.search(self._cell(row, name)) and ":" in self._cell(row, name) for name in _WHEN):
            raise self._fault(row, "starts_at", "names a time zone; export the clinic's own time without one")
        written = parse_written(text) or parse_serial(text, self.serial_epoch)
        if written is None:
            raise self._fault(row, "starts_at", "is not a date this import can read")
        try:
            day = written.on(self.order, written.year + 2000 if written.short_year else written.year)
        except ValueError as error:
            words = ORDER_WORDS[self.order]
            raise self._fault(row, "starts_at", f"is no day of the calendar, read as {words}") from error
        if abs(day - self.as_of) > FURTHEST:
            raise self._fault(row, "starts_at", "is years away; check the year")
        return day

    def _time(self, row: TableRow) -> time:
        name = "starts_time" if self._cell(row, "starts_time") else "starts_at"
        found = clock_time(self._cell(row, name))
        if found is None:
            raise self._fault(row, name, "says no time of day that this import can read")
        return found

    def _status(self, row: TableRow) -> OutsideStatus:
        text = self._cell(row, "status").casefold()
        if not text:
            return OutsideStatus.BOOKED
        for pattern, status in _STATUSES:
            if re.search(pattern, text):
                return status
        raise self._fault(row, "status", "is no status this import knows; nothing was changed by this row")

    def _kind(self, row: TableRow) -> VisitKind:
        """By the type; where none is given by the reason, in which nothing need be said of it."""
        text = self._cell(row, "kind")
        words = words_key(text)
        if words in self.mapping.types:
            kind = self.mapping.types[words]
            if kind is None:
                raise _NoneOfOurs
            return kind
        said = _said(text or self._diagnosis(row))
        if said is not None:
            return said
        if text and not (product_of(text) or read_indication(text, "").indication):
            raise self._fault(
                row,
                "kind",
                "is no type of visit this import knows; say what it is in a mapping file: "
                '{"kind": "visits", "types": {"Their type": "injection"}}, or null for none of ours',
            )
        return VisitKind.INJECTION

    def _diagnosis(self, row: TableRow) -> str:
        return self._cell(row, "diagnosis")

    def _indication(self, row: TableRow) -> str | None:
        """None where it cannot be told: then the patient's only course is meant."""
        words = self._diagnosis(row)
        known = self.mapping.words.diagnoses.get(words_key(words))
        return known or read_indication(words, self._cell(row, "icd10")).indication

    def _outside_id(self, row: TableRow) -> str | None:
        text = re.sub(r"^(\d+)\.0+$", r"\1", self._cell(row, "outside_id"))
        if len(text) > _LONGEST_ID:
            raise self._fault(row, "outside_id", "is far too long for a visit's number")
        return text or None


def clock_time(text: str) -> time | None:
    """The time of day at the end of a text: "9:30 AM", "0930", "11/30/2026 14:00", "9 am"; None where there is none."""
    text = text.strip()
    if _FOUR_DIGITS.fullmatch(text):
        text = f"{text[:2]}:{text[2:]}"
    match = _CLOCK.search(text)
    if match is None:
        return None
    hour, half = int(match["hour"]), (match["half"] or "").casefold()
    if match["minute"] is None and not half:
        return None  # a bare number may be anything
    if half and not 1 <= hour <= 12:
        return None
    hour = hour % 12 + (12 if half == "p" else 0) if half else hour
    minute = int(match["minute"] or 0)
    return time(hour, minute) if hour < 24 and minute < 60 else None


def _said(text: str) -> VisitKind | None:
    lower = text.casefold()
    return next((kind for pattern, kind in _KINDS if re.search(pattern, lower)), None)
