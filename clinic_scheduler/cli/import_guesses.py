"""flask import-log --guess: what each column of a file is taken for, how sure that is, and a mapping to begin with."""

import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import click

from clinic_scheduler.importing import Guess, ImportFileError
from clinic_scheduler.importing.columns.headers import FIELD_LABELS
from clinic_scheduler.importing.files.limited import LogFile, look_limited

Remembered = Mapping[str, Mapping[str, Any]]


def say_guesses(file: Path, mapping: str | None, as_of: date, remembered: Remembered) -> str | None:
    """Print the guesses, and return the text of the mapping to read the file by.

    `mapping` is a mapping file's text; without one, what is `remembered` of the header's fingerprint is used. Raises
    ClickException where something that must be known is not sure.
    """
    try:
        with file.open("rb") as content:
            look = look_limited(LogFile(content, file.name, as_of, mapping), remembered)
    except ImportFileError as error:
        raise click.ClickException(str(error)) from error
    except OSError as error:
        raise click.ClickException(f"{file.name} could not be read: {error.strerror}.") from error
    found = look.guess
    if mapping is None and look.mapping:
        click.echo(
            "What this clinic remembers of these headers is used. It is changed and forgotten under Settings, "
            "Remembered columns."
        )
    if look.refused:
        raise click.ClickException(f"{look.refused} Nothing was imported.")
    click.echo(f"The header is in {found.language.label}.")
    for column in found.columns:
        why = f" ({column.why or column.because})" if column.fields else ""
        samples = ", ".join(column.samples) or "empty"
        click.echo(
            f"{column.header}: {column.label or 'left out'}, {column.sureness}{why}; for example {samples}"
        )
    if not found.sure:
        raise click.ClickException(_unsure(found))
    return mapping if mapping is not None or not look.mapping else json.dumps(look.mapping)


def _unsure(found: Guess) -> str:
    open_ = dict.fromkeys([*found.missing, *found.rivals])
    labels = ", ".join(FIELD_LABELS[name] for name in open_)
    draft = json.dumps({"columns": found.as_columns()}, ensure_ascii=False)
    return f"Not sure of: {labels}. Nothing was imported. Correct this and give it with --mapping FILE.json: {draft}"
