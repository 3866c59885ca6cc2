"""What was uploaded: the file, what is said of it, what a look at it found; kept until its import ends.

It has one name with what is read of it (import_files), belongs to the same sign-in, and is gone after the same hour.
"""

import json
import os
from collections.abc import Collection
from dataclasses import asdict, dataclass
from shutil import copyfileobj
from typing import IO

from clinic_scheduler.domain.errors import NotFound
from clinic_scheduler.importing import uploads
from clinic_scheduler.importing.looks import Look, told_look
from clinic_scheduler.importing.unknown_values import UnknownWord, Vocabulary
from clinic_scheduler.queries.providers import providers_of
from clinic_scheduler.services.import_lookups import bare_name
from clinic_scheduler.web import import_files
from clinic_scheduler.web.context import actor, reading
from clinic_scheduler.web.import_files import ASKED, LOOK, UPLOAD, own_values, path

WORDS_SHOWN = 40


@dataclass(slots=True)
class Upload:
    """`mapping` is a mapping file's text: one that came with the upload, or what was chosen since."""

    name: str
    user_id: int
    clinic_id: int
    filename: str
    mapping: str | None = None
    remember: bool = True


def keep(content: IO[bytes], filename: str, mapping: str | None) -> Upload:
    """In place of whatever this sign-in had uploaded before."""
    name = import_files.new_upload()
    with uploads.private(path(name, UPLOAD)) as out:
        copyfileobj(content, out)
    upload = Upload(name, actor().user_id or 0, actor().clinic_id, filename, mapping)
    _save(upload)
    return upload


def current() -> Upload:
    """Raises NotFound where this sign-in has uploaded nothing, or its import has ended."""
    return Upload(**own_values(import_files.name_of_upload(), ASKED))


def renew(upload: Upload) -> None:
    """Keep what is now said of it under a new name: whoever still reads it under the old one ends."""
    old, upload.name = upload.name, uploads.name_beside(upload.name)
    try:
        os.replace(path(old, UPLOAD), path(upload.name, UPLOAD))
    except FileNotFoundError:
        raise NotFound("no import is under way") from None
    import_files.rename(old, upload.name)
    _save(upload)


def look_at(upload: Upload) -> Look:
    """What was found in it. Raises NotFound where nobody has looked yet."""
    return told_look(own_values(upload.name, LOOK)["look"])


def known_providers() -> frozenset[str]:
    return frozenset(bare_name(provider.name) for provider in providers_of(reading(), actor().clinic_id))


def unknown_words(look: Look, known: Collection[str]) -> list[tuple[int, UnknownWord]]:
    """The words to ask about, each with its place among all that the look lists."""
    asked = [
        (place, word)
        for place, word in enumerate(look.words)
        if word.vocabulary is not Vocabulary.PROVIDERS or bare_name(word.words) not in known
    ]
    return asked[:WORDS_SHOWN]


def _save(upload: Upload) -> None:
    uploads.put(path(upload.name, ASKED), json.dumps(asdict(upload)).encode())
