"""Staff accounts, for signing in and for the roles a page asks about."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from clinic_scheduler.domain.errors import NotFound
from clinic_scheduler.models import Clinic, User


def user_by_email(session: Session, email: str) -> User | None:
    """The account of this address, however it is capitalised."""
    return session.scalar(select(User).where(User.email == normal_email(email)))


def staff_of(session: Session, clinic_id: int) -> Sequence[User]:
    """Who may work in a clinic, by address; closed accounts too."""
    return session.scalars(
        select(User)
        .where(User.clinics.any(Clinic.id == clinic_id))
        .options(selectinload(User.roles))
        .order_by(User.email)
    ).all()


def user_in_clinic(session: Session, clinic_id: int, user_id: int) -> User:
    """Raises NotFound for an account that may not work in this clinic."""
    user = session.get(User, user_id)
    if user is None or not works_in(user, clinic_id):
        raise NotFound("no such account")
    return user


def works_in(user: User, clinic_id: int) -> bool:
    return any(clinic.id == clinic_id for clinic in user.clinics)


def clinics_of(session: Session, user_id: int | None) -> Sequence[Clinic]:
    """Every clinic an account may work in, by name; none for a command."""
    return session.get_one(User, user_id).clinics if user_id is not None else []


def any_user(session: Session) -> bool:
    return session.scalar(select(User.id).limit(1)) is not None


def is_locked(user: User, now: datetime) -> bool:
    return user.locked_until is not None and user.locked_until > now


def normal_email(email: str) -> str:
    """How addresses are kept and compared: no outer space, all small letters."""
    return email.strip().lower()
