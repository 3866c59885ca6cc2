"""Sending what is written to staff: part of the dispatch tick, notice by notice, by the e-mail sender."""

import logging
from collections import Counter
from collections.abc import Sequence
from functools import partial

from sqlalchemy.orm import Session

from clinic_scheduler.domain.messaging.states import StaffMailState
from clinic_scheduler.jobs.context import Tools, fault
from clinic_scheduler.jobs.group_commit import GroupCommit
from clinic_scheduler.jobs.renewing import Renewal
from clinic_scheduler.senders.base import Envelope, HandOverRefused, Sender, SendError
from clinic_scheduler.services.messaging import staff_mail
from clinic_scheduler.services.messaging.sending_hold import is_held
from clinic_scheduler.services.messaging.staff_mail import ClaimedNotice

NOTICES = 50
logger = logging.getLogger(__name__)


def send_notices(tools: Tools) -> Counter[str]:
    """Everything that waits, each tried once. Where no mail is set up, it is printed for whoever reads the log."""
    counts: Counter[str] = Counter()
    for _ in range(NOTICES):
        if tools.stopping():
            break
        with tools.work() as session:
            held = is_held(session, tools.place.here(), tools.clock.now())
            claimed = None if held else staff_mail.claim_notice(session, tools.clock.now())
        if claimed is None:
            break
        counts[f"staff_{_send(tools, claimed)}"] += 1
    if counts:
        _sender(tools).close()
    return counts


def _sender(tools: Tools) -> Sender:
    return tools.senders.get("email", tools.console)


def _send(tools: Tools, claimed: ClaimedNotice) -> str:
    """Try it once, its lease renewed however long the mail server takes."""
    permanent, reason = False, ""
    commit_group = GroupCommit(tools.work, Renewal(tools.clock, partial(_renew, tools, claimed)))
    try:
        commit_group.serve(partial(_hand_in, tools, claimed, commit_group))
    except HandOverRefused:
        logger.warning("staff notice %s: its lease had run out, it is another worker's", claimed.id)
        return "turned_back"
    except SendError as error:
        permanent, reason = error.permanent, error.reason
    except Exception as error:
        reason = f"Unexpected: {fault(error)}."
    with tools.work() as session:
        now = tools.clock.now()
        if not reason:
            staff_mail.notice_sent(session, claimed.id, now)
            return "sent"
        state = staff_mail.notice_not_sent(session, claimed.id, now, tools.jitter(), permanent=permanent)
    logger.warning("staff notice %s: not sent, now %s. %s", claimed.id, state, reason)
    return "retry" if state == StaffMailState.PENDING else state


def _hand_in(tools: Tools, claimed: ClaimedNotice, commit_group: GroupCommit) -> None:
    envelope = Envelope(
        channel="email",
        to=claimed.to_address,
        message_id=f"<staff-notice-{claimed.id}@{tools.uid_host}>",
        date=claimed.created_at,
        subject=claimed.subject,
        text=claimed.body,
    )
    still_ours = partial(_still_ours, tools)
    _sender(tools).send(envelope, lambda: commit_group.write(still_ours, claimed).result())


def _still_ours(tools: Tools, session: Session, claimed: Sequence[ClaimedNotice]) -> list[bool]:
    return [staff_mail.renew_notice(session, each, tools.clock.now()) for each in claimed]


def _renew(tools: Tools, claimed: ClaimedNotice) -> None:
    with tools.work() as session:
        staff_mail.renew_notice(session, claimed, tools.clock.now())
