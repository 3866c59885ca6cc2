"""The worker's table: every job with its interval and function, in the order a single run takes them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from clinic_scheduler.jobs.adopt import adopt
from clinic_scheduler.jobs.alarm import ALARM, alarm
from clinic_scheduler.jobs.check_folders import check_folders
from clinic_scheduler.jobs.context import Counts, Tools
from clinic_scheduler.jobs.digest import DIGEST, digest
from clinic_scheduler.jobs.dispatch import dispatch
from clinic_scheduler.jobs.expire import expire
from clinic_scheduler.jobs.export_calendars import export_calendars
from clinic_scheduler.jobs.import_folder import import_folder
from clinic_scheduler.jobs.plan import plan
from clinic_scheduler.jobs.read_busy_calendars import read_busy_calendars
from clinic_scheduler.jobs.reconcile import reconcile
from clinic_scheduler.jobs.sweep_uploads import sweep_uploads
from clinic_scheduler.jobs.turn_day import turn_day
from clinic_scheduler.queries.health import CHECK_FOLDERS


@dataclass(frozen=True, slots=True)
class Job:
    """`repeat_until_idle`: a single run of the worker repeats it until it finds nothing more to do."""

    id: str
    every: timedelta
    function: Callable[[Tools], Counts]
    repeat_until_idle: bool = False


MINUTE = timedelta(minutes=1)
SCHEDULE = (
    Job(ALARM, MINUTE, alarm),
    # Before the plan: reminders follow dates, and dates the rules and the day.
    Job("adopt", MINUTE, adopt),
    Job("turn_day", MINUTE, turn_day),
    Job("import_folder", MINUTE, import_folder),
    Job("plan", MINUTE, plan),
    # With the lease, the longest that a dead worker's messages wait.
    Job("reconcile", timedelta(seconds=15), reconcile),
    # Before the dispatch, so that a single run of the worker sends what it writes.
    Job(DIGEST, timedelta(hours=1), digest),
    Job("dispatch", timedelta(seconds=3), dispatch, repeat_until_idle=True),
    Job(CHECK_FOLDERS, MINUTE, check_folders),
    Job("expire", MINUTE, expire),
    Job("sweep_uploads", timedelta(minutes=5), sweep_uploads),
    Job("export_calendars", timedelta(hours=1), export_calendars),
    # Each calendar is read every half hour at most; the job looks more often for those asked for anew.
    Job("read_busy_calendars", timedelta(minutes=15), read_busy_calendars),
)
