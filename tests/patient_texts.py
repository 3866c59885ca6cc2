"""What patients read, compared with files of it that people can read too; no tests.

`RENEW_GOLDEN=1` writes the files anew: only for a change of words that is meant.
"""

import os
import re
from collections.abc import Iterable
from html.parser import HTMLParser
from pathlib import Path

GOLDEN = Path(__file__).parent / "golden" / "patients"
# Attributes that are read out or shown.
_SHOWN = ("lang", "hreflang", "aria-label", "data-copied", "title", "placeholder", "alt")
_TOKEN = re.compile(r"[A-Za-z0-9_.-]{43,}")


def same_as_golden(name: str, parts: Iterable[tuple[str, str]]) -> None:
    """`parts` are (heading, text), in order."""
    told = "".join(f"##### {heading}\n{text.rstrip(chr(10))}\n\n" for heading, text in parts)
    file = GOLDEN / name
    if os.environ.get("RENEW_GOLDEN"):
        file.write_text(told, "utf-8", newline="\n")
    assert told == file.read_bytes().decode("utf-8")


class _Reading(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.lines += [f"[{name}={value}]" for name, value in attrs if name in _SHOWN]

    def handle_data(self, data: str) -> None:
        if said := re.sub(r"[ \n\t]+", " ", data).strip(" "):
            self.lines.append(said)


def page_text(html: str) -> str:
    """A line for each piece of text and each attribute that is read out; links' tokens made the same."""
    reading = _Reading()
    reading.feed(html)
    reading.close()
    return _TOKEN.sub("TOKEN", "\n".join(reading.lines))
