"""What a clinic said of its logs' columns: one header's, and all of them for Settings."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from clinic_scheduler.domain.errors import NotFound
from clinic_scheduler.models import ImportMapping

INJECTION_LOG = "injection_log"


def mapping_for(session: Session, clinic_id: int, header_key: str) -> ImportMapping | None:
    """What was said of the columns under this header."""
    return session.scalar(
        select(ImportMapping).where(
            ImportMapping.clinic_id == clinic_id,
            ImportMapping.kind == INJECTION_LOG,
            ImportMapping.header_key == header_key,
        )
    )


def mappings_of(session: Session, clinic_id: int) -> Sequence[ImportMapping]:
    """The newest first."""
    return session.scalars(
        select(ImportMapping)
        .where(ImportMapping.clinic_id == clinic_id)
        .order_by(ImportMapping.updated_at.desc(), ImportMapping.id.desc())
    ).all()


def mapping_in_clinic(session: Session, clinic_id: int, mapping_id: int) -> ImportMapping:
    """Raises NotFound."""
    row = session.get(ImportMapping, mapping_id)
    if row is None or row.clinic_id != clinic_id:
        raise NotFound("there is no such mapping")
    return row
