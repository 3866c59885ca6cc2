"""A language nobody wrote a line of code for: Esperanto, of which the product knows nothing but one file. No tests."""

from io import BytesIO
from pathlib import Path
from shutil import copy

import pytest
from babel.messages.pofile import read_po, write_po

from clinic_scheduler import languages
from clinic_scheduler.languages import Catalogues, catalogues

SHIPPED = Path(languages.__file__).parent
CODE = "eo"
# Dates in an order, and hours in a way, that neither English nor Spanish has.
PATTERNS = {
    "EEEE d MMMM y": "EEEE, 'la' d-'a' 'de' MMMM y",
    "EEEE d MMMM": "EEEE, 'la' d-'a' 'de' MMMM",
    "EEEE, MMMM d": "EEEE, 'la' d-'a' 'de' MMMM",
    "MMMM d": "'la' d-'a' 'de' MMMM",
    "h:mm 'am'": "HH:mm",
    "h:mm 'pm'": "HH:mm",
}


@pytest.fixture
def third_language(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its catalogue has every sentence in guillemets, so that one in English shows."""
    for file in SHIPPED.glob("*.po"):
        copy(file, tmp_path)
    catalog = read_po(BytesIO((SHIPPED / "en.po").read_bytes()), locale=CODE)
    for message in catalog:
        if isinstance(message.id, tuple):
            message.string = tuple(f"«{form}»" for form in message.id)
        elif message.id:
            message.string = PATTERNS.get(message.id) or f"«{message.id}»"
        if message.context and "date: " in message.context and message.id not in PATTERNS:
            message.string = message.id
    written = BytesIO()
    write_po(written, catalog)
    (tmp_path / f"{CODE}.po").write_bytes(written.getvalue().replace(b"Language: en", b"Language: eo"))
    monkeypatch.setattr(catalogues, "SHIPPED", Catalogues(tmp_path))
