"""Adding some patients of a log at a time, each whole or not at all. The transaction is the caller's."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import TypeVar

from sqlalchemy.exc import DataError, DBAPIError, IntegrityError

from clinic_scheduler.services.imports.applying import Applied
from clinic_scheduler.services.imports.lookups import LogRow

Given = TypeVar("Given")
Batch = Sequence[Sequence[LogRow]]
Transaction = Callable[[], AbstractContextManager[Given]]
"""Begins a unit of work and gives what is worked with: its session, or a Change."""


def add_batch(
    transaction: Transaction[Given], add: Callable[[Given, Batch], Applied], batch: Batch
) -> Applied:
    """Some patients, each whole. Should one fail, the others are committed one by one and it is reported."""
    try:
        with transaction() as given:
            return add(given, batch)
    except (ValueError, DataError, IntegrityError) as error:
        if len(batch) == 1:
            return Applied(refused=[(row.line, _reason(error)) for row in batch[0]])
        applied = Applied()
        for patient in batch:
            applied.add(add_batch(transaction, add, [patient]))
        return applied


def _reason(error: Exception) -> str:
    """In one line; of a database's error its first, since the rest quotes the whole row."""
    if isinstance(error, DBAPIError):
        return f"the database does not take this patient's rows: {str(error.orig).splitlines()[0]}"
    return str(error)
