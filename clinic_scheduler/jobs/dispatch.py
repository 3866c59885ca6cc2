"""The dispatch tick: due reminders into the queue, then messages, claimed several at a time, to the sender threads."""

import threading
from collections import Counter, deque
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from sqlalchemy.orm import Session

from clinic_scheduler.domain.messaging.dispatch_rules import Claimed, Notification
from clinic_scheduler.domain.messaging.states import AttemptOutcome
from clinic_scheduler.jobs.context import Counts, Tools, fault
from clinic_scheduler.jobs.group_commit import GroupCommit, SharedCommit, SingleCommit
from clinic_scheduler.jobs.sending import Prepared, Rows, SenderThread
from clinic_scheduler.jobs.staff_mail import send_notices
from clinic_scheduler.languages import spoken_in
from clinic_scheduler.queries.messaging.custom_wording import any_custom_wording, custom_wording
from clinic_scheduler.senders.base import Sender, twin_of
from clinic_scheduler.services.messaging import outbox
from clinic_scheduler.services.messaging.outbox_outcomes import NotSent
from clinic_scheduler.services.messaging.sending_hold import is_held

QUEUE_BATCH = 50
BATCHES = 200
MESSAGES = 1_000
# A long queue is sent in several passes, each with its heartbeat, so that a busy worker never seems gone.
PASS = timedelta(minutes=1)
# Claimed together, so that the claim costs little; few enough to be tried well before their leases run out.
CLAIMED = 20
# Connections of one worker. Mail servers take a few from one client; more would not be faster from here.
SENDER_THREADS = 4


def dispatch(tools: Tools) -> Counts:
    """One pass: everything due is queued, mail to staff goes, and up to MESSAGES messages are tried once each."""
    counts = queue(tools) + send_notices(tools)
    claims = _ClaimQueue(tools, MESSAGES)
    own = SingleCommit(tools.work)
    claims.fill(own)
    sender_threads = _senders_of_threads(tools) if claims.many else []
    return counts + (
        _side_by_side(tools, claims, sender_threads) if sender_threads else _alone(tools, claims, own)
    )


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
    counts = _alone(tools, _ClaimQueue(tools, 1), SingleCommit(tools.work))
    return next(iter(counts), None)


def _alone(tools: Tools, claims: "_ClaimQueue", commit_group: GroupCommit) -> Counter[str]:
    return _drive(SenderThread(tools, tools.senders, commit_group, Rows(tools)), claims, commit_group)


def _side_by_side(tools: Tools, claims: "_ClaimQueue", senders: list[Mapping[str, Sender]]) -> Counter[str]:
    """Each sender in a thread of its own; this one, which has the application's context, writes for them all."""
    commit_group, rows = SharedCommit(tools.work), Rows(tools)

    def sender_thread(own: Mapping[str, Sender]) -> Counter[str]:
        try:
            return _drive(SenderThread(tools, own, commit_group, rows), claims, commit_group)
        finally:
            commit_group.leave()

    with ThreadPoolExecutor(len(senders), "sender") as pool:
        running = [pool.submit(sender_thread, own) for own in senders]
        commit_group.serve(len(senders))
    return sum((each.result() for each in running), Counter())


def _drive(sender_thread: SenderThread, claims: "_ClaimQueue", commit_group: GroupCommit) -> Counter[str]:
    try:
        while (prepared := claims.next(commit_group)) is not None:
            sender_thread.take(prepared)
    finally:
        sender_thread.finish()
    return sender_thread.counts


def _senders_of_threads(tools: Tools) -> list[Mapping[str, Sender]]:
    """The senders once for each thread; empty where one of them can be had only once."""
    sender_threads: list[Mapping[str, Sender]] = [tools.senders]
    for _ in range(SENDER_THREADS - 1):
        twins = {channel: twin_of(sender) for channel, sender in tools.senders.items()}
        sender_thread = {channel: twin for channel, twin in twins.items() if twin is not None}
        if len(sender_thread) < len(twins):
            return []
        sender_threads.append(sender_thread)
    return sender_threads


class _ClaimQueue:
    """Claimed messages for the sender threads, `limit` of them at most."""

    def __init__(self, tools: Tools, limit: int) -> None:
        self._tools, self._left = tools, limit
        self._until = tools.clock.now() + PASS
        self._ready: deque[Prepared] = deque()
        self._lock = threading.Lock()

    @property
    def many(self) -> bool:
        """Whether there is enough to do for more than one sender thread."""
        return len(self._ready) >= CLAIMED

    def next(self, commit_group: GroupCommit) -> Prepared | None:
        """The next one to try; None when nothing waits. Asked to stop, it gives back what nobody tried."""
        with self._lock:
            if self._tools.stopping():
                self._give_back(commit_group)
            elif not self._ready:
                self._claim(commit_group)
            return self._ready.popleft() if self._ready else None

    def fill(self, commit_group: GroupCommit) -> None:
        with self._lock:
            if not self._tools.stopping():
                self._claim(commit_group)

    def _claim(self, commit_group: GroupCommit) -> None:
        number = min(self._left, CLAIMED)
        if number and self._tools.clock.now() <= self._until:
            found = commit_group.write(self._claimed, number).result()
            self._left -= len(found)
            self._ready.extend(found)

    def _claimed(self, session: Session, numbers: Sequence[int]) -> list[list[Prepared]]:
        if is_held(session, self._tools.place.here(), self._tools.clock.now()):
            return [[] for _ in numbers]
        return [_claim(session, self._tools, number) for number in numbers]

    def _give_back(self, commit_group: GroupCommit) -> None:
        unused = [each.claimed for each in self._ready]
        self._ready.clear()
        for released in [commit_group.write(self._released, claimed) for claimed in unused]:
            released.result()

    def _released(self, session: Session, unused: Sequence[Claimed]) -> list[None]:
        for claimed in unused:
            outbox.release(session, claimed, self._tools.clock.now())
        return [None] * len(unused)


def _claim(session: Session, tools: Tools, number: int) -> list[Prepared]:
    found = outbox.claim_prepared(session, tools.clock.now(), tools.senders, number)
    own = bool(found) and any_custom_wording(session)
    return [_prepared(session, claimed, notification, own) for claimed, notification in found]


def _prepared(
    session: Session, claimed: Claimed, notification: Notification | Exception | None, own: bool
) -> Prepared:
    if isinstance(notification, Exception):
        failure = NotSent(AttemptOutcome.RETRY, f"Unexpected: {fault(notification)}.")
        return Prepared(claimed, None, failure=failure)
    if notification is None or not own:
        return Prepared(claimed, notification)
    return Prepared(
        claimed, notification, custom_wording(session, claimed.reminder_id, spoken_in(notification.language))
    )
