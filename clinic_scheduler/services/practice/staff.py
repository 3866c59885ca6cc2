"""Staff accounts: making, changing and closing them, the first one by a link; counting failed sign-ins.

Passwords arrive here as hashes; hashing is Flask-Security's and belongs to the callers.
"""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from itsdangerous import BadSignature, URLSafeSerializer
from sqlalchemy import select
from sqlalchemy.orm import Session

from clinic_scheduler.domain.codes import labels
from clinic_scheduler.domain.errors import InvalidInput, NotFound
from clinic_scheduler.domain.roles import StaffRole
from clinic_scheduler.domain.typed_text import require_address, require_one_line
from clinic_scheduler.models import Clinic, Provider, Role, User
from clinic_scheduler.queries.accounts import any_user, is_locked, normal_email, user_by_email
from clinic_scheduler.queries.lookups import row_in_clinic
from clinic_scheduler.services.actors import Actor
from clinic_scheduler.services.audit import record
from clinic_scheduler.services.change import Change
from clinic_scheduler.services.practice.staff_clinics import require_all_clinics, require_another_admin

ROLES = labels(StaffRole)
FAILURES_ALLOWED = 5
LOCKED_FOR = timedelta(minutes=15)
SETUP_LINK_LASTS = timedelta(hours=24)
_SETUP_SALT = "first-admin"


def create_user(
    change: Change,
    *,
    email: str,
    name: str,
    role: str,
    password_hash: str | None,
    provider_id: int | None = None,
) -> User:
    """An account at the actor's clinic. Without a password nobody can sign in to it. Raises InvalidInput."""
    session = change.session
    if role not in ROLES:
        raise InvalidInput(f"a role is one of {', '.join(ROLES)}, not {role!r}")
    require_one_line(name, "the person's name", "name")
    require_address(normal_email(email), "the person's e-mail", "email")
    if user_by_email(session, email) is not None:
        raise InvalidInput("there is an account with this e-mail address already")
    user = User(
        clinic_id=change.clinic_id,
        provider_id=provider_id,
        email=normal_email(email),
        name=name,
        password=password_hash,
        active=True,
        fs_uniquifier=secrets.token_hex(32),
        failed_sign_ins=0,
        created_at=change.now,
        roles=[_role(session, role)],
        clinics=[session.get_one(Clinic, change.clinic_id)],
    )
    session.add(user)
    session.flush()
    record(change, "added", "users", user.id, role=role)
    return user


def setup_token(secret_key: str, clinic_id: int, now: datetime) -> str:
    """What the first administrator's link carries: signed, for one clinic, good for a day."""
    until = int((now + SETUP_LINK_LASTS).timestamp())
    return str(URLSafeSerializer(secret_key, salt=_SETUP_SALT).dumps([clinic_id, until]))


def clinic_to_set_up(session: Session, secret_keys: Sequence[str], token: str, now: datetime) -> Clinic:
    """The clinic a link is for. NotFound if the link is forged, too old, or any account exists by now."""
    try:
        clinic_id, until = URLSafeSerializer(list(secret_keys), salt=_SETUP_SALT).loads(token)
    except BadSignature as error:
        raise NotFound("no such link") from error
    clinic = session.get(Clinic, clinic_id)
    if clinic is None or until <= now.timestamp() or any_user(session):
        raise NotFound("this link is used up")
    return clinic


def create_first_admin(
    session: Session,
    secret_keys: Sequence[str],
    token: str,
    *,
    email: str,
    name: str,
    password_hash: str,
    now: datetime,
) -> User:
    """Use the link up. Two people opening it at once wait for each other, and the second is too late."""
    clinic = clinic_to_set_up(session, secret_keys, token, now)
    session.refresh(clinic, with_for_update=True)
    clinic_to_set_up(session, secret_keys, token, now)
    actor = Actor("setup link", clinic.id)
    return create_user(
        Change(session, actor, now), email=email, name=name, role=StaffRole.ADMIN, password_hash=password_hash
    )


def sign_in(session: Session, user: User, matched: bool, now: datetime) -> bool:
    """Keep count of a try whose password did or did not match; returns whether the person is in.

    The row is locked first: guesses sent side by side are counted one after another, and once too many have
    failed, a right one is refused like the rest until the lock is over.
    """
    session.refresh(user, with_for_update=True)
    actor = actor_of(user)
    if is_locked(user, now) or not user.active:
        return False
    if matched:
        user.failed_sign_ins, user.locked_until = 0, None
        record(Change(session, actor, now), "signed_in", "users", user.id)
        return True
    user.failed_sign_ins += 1
    if user.failed_sign_ins >= FAILURES_ALLOWED:
        user.failed_sign_ins, user.locked_until = 0, now + LOCKED_FOR
    record(Change(session, actor, now), "sign_in_failed", "users", user.id)
    return False


def sign_out(change: Change) -> None:
    """End every sign-in of this person: cookies made before name a key that is no more."""
    user = change.session.get_one(User, change.actor.user_id)
    user.fs_uniquifier = secrets.token_hex(32)
    record(change, "signed_out", "users", user.id)


def deactivate(change: Change, user: User) -> None:
    """Close an account and end its sign-ins. Raises InvalidInput for the actor's own, the last administrator's,
    and somebody's who also works where the actor does not."""
    if user.id == change.actor.user_id:
        raise InvalidInput("nobody closes their own account. Nothing was changed. Ask another administrator")
    require_all_clinics(change, user)
    require_another_admin(change.session, user, user.clinics)
    user.active, user.fs_uniquifier = False, secrets.token_hex(32)
    record(change, "deactivated", "users", user.id)


def reactivate(change: Change, user: User) -> None:
    """Open a closed account again, with the password it had."""
    require_all_clinics(change, user)
    user.active, user.failed_sign_ins, user.locked_until = True, 0, None
    record(change, "reactivated", "users", user.id)


def unlock(change: Change, user: User) -> None:
    """Let somebody who typed a wrong password too often try again at once."""
    user.failed_sign_ins, user.locked_until = 0, None
    record(change, "unlocked", "users", user.id)


def change_user(change: Change, user: User, *, name: str, role: str, provider_id: int | None) -> None:
    """Another name, role or provider. Raises InvalidInput where no administrator would be left, and for
    somebody who also works where the actor does not."""
    if role not in ROLES:
        raise InvalidInput(f"a role is one of {', '.join(ROLES)}, not {role!r}")
    if provider_id is not None:
        row_in_clinic(change.session, Provider, change.clinic_id, provider_id)
    elif _is_provider_elsewhere(change, user):
        provider_id = user.provider_id
    before = (user.name, [held.name for held in user.roles], user.provider_id)
    if before == (name, [role], provider_id):
        return
    require_all_clinics(change, user)
    if role != StaffRole.ADMIN:
        require_another_admin(change.session, user, user.clinics)
    user.name, user.provider_id = name, provider_id
    if before[1] != [role]:
        user.roles = [_role(change.session, role)]
    record(change, "edited", "users", user.id, role=role, provider_id=provider_id)


def actor_of(user: User) -> Actor:
    """The signed-in person as services know them."""
    return Actor(user.name, user.clinic_id, user.id, frozenset(role.name for role in user.roles))


def _is_provider_elsewhere(change: Change, user: User) -> bool:
    """The provider of another clinic is not among this clinic's to choose from, so not choosing leaves it."""
    provider = change.session.get(Provider, user.provider_id) if user.provider_id is not None else None
    return provider is not None and provider.clinic_id != change.clinic_id


def _role(session: Session, name: str) -> Role:
    """The role's row, made when it is first given."""
    role = session.scalar(select(Role).where(Role.name == name))
    if role is None:
        role = Role(name=name, description=ROLES[name])
        session.add(role)
    return role
