"""Mail to staff: written once for each cause, leased while it is tried, marked sent only after it was.

A worker that dies in between leaves a second copy behind, which does no harm here; a missing one would. One that lives
renews its lease, however long the mail server takes.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import literal_column, or_, select, update
from sqlalchemy.orm import Session

from clinic_scheduler.domain.messaging.dispatch_rules import LEASE, back_off
from clinic_scheduler.domain.messaging.states import StaffMailState
from clinic_scheduler.models import Clinic, StaffNotice
from clinic_scheduler.services.inserts import insert_into
from clinic_scheduler.services.messaging.staff_mail_states import move_to

# A morning's counts are of no use days later; by then others have said the same.
GIVEN_UP_AFTER = timedelta(days=2)
_SUBJECT = 120
# Spelled out as in the index of open notices: SQLite takes that index for no other words.
_OPEN = StaffNotice.state.in_((literal_column("'pending'"), literal_column("'sending'")))


@dataclass(frozen=True, slots=True)
class NoticeText:
    """What is said; it names no patient."""

    subject: str
    body: str


@dataclass(frozen=True, slots=True)
class ClaimedNotice:
    """A notice this worker alone may try until its lease runs out; `attempt` tells its lease from later ones."""

    id: int
    attempt: int
    to_address: str = field(repr=False)
    subject: str
    body: str = field(repr=False)
    created_at: datetime


def write_notice(
    session: Session, clinic: Clinic, kind: str, dedupe_key: str, text: NoticeText, now: datetime
) -> bool:
    """Put it into the queue, once for each key. False where there is nobody to tell, or it is there already."""
    to_address = clinic.digest_email or clinic.email
    if not to_address:
        return False
    written = session.scalar(
        insert_into(session, StaffNotice)
        .values(
            clinic_id=clinic.id,
            kind=kind,
            dedupe_key=dedupe_key,
            to_address=to_address,
            subject=text.subject[:_SUBJECT],
            body=text.body,
            attempt=0,
            next_attempt_at=now,
            created_at=now,
        )
        .on_conflict_do_nothing(index_elements=[StaffNotice.dedupe_key])
        .returning(StaffNotice.id)
    )
    return written is not None


def is_written(session: Session, dedupe_key: str) -> bool:
    return session.scalar(select(StaffNotice.id).where(StaffNotice.dedupe_key == dedupe_key)) is not None


def claim_notice(session: Session, now: datetime) -> ClaimedNotice | None:
    """Lease the next one, also one whose worker vanished; None when nothing waits."""
    notice = session.scalar(
        select(StaffNotice)
        .where(
            _OPEN,
            StaffNotice.next_attempt_at <= now,
            or_(StaffNotice.state == StaffMailState.PENDING, StaffNotice.lease_until < now),
        )
        .order_by(StaffNotice.next_attempt_at, StaffNotice.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    if notice is None:
        return None
    move_to(notice, StaffMailState.SENDING, now + LEASE)
    notice.attempt += 1
    return ClaimedNotice(
        notice.id, notice.attempt, notice.to_address, notice.subject, notice.body, notice.created_at
    )


def renew_notice(session: Session, claimed: ClaimedNotice, now: datetime) -> bool:
    """Lease it for longer; False where it is somebody else's by now, or has ended."""
    renewed = (
        update(StaffNotice)
        .where(
            StaffNotice.id == claimed.id,
            StaffNotice.attempt == claimed.attempt,
            StaffNotice.state == StaffMailState.SENDING,
        )
        .values(lease_until=now + LEASE)
        .returning(StaffNotice.id)
    )
    return session.scalar(renewed) is not None


def notice_sent(session: Session, notice_id: int, now: datetime) -> None:
    notice = session.get_one(StaffNotice, notice_id, with_for_update=True)
    move_to(notice, StaffMailState.SENT)
    notice.sent_at = now


def notice_not_sent(
    session: Session, notice_id: int, now: datetime, jitter: float, *, permanent: bool
) -> StaffMailState:
    """Later once more, until it is of no use or surely never will go. Returns the notice's state."""
    notice = session.get_one(StaffNotice, notice_id, with_for_update=True)
    if notice.state == StaffMailState.SENT:
        return notice.state
    again = now + back_off(notice.attempt, jitter)
    given_up = permanent or again >= notice.created_at + GIVEN_UP_AFTER
    move_to(notice, StaffMailState.FAILED if given_up else StaffMailState.PENDING)
    notice.next_attempt_at = again
    return notice.state
