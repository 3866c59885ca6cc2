"""flask import-log --guess: what each column of a file is taken for, how sure that is, and a mapping to begin with."""

import json
from datetime import date
from pathlib import Path

import click

from clinic_scheduler.importing import Guess, ImportFileError
from clinic_scheduler.importing.headers import FIELD_LABELS
from clinic_scheduler.importing.limited import LogFile, look_limited
from clinic_scheduler.importing.mapping import mapping_file_text


def say_guesses(file: Path, mapping_file: Path | None, as_of: date) -> None:
    """Print the guesses. Raises ClickException where something that must be known is not sure."""
    try:
        mapping = mapping_file_text(mapping_file) if mapping_file else None
        with file.open("rb") as content:
            found = look_limited(LogFile(content, file.name, as_of, mapping), {}).guess
    except ImportFileError as error:
        raise click.ClickException(str(error)) from error
    except OSError as error:
        raise click.ClickException(f"{file.name} could not be read: {error.strerror}.") from error
    click.echo(f"The header is in {found.language.label}.")
    for column in found.columns:
        why = f" ({column.why or column.because})" if column.fields else ""
        samples = ", ".join(column.samples) or "empty"
        click.echo(
            f"{column.header}: {column.label or 'left out'}, {column.sureness}{why}; for example {samples}"
        )
    if not found.sure:
        raise click.ClickException(_unsure(found))


def _unsure(found: Guess) -> str:
    open_ = dict.fromkeys([*found.missing, *found.rivals])
    labels = ", ".join(FIELD_LABELS[name] for name in open_)
    draft = json.dumps({"columns": found.as_columns()}, ensure_ascii=False)
    return f"Not sure of: {labels}. Nothing was imported. Correct this and give it with --mapping FILE.json: {draft}"
