"""Text made safe for iCalendar: cleaning and escaping; no wording."""

import re

from icalendar import vText

_LINE_BREAKS = re.compile("\r\n|[\r\x85\u2028\u2029]")
# Control characters other than the line feed, and surrogates, which no UTF-8 encoder accepts.
_UNPRINTABLE = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\ud800-\udfff]")


def clean(value: str) -> str:
    """Every line break as a line feed, tabs as spaces, no control characters and no lone surrogates.

    One raw control character makes some readers drop the whole feed, not only its event.
    """
    return _UNPRINTABLE.sub("", _LINE_BREAKS.sub("\n", value).replace("\t", " "))


class PlainText(vText):
    r"""Cleaned TEXT, escaped by RFC 5545 section 3.3.11 alone: a typed backslash and N stay as they are."""

    __slots__ = ()

    def __new__(cls, value: str) -> "PlainText":
        return super().__new__(cls, clean(value))

    def to_ical(self) -> bytes:
        escaped = re.sub(r"([\\;,])", r"\\\1", self).replace("\n", r"\n")
        return escaped.encode()
