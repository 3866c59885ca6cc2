"""Dates as people write them: parsing, the file's day/month order, the century of short years."""

import re
import unicodedata
from calendar import monthrange
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Literal

DateOrder = Literal["mdy", "dmy"]
ORDER_WORDS: dict[DateOrder, str] = {"mdy": "month/day/year", "dmy": "day/month/year"}

# How months begin, without accents, in English, German, French and Spanish; longer beginnings first.
_MONTH_NAMES: dict[str, int] = {
    beginning: month
    for month, beginnings in enumerate(
        (
            "jan janv januar january janvier ene enero jaenner janner",
            "feb febr februar february fev fevr fevrier febrero",
            "mar march mars marz maerz marzo mrz",
            "apr april avr avril abr abril",
            "may mai mayo",
            "jun june juni juin junio",
            "jul july juli juil juillet julio",
            "aug august aout ago agosto",
            "sep sept september septembre septiembre setiembre",
            "oct october okt oktober octobre octubre",
            "nov november novembre noviembre",
            "dec december dez dezember decembre dic diciembre",
        ),
        start=1,
    )
    for beginning in beginnings.split()
}
_MONTH = r"(?:de\s+|of\s+)?(?P<name>[a-z]{3,10})\.?"
_OF = r"(?:\s+(?:de|del)\s+)?"
_TIME = r"(?:[t ,]+\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?\s*(?:[ap]\.?m\.?)?\s*(?:z|uhr|h|[+-]\d{2}:?\d{2})?)?"
_WEEKDAY = (
    r"(?:(?:mon|tue|wed|thu|fri|sat|sun|mo|di|mi|do|fr|sa|so|lun|mar|mer|mie|jeu|jue|ven|vie|sam|sab|dim|dom)"
    r"[a-z]*\.?,?\s+)?(?:le\s+)?"
)
_NUMBERS = re.compile(rf"(\d{{1,2}})\s*[/.\- ]\s*(\d{{1,2}})\s*[/.\- ]\s*(\d{{4}}|\d{{2}}){_TIME}", re.I)
_YEAR_FIRST = re.compile(rf"(\d{{4}})[-/.](\d{{1,2}})[-/.](\d{{1,2}}){_TIME}", re.I)
_COMPACT = re.compile(r"((?:19|20)\d{2})(\d{2})(\d{2})")
_DAY_NAME = re.compile(
    rf"(?P<day>\d{{1,2}})(?:st|nd|rd|th|er)?[\s\-/.]*{_MONTH}{_OF}[\s\-/.,]*(?P<year>\d{{4}}|\d{{2}}){_TIME}",
    re.I,
)
_NAME_DAY = re.compile(
    rf"{_MONTH}[\s\-/.]*(?P<day>\d{{1,2}})(?:st|nd|rd|th|er)?[\s,\-/.]+(?P<year>\d{{4}}|\d{{2}}){_TIME}", re.I
)
_SERIAL = re.compile(r"(\d{5})(?:\.\d+)?")
_MONTH_YEAR = re.compile(r"(\d{1,2})\s*[/.\-]\s*(\d{4}|\d{2})")
_YEAR_MONTH = re.compile(r"(\d{4})[-/.](\d{1,2})")
_NAME_YEAR = re.compile(rf"{_MONTH}{_OF}[\s\-/.,]*(?P<year>\d{{4}}|\d{{2}})", re.I)
_PREFIX = re.compile(_WEEKDAY, re.I)


@dataclass(frozen=True, slots=True)
class Written:
    """A date as written. `first` and `second` stand in the file's order unless `month_first` is known."""

    first: int
    second: int
    year: int
    short_year: bool
    month_first: bool | None

    def on(self, order: DateOrder, year: int | None = None) -> date:
        """Raises ValueError where the calendar has no such day."""
        month_first = order == "mdy" if self.month_first is None else self.month_first
        month, day = (self.first, self.second) if month_first else (self.second, self.first)
        return date(year or self.year, month, day)

    def fits(self, order: DateOrder) -> bool:
        """Whether the calendar has this day under an order; a short year may be leap in some century."""
        try:
            self.on(order, 2000 if self.short_year and self.year % 4 == 0 else self._full_year())
        except ValueError:
            return False
        return True

    def _full_year(self) -> int:
        return self.year + 2000 if self.short_year else self.year


@lru_cache(maxsize=65_536)
def parse_written(text: str) -> Written | None:
    """Read the usual ways to write a date; None where the text is none of them. A time of day is dropped."""
    text = _bare(text)
    # "Mar" is March, and Tuesday in French and Spanish: a weekday is only looked for where it must be one.
    return _parse(text) or _parse(_PREFIX.sub("", text, count=1))


def _parse(text: str) -> Written | None:
    if match := _YEAR_FIRST.fullmatch(text) or _COMPACT.fullmatch(text):
        return Written(int(match[2]), int(match[3]), int(match[1]), False, True)
    if match := _NUMBERS.fullmatch(text):
        return Written(int(match[1]), int(match[2]), int(match[3]), len(match[3]) == 2, None)
    match = _DAY_NAME.fullmatch(text) or _NAME_DAY.fullmatch(text)
    if match and (month := _MONTH_NAMES.get(match["name"])):
        return Written(month, int(match["day"]), int(match["year"]), len(match["year"]) == 2, True)
    return None


def _bare(text: str) -> str:
    """Lower case without accents, so that a month's name is found however it is written."""
    text = text.strip().casefold()
    if text.isascii():
        return text
    return "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))


def parse_serial(text: str, epoch: datetime | None) -> Written | None:
    """A workbook's day number ("46235"); None in text files, where such a number is no date."""
    match = _SERIAL.fullmatch(text.strip()) if epoch else None
    if match is None or epoch is None:
        return None
    day = (epoch + timedelta(days=int(match[1]))).date()
    return Written(day.month, day.day, day.year, False, True)


def end_of_month(text: str) -> date | None:
    """An expiry as month and year ("11/2027", "Nov 2027", "2027-11"): good through the month's last day."""
    text = _bare(text)
    if match := _YEAR_MONTH.fullmatch(text):
        year, month = int(match[1]), int(match[2])
    elif match := _MONTH_YEAR.fullmatch(text):
        year, month = int(match[2]), int(match[1])
    elif (match := _NAME_YEAR.fullmatch(text)) and (named := _MONTH_NAMES.get(match["name"])):
        year, month = int(match["year"]), named
    else:
        return None
    year += 2000 if year < 100 else 0
    return date(year, month, monthrange(year, month)[1]) if 1 <= month <= 12 and year >= 1 else None


@dataclass(frozen=True)
class OrderEvidence:
    """Why a file's dates are read month first or day first. Counts are rows; one may count in several."""

    order: DateOrder
    proven_by: int = 0
    against: int = 0
    ambiguous: int = 0
    given: bool = False

    @property
    def certain(self) -> bool:
        return self.given or self.ambiguous == 0 or self.proven_by > self.against

    def says(self) -> str:
        """One sentence or two for the person who imports."""
        words = ORDER_WORDS[self.order]
        if self.given:
            return f"Dates were read as {words}, as the mapping says."
        if self.certain and not self.proven_by:
            return "Every date says which number is the month."
        if self.certain:
            clash = f" {self.against} rows say otherwise and were left out." if self.against else ""
            return (
                f"Dates were read as {words}: {self.proven_by} rows are only possible that way, "
                f"{self.ambiguous} rows could be read both ways.{clash}"
            )
        clash = f", and {self.against} rows speak for each order" if self.against else ""
        return (
            "NOTHING PROVES whether the day or the month comes first: "
            f"{self.ambiguous} rows could be read both ways{clash}. They were read as {words}. "
            'Check some dates, or say it in a mapping file: {"date_order": "dmy"}.'
        )


def weigh_order(rows: Iterable[Iterable[str]], default: DateOrder) -> OrderEvidence:
    """Decide the order for the whole file from its date texts, row by row; most of the proving rows win."""
    proving: dict[DateOrder, int] = {"mdy": 0, "dmy": 0}
    ambiguous = 0
    for texts in rows:
        kinds = {_order_shown(text) for text in texts}
        proving["mdy"] += "mdy" in kinds
        proving["dmy"] += "dmy" in kinds
        ambiguous += "either" in kinds
    other: DateOrder = "dmy" if default == "mdy" else "mdy"
    order = other if proving[other] > proving[default] else default
    against = proving["dmy" if order == "mdy" else "mdy"]
    return OrderEvidence(order, proving[order], against, ambiguous)


def _order_shown(text: str) -> str | None:
    """The only order that makes it a day, "either" where both do, None where the order does not matter."""
    written = parse_written(text)
    if written is None or written.month_first is not None or written.first == written.second:
        return None
    month_first, day_first = written.fits("mdy"), written.fits("dmy")
    if month_first and day_first:
        return "either"
    if month_first or day_first:
        return "mdy" if month_first else "dmy"
    return None


def latest_century(written: Written, order: DateOrder, not_after: date) -> date:
    """A two-digit year in the last century not after `not_after`. Raises ValueError for no such day."""
    if not written.short_year:
        return written.on(order)
    century = not_after.year - not_after.year % 100
    try:
        day = written.on(order, century + written.year)
    except ValueError:
        return written.on(order, century - 100 + written.year)
    return day if day <= not_after else written.on(order, century - 100 + written.year)
