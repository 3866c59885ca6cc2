"""The reconcile tick: messages whose worker vanished go back into the queue or turn uncertain; late receipts match."""

from collections import Counter

from clinic_scheduler.jobs.context import Counts, Tools
from clinic_scheduler.jobs.taken_notes import proofs
from clinic_scheduler.services.messaging import outbox_outcomes, receipts

BATCH = 100
BATCHES = 100


def reconcile(tools: Tools) -> Counts:
    counts: Counter[str] = Counter()
    found = proofs(tools.place.folder, tools.clock.now())
    for _ in range(BATCHES):
        with tools.work() as session:
            done = outbox_outcomes.reconcile(
                session, tools.clock.now(), tools.jitter, tools.idempotent, found, BATCH
            )
        counts.update(done)
        if sum(done.values()) < BATCH or tools.stopping():
            break
    with tools.work() as session:
        counts["matched"] = receipts.match_late(session, tools.clock.now(), BATCH)
    return counts
