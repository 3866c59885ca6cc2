"""The keys that sign links in messages: kept for good, so that a link works whatever else is rotated."""

from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped

from clinic_scheduler.db import Base
from clinic_scheduler.models.column_types import Code, Instant, Key, Name


class LinkKey(Base):
    """`is_former`: what a SECRET_KEY signed this kind of link with before; believed, and used no more."""

    __tablename__ = "link_keys"
    __table_args__ = (UniqueConstraint("purpose", "key"),)

    id: Mapped[Key]
    purpose: Mapped[Code]  # visit, opt-out
    key: Mapped[Name]  # hexadecimal
    is_former: Mapped[bool]
    created_at: Mapped[Instant]
