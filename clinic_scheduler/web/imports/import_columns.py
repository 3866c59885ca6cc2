"""Saying what the columns of an uploaded log are, and what its unknown words mean; then its rows are read."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from clinic_scheduler.importing import MappingError, parse_mapping
from clinic_scheduler.importing.columns.looks import Look
from clinic_scheduler.importing.columns.remembered import (
    CHOICES,
    answers_in,
    header_fingerprint,
    mapping_of_choices,
    with_answers,
)
from clinic_scheduler.importing.columns.unknown_values import UnknownWord, Vocabulary
from clinic_scheduler.services.imports.mappings import remember
from clinic_scheduler.web.context import changing
from clinic_scheduler.web.imports import import_files, import_reading, import_uploads, import_words
from clinic_scheduler.web.imports.import_columns_shown import counts, shown
from clinic_scheduler.web.imports.import_reading import Ask
from clinic_scheduler.web.imports.import_uploads import Upload
from clinic_scheduler.web.policies import policy

blueprint = Blueprint("import_columns", __name__, url_prefix="/imports/columns")
Problems = Sequence[tuple[str, str]]


@blueprint.get("")
@policy("admin")
def columns() -> ResponseReturnValue:
    if elsewhere := _where_the_work_is():
        return elsewhere
    upload = import_uploads.current()
    look = import_uploads.look_at(upload)
    chosen = {int(position): choice for position, choice in upload.chosen.items()}
    problems = [("columns", f"{look.refused} Nothing was imported.")] if look.refused else []
    return _page(upload, look, chosen, problems)


@blueprint.post("")
@policy("admin")
def choose() -> ResponseReturnValue:
    """Take the choices; where words are unknown those are asked next, else the rows are read."""
    if elsewhere := _where_the_work_is():
        return elsewhere
    upload = import_uploads.current()
    look = import_uploads.look_at(upload)
    chosen = {column.position: request.form.get(f"c{column.position}", "") for column in look.guess.columns}
    remembered, order = "remember" in request.form, request.form.get("date_order")
    try:
        said: dict[str, Any] = {"columns": mapping_of_choices(look.header, chosen)}
    except MappingError as error:
        upload.remember = remembered
        return _page(upload, look, chosen, [("columns", f"{error} Nothing was imported.")]), 422
    said |= {"date_order": order} if order in ("mdy", "dmy") else {}
    upload.chosen = {str(position): choice for position, choice in chosen.items()}
    return _go_on(upload, look, look.mapping | said, Ask.EVERY_WORD, remembered)


@blueprint.get("/words")
@policy("admin")
def words() -> ResponseReturnValue:
    if elsewhere := _where_the_work_is():
        return elsewhere
    upload = import_uploads.current()
    return _words_page(upload, import_uploads.look_at(upload))


@blueprint.post("/words")
@policy("admin")
def translate() -> ResponseReturnValue:
    """What is not translated stays as it is: a product's rows are left out, a diagnosis has no course."""
    if elsewhere := _where_the_work_is():
        return elsewhere
    upload = import_uploads.current()
    look = import_uploads.look_at(upload)
    asked = import_uploads.words_of(upload, look)
    answers = [
        (word.vocabulary.value, word.words, request.form[f"w{word.key}"])
        for word in asked
        if f"w{word.key}" in request.form
    ]
    mapping = with_answers(look.mapping, answers)
    try:
        parse_mapping(mapping)
    except MappingError as error:
        return _words_page(upload, look, [("words", f"{error} Nothing was imported.")]), 422
    upload.words = [asdict(word) for word in asked]
    return _go_on(upload, look, mapping, Ask.NOTHING_MORE, upload.remember)


def _where_the_work_is() -> ResponseReturnValue | None:
    """Elsewhere, once rows are being added or as long as nobody has looked at the file; None where one may choose."""
    name = import_files.name_of_upload()
    if import_files.adding_has_begun(name):
        return redirect(url_for("imports.checked"))
    if not import_files.path(name, import_files.LOOK).exists():
        return redirect(url_for("imports.reading_file"))
    return None


def _go_on(
    upload: Upload, look: Look, mapping: Mapping[str, Any], ask: Ask, remembered: bool
) -> ResponseReturnValue:
    """Remember what was said, if it is to be, and read the file by it; what was said before is being read already."""
    kept = {name: value for name, value in mapping.items() if value}
    said = (json.dumps(kept, sort_keys=True), ask.value, remembered)
    if said != (upload.mapping, upload.ask, upload.remember):
        upload.mapping, upload.ask, upload.remember = said
        if remembered and kept:
            with changing() as change:
                names = ", ".join(filter(None, look.header))
                remember(change, header_fingerprint(look.header), names, kept)
        if import_uploads.renew(upload):
            import_reading.begin(upload, ask)
    return redirect(url_for("imports.reading_file"))


def _page(upload: Upload, look: Look, chosen: Mapping[int, str], problems: Problems = ()) -> str:
    """`chosen` is what somebody chose; nothing as long as nobody has."""
    columns = shown(look, chosen)
    return render_template(
        "imports/columns.html",
        upload=upload,
        look=look,
        columns=columns,
        counts=counts(columns),
        words_next=len(import_uploads.unknown_words(look, import_uploads.known_names())),
        choices=CHOICES,
        first=_first_row(look, {column.guess.position: column.choice for column in columns}),
        problems=problems,
    )


def _words_page(upload: Upload, look: Look, problems: Problems = ()) -> str:
    said = json.loads(upload.mapping) if upload.mapping else {}
    answers = {
        UnknownWord(Vocabulary(name), words, 0).key: answer for name, words, answer in answers_in(said)
    }
    return render_template(
        "imports/words.html",
        upload=upload,
        words=[import_words.shown(word, answers) for word in import_uploads.words_of(upload, look)],
        meanings=import_words.meanings(),
        problems=problems,
    )


def _first_row(look: Look, chosen: Mapping[int, str]) -> list[tuple[str, str]]:
    """(what, text) of the first row under the columns that are placed."""
    return [
        (CHOICES[choice], look.first[position])
        for position, choice in sorted(chosen.items())
        if choice in CHOICES and position < len(look.first)
    ]
