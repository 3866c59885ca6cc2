"""What this clinic said before of a file under the same header."""

from typing import Any

from clinic_scheduler.importing import ImportFileError, read_table
from clinic_scheduler.importing.remembered import header_fingerprint
from clinic_scheduler.queries.import_mappings import mapping_for
from clinic_scheduler.web.context import actor, reading


def remembered(content: bytes, filename: str) -> dict[str, Any]:
    """As a mapping file has it; empty where nothing was said or the file is no table."""
    try:
        table = read_table(content, filename)
    except ImportFileError:
        return {}
    row = mapping_for(reading(), actor().clinic_id, header_fingerprint(table.header))
    return dict(row.mapping) if row else {}
