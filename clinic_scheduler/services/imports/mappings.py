"""What a clinic says of its logs' columns: remembered for the next file, rewritten, forgotten."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from clinic_scheduler.models import ImportMapping
from clinic_scheduler.queries.imports.mappings import INJECTION_LOG, mapping_for, mapping_in_clinic
from clinic_scheduler.services.actors import Actor
from clinic_scheduler.services.audit import record
from clinic_scheduler.services.locks import lock_clinic


def remember(
    session: Session, actor: Actor, header_key: str, header: str, mapping: Mapping[str, Any], now: datetime
) -> None:
    """Keep a checked mapping for this header, in place of the one before."""
    lock_clinic(session, actor.clinic_id)
    row = mapping_for(session, actor.clinic_id, header_key) or ImportMapping(
        clinic_id=actor.clinic_id, kind=INJECTION_LOG, header_key=header_key, header=header
    )
    session.add(row)
    _write(session, actor, row, mapping, now, "remembered")


def rewrite(
    session: Session, actor: Actor, mapping_id: int, mapping: Mapping[str, Any], now: datetime
) -> None:
    """Raises NotFound. The mapping is a checked one."""
    lock_clinic(session, actor.clinic_id)
    row = mapping_in_clinic(session, actor.clinic_id, mapping_id)
    _write(session, actor, row, mapping, now, "changed")


def forget(session: Session, actor: Actor, mapping_id: int, now: datetime) -> None:
    """The next file under this header is guessed anew. Raises NotFound."""
    row = mapping_in_clinic(session, actor.clinic_id, mapping_id)
    record(session, actor, now, "forgot", "import_mappings", row.id)
    session.delete(row)


def _write(
    session: Session,
    actor: Actor,
    row: ImportMapping,
    mapping: Mapping[str, Any],
    now: datetime,
    action: str,
) -> None:
    row.mapping, row.updated_at, row.updated_by_id = dict(mapping), now, actor.user_id
    session.flush()
    record(session, actor, now, action, "import_mappings", row.id)
