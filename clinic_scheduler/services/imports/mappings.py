"""What a clinic says of its logs' columns: remembered for the next file, rewritten, forgotten."""

from collections.abc import Mapping
from typing import Any

from clinic_scheduler.models import ImportMapping
from clinic_scheduler.queries.imports.mappings import INJECTION_LOG, mapping_for, mapping_in_clinic
from clinic_scheduler.services.audit import record
from clinic_scheduler.services.change import Change
from clinic_scheduler.services.locks import lock_clinic


def remember(change: Change, header_key: str, header: str, mapping: Mapping[str, Any]) -> None:
    """Keep a checked mapping for this header, in place of the one before."""
    lock_clinic(change.session, change.clinic_id)
    row = mapping_for(change.session, change.clinic_id, header_key) or ImportMapping(
        clinic_id=change.clinic_id, kind=INJECTION_LOG, header_key=header_key, header=header
    )
    change.session.add(row)
    _write(change, row, mapping, "remembered")


def rewrite(change: Change, mapping_id: int, mapping: Mapping[str, Any]) -> None:
    """Raises NotFound. The mapping is a checked one."""
    lock_clinic(change.session, change.clinic_id)
    row = mapping_in_clinic(change.session, change.clinic_id, mapping_id)
    _write(change, row, mapping, "changed")


def forget(change: Change, mapping_id: int) -> None:
    """The next file under this header is guessed anew. Raises NotFound."""
    row = mapping_in_clinic(change.session, change.clinic_id, mapping_id)
    record(change, "forgot", "import_mappings", row.id)
    change.session.delete(row)


def _write(change: Change, row: ImportMapping, mapping: Mapping[str, Any], action: str) -> None:
    row.mapping, row.updated_at, row.updated_by_id = dict(mapping), change.now, change.actor.user_id
    change.session.flush()
    record(change, action, "import_mappings", row.id)
