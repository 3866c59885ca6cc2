"""How a style writes a made-up clinic down: cells, rows and bytes. The styles themselves are in `styles`."""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import openpyxl
from made_up_clinic import ABO, INCO, LOWER, MIGRAINE, ONA, UPPER, Site, Visit

PRODUCTS = {ONA: ("Botox", "J0585"), ABO: ("Dysport", "J0586"), INCO: ("Xeomin", "J0588")}
CODES = {MIGRAINE: "G43.709", UPPER: "I69.331", LOWER: "G83.11"}
DIAGNOSES = {
    "en": {MIGRAINE: "Chronic migraine", UPPER: "RUE spasticity", LOWER: "Spasticity, left leg"},
    "de": {MIGRAINE: "Chronische Migräne", UPPER: "Armspastik rechts, Spastik", LOWER: "Spastik linkes Bein"},
    "fr": {MIGRAINE: "Migraine chronique", UPPER: "Spasticité du membre supérieur", LOWER: "Spasticité jambe gauche"},
    "es": {MIGRAINE: "Migraña crónica", UPPER: "Espasticidad del miembro superior", LOWER: "Espasticidad pierna izq."},
}  # fmt: skip
SIDES = {
    "en": {"left": "L", "right": "R"},
    "de": {"left": "links", "right": "rechts"},
    "fr": {"left": "gauche", "right": "droite"},
    "es": {"left": "izquierdo", "right": "derecho"},
}
TOTAL = {"en": "Total", "de": "Summe", "fr": "Total", "es": "Suma"}


@dataclass(frozen=True)
class Style:
    """`columns` are (header, what stands in it), see `Writer.cell`. `lacks` names fields it cannot give.

    `rows` is "visit", "vial" or "muscle"; `sites` are the muscles that have columns of units of their own.
    """

    name: str
    columns: tuple[tuple[str, str], ...]
    language: str = "en"
    delimiter: str = ","
    encoding: str = "utf-8"
    line_end: str = "\r\n"
    dates: str = "%m/%d/%Y"
    decimals: str = "."
    thousands: str = ""
    units_word: str = ""
    names: str = "{FAMILY}, {given}"
    title: tuple[str, ...] = ()
    total: bool = False
    rows: str = "visit"
    visit_totals: bool = False
    repeat_header_every: int = 0
    workbook: bool = False
    lacks: tuple[str, ...] = ()

    @property
    def headers(self) -> list[str]:
        return [header for header, _ in self.columns]


def write(style: Style, visits: list[Visit]) -> bytes:
    """The log of these visits, as a program of this style would give it."""
    rows = list(_table(style, visits))
    if style.workbook:
        return _workbook(style, rows)
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=style.delimiter, lineterminator=style.line_end)
    for line in style.title:
        writer.writerow([line])
    writer.writerows(rows)
    return out.getvalue().encode(style.encoding)


def _workbook(style: Style, rows: list[list[str]]) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    for line in style.title:
        sheet.append([line])
    for row in rows:
        sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _table(style: Style, visits: list[Visit]) -> Iterator[list[str]]:
    header = [name for name, _ in style.columns]
    yield header
    for number, visit in enumerate(visits, start=1):
        for sites, vial in _parts(style, visit):
            writer = Writer(style, visit, sites, vial)
            yield [writer.cell(what) for _, what in style.columns]
        if style.visit_totals:
            yield _visit_total(style, visit)
        if style.repeat_header_every and number % style.repeat_header_every == 0:
            yield header
    if style.total:
        total = Writer(style, visits[0], visits[0].sites, 1).number(sum(visit.units for visit in visits))
        label = TOTAL[style.language]
        yield [label, *(total if what == "units" else "" for _, what in style.columns[1:])]


def _visit_total(style: Style, visit: Visit) -> list[str]:
    """A line after each visit's muscles that says again who it was and what the muscles came to."""
    writer = Writer(style, visit, visit.sites, 1)
    return [TOTAL[style.language] if what == "muscle" else writer.cell(what) for _, what in style.columns]


def _parts(style: Style, visit: Visit) -> Iterator[tuple[tuple[Site, ...], int]]:
    """What each row of a visit tells of: all of it, one vial, one muscle."""
    if style.rows == "muscle":
        yield from (((site,), number) for number, site in enumerate(visit.sites, start=1))
    elif style.rows == "vial" and len(visit.sites) > 1:
        yield visit.sites[:1], 1
        yield visit.sites[1:], 2
    else:
        yield visit.sites, 1


@dataclass(frozen=True)
class Writer:
    """Cells of one row."""

    style: Style
    visit: Visit
    sites: tuple[Site, ...]
    vial: int

    def cell(self, what: str) -> str:
        """What stands under a column; "a+b" joins two, "@Frontalis left" is one site's units, '"text' a fixed text."""
        if what.startswith('"'):
            return what[1:]
        if what.startswith("@"):
            return self._site(what[1:])
        if "+" in what:
            one, other = what.split("+")
            return f"{self.cell(one)} / {self.cell(other)}"
        if "(" in what:
            one, other = what.rstrip(")").split("(")
            return f"{self.cell(one)} ({self.cell(other)})"
        return str(getattr(self, f"_{what}"))

    def number(self, value: float) -> str:
        """ "1.250,5" or "1,250.5" or "1250.5", as the style writes it."""
        whole, _, rest = f"{value:.1f}".partition(".")
        grouped = f"{int(whole):,}".replace(",", self.style.thousands)
        return grouped if rest == "0" else f"{grouped}{self.style.decimals}{rest}"

    def _day(self, day: date) -> str:
        return day.strftime(self.style.dates)

    def _site(self, name: str) -> str:
        muscle, _, side = name.rpartition(" ") if name.endswith((" left", " right")) else (name, "", "")
        found = [s.units for s in self.sites if s.muscle == muscle and side in ("", s.side)]
        return self.number(sum(found)) if found else ""

    @property
    def _mrn(self) -> str:
        return self.visit.patient.mrn

    @property
    def _name(self) -> str:
        patient = self.visit.patient
        return self.style.names.format(
            FAMILY=patient.family.upper(), family=patient.family, given=patient.given
        )

    @property
    def _family(self) -> str:
        return self.visit.patient.family

    @property
    def _given(self) -> str:
        return self.visit.patient.given

    @property
    def _born(self) -> str:
        return self._day(self.visit.patient.born)

    @property
    def _phone(self) -> str:
        return self.visit.patient.phone

    @property
    def _email(self) -> str:
        return self.visit.patient.email

    @property
    def _diagnosis(self) -> str:
        return DIAGNOSES[self.style.language][self.visit.patient.indication]

    @property
    def _code(self) -> str:
        return CODES[self.visit.patient.indication]

    @property
    def _product(self) -> str:
        return PRODUCTS[self.visit.patient.product][0]

    @property
    def _hcpcs(self) -> str:
        """With the name where one billing unit is several of the toxin's, which would be asked about."""
        brand, code = PRODUCTS[self.visit.patient.product]
        return f"{code} {brand}" if code == "J0586" else code

    @property
    def _given_on(self) -> str:
        return self._day(self.visit.given_on)

    @property
    def _units(self) -> str:
        return self.number(sum(site.units for site in self.sites)) + self.style.units_word

    @property
    def _wasted(self) -> str:
        return self.number(self.visit.wasted)

    @property
    def _lot(self) -> str:
        return self.visit.lot

    @property
    def _expires(self) -> str:
        return self._day(self.visit.expires_on)

    @property
    def _provider(self) -> str:
        return self.visit.patient.provider

    @property
    def _muscle(self) -> str:
        return self.sites[0].muscle

    @property
    def _side(self) -> str:
        return SIDES[self.style.language][self.sites[0].side]

    @property
    def _sided_muscle(self) -> str:
        return f"{self._side} {self._muscle}"

    @property
    def _vial(self) -> str:
        return str(self.vial)

    @property
    def _later(self) -> str:
        return self._day(self.visit.given_on + timedelta(days=84))

    @property
    def _earlier(self) -> str:
        return self._day(self.visit.given_on - timedelta(days=91))

    @property
    def _age(self) -> str:
        return str(self.visit.given_on.year - self.visit.patient.born.year)
