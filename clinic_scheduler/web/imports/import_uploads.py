"""What was uploaded: the file, what is said of it, what a look at it found; kept until its import ends.

It has one name with what is read of it (import_files), belongs to the same sign-in, and is gone after the same hour.
"""

import json
import os
from dataclasses import asdict, dataclass, field
from shutil import copyfileobj
from typing import IO, Any

from clinic_scheduler.importing import uploads
from clinic_scheduler.importing.columns.looks import Look, told_look
from clinic_scheduler.importing.columns.mapping import words_key
from clinic_scheduler.importing.columns.unknown_values import UnknownWord, Vocabulary
from clinic_scheduler.queries.places import places_of
from clinic_scheduler.queries.providers import providers_of
from clinic_scheduler.services.imports.lookups import bare_name
from clinic_scheduler.web.context import actor, reading
from clinic_scheduler.web.imports import import_files
from clinic_scheduler.web.imports.import_files import ASKED, LOOK, UPLOAD, own_values, path

WORDS_SHOWN = 40


@dataclass(frozen=True)
class KnownNames:
    """Names as they are compared: bare of titles and points, of places without case and spacing."""

    providers: frozenset[str]
    places: frozenset[str]

    def has(self, word: UnknownWord) -> bool:
        if word.vocabulary is Vocabulary.PROVIDERS:
            return bare_name(word.words) in self.providers
        return word.vocabulary is Vocabulary.PLACES and words_key(word.words) in self.places


@dataclass(slots=True)
class Upload:
    """`mapping` is a mapping file's text: one that came with the upload, or what was chosen since.

    `chosen`: the choices of columns as they were sent, by position; `words`: what was answered of words, with how
    it was asked; `ask`: when a person was to be asked again.
    """

    name: str
    user_id: int
    clinic_id: int
    filename: str
    mapping: str | None = None
    remember: bool = True
    ask: str = ""
    chosen: dict[str, str] = field(default_factory=dict)
    words: list[dict[str, Any]] = field(default_factory=list)


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


def renew(upload: Upload) -> bool:
    """Keep what is now said of it under a new name: whoever still reads it under the old one ends.

    False where the same was asked twice and the other one has taken it. The last look stays until there is another.
    """
    old, upload.name = upload.name, uploads.name_beside(upload.name)
    try:
        os.replace(path(old, UPLOAD), path(upload.name, UPLOAD))
        os.replace(path(old, LOOK), path(upload.name, LOOK))
    except FileNotFoundError:
        return False
    _save(upload)
    import_files.rename(old, upload.name)
    return True


def look_at(upload: Upload) -> Look:
    """What was found in it. Raises NotFound where nobody has looked yet."""
    return told_look(own_values(upload.name, LOOK)["look"])


def known_names() -> KnownNames:
    """Whom and what this clinic knows by name."""
    session, clinic_id = reading(), actor().clinic_id
    return KnownNames(
        frozenset(bare_name(provider.name) for provider in providers_of(session, clinic_id)),
        frozenset(words_key(place) for place in places_of(session, clinic_id)),
    )


def unknown_words(look: Look, known: KnownNames) -> list[UnknownWord]:
    """The words to ask about, so many at most as a page shows."""
    return [word for word in look.words if not known.has(word)][:WORDS_SHOWN]


def words_of(upload: Upload, look: Look) -> list[UnknownWord]:
    """The words to ask about and those that were answered: an answer may be taken back until rows are added."""
    answered = [UnknownWord(**word | {"vocabulary": Vocabulary(word["vocabulary"])}) for word in upload.words]
    every = {word.key: word for word in [*answered, *unknown_words(look, known_names())]}
    return list(every.values())


def _save(upload: Upload) -> None:
    uploads.put(path(upload.name, ASKED), json.dumps(asdict(upload)).encode())
