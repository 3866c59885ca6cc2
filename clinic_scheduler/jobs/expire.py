"""The expire tick: messages past their time are closed, and heartbeats of workers long gone are dropped."""

from clinic_scheduler.jobs.context import Counts, Tools
from clinic_scheduler.services import heartbeats
from clinic_scheduler.services.messaging import outbox_outcomes

BATCH = 100
BATCHES = 100


def expire(tools: Tools) -> Counts:
    expired = 0
    for _ in range(BATCHES):
        with tools.work() as session:
            done = outbox_outcomes.expire(session, tools.clock.now(), BATCH)
        expired += done
        if done < BATCH or tools.stopping():
            break
    with tools.work() as session:
        heartbeats.forget_old(session, tools.clock.now())
    return {"expired": expired}
