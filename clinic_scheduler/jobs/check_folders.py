"""The tick that finds out whether the worker can write where it must: what was sent last, calendars, imports."""

import logging
from pathlib import Path

from clinic_scheduler.disk import troubles
from clinic_scheduler.jobs.context import Counts, Tools

logger = logging.getLogger(__name__)


class FolderUnfit(Exception):
    """A folder of the worker's is full or cannot be written to; /healthz tells it by this run's outcome."""


def check_folders(tools: Tools) -> Counts:
    """Each minute. Raises FolderUnfit; which folder it is, the log says."""
    places: dict[str, Path] = {"DATA_DIR": tools.place.folder, "EXPORT_DIR": tools.export_dir}
    if tools.import_dir:
        places["IMPORT_DIR"] = tools.import_dir
    found = list(troubles(places))
    for trouble in found:
        logger.error("%s", trouble)
    if found:
        raise FolderUnfit
    return {}
