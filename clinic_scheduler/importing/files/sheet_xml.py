"""XML inside a workbook as a stream of starts, texts and ends. No tree is built, so depth and size cost no memory.

A document type is refused, and with it every entity; so is nesting deeper than any sheet's.
"""

from collections.abc import Callable, Iterator
from typing import IO
from xml.parsers import expat

from clinic_scheduler.importing.files.limits import MAX_DEPTH

CHUNK = 1 << 16
Attributes = dict[str, str]


class HostileXml(ValueError):
    """XML that no spreadsheet program writes."""


class Walk:
    """What is called while a part is read; names come without their prefix. Subclasses override what they need."""

    def start(self, name: str, attributes: Attributes) -> None:
        """An element begins."""

    def end(self, name: str, text: str) -> None:
        """An element ends; `text` is what stood in it since the last start or end."""


def walked(part: IO[bytes], walk: Walk) -> Iterator[None]:
    """Feed `walk` piece by piece; each step of the iterator is one piece read. Raises expat's errors, HostileXml."""
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = _handlers(walk)
    parser.StartDoctypeDeclHandler = _refuse_doctype
    while chunk := part.read(CHUNK):
        parser.Parse(chunk, False)
        yield
    parser.Parse(b"", True)


def walk_whole(part: IO[bytes], walk: Walk) -> None:
    for _ in walked(part, walk):
        pass


def _handlers(walk: Walk) -> tuple[Callable[..., None], Callable[..., None], Callable[..., None]]:
    """Closures rather than methods: they run for every cell of a file, millions of times."""
    depth = 0
    texts: list[str] = []
    begin, finish = walk.start, walk.end

    def start(name: str, attributes: Attributes) -> None:
        nonlocal depth
        depth += 1
        if depth > MAX_DEPTH:
            raise HostileXml("elements nested too deep")
        texts.clear()
        begin(name.rpartition(":")[2] if ":" in name else name, attributes)

    def end(name: str) -> None:
        nonlocal depth
        depth -= 1
        finish(name.rpartition(":")[2] if ":" in name else name, "".join(texts))
        texts.clear()

    return start, end, texts.append


def _refuse_doctype(*_declared: object) -> None:
    raise HostileXml("a document type")
