"""Toxin given elsewhere: the day as far as it is known, and the source of that knowledge. Pure."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date

from clinic_scheduler.domain.codes import Labelled
from clinic_scheduler.domain.errors import InvalidInput
from clinic_scheduler.domain.forecast.intervals import spoken
from clinic_scheduler.domain.visits.treatment_checks import VOID_REASONS

# No botulinum toxin was on any market before; a year such as 1026 is a slip of the finger.
FIRST_DAY = date(1985, 1, 1)
# What a log calls a treatment given elsewhere, in its column Kind.
KIND = "Given elsewhere"
# Under no course it cannot be under the wrong one.
VOID_REASONS_ELSEWHERE = {code: words for code, words in VOID_REASONS.items() if code != "wrong_course"}


class KnownFrom(Labelled):
    """Who says that it was given."""

    PATIENT = "patient", "The patient said so"
    CLINIC = "clinic", "Letter or record of the other clinic"
    PHARMACY = "pharmacy", "Pharmacy or payer record"
    IMPORT = "import", "Imported from a file"

    @classmethod
    def labelled(cls, words: str) -> "KnownFrom | None":
        """The one an export calls so; None for other words."""
        return next((each for each in cls if each.label.casefold() == words.casefold()), None)


@dataclass(frozen=True, slots=True)
class RoughDay:
    """A year, with its month and day as far as they are known; without the day it is approximate."""

    year: int
    month: int | None = None
    day: int | None = None

    @property
    def is_approximate(self) -> bool:
        return self.day is None

    def last_possible(self, today: date) -> date:
        """The last day it can have been, which keeps a minimum interval a minimum; never after `today`.

        Raises InvalidInput for what is no date, wholly in the future, or before there was any toxin.
        """
        first, last = self._span()
        given_on = last if first > today else min(last, today)
        require_possible(given_on, today)
        return given_on

    def _span(self) -> tuple[date, date]:
        if self.month is None:
            if self.day is not None:
                raise InvalidInput("a day needs its month; leave the day empty if the month is not known")
            return self._date(1, 1), self._date(12, 31)
        if self.day is not None:
            day = self._date(self.month, self.day)
            return day, day
        first = self._date(self.month, 1)
        return first, first.replace(day=monthrange(first.year, first.month)[1])

    def _date(self, month: int, day: int) -> date:
        try:
            return date(self.year, month, day)
        except (ValueError, OverflowError):
            raise InvalidInput("there is no such day; check day, month and year") from None


def require_possible(given_on: date, today: date) -> None:
    """Raises InvalidInput for a day on which nothing can have been given."""
    if given_on > today:
        raise InvalidInput(
            f"{spoken(given_on)} is in the future; what was given elsewhere is entered afterwards"
        )
    if given_on < FIRST_DAY:
        raise InvalidInput(f"{spoken(given_on)} is before there was any such toxin; check the year")
