"""What patients write back: kept once, and put on the desk's work list."""

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.orm import Session

from clinic_scheduler.domain.inbound import Inbound
from clinic_scheduler.models import InboundMessage, Patient
from clinic_scheduler.services.work_items import open_item


def receive(session: Session, said: Inbound, now: datetime) -> None:
    """Keep a reply and show it to each clinic that knows the number; told twice, it counts once."""
    patients = session.scalars(
        select(Patient).where(Patient.phone == said.from_address, Patient.merged_into_id.is_(None))
    ).all()
    only = patients[0] if len(patients) == 1 else None
    insert: Any = postgresql_insert if session.get_bind().dialect.name == "postgresql" else sqlite_insert
    kept = session.scalar(
        insert(InboundMessage)
        .values(
            clinic_id=only.clinic_id if only else None,
            patient_id=only.id if only else None,
            sender=said.sender,
            provider_reference=said.reference,
            channel=said.channel,
            from_address=said.from_address,
            body=said.body,
            meaning="other",
            received_at=now,
        )
        .on_conflict_do_nothing(index_elements=[InboundMessage.sender, InboundMessage.provider_reference])
        .returning(InboundMessage.id)
    )
    if kept is None:
        return
    for patient in patients:
        open_item(
            session,
            patient.clinic_id,
            "reply",
            f"reply:{kept}:{patient.id}",
            now,
            patient_id=patient.id,
            inbound_message_id=kept,
        )
