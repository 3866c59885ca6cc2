"""Reading one row's cells into a draft. What needs other rows lives in `patients` and `reading`."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import TypeVar

from clinic_scheduler.domain.forecast.elsewhere import KnownFrom
from clinic_scheduler.domain.protocols.indications import OTHER
from clinic_scheduler.importing.cells.body_words import side_in, side_of
from clinic_scheduler.importing.cells.dates import (
    ORDER_WORDS,
    DateOrder,
    Written,
    end_of_month,
    latest_century,
    parse_serial,
    parse_written,
)
from clinic_scheduler.importing.cells.diagnoses import read_diagnosis
from clinic_scheduler.importing.cells.names import family_words_first, join_name, split_name
from clinic_scheduler.importing.cells.phone_and_email import read_email, read_phone
from clinic_scheduler.importing.cells.products import is_some_toxin, product_fault, product_of, units_each
from clinic_scheduler.importing.cells.quantities import Counted, NumberForm, read_waste, read_weight_kg
from clinic_scheduler.importing.cells.tidying import tidy
from clinic_scheduler.importing.columns.chosen import Columns
from clinic_scheduler.importing.columns.mapping import LogMapping, words_key
from clinic_scheduler.importing.files.tables import TableRow
from clinic_scheduler.importing.files.text_tables import joined_lines
from clinic_scheduler.importing.results import Kind, Outcome
from clinic_scheduler.importing.rows.doses import read_dose
from clinic_scheduler.importing.rows.drafts import Draft

# The first botulinum toxin was approved in the United States in December 1989, after a few years of trials.
EARLIEST_SERVICE = date(1985, 1, 1)

_ELSEWHERE = re.compile(r"\belsewhere\b")
_Choice = TypeVar("_Choice", Outcome, Kind)

_YES = frozenset(("y", "yes", "true", "1", "about", "approximately"))
_NAME_BLANKS = frozenset(("", "-", "--", "n/a", "#n/a", "null", "?"))
_MRN = re.compile(r"[A-Z0-9][A-Z0-9 ._/\-]{0,39}")
_TEXT_CELL = re.compile(r'="([^"]*)"|\'(\d.*)')
# What makes a row one of the diary and none of the log, in any of the languages. A status begins with it; an outcome
# says nothing else, as "missed one site" is a treatment.
_NOTHING_GIVEN = re.compile(
    r"(?:(?:pt|patient|appt|appointment|visit|dose) )?"
    r"(?:cancel\w*|void(?:ed)?|deleted?|entered in error|no[ -]?show\w*|did not (?:attend|come)|missed|resched\w*|"
    r"refused|held|not (?:given|done|administered|performed|injected)|"
    r"storniert|abgesagt|nicht (?:gegeben|erschienen|verabreicht)|annul\w*|anulad\w*|absente?|"
    r"no (?:se )?(?:present|administr|acudi)\w*|non (?:administr|fait|realis|venu)\w*)(?!\w)"
)
# Tried in order, so that "incomplete" is not taken for "complete".
_OUTCOMES: tuple[tuple[str, Outcome], ...] = (
    (r"abort|abandon|stopped|discontinu", "aborted"),
    (r"partial|incompl|not (?:all|fully|complete)", "partial"),
    (r"compl|done|full|given|^y(?:es)?$", "complete"),
)
_KINDS: tuple[tuple[str, Kind], ...] = (
    (r"touch.?up|top.?up|^y(?:es)?$", "touch_up"),
    (r"cycle|regular|routine|full|treatment|injection|follow|repeat|initial|new|^no?$", "cycle"),
)


def given_elsewhere(kind: str) -> bool:
    """Whether a row's kind says that it tells of another place."""
    return bool(_ELSEWHERE.search(kind.casefold()))


def read_mrn(text: str) -> str:
    """A patient number in one form: "10102.0", "#10102", '="10102"' are 10102. Raises ValueError."""
    text = tidy(text)
    if match := _TEXT_CELL.fullmatch(text):
        text = match[1] or match[2] or ""
    text = re.sub(r"^(?:mrn\s*)?[#:\s]*", "", text.upper(), flags=re.IGNORECASE)
    text = re.sub(r"^(\d+)\.0+$", r"\1", text).strip()
    if not text:
        raise ValueError("the patient number is missing")
    if re.fullmatch(r"\d(?:\.\d+)?E\+?\d+", text):
        raise ValueError(
            "the spreadsheet has rounded this number; format the column as text and export again"
        )
    if not _MRN.fullmatch(text):
        raise ValueError("is not a patient number")
    return text


@dataclass(frozen=True)
class RowReader:
    """Reads rows of one file, all in the same way."""

    columns: Columns
    mapping: LogMapping
    order: DateOrder
    as_of: date
    region: str
    serial_epoch: datetime | None
    numbers: NumberForm = NumberForm.POINT

    def read(self, row: TableRow) -> Draft:
        draft = Draft(row, self.columns)
        if self._misshapen(draft):
            return draft
        self._patient(draft)
        self._part_of_visit(draft)
        draft.elsewhere = given_elsewhere(draft.raw("kind"))
        self._treatment(draft)
        self._lot(draft)
        self._contacts(draft)
        self._rest(draft)
        return draft

    def _misshapen(self, draft: Draft) -> bool:
        """More filled cells than headers means cells have moved: nothing in such a row can be trusted."""
        width, cells = len(self.columns.header), draft.row.cells
        if any(cell.strip() for cell in cells[width:]):
            lines = joined_lines(cells)
            spread = (
                f" The row runs over {lines + 1} lines: look for a missing quotation mark." if lines else ""
            )
            draft.error(
                "",
                f"has {len(cells)} cells under {width} headers; a cell holds an unquoted delimiter?{spread}",
            )
            return True
        if len(cells) < width and self.serial_epoch is None:
            draft.warn(
                "", f"has only {len(cells)} cells under {width} headers; the missing ones were taken as empty"
            )
        return False

    def _patient(self, draft: Draft) -> None:
        try:
            draft.mrn = read_mrn(draft.raw("mrn"))
        except ValueError as error:
            draft.error("mrn", str(error))
        if "patient_name" in self.columns.positions:
            text = draft.raw("patient_name")
            draft.name_split_by_clinic = "," in text
            if text.strip().casefold() not in _NAME_BLANKS:
                first = family_words_first(self.columns.name("patient_name"))
                draft.family_name, draft.given_name = split_name(text, first)
        else:
            draft.name_split_by_clinic = True
            if draft.raw("family_name").strip().casefold() not in _NAME_BLANKS:
                draft.family_name, draft.given_name = join_name(
                    draft.raw("family_name"), draft.raw("given_name")
                )
        draft.birth_written = self._written(draft, "birth_date")

    def _written(self, draft: Draft, name: str) -> Written | None:
        """A readable date that exists in the file's order; else an error, except where the cell is empty."""
        text = tidy(draft.raw(name))
        if not text:
            return None
        written = parse_written(text) or parse_serial(text, self.serial_epoch)
        if written is None:
            draft.error(name, "is not a date this import can read")
        elif not written.fits(self.order):
            draft.error(name, self._no_such_day(written))
            return None
        return written

    def _no_such_day(self, written: Written) -> str:
        other: DateOrder = "dmy" if self.order == "mdy" else "mdy"
        if written.month_first is None and written.fits(other):
            return (
                f"is no day as {ORDER_WORDS[self.order]}, the order of this file's dates "
                f"(it would be one as {ORDER_WORDS[other]})"
            )
        return "is no day of the calendar"

    def _treatment(self, draft: Draft) -> None:
        self._given_on(draft)
        self._indication(draft)
        self._product(draft)
        read_dose(draft, self.numbers, self.mapping.units)
        if text := tidy(draft.raw("units_wasted")):
            each = units_each(draft.product) if self.mapping.units is Counted.BILLING else 1
            read = partial(read_waste, text, self.numbers, each=each)
            draft.units_wasted = _or_warning(draft, "units_wasted", read)

    def _part_of_visit(self, draft: Draft) -> None:
        """The muscle, side and vial of a row that is only a part of a visit; the site as written, on many lines."""
        muscle, side = draft.raw("muscle"), draft.raw("side")
        draft.muscle = tidy(muscle) or None
        named = side_of(side) or side_in(draft.muscle or "")
        draft.side = named.value if named else tidy(side) or None
        draft.vial = tidy(draft.raw("vial")) or None
        beside = "" if "side" in self.columns.shared else tidy(side)
        draft.site = " ".join(filter(None, (muscle.strip() if draft.muscle else "", beside))) or None

    def _product(self, draft: Draft) -> None:
        text = draft.raw("product")
        draft.product = self.mapping.products.get(words_key(text)) or product_of(text)
        if draft.product is not None or (draft.elsewhere and not tidy(text)):
            return
        if is_some_toxin(text):
            draft.warn("product", "a toxin, and none that is known here; kept as one of an unknown product")
        else:
            draft.error("product", product_fault(tidy(text)))

    def _given_on(self, draft: Draft) -> None:
        written = self._written(draft, "given_on")
        if written is None:
            if not tidy(draft.raw("given_on")):
                draft.error("given_on", "the date of service is missing")
            return
        # A short year of next year is a slip to report as such, not a treatment a century ago.
        day = latest_century(written, self.order, date(self.as_of.year + 1, 12, 31))
        if day > self.as_of:
            draft.error("given_on", f"is in the future: after {self.as_of:%d-%b-%Y}, the day of this import")
        draft.given_on = day

    def _indication(self, draft: Draft) -> None:
        """What cannot be told, or is none of ours, was given all the same: it is kept, with a note."""
        words, code = draft.raw("diagnosis"), draft.raw("icd10")
        reading = read_diagnosis(self.mapping, words, code, draft.raw("limb"), draft.site or "")
        draft.indication, draft.icd10 = reading.indication, reading.icd10
        column = "diagnosis" if tidy(words) or "icd10" not in self.columns.positions else "icd10"
        if draft.elsewhere:
            return
        draft.needs = reading.needs.value
        if reading.indication is None:
            draft.warn(
                column, f"{reading.reason}. Kept as given for an unknown indication, which holds for all"
            )
        elif reading.indication == OTHER:
            draft.warn(column, "none of the indications known here; kept as toxin given, under no course")
        if reading.remark:
            draft.warn("icd10" if tidy(code) else column, reading.remark)

    def _lot(self, draft: Draft) -> None:
        draft.lot = tidy(draft.raw("lot")).upper() or None
        text = tidy(draft.raw("lot_expires_on"))
        if not text:
            return
        written = parse_written(text) or parse_serial(text, self.serial_epoch)
        if written and written.fits(self.order):
            year = written.year + 2000 if written.short_year else written.year
            draft.lot_expires_on = written.on(self.order, year)
        elif written or (month_end := end_of_month(text)) is None:
            draft.warn("lot_expires_on", "is not a date this import can read; left out")
        else:
            draft.lot_expires_on = month_end

    def _contacts(self, draft: Draft) -> None:
        draft.phone_raw = tidy(draft.raw("phone")).removeprefix("'")
        if draft.phone_raw:
            draft.phone = read_phone(draft.phone_raw, self.region)
            if draft.phone is None:
                draft.warn("phone", "is not a valid phone number; the patient is imported without it")
        if text := tidy(draft.raw("email")):
            draft.email = read_email(text)
            if draft.email is None:
                draft.warn("email", "is not an email address; the patient is imported without it")

    def _rest(self, draft: Draft) -> None:
        provider, place = tidy(draft.raw("provider_name")), tidy(draft.raw("location"))
        draft.provider_name = self.mapping.providers.get(words_key(provider), provider) or None
        draft.location = self.mapping.places.get(words_key(place), place) or None
        draft.notes = draft.raw("notes") if draft.raw("notes").strip() else ""
        for name, unit in (("weight_kg", "kg"), ("weight_lb", "lb"), ("weight", None)):
            if (text := tidy(draft.raw(name))) and draft.weight_kg is None:
                draft.weight_kg = _or_warning(draft, name, partial(read_weight_kg, text, unit, self.numbers))
        for name, says_so in (("status", _NOTHING_GIVEN.match), ("outcome", _NOTHING_GIVEN.fullmatch)):
            if says_so(tidy(draft.raw(name)).casefold()):
                draft.error(name, "says that nothing was given")
        draft.outcome = _chosen(draft, "outcome", _OUTCOMES, "complete")
        draft.kind = "cycle" if draft.elsewhere else _chosen(draft, "kind", _KINDS, "cycle")
        draft.is_approximate = draft.elsewhere and tidy(draft.raw("is_approximate")).casefold() in _YES
        if draft.elsewhere and (text := tidy(draft.raw("known_from"))):
            draft.known_from = KnownFrom.labelled(text)
            if draft.known_from is None:
                said = ", ".join(each.label for each in KnownFrom)
                draft.warn("known_from", f"is none of: {said}; taken as {KnownFrom.IMPORT.label}")


def _or_warning(draft: Draft, name: str, read: Callable[[], float]) -> float | None:
    try:
        return read()
    except ValueError as error:
        draft.warn(name, str(error))
        return None


def _chosen(draft: Draft, name: str, known: tuple[tuple[str, _Choice], ...], default: _Choice) -> _Choice:
    text = tidy(draft.raw(name)).casefold()
    for pattern, choice in known:
        if text and re.search(pattern, text):
            return choice
    if text:
        draft.warn(name, f"is none of: {', '.join(choice for _, choice in known)}; taken as {default}")
    return default
