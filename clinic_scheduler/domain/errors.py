"""The errors the rules raise, in words a person can act on."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Refusal:
    """What is wrong with an entry: at which field (empty: none of its own), a code for programs, and the words."""

    field: str
    code: str
    text: str


class InvalidInput(ValueError):
    """A value that cannot be what it claims to be; the message says which and why."""

    def __init__(self, text: str, field: str = "", code: str = "invalid") -> None:
        super().__init__(text)
        self.refusal = Refusal(field, code, text)


class BookingRefused(Exception):
    """A booking the rules or the calendar do not allow. Nothing was booked.

    `rule` is the rule id or a short code; `safe_from` is the first day the rule allows, where it names one;
    `summary` says the same for a page that shows beside it what stands in the way.
    """

    def __init__(
        self, rule: str, message: str, *, safe_from: date | None = None, summary: str | None = None
    ) -> None:
        super().__init__(message)
        self.rule = rule
        self.message = message
        self.safe_from = safe_from
        self.summary = summary or message

    def saying(self, what: str) -> "BookingRefused":
        """The same of something else than a booking: "Nothing was moved"."""
        message, summary = (text.replace("Nothing was booked", what) for text in (self.message, self.summary))
        return BookingRefused(self.rule, message, safe_from=self.safe_from, summary=summary)


class ActionRefused(Exception):
    """Something staff asked for that cannot be done as things stand; the message says why. Nothing was changed."""


class ChangedMeanwhile(Exception):
    """Somebody else saved the same record after this form was opened. Nothing was saved."""


class NotFound(LookupError):
    """There is no such row, or none this clinic may see; the two are told alike."""
