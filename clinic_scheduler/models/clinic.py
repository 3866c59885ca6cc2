"""The clinic and the protocol versions it works by."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from clinic_scheduler.db import Base, UTCDateTime
from clinic_scheduler.domain.forecast.rules_edition import RULES_EDITION
from clinic_scheduler.domain.protocols.indications import shipped_offer
from clinic_scheduler.domain.visits.kinds_and_states import VisitKind
from clinic_scheduler.models.column_types import ClinicKey, Code, Instant, Key, Name, Prose


class Clinic(Base):
    __tablename__ = "clinics"

    id: Mapped[Key]
    name: Mapped[Name]
    zone: Mapped[Code]  # IANA name, such as America/Los_Angeles
    phone: Mapped[Code]
    email: Mapped[Name]
    address: Mapped[Prose | None]
    text_name: Mapped[Name | None]  # signs texts in place of the name, where that names a specialty
    digest_email: Mapped[Name | None]  # who is told each morning what is unresolved; none: the clinic's own
    # A patient is tried this often before staff decide; after each try the row rests so many days.
    contact_attempts_limit: Mapped[int] = mapped_column(default=4)
    contact_rest_days: Mapped[int] = mapped_column(default=5)
    # Raised whenever what its calendars say of it or its providers changes; every event counts it in.
    calendar_revision: Mapped[int] = mapped_column(default=0)
    calendar_revised_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
    # Kinds of reminder this clinic has switched off, space-separated.
    reminders_off: Mapped[Name] = mapped_column(default="")
    # Codes of what it treats (domain/protocols/indications.py); courses of another that are open go on.
    indications: Mapped[list[str]] = mapped_column(JSON, default=shipped_offer)
    # The edition of the date rules its courses' dates were last all computed by.
    rules_edition: Mapped[int] = mapped_column(default=RULES_EDITION)
    created_at: Mapped[Instant]


class ProcedureLength(Base):
    """How long a visit takes at a clinic, where it is not the provider's usual length.

    Injections take their time by indication; the other kinds take one length each, of the indication ''.
    """

    __tablename__ = "procedure_lengths"
    __table_args__ = (
        UniqueConstraint("clinic_id", "visit_kind", "indication"),
        CheckConstraint("minutes BETWEEN 5 AND 480", name="minutes_within_a_day"),
    )

    id: Mapped[Key]
    clinic_id: Mapped[ClinicKey]
    visit_kind: Mapped[Code] = mapped_column(default=VisitKind.INJECTION)
    indication: Mapped[Code]
    minutes: Mapped[int]


class ProtocolVersion(Base):
    """One edition of an indication's intervals; a course keeps the edition it was opened under."""

    __tablename__ = "protocol_versions"
    __table_args__ = (UniqueConstraint("clinic_id", "indication", "version"),)

    id: Mapped[Key]
    clinic_id: Mapped[ClinicKey]
    indication: Mapped[Code]
    version: Mapped[int]
    # Fields that differ from those shipped (domain/protocols/indications.py): {field: {"value": ..., "source": ...}}.
    overrides: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    # Doses and caps an edition held before they became the label's and the product's; for the record alone.
    former_doses: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    created_at: Mapped[Instant]
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))


class LabelVersion(Base):
    """One edition of a clinic's own figures of a product: its label for an indication or, of '', its caps over all.

    The newest holds for every course at once; a pair without any has the shipped figures (domain/protocols/labels.py).
    """

    __tablename__ = "label_versions"
    __table_args__ = (UniqueConstraint("clinic_id", "product", "indication", "version"),)

    id: Mapped[Key]
    clinic_id: Mapped[ClinicKey]
    product: Mapped[Code]
    indication: Mapped[Code]
    version: Mapped[int]
    # The fields that differ from the shipped ones: {field: {"value": ..., "source": ...}}.
    overrides: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    created_at: Mapped[Instant]
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
