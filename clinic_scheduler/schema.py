"""Whether the database's tables are those this version is made for, and what to run where they are not."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from alembic.script import ScriptDirectory
from sqlalchemy import Connection, column, inspect, select, table

_VERSIONS = table("alembic_version", column("version_num"))


@dataclass(frozen=True)
class Schema:
    """The revisions in a folder of migrations; read when first asked for, since few processes ask."""

    migrations: Path

    @cached_property
    def known(self) -> Sequence[str]:
        """The newest first."""
        return [script.revision for script in ScriptDirectory(str(self.migrations)).walk_revisions()]

    def trouble(self, connection: Connection) -> str | None:
        """None where the tables are right; else what they are, and the command that mends it."""
        newest = self.known[0]
        has_any = inspect(connection).has_table(_VERSIONS.name)
        found = connection.scalar(select(_VERSIONS.c.version_num)) if has_any else None
        if found == newest:
            return None
        if found is None:
            return "The database has no tables yet. Nothing was started. Run: day84 db upgrade"
        if found in self.known:
            return (
                f"The database is of an older version: {found}, not {newest}. Nothing was started or lost. "
                "Run: day84 db upgrade"
            )
        return (
            f"The database is of a newer version: {found}, which this one does not know. Nothing was started or lost. "
            f"Start the newer version; or, with that one, run: day84 db downgrade {newest}"
        )
