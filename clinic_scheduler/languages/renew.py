"""`python -m clinic_scheduler.languages.renew`: takes into every catalogue what code and templates say now.

What nobody says any more goes, what is new comes in empty (in English as the code has it), the rest stays as it is.
"""

import sys
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.pofile import read_po, write_po

from .catalogues import ENGLISH

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
_HEADER = """\
# {title}
msgid ""
msgstr ""
"Language: {language}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: {plural}\\n"

"""
_TEMPLATES = "jinja2.ext:babel_extract"
_PLACES = (
    (ROOT / "clinic_scheduler", [("**.py", "python")]),
    (ROOT / "templates", [("**.html", _TEMPLATES), ("**.txt", _TEMPLATES)]),
)
# Besides gettext and its like: `say`, for code that asks for many; `msgid`, for what is looked up later.
_KEYWORDS = {**DEFAULT_KEYWORDS, "say": None, "msgid": None}
_OPTIONS = {"**.html": {"silent": "false"}, "**.txt": {"silent": "false"}}


def said_now() -> Catalog:
    """Every sentence in code and templates, with the files it stands in."""
    found = Catalog()
    for folder, methods in _PLACES:
        # Folders whose names begin with an underscore are looked into as well.
        found_here = extract_from_dir(folder, methods, _OPTIONS, _KEYWORDS, directory_filter=lambda _: True)
        for file, line, message, _, context in found_here:
            place = (folder.relative_to(ROOT) / file).as_posix()
            found.add(message, locations=[(place, line)], context=context)
    return found


def renewed(old: bytes, code: str, template: Catalog) -> bytes:
    """The catalogue with what is said now, by alphabet and without places, which change; `template` is used up."""
    catalog = read_po(BytesIO(old), locale=code)
    headers = dict(catalog.mime_headers)
    language, plural = headers.get("Language", code), headers.get("Plural-Forms", catalog.plural_forms)
    catalog.update(template, no_fuzzy_matching=True)
    catalog.obsolete.clear()
    if code == ENGLISH:
        for message in catalog:
            if is_empty(message):
                message.string = message.id
    body = BytesIO()
    write_po(body, catalog, width=110, omit_header=True, no_location=True, sort_output=True)
    title = f"What patients read, in {catalog.locale.english_name if catalog.locale else code}."
    head = _HEADER.format(title=title, language=language, plural=plural)
    return head.encode() + body.getvalue()


def is_empty(message: Message) -> bool:
    """Whether a sentence, or one of its plural forms, has no words yet."""
    forms = message.string if isinstance(message.string, tuple) else (message.string,)
    return bool(message.id) and not all(forms)


def main() -> None:
    for file in sorted(HERE.glob("*.po")):
        file.write_bytes(renewed(file.read_bytes(), file.stem, said_now()))
        catalog = read_po(BytesIO(file.read_bytes()), locale=file.stem)
        empty = sum(map(is_empty, catalog))
        sys.stdout.write(f"{file.name}: {len(catalog)} sentences, {empty} to translate\n")


if __name__ == "__main__":
    main()
