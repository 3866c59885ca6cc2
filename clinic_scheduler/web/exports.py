"""The clinic's own data as files: the log of treatments, which an import reads back, and every open course."""

from flask import Blueprint
from flask.typing import ResponseReturnValue

from clinic_scheduler.queries.courses.treatment_log import treatment_log
from clinic_scheduler.queries.due.sorted_pages import SORTS, DueFilter, due_rows_sorted
from clinic_scheduler.services.audit import record
from clinic_scheduler.web.context import actor, changing, reading, today
from clinic_scheduler.web.csv_files import csv_answer, due_records
from clinic_scheduler.web.policies import policy

blueprint = Blueprint("exports", __name__, url_prefix="/exports")


@blueprint.get("/treatments.csv")
@policy("admin")
def treatments() -> ResponseReturnValue:
    clinic_id = actor().clinic_id
    _on_record("treatments")
    return csv_answer("treatments.csv", treatment_log(reading(), clinic_id))


@blueprint.get("/courses.csv")
@policy("admin")
def courses() -> ResponseReturnValue:
    clinic_id, day = actor().clinic_id, today()
    _on_record("courses")
    every = DueFilter("all", None, SORTS[0], limit=1)
    rows = due_rows_sorted(reading(), clinic_id, day, every)
    return csv_answer("courses.csv", due_records(reading(), rows, day))


def _on_record(subject: str) -> None:
    with changing() as change:
        record(change, "exported", subject, None)
