"""The desk's work list: opening an item once, however often its cause is reported, and closing it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import Session

from clinic_scheduler.domain.errors import ActionRefused
from clinic_scheduler.domain.work_kinds import WORK_KINDS, WorkItemKind
from clinic_scheduler.models import WorkItem
from clinic_scheduler.queries.lookups import row_in_clinic
from clinic_scheduler.services.audit import record
from clinic_scheduler.services.change import Change
from clinic_scheduler.services.inserts import insert_into


def open_item(
    session: Session,
    clinic_id: int,
    kind: WorkItemKind,
    dedupe_key: str,
    now: datetime,
    **about: int | str | None,
) -> None:
    """Put something on the list. `dedupe_key` names the cause; the same cause is one item, closed or not.

    `about`: patient_id, course_id, appointment_id, message_id, inbound_message_id, hold_id, override_request_id,
    asked_by, note, as far as known.
    """
    new = _new(session, clinic_id, kind, dedupe_key, now, about)
    session.execute(new.on_conflict_do_nothing(index_elements=[WorkItem.dedupe_key]))


def open_item_again(
    session: Session,
    clinic_id: int,
    kind: WorkItemKind,
    dedupe_key: str,
    now: datetime,
    **about: int | str | None,
) -> None:
    """As `open_item`, for a cause that has come up anew: what was settled before waits again, `about` the latest."""
    new = _new(session, clinic_id, kind, dedupe_key, now, about)
    anew = {"opened_at": now, "closed_at": None, "closed_by_id": None, "outcome": None, **about}
    session.execute(
        new.on_conflict_do_update(
            index_elements=[WorkItem.dedupe_key], set_=anew, where=WorkItem.closed_at.is_not(None)
        )
    )


def keep_item(
    session: Session,
    clinic_id: int,
    kind: WorkItemKind,
    dedupe_key: str,
    now: datetime,
    *,
    anew: bool,
    note: str,
) -> None:
    """One item for a cause that lasts: what waits says the latest, and what was settled waits again only `anew`."""
    if anew:
        open_item_again(session, clinic_id, kind, dedupe_key, now, note=note)
    session.execute(
        update(WorkItem)
        .where(WorkItem.dedupe_key == dedupe_key, WorkItem.closed_at.is_(None))
        .values(note=note)
    )


def end_item(session: Session, dedupe_key: str, outcome: str, now: datetime) -> None:
    """Its cause is gone: what still waits is settled by nobody."""
    session.execute(
        update(WorkItem)
        .where(WorkItem.dedupe_key == dedupe_key, WorkItem.closed_at.is_(None))
        .values(closed_at=now, outcome=outcome)
    )


def _new(
    session: Session,
    clinic_id: int,
    kind: WorkItemKind,
    key: str,
    now: datetime,
    about: Mapping[str, int | str | None],
) -> Any:
    return insert_into(session, WorkItem).values(
        clinic_id=clinic_id, kind=kind, dedupe_key=key, opened_at=now, **about
    )


def close_item(change: Change, item_id: int, outcome: str) -> WorkItem:
    """Settled by a person. Closing twice changes nothing; raises NotFound for another clinic's item."""
    item = row_in_clinic(change.session, WorkItem, change.clinic_id, item_id)
    if item.closed_at is None:
        item.closed_at, item.closed_by_id, item.outcome = change.now, change.actor.user_id, outcome
        record(change, "closed", "work_items", item.id, patient_id=item.patient_id)
    return item


def reopen_item(change: Change, item_id: int) -> WorkItem:
    """A closing taken back; what an answer has settled stays so. Raises ActionRefused or NotFound."""
    item = row_in_clinic(change.session, WorkItem, change.clinic_id, item_id)
    if not WORK_KINDS[item.kind].outcomes:
        raise ActionRefused("This was settled by an answer, which stands. Nothing was changed.")
    if item.closed_at is not None:
        item.closed_at = item.closed_by_id = item.outcome = None
        record(change, "reopened", "work_items", item.id, patient_id=item.patient_id)
    return item


def close_items_of_request(change: Change, request_id: int, outcome: str) -> None:
    """What a provider was asked is answered, nobody asks any more, or the answer is overtaken: its item is settled."""
    change.session.execute(
        update(WorkItem)
        .where(WorkItem.override_request_id == request_id, WorkItem.closed_at.is_(None))
        .values(closed_at=change.now, closed_by_id=change.actor.user_id, outcome=outcome)
    )
