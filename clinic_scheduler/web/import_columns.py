"""Saying what the columns of an uploaded log are, and what its unknown words mean; then its rows are read."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from clinic_scheduler.db import unit_of_work
from clinic_scheduler.domain.indications import INDICATIONS, OTHER
from clinic_scheduler.domain.products import PRODUCTS
from clinic_scheduler.importing import MappingError, Sureness
from clinic_scheduler.importing.guesses import ColumnGuess
from clinic_scheduler.importing.headers import FIELD_LABELS
from clinic_scheduler.importing.looks import Look
from clinic_scheduler.importing.mapping import LIMBS
from clinic_scheduler.importing.remembered import CHOICES, header_fingerprint, mapping_of_choices
from clinic_scheduler.importing.unknown_values import Vocabulary
from clinic_scheduler.queries.providers import providers_of
from clinic_scheduler.services.import_mappings import remember
from clinic_scheduler.web import import_reading, import_uploads
from clinic_scheduler.web.context import actor, now, reading
from clinic_scheduler.web.import_reading import Ask
from clinic_scheduler.web.import_uploads import Upload
from clinic_scheduler.web.policies import policy

blueprint = Blueprint("import_columns", __name__, url_prefix="/imports/columns")
Problems = Sequence[tuple[str, str]]


@blueprint.get("")
@policy("admin")
def columns() -> ResponseReturnValue:
    upload = import_uploads.current()
    look = import_uploads.look_at(upload)
    chosen = {
        column.position: _choice(column)
        for column in look.guess.columns
        if column.sureness is not Sureness.UNKNOWN
    }
    return _page(upload, look, chosen)


@blueprint.post("")
@policy("admin")
def choose() -> ResponseReturnValue:
    """Take the choices; where words are unknown those are asked next, else the rows are read."""
    upload = import_uploads.current()
    look = import_uploads.look_at(upload)
    chosen = {column.position: request.form.get(f"c{column.position}", "") for column in look.guess.columns}
    upload.remember = "remember" in request.form
    order = request.form.get("date_order")
    try:
        said: dict[str, Any] = {"columns": mapping_of_choices(look.header, chosen)}
    except MappingError as error:
        return _page(upload, look, chosen, [("columns", str(error))]), 422
    said |= {"date_order": order} if order in ("mdy", "dmy") else {}
    return _go_on(upload, look, look.mapping | said, Ask.EVERY_WORD)


@blueprint.get("/words")
@policy("admin")
def words() -> ResponseReturnValue:
    upload = import_uploads.current()
    look = import_uploads.look_at(upload)
    return render_template(
        "imports/words.html",
        upload=upload,
        words=import_uploads.unknown_words(look, import_uploads.known_providers()),
        choices={
            Vocabulary.PRODUCTS: list(PRODUCTS),
            Vocabulary.DIAGNOSES: [*INDICATIONS, OTHER],
            Vocabulary.LIMBS: list(LIMBS),
            Vocabulary.PROVIDERS: [provider.name for provider in providers_of(reading(), actor().clinic_id)],
        },
    )


@blueprint.post("/words")
@policy("admin")
def translate() -> ResponseReturnValue:
    """What is not translated stays unknown: a product's rows are left out, a diagnosis has no course."""
    upload = import_uploads.current()
    look = import_uploads.look_at(upload)
    mapping = dict(look.mapping)
    for place, word in enumerate(look.words):
        if meant := request.form.get(f"w{place}", ""):
            said = mapping.get(word.vocabulary.value, {})
            mapping[word.vocabulary.value] = {**said, word.words: meant}
    return _go_on(upload, look, mapping, Ask.NOTHING_MORE)


def _go_on(upload: Upload, look: Look, mapping: Mapping[str, Any], ask: Ask) -> ResponseReturnValue:
    """Remember what was said, if it is to be, and read the file by it."""
    kept = {name: value for name, value in mapping.items() if value}
    if upload.remember and kept:
        with unit_of_work() as session:
            shown = ", ".join(filter(None, look.header))
            remember(session, actor(), header_fingerprint(look.header), shown, kept, now())
    upload.mapping = json.dumps(kept)
    import_uploads.renew(upload)
    import_reading.begin(upload, ask)
    return redirect(url_for("imports.reading_file"))


def _choice(column: ColumnGuess) -> str:
    """The value of the select: fields of a pair stand in the order of the choices."""
    both = "+".join(column.fields)
    return both if both in CHOICES else "+".join(reversed(column.fields))


def _page(upload: Upload, look: Look, chosen: Mapping[int, str], problems: Problems = ()) -> str:
    ordered = sorted(look.guess.columns, key=lambda column: (_group(column), column.position))
    return render_template(
        "imports/columns.html",
        upload=upload,
        look=look,
        columns=ordered,
        groups=[_group(column) for column in ordered],
        chosen=chosen,
        choices=CHOICES,
        labels=FIELD_LABELS,
        first=_first_row(look, chosen),
        problems=problems,
    )


def _group(column: ColumnGuess) -> int:
    """0 needs a person, 1 is likely, 2 sure, 3 left out."""
    if column.sureness is Sureness.UNKNOWN:
        return 0 if column.could_be else 3
    return 1 if column.sureness is Sureness.LIKELY else 2


def _first_row(look: Look, chosen: Mapping[int, str]) -> list[tuple[str, str]]:
    """(what, text) of the first row under the columns that are placed."""
    return [
        (CHOICES[choice], look.first[position])
        for position, choice in sorted(chosen.items())
        if choice in CHOICES and position < len(look.first)
    ]
