"""The sweep tick: rows of uploaded logs that nobody imported within an hour are deleted."""

from clinic_scheduler.importing import uploads
from clinic_scheduler.jobs.context import Counts, Tools


def sweep_uploads(tools: Tools) -> Counts:
    return {"deleted": uploads.sweep(tools.uploads, tools.clock.now())}
