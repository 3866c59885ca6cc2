"""The plan tick: reminders for courses not planned yet, such as those of an import or of a rule changed."""

from clinic_scheduler.jobs.context import Counts, Tools
from clinic_scheduler.services.messaging.reminder_planning import replan_unplanned

BATCH = 50
BATCHES = 10_000


def plan(tools: Tools) -> Counts:
    """Batch by batch, each a unit of work, until no course is left."""
    planned = 0
    for _ in range(BATCHES):
        with tools.work() as session:
            done = replan_unplanned(session, tools.clock.now(), BATCH)
        planned += done
        if done == 0 or tools.stopping():
            break
    return {"planned": planned}
