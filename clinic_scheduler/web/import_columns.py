"""Saying what the columns of an uploaded log are, and what its unknown words mean; then the file is checked."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from clinic_scheduler.db import unit_of_work
from clinic_scheduler.importing import (
    Guess,
    LogMapping,
    MappingError,
    Sureness,
    Table,
    UnrecognisedColumns,
    parse_mapping,
    read_log,
    read_table,
)
from clinic_scheduler.importing.columns import choose_columns, guess_table
from clinic_scheduler.importing.dates import OrderEvidence
from clinic_scheduler.importing.guesses import ColumnGuess
from clinic_scheduler.importing.headers import FIELD_LABELS
from clinic_scheduler.importing.indications import INDICATIONS
from clinic_scheduler.importing.mapping import LIMBS
from clinic_scheduler.importing.products import PLAUSIBLE_UNITS
from clinic_scheduler.importing.reading import date_order_of
from clinic_scheduler.importing.remembered import CHOICES, header_fingerprint, mapping_of_choices
from clinic_scheduler.importing.unknown_values import UnknownWord, Vocabulary, unknown_words
from clinic_scheduler.queries.providers import providers_of
from clinic_scheduler.services.import_lookups import bare_name
from clinic_scheduler.services.import_mappings import remember
from clinic_scheduler.web import import_uploads
from clinic_scheduler.web.context import actor, now, reading, today
from clinic_scheduler.web.import_uploads import Upload
from clinic_scheduler.web.imports import check_file
from clinic_scheduler.web.policies import policy

blueprint = Blueprint("import_columns", __name__, url_prefix="/imports/columns")
Problems = Sequence[tuple[str, str]]


@blueprint.get("")
@policy("admin")
def columns() -> ResponseReturnValue:
    upload = import_uploads.current()
    table = _table(upload)
    guess = guess_table(table, parse_mapping(upload.mapping).columns)
    chosen = {
        column.position: _choice(column)
        for column in guess.columns
        if column.sureness is not Sureness.UNKNOWN
    }
    return _page(upload, table, guess, chosen)


@blueprint.post("")
@policy("admin")
def choose() -> ResponseReturnValue:
    """Take the choices; where words are unknown ask for those next, else check the file."""
    upload = import_uploads.current()
    table = _table(upload)
    guess = guess_table(table, {})
    chosen = {column.position: request.form.get(f"c{column.position}", "") for column in guess.columns}
    upload.remember = "remember" in request.form
    order = request.form.get("date_order")
    try:
        said: dict[str, Any] = {"columns": mapping_of_choices(table.header, chosen)}
        said |= {"date_order": order} if order in ("mdy", "dmy") else {}
        upload.mapping = upload.mapping | said
        if not _unknown(table, parse_mapping(upload.mapping)):
            return _check(upload, table)
    except (MappingError, UnrecognisedColumns) as error:
        return _page(upload, table, guess, chosen, [("columns", str(error))]), 422
    import_uploads.save(upload)
    return redirect(url_for("import_columns.values"))


@blueprint.get("/words")
@policy("admin")
def values() -> ResponseReturnValue:
    upload = import_uploads.current()
    return _words_page(upload, _unknown(_table(upload), parse_mapping(upload.mapping)))


@blueprint.post("/words")
@policy("admin")
def translate() -> ResponseReturnValue:
    """What is not translated stays unknown: its rows are left out, or its provider is new."""
    upload = import_uploads.current()
    table = _table(upload)
    words = _unknown(table, parse_mapping(upload.mapping))
    for vocabulary in Vocabulary:
        said = {
            word.words: request.form.get(f"w{index}", "")
            for index, word in enumerate(words)
            if word.vocabulary is vocabulary
        }
        meant = {word: value for word, value in said.items() if value}
        upload.mapping[vocabulary.value] = {**upload.mapping.get(vocabulary.value, {}), **meant}
    return _check(upload, table)


def _check(upload: Upload, table: Table) -> ResponseReturnValue:
    """Read the file as it was said, remember that, and show what would be added."""
    read = read_log(upload.content(), as_of=today(), filename=upload.filename, mapping=upload.mapping)
    import_uploads.save(upload)
    if upload.remember:
        kept = {name: value for name, value in upload.mapping.items() if value}
        with unit_of_work() as session:
            shown = ", ".join(filter(None, table.header))
            remember(session, actor(), header_fingerprint(table.header), shown, kept, now())
    check_file(read, upload.filename)
    return redirect(url_for("imports.checked"))


def _table(upload: Upload) -> Table:
    return read_table(upload.content(), upload.filename, parse_mapping(upload.mapping).hints)


def _choice(column: ColumnGuess) -> str:
    """The value of the select: fields of a pair stand in the order of the choices."""
    both = "+".join(column.fields)
    return both if both in CHOICES else "+".join(reversed(column.fields))


def _unknown(table: Table, mapping: LogMapping) -> list[UnknownWord]:
    return unknown_words(table, choose_columns(table, mapping.columns), mapping, _knows_provider())


def _knows_provider() -> Callable[[str], bool]:
    known = {bare_name(provider.name) for provider in _providers()}
    return lambda name: bare_name(name) in known


def _providers() -> Sequence[Any]:
    return providers_of(reading(), actor().clinic_id)


def _page(
    upload: Upload, table: Table, guess: Guess, chosen: Mapping[int, str], problems: Problems = ()
) -> str:
    evidence: OrderEvidence = date_order_of(table, guess)
    ordered = sorted(guess.columns, key=lambda column: (_group(column), column.position))
    return render_template(
        "imports/columns.html",
        upload=upload,
        table=table,
        guess=guess,
        columns=ordered,
        groups=[_group(column) for column in ordered],
        chosen=chosen,
        choices=CHOICES,
        labels=FIELD_LABELS,
        evidence=evidence,
        first=_first_row(table, chosen),
        problems=problems,
    )


def _group(column: ColumnGuess) -> int:
    """0 needs a person, 1 is likely, 2 sure, 3 left out."""
    if column.sureness is Sureness.UNKNOWN:
        return 0 if column.could_be else 3
    return 1 if column.sureness is Sureness.LIKELY else 2


def _first_row(table: Table, chosen: Mapping[int, str]) -> list[tuple[str, str]]:
    """(what, text) of the first row under the columns that are placed."""
    if not table.rows:
        return []
    cells = table.rows[0].cells
    return [
        (CHOICES[choice], cells[position].strip())
        for position, choice in sorted(chosen.items())
        if choice in CHOICES and position < len(cells)
    ]


def _words_page(upload: Upload, words: list[UnknownWord]) -> str:
    return render_template(
        "imports/words.html",
        upload=upload,
        words=words,
        choices={
            Vocabulary.PRODUCTS: list(PLAUSIBLE_UNITS),
            Vocabulary.DIAGNOSES: list(INDICATIONS),
            Vocabulary.LIMBS: list(LIMBS),
            Vocabulary.PROVIDERS: [provider.name for provider in _providers()],
        },
    )
