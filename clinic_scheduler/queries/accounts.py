"""Staff accounts, for signing in and for the roles a page asks about."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from clinic_scheduler.models import User
from clinic_scheduler.queries.lookups import row_in_clinic


def user_by_email(session: Session, email: str) -> User | None:
    """The account of this address, however it is capitalised."""
    return session.scalar(select(User).where(User.email == normal_email(email)))


def staff_of(session: Session, clinic_id: int) -> Sequence[User]:
    """A clinic's accounts by address, closed ones too."""
    return session.scalars(
        select(User).where(User.clinic_id == clinic_id).options(selectinload(User.roles)).order_by(User.email)
    ).all()


def user_in_clinic(session: Session, clinic_id: int, user_id: int) -> User:
    """Raises NotFound for another clinic's account."""
    return row_in_clinic(session, User, clinic_id, user_id)


def any_user(session: Session) -> bool:
    return session.scalar(select(User.id).limit(1)) is not None


def is_locked(user: User, now: datetime) -> bool:
    return user.locked_until is not None and user.locked_until > now


def normal_email(email: str) -> str:
    """How addresses are kept and compared: no outer space, all small letters."""
    return email.strip().lower()
