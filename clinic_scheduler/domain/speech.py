"""What the domain asks of a language to say a sentence in it; the languages themselves come from outside."""

from datetime import date
from typing import Protocol


class Speech(Protocol):
    """One language; `values` fill the `%(name)s` of a sentence."""

    def gettext(self, message: str, /, **values: object) -> str: ...

    def ngettext(self, one: str, many: str, number: int, /, **values: object) -> str: ...

    def pgettext(self, context: str, message: str, /) -> str: ...

    def date(self, day: date, pattern: str) -> str:
        """By a pattern of CLDR's."""
        ...


def msgid(sentence: str) -> str:
    """Marks a sentence that is looked up elsewhere, so that it gets into the catalogues."""
    return sentence
