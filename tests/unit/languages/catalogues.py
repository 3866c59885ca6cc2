"""Reading catalogues as a translator's tool would; no tests."""

from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po

from clinic_scheduler import languages

FOLDER = Path(languages.__file__).parent


def sentences_of(code: str) -> list[Message]:
    return [message for message in catalogue(code) if message.id]


def catalogue(code: str) -> Catalog:
    with (FOLDER / f"{code}.po").open("rb") as file:
        return read_po(file, locale=code)


def forms_of(message: Message) -> tuple[str, ...]:
    """What is said: one sentence, or one for each way of counting."""
    return message.string if isinstance(message.string, tuple) else (message.string,)
