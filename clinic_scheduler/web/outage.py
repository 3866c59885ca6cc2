"""Whether reminders are going out, for the pages where the desk should know; one small query a page."""

from datetime import datetime, timedelta

from clinic_scheduler.queries.health import last_dispatch
from clinic_scheduler.web.context import now, reading

SILENT_AFTER = timedelta(minutes=5)


def out_since() -> datetime | None:
    """Since when nobody sends; None while all is well, and where no worker was ever seen."""
    return silent_since(last_dispatch(reading()))


def silent_since(last: datetime | None) -> datetime | None:
    """The same, where it is known already when a worker last looked."""
    return last if last is not None and now() - last > SILENT_AFTER else None
