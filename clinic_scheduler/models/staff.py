"""Staff who sign in, and their roles."""

from datetime import datetime

from flask_security import RoleMixin, UserMixin
from sqlalchemy import Column, ForeignKey, Table
from sqlalchemy.orm import Mapped, mapped_column, relationship

from clinic_scheduler.db import Base, UTCDateTime
from clinic_scheduler.domain.roles import StaffRole
from clinic_scheduler.models.clinic import Clinic
from clinic_scheduler.models.column_types import Coded, Instant, Key, Name

user_roles = Table(
    "user_roles",
    Base.metadata,
    Column("user_id", ForeignKey("users.id"), primary_key=True),
    Column("role_id", ForeignKey("roles.id"), primary_key=True),
)

# Every clinic a person may work in; users.clinic_id is the one they work in now.
user_clinics = Table(
    "user_clinics",
    Base.metadata,
    Column("user_id", ForeignKey("users.id"), primary_key=True),
    Column("clinic_id", ForeignKey("clinics.id"), primary_key=True),
)


class Role(Base, RoleMixin):
    """front_desk, provider, admin or read_only."""

    __tablename__ = "roles"

    id: Mapped[Key]
    name: Mapped[StaffRole] = mapped_column(Coded(StaffRole), unique=True)
    description: Mapped[Name | None]


class User(Base, UserMixin):
    __tablename__ = "users"

    id: Mapped[Key]
    clinic_id: Mapped[int] = mapped_column(ForeignKey("clinics.id"), index=True)
    provider_id: Mapped[int | None] = mapped_column(ForeignKey("providers.id"))
    email: Mapped[Name] = mapped_column(unique=True)
    name: Mapped[Name]
    password: Mapped[str | None]
    active: Mapped[bool] = mapped_column(default=True)
    fs_uniquifier: Mapped[str] = mapped_column(unique=True)
    failed_sign_ins: Mapped[int] = mapped_column(default=0)
    locked_until: Mapped[datetime | None] = mapped_column(UTCDateTime())
    created_at: Mapped[Instant]

    roles: Mapped[list[Role]] = relationship(secondary=user_roles)  # type: ignore[assignment]
    clinics: Mapped[list[Clinic]] = relationship(secondary=user_clinics, order_by=Clinic.name)
