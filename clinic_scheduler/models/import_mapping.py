"""What a clinic once said of a file's columns and words, kept for the next file under the same header."""

from typing import Any

from sqlalchemy import JSON, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from clinic_scheduler.db import Base
from clinic_scheduler.models.column_types import Code, Instant, Key, Prose


class ImportMapping(Base):
    __tablename__ = "import_mappings"
    __table_args__ = (UniqueConstraint("clinic_id", "kind", "header_key"),)

    id: Mapped[Key]
    clinic_id: Mapped[int] = mapped_column(ForeignKey("clinics.id"))
    kind: Mapped[Code]  # injection_log
    header_key: Mapped[str] = mapped_column(
        String(64)
    )  # of the header's names, importing/columns/remembered.py
    header: Mapped[Prose]  # those names, to be recognised in Settings
    mapping: Mapped[dict[str, Any]] = mapped_column(JSON)  # as a mapping file has it
    updated_at: Mapped[Instant]
    updated_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
