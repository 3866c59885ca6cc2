"""flask export-calendars: write every provider's and clinic's calendar file that has changed, now and once."""

import tempfile
from dataclasses import replace
from pathlib import Path

import click
from flask import Flask
from flask.cli import ScriptInfo, pass_script_info

from clinic_scheduler.cli.context import plain_failures
from clinic_scheduler.jobs.context import Tools, tools_of
from clinic_scheduler.jobs.export_calendars import export_calendars as export
from clinic_scheduler.jobs.job_table import SCHEDULE
from clinic_scheduler.jobs.runner import Outcome, run_job, worker_id


@click.command("export-calendars")
@click.argument("folder", metavar="[DIR]", required=False)
@pass_script_info
def export_calendars(info: ScriptInfo, folder: str | None) -> None:
    """Write the calendar files that have changed into DIR, or into EXPORT_DIR as the worker does every hour.

    The folder is made where there is none. Files written earlier, of providers who take no bookings any more, are
    removed from it; nothing else in it is touched.
    """
    if folder == "":
        raise click.UsageError("DIR is empty; name a folder, or leave it out to write into EXPORT_DIR.")
    # No app context is held around the job: it pushes its own.
    app = info.load_app()
    tools = tools_of(app)
    if folder is not None:
        tools = replace(tools, export_dir=Path(folder).absolute())
    _require_folder(tools.export_dir, "EXPORT_DIR" if folder is None else "DIR")
    outcome = _worker_run(app, tools) if folder is None else _run_beside(app, tools)
    click.echo(f"{tools.export_dir}: {outcome}")
    if not outcome.ok or outcome.counts.get("failed"):
        raise click.ClickException(
            "Not every calendar was written; the log says which. Former files are still there."
        )


def _require_folder(folder: Path, named_by: str) -> None:
    """Make the folder and try it, so that one that can't be written to is said before anything is done."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise click.ClickException(
            f"{folder} can't be used as a folder ({error.strerror}). Nothing was written. "
            f"Mend it, or name another by {named_by}."
        ) from error


def _worker_run(app: Flask, tools: Tools) -> Outcome:
    """The worker's own job, on record as its last run."""
    job = next(job for job in SCHEDULE if job.id == "export_calendars")
    return run_job(app, job, worker_id(), tools)


def _run_beside(app: Flask, tools: Tools) -> Outcome:
    """Into a folder asked for once. Not on record, which says how the worker's folder was written last."""
    with app.app_context(), plain_failures():
        return Outcome("export_calendars", True, export(tools))
