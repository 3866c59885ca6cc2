"""Reading the catalogues, once a process and each when it is first needed; dates are put together in dates.py."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time
from functools import cache, cached_property
from io import BytesIO
from pathlib import Path
from types import MappingProxyType

from babel import Locale, dates
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import Translations

ENGLISH = "en"


@dataclass(frozen=True, eq=False, slots=True)
class Language:
    """One language: its sentences, and how CLDR names days and months in it.

    `locale` is the catalogue's own header `Language`, which may be of a region: es_US says `sep`, es says `sept`.
    """

    code: str
    locale: Locale
    catalogue: Translations

    def gettext(self, message: str, /, **values: object) -> str:
        """The sentence with its `%(name)s` filled in; in English where the catalogue lacks it."""
        said: str = self.catalogue.gettext(message)
        return said % values if values else said

    def ngettext(self, one: str, many: str, number: int, /, **values: object) -> str:
        """The form for so many, as the language counts."""
        return self.catalogue.ngettext(one, many, number) % values

    def pgettext(self, context: str, message: str, /) -> str:
        """The words for one use of them, where English has the same for several."""
        return str(self.catalogue.pgettext(context, message))

    def date(self, day: date, pattern: str) -> str:
        """By a pattern of CLDR's: `EEEE d MMMM y`."""
        return dates.format_date(day, pattern, locale=self.locale)

    def time(self, at: time, pattern: str) -> str:
        return dates.format_time(at, pattern, locale=self.locale)


class Catalogues:
    """The languages of a folder of `.po` files. They are small and read as they are: nothing has to be compiled."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._read = cache(self._read_file)

    @cached_property
    def names(self) -> Mapping[str, str]:
        """Code -> what its speakers call it, English first."""
        codes = sorted(
            (file.stem for file in self._folder.glob("*.po")), key=lambda code: (code != ENGLISH, code)
        )
        return MappingProxyType({code: _own_name(code) for code in codes})

    def language(self, tag: str) -> Language:
        return self._read(self.spoken_in(tag))

    def spoken_in(self, tag: str) -> str:
        primary = tag.partition("-")[0].lower()
        return primary if primary in self.names else ENGLISH

    def _read_file(self, code: str) -> Language:
        with (self._folder / f"{code}.po").open("rb") as file:
            catalog = read_po(file, locale=code)
        compiled = BytesIO()
        write_mo(compiled, catalog)
        compiled.seek(0)
        # Read from the header, where that names a region.
        return Language(code, catalog.locale or Locale.parse(code), Translations(compiled))


def _own_name(code: str) -> str:
    name = Locale.parse(code).get_display_name() or code
    return name[:1].upper() + name[1:]


SHIPPED = Catalogues(Path(__file__).parent)


def languages() -> Mapping[str, str]:
    """Code -> the name that speakers of the language give it: es, Español."""
    return SHIPPED.names


def spoken_in(tag: str) -> str:
    """The code of the language for a BCP 47 tag: es for es-MX, English where there is no catalogue."""
    return SHIPPED.spoken_in(tag)


def language(tag: str) -> Language:
    """The language for a BCP 47 tag, English where there is no catalogue."""
    return SHIPPED.language(tag)
