"""The dispatch tick: due reminders into the queue, then messages, claimed several at a time, to the lanes that send."""

import threading
from collections import Counter, deque
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from sqlalchemy.orm import Session

from clinic_scheduler.jobs.ledger import Ledger, OwnLedger, SharedLedger
from clinic_scheduler.jobs.sending import Lane, Prepared, Rows
from clinic_scheduler.jobs.staff_mail import send_notices
from clinic_scheduler.jobs.tools import Counts, Tools, fault
from clinic_scheduler.languages import spoken_in
from clinic_scheduler.queries.message_templates import any_own_wording, own_wording
from clinic_scheduler.senders.base import Sender, twin_of
from clinic_scheduler.services import outbox
from clinic_scheduler.services.outbox_outcomes import NotSent
from clinic_scheduler.services.outbox_rules import Claimed, Telling

QUEUE_BATCH = 50
BATCHES = 200
MESSAGES = 1_000
# A long queue is sent in several passes, each with its heartbeat, so that a busy worker never seems gone.
PASS = timedelta(minutes=1)
# Claimed together, so that the claim costs little; few enough to be tried well before their leases run out.
CLAIMED = 20
# Connections of one worker. Mail servers take a few from one client; more would not be faster from here.
LANES = 4


def dispatch(tools: Tools) -> Counts:
    """One pass: everything due is queued, mail to staff goes, and up to MESSAGES messages are tried once each."""
    counts = queue(tools) + send_notices(tools)
    feed = _Feed(tools, MESSAGES)
    own = OwnLedger(tools.work)
    feed.fill(own)
    lanes = _senders_of_lanes(tools) if feed.many else []
    return counts + (_side_by_side(tools, feed, lanes) if lanes else _alone(tools, feed, own))


def queue(tools: Tools) -> Counter[str]:
    """Every due reminder into the outbox, or closed with its reason, batch by batch."""
    counts: Counter[str] = Counter()
    for _ in range(BATCHES):
        with tools.work() as session:
            done = outbox.queue_due(session, tools.clock.now(), tools.senders, tools.uid_host, QUEUE_BATCH)
        counts += done
        if done.total() < QUEUE_BATCH or tools.stopping():
            break
    return counts


def send_next(tools: Tools) -> str | None:
    """Try one message alone. Returns what became of it; None when nothing waits."""
    counts = _alone(tools, _Feed(tools, 1), OwnLedger(tools.work))
    return next(iter(counts), None)


def _alone(tools: Tools, feed: "_Feed", ledger: Ledger) -> Counter[str]:
    return _drive(Lane(tools, tools.senders, ledger, Rows(tools)), feed, ledger)


def _side_by_side(tools: Tools, feed: "_Feed", senders: list[Mapping[str, Sender]]) -> Counter[str]:
    """Each lane in a thread; this one, which has the application's context, writes for them all."""
    ledger, rows = SharedLedger(tools.work), Rows(tools)

    def lane(own: Mapping[str, Sender]) -> Counter[str]:
        try:
            return _drive(Lane(tools, own, ledger, rows), feed, ledger)
        finally:
            ledger.leave()

    with ThreadPoolExecutor(len(senders), "lane") as pool:
        running = [pool.submit(lane, own) for own in senders]
        ledger.serve(len(senders))
    return sum((each.result() for each in running), Counter())


def _drive(lane: Lane, feed: "_Feed", ledger: Ledger) -> Counter[str]:
    try:
        while (prepared := feed.next(ledger)) is not None:
            lane.take(prepared)
    finally:
        lane.finish()
    return lane.counts


def _senders_of_lanes(tools: Tools) -> list[Mapping[str, Sender]]:
    """The senders once for each lane; empty where one of them can be had only once."""
    lanes: list[Mapping[str, Sender]] = [tools.senders]
    for _ in range(LANES - 1):
        twins = {channel: twin_of(sender) for channel, sender in tools.senders.items()}
        lane = {channel: twin for channel, twin in twins.items() if twin is not None}
        if len(lane) < len(twins):
            return []
        lanes.append(lane)
    return lanes


class _Feed:
    """Claimed messages for the lanes, `limit` of them at most."""

    def __init__(self, tools: Tools, limit: int) -> None:
        self._tools, self._left = tools, limit
        self._until = tools.clock.now() + PASS
        self._ready: deque[Prepared] = deque()
        self._lock = threading.Lock()

    @property
    def many(self) -> bool:
        """Whether there is enough to do for more than one lane."""
        return len(self._ready) >= CLAIMED

    def next(self, ledger: Ledger) -> Prepared | None:
        """The next one to try; None when nothing waits. Asked to stop, it gives back what nobody tried."""
        with self._lock:
            if self._tools.stopping():
                self._give_back(ledger)
            elif not self._ready:
                self._claim(ledger)
            return self._ready.popleft() if self._ready else None

    def fill(self, ledger: Ledger) -> None:
        with self._lock:
            if not self._tools.stopping():
                self._claim(ledger)

    def _claim(self, ledger: Ledger) -> None:
        number = min(self._left, CLAIMED)
        if number and self._tools.clock.now() <= self._until:
            found = ledger.write(self._claimed, number).result()
            self._left -= len(found)
            self._ready.extend(found)

    def _claimed(self, session: Session, numbers: Sequence[int]) -> list[list[Prepared]]:
        return [_claim(session, self._tools, number) for number in numbers]

    def _give_back(self, ledger: Ledger) -> None:
        unused = [each.claimed for each in self._ready]
        self._ready.clear()
        for released in [ledger.write(self._released, claimed) for claimed in unused]:
            released.result()

    def _released(self, session: Session, unused: Sequence[Claimed]) -> list[None]:
        for claimed in unused:
            outbox.release(session, claimed, self._tools.clock.now())
        return [None] * len(unused)


def _claim(session: Session, tools: Tools, number: int) -> list[Prepared]:
    found = outbox.claim_prepared(session, tools.clock.now(), tools.senders, number)
    own = bool(found) and any_own_wording(session)
    return [_prepared(session, claimed, telling, own) for claimed, telling in found]


def _prepared(session: Session, claimed: Claimed, telling: Telling | Exception | None, own: bool) -> Prepared:
    if isinstance(telling, Exception):
        return Prepared(claimed, None, failure=NotSent("retry", f"Unexpected: {fault(telling)}."))
    if telling is None or not own:
        return Prepared(claimed, telling)
    return Prepared(claimed, telling, own_wording(session, claimed.reminder_id, spoken_in(telling.language)))
