"""A clinic's own reminder rules and wording, where they differ from the shipped ones."""

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from clinic_scheduler.db import Base
from clinic_scheduler.domain.messaging.kinds import Channel
from clinic_scheduler.models.column_types import ClinicKey, Code, Coded, Instant, Key, Name, Prose


class ReminderRule(Base):
    """When a kind of notification goes out; the row of an indication goes before the clinic's row for all."""

    __tablename__ = "reminder_rules"
    __table_args__ = (UniqueConstraint("clinic_id", "indication", "kind"),)

    id: Mapped[Key]
    clinic_id: Mapped[ClinicKey]
    indication: Mapped[Code] = mapped_column(default="")  # empty: every indication
    kind: Mapped[Code]
    is_on: Mapped[bool] = mapped_column(default=True)
    days: Mapped[Name] = mapped_column(default="")  # whole numbers, space-separated, such as 7 3 1
    repeat_days: Mapped[int | None]
    most: Mapped[int | None]  # how often at most in one cycle
    updated_at: Mapped[Instant]
    updated_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))


class MessageTemplate(Base):
    """A clinic's own words for a kind, channel and language."""

    __tablename__ = "message_templates"
    __table_args__ = (UniqueConstraint("clinic_id", "kind", "channel", "language"),)

    id: Mapped[Key]
    clinic_id: Mapped[ClinicKey]
    kind: Mapped[Code]
    channel: Mapped[Channel] = mapped_column(Coded(Channel))
    language: Mapped[Code]
    subject: Mapped[Name | None]  # e-mail alone
    body: Mapped[Prose]
    updated_at: Mapped[Instant]
    updated_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
