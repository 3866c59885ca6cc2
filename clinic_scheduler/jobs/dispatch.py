"""The dispatch tick: due reminders into the queue, then messages, claimed several at a time, to the sender threads."""

import threading
from collections import Counter, deque
from collections.abc import Mapping
from datetime import timedelta
from functools import partial

from clinic_scheduler.jobs.context import Counts, Tools
from clinic_scheduler.jobs.group_commit import GroupCommit
from clinic_scheduler.jobs.renewing import Renewal
from clinic_scheduler.jobs.sender_thread import SenderThread
from clinic_scheduler.jobs.sending_rows import Prepared, SendingRows
from clinic_scheduler.jobs.staff_mail import send_notices
from clinic_scheduler.jobs.taken_notes import TakenNotes
from clinic_scheduler.senders.base import Sender, twin_of
from clinic_scheduler.services.messaging import outbox
from clinic_scheduler.services.messaging.sending_hold import is_held

QUEUE_BATCH = 50
BATCHES = 200
MESSAGES = 1_000
# A long queue is sent in several passes, each with its heartbeat, so that a busy worker never seems gone.
PASS = timedelta(minutes=1)
# Claimed together, so that the claim costs little; few enough that others find some left.
CLAIMED = 20
# Connections of one worker. Mail servers take a few from one client; more would not be faster from here.
SENDER_THREADS = 4


def dispatch(tools: Tools) -> Counts:
    """One pass: everything due is queued, mail to staff goes, and up to MESSAGES messages are tried once each."""
    return queue(tools) + send_notices(tools) + _send(tools, MESSAGES)


def queue(tools: Tools) -> Counter[str]:
    """Every due reminder into the outbox, or closed with its reason, batch by batch."""
    counts: Counter[str] = Counter()
    for _ in range(BATCHES):
        with tools.work() as session:
            if is_held(session, tools.place.here(), tools.clock.now()):
                break
            done = outbox.queue_due(session, tools.clock.now(), tools.senders, tools.uid_host, QUEUE_BATCH)
        counts += done
        if done.total() < QUEUE_BATCH or tools.stopping():
            break
    return counts


def send_next(tools: Tools) -> str | None:
    """Try one message alone. Returns what became of it; None when nothing waits."""
    return next(iter(_send(tools, 1)), None)


def _send(tools: Tools, limit: int) -> Counter[str]:
    """What waits, `limit` at most: each sender in a thread of its own; this one, which has the application's context,
    writes for them all and renews the leases of what they hold.
    """
    rows = SendingRows(tools)
    commit_group = GroupCommit(tools.work, Renewal(tools.clock, rows.renew))
    claims = _ClaimQueue(tools, commit_group, rows, limit)
    if not claims.fill():
        return Counter()
    threads = _senders_of_threads(tools) if claims.many else [tools.senders]
    with TakenNotes(tools.place.folder) as notes:
        counts = commit_group.serve(
            *(partial(_drive, SenderThread(tools, own, commit_group, rows, notes), claims) for own in threads)
        )
        total = sum(counts, Counter())
        if not total["unrecorded"]:
            notes.done()
    return total


def _drive(sender_thread: SenderThread, claims: "_ClaimQueue") -> Counter[str]:
    try:
        while (prepared := claims.next()) is not None:
            sender_thread.take(prepared)
    finally:
        sender_thread.finish()
    return sender_thread.counts


def _senders_of_threads(tools: Tools) -> list[Mapping[str, Sender]]:
    """The senders once for each thread; for one alone where one of them can be had only once."""
    sender_threads: list[Mapping[str, Sender]] = [tools.senders]
    for _ in range(SENDER_THREADS - 1):
        twins = {channel: twin_of(sender) for channel, sender in tools.senders.items()}
        sender_thread = {channel: twin for channel, twin in twins.items() if twin is not None}
        if len(sender_thread) < len(twins):
            return [tools.senders]
        sender_threads.append(sender_thread)
    return sender_threads


class _ClaimQueue:
    """Claimed messages for the sender threads, `limit` of them at most."""

    def __init__(self, tools: Tools, commit_group: GroupCommit, rows: SendingRows, limit: int) -> None:
        self._tools, self._commit_group, self._rows, self._left = tools, commit_group, rows, limit
        self._until = tools.clock.now() + PASS
        self._ready: deque[Prepared] = deque()
        self._lock = threading.Lock()

    @property
    def many(self) -> bool:
        """Whether there is enough to do for more than one sender thread."""
        return len(self._ready) >= CLAIMED

    def fill(self) -> bool:
        """Claim the first ones, before there are threads; False where nothing waits."""
        if not self._tools.stopping():
            with self._tools.work() as session:
                (found,) = self._rows.claim(session, [self._wanted])
            self._add(found)
        return bool(self._ready)

    def next(self) -> Prepared | None:
        """The next one to try; None when nothing waits. Asked to stop, it gives back what nobody tried."""
        with self._lock:
            if self._tools.stopping():
                self._give_back()
            elif not self._ready and self._wanted and self._tools.clock.now() <= self._until:
                self._add(self._commit_group.write(self._rows.claim, self._wanted).result())
            return self._ready.popleft() if self._ready else None

    @property
    def _wanted(self) -> int:
        return min(self._left, CLAIMED)

    def _add(self, found: list[Prepared]) -> None:
        self._left -= len(found)
        self._ready.extend(found)

    def _give_back(self) -> None:
        unused = [each.claimed for each in self._ready]
        self._ready.clear()
        for released in [self._commit_group.write(self._rows.release, claimed) for claimed in unused]:
            released.result()
