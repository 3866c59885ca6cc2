"""flask export-calendars: write every provider's and clinic's calendar file that has changed, now and once."""

import click
from flask.cli import ScriptInfo, pass_script_info

from clinic_scheduler.jobs.runner import run_job, worker_id
from clinic_scheduler.jobs.schedule import SCHEDULE
from clinic_scheduler.jobs.tools import tools_of


@click.command("export-calendars")
@pass_script_info
def export_calendars(info: ScriptInfo) -> None:
    """Write the calendar files that have changed into EXPORT_DIR, as the worker does every hour.

    Files it wrote earlier, of providers who take no bookings any more, are removed.
    """
    # No app context is held around the job: it pushes its own.
    app = info.load_app()
    job = next(job for job in SCHEDULE if job.id == "export_calendars")
    tools = tools_of(app)
    outcome = run_job(app, job, worker_id(), tools)
    click.echo(f"{tools.export_dir}: {outcome}")
    if not outcome.ok or outcome.counts.get("failed"):
        raise click.ClickException(
            "Not every calendar was written; the log says which. Former files are still there."
        )
