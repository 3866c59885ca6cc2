"""ICD-10-CM codes: finding them in a cell, and which of our records' patterns they fit."""

import re
from functools import lru_cache

_CODE = re.compile(r"(?<![A-Z0-9])([A-TV-Z][0-9][0-9A-Z])(?:\.?([0-9A-Z]{1,4}))?(?![A-Z0-9])")
# Within words a bare "M62" or "L74" may be anything: a code there has its dot, or as many signs as a full one.
_CODE_IN_WORDS = re.compile(
    r"(?<![A-Z0-9])(?:G35|[A-TV-Z]\d\d\.[0-9A-Z]{1,4}|(?:G\d\d|I69|M62|R25|L74|N32|K11)[0-9A-Z]{1,4})(?![A-Z0-9])"
)
_RANGE = re.compile(r"(\d)(\d)-\1(\d)")


def codes_in(text: str) -> list[str]:
    """Codes with their dot: "g43719; R51" -> ["G43.719", "R51"]."""
    return [f"{stem}.{rest}" if rest else stem for stem, rest in _CODE.findall(text.upper())]


def codes_among_words(text: str) -> list[str]:
    """Those that stand among other words and can be nothing else."""
    return codes_in(" ".join(_CODE_IN_WORDS.findall(text.upper())))


def fits(code: str, patterns: tuple[str, ...]) -> bool:
    """Whether a code is one of a record's: "G43.7*" any ending, "I69.*51-59" the last two signs from 51 to 59.

    A code that stops before its last sign fits where every one it may mean does (I69.35).
    """
    return any(_compiled(pattern).fullmatch(code) for pattern in patterns)


@lru_cache(maxsize=512)
def _compiled(pattern: str) -> re.Pattern[str]:
    start, star, end = pattern.partition("*")
    some = _RANGE.fullmatch(end)
    tail = f"{some[1]}[{some[2]}-{some[3]}]?" if some else re.escape(end)
    # A number of signs between the two parts is one; without an end anything may follow, the dot as well.
    middle = ("[0-9A-Z]" if end else "[.0-9A-Z]*") if star else ""
    stem = re.escape(start.removesuffix(".") if star and not end else start)
    return re.compile(stem + middle + tail)
