"""Column shorthands the tables share: keys, instants, opaque ids. No tables here."""

import secrets
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, TypeVar

from sqlalchemy import Dialect, ForeignKey, Numeric, String, Text
from sqlalchemy.orm import mapped_column
from sqlalchemy.types import TypeDecorator

from clinic_scheduler.db import UTCDateTime

Key = Annotated[int, mapped_column(primary_key=True)]
ClinicKey = Annotated[int, mapped_column(ForeignKey("clinics.id"), index=True)]
Instant = Annotated[datetime, mapped_column(UTCDateTime())]
Name = Annotated[str, mapped_column(String(120))]
Code = Annotated[str, mapped_column(String(40))]
Prose = Annotated[str, mapped_column(Text())]
Units = Annotated[Decimal, mapped_column(Numeric(8, 2))]
# ISO 8601 duration as a person wrote it, such as P12W; domain/forecast/intervals.py reads it.
Duration = Annotated[str, mapped_column(String(20))]

E = TypeVar("E", bound=StrEnum)


class Coded(TypeDecorator[E]):
    """A code of an enum, kept as its string, so that a row gives back members and takes nothing else."""

    impl = String
    cache_ok = True

    def __init__(self, codes: type[E]) -> None:
        super().__init__(40)
        self.codes = codes

    def process_bind_param(self, value: E | None, dialect: Dialect) -> str | None:
        return None if value is None else self.codes(value).value

    def process_result_value(self, value: Any | None, dialect: Dialect) -> E | None:
        return None if value is None else self.codes(value)


def opaque_id() -> str:
    """An id that says nothing and cannot be guessed: 22 characters, 128 bits."""
    return secrets.token_urlsafe(16)
