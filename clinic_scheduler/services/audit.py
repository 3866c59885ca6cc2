"""Audit rows: one for each change, in the same transaction as the change."""

from typing import Any

from clinic_scheduler.models import AuditEvent
from clinic_scheduler.services.change import Change


def record(
    change: Change,
    action: str,
    subject: str,
    subject_id: int | None,
    *,
    patient_id: int | None = None,
    **details: Any,
) -> None:
    """Keep who did what to which row. `details` are codes, dates and ids, never free text about a person.

    One exception: an override that a move or a merge takes off a visit is kept whole, note and all, so that undoing
    gives it back.
    """
    change.session.add(
        AuditEvent(
            clinic_id=change.clinic_id,
            at=change.now,
            user_id=change.actor.user_id,
            actor=change.actor.name,
            action=action,
            subject=subject,
            subject_id=subject_id,
            patient_id=patient_id,
            details=details,
        )
    )
