"""CSV files for a browser to keep: sent as they are written, cells safe in a spreadsheet, names that tell nothing."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from itertools import islice
from typing import Any

from flask import Response, stream_with_context

from clinic_scheduler.domain.csv_cells import formula_safe
from clinic_scheduler.queries.due.contact_attempts import tried
from clinic_scheduler.queries.due.rows import DueRow
from clinic_scheduler.web.context import reading
from clinic_scheduler.web.formats import last_on_time, words

ROWS_AT_ONCE = 200
DUE_COLUMNS = (
    "MRN",
    "Last Name",
    "First Name",
    "DOB",
    "Indication",
    "Product",
    "Provider",
    "Status",
    "Blocks",
    "Window from",
    "Due",
    "Window until",
    "Lapsed from",
    "Booked",
    "Last treatment",
    "Last units",
    "Authorization until",
    "Last contact",
    "Tries",
    "Hidden until",
)


def csv_answer(name: str, records: Iterable[Sequence[Any]]) -> Response:
    """`records`: the header first; a date is written as ISO 8601, nothing as an empty cell.

    They may be read from `reading()` while they are sent; its connection is given back when the last is, or when
    nobody listens any more.
    """
    answer = Response(stream_with_context(_written(iter(records), reading())), mimetype="text/csv")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _written(records: Iterator[Sequence[Any]], session: Any) -> Iterator[str]:
    mark = "\ufeff"  # by which spreadsheet programs know UTF-8
    try:
        while some := list(islice(records, ROWS_AT_ONCE)):
            out = io.StringIO()
            csv.writer(out).writerows([formula_safe(_cell(value)) for value in row] for row in some)
            yield mark + out.getvalue()
            mark = ""
    finally:
        session.close()


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    return value.isoformat() if isinstance(value, date) else str(value)


def due_records(session: Any, rows: Iterator[DueRow], today: date) -> Iterator[Sequence[Any]]:
    """The due list's rows for csv_answer, with what is known of contacts."""
    yield DUE_COLUMNS
    while some := list(islice(rows, ROWS_AT_ONCE)):
        contacts = tried(session, [row.course_id for row in some])
        for row in some:
            contact = contacts.get(row.course_id)
            yield (
                row.mrn,
                row.family_name,
                row.given_name,
                row.birth_date,
                words(row.indication),
                row.product,
                row.provider_name,
                words(row.bucket),
                ", ".join(words(block) for block in row.blocks),
                row.earliest_date,
                row.due_date,
                last_on_time(row.overdue_date),
                row.lapse_date,
                None if row.is_proposed else row.booked_on,
                row.last_given_on,
                row.last_units,
                row.authorization_ends_on,
                f"{words(contact.channel)}, {words(contact.outcome).lower()}" if contact else None,
                contact.number if contact else 0,
                contact.hide_until if contact and contact.hide_until and contact.hide_until > today else None,
            )
