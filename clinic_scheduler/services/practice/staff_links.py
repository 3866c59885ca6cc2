"""One-time links by which a person sets their own password: signed, for one account, good for a day.

Passwords arrive here as hashes; hashing is Flask-Security's and belongs to the callers.
"""

import hashlib
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from itsdangerous import BadSignature, URLSafeSerializer
from sqlalchemy.orm import Session

from clinic_scheduler.domain.errors import InvalidInput, NotFound
from clinic_scheduler.models import User
from clinic_scheduler.services.audit import record
from clinic_scheduler.services.change import Change
from clinic_scheduler.services.practice.staff import actor_of
from clinic_scheduler.services.practice.staff_clinics import require_all_clinics

LINK_LASTS = timedelta(hours=24)
_SALT = "set-password"


def issue_link(change: Change, secret_key: str, user: User) -> str:
    """The link's token. The person is signed out everywhere, and links given before are void.

    Raises InvalidInput for a closed account, and for somebody who also works where the actor does not: whoever
    has the link can sign in as them.
    """
    if not user.active:
        raise InvalidInput("this account is closed. Nothing was changed. Reactivate it first")
    require_all_clinics(change, user)
    user.fs_uniquifier = secrets.token_hex(32)
    record(change, "password_link_given", "users", user.id)
    until = int((change.now + LINK_LASTS).timestamp())
    return str(URLSafeSerializer(secret_key, salt=_SALT).dumps([user.id, until, _stamp(user)]))


def user_of_link(session: Session, secret_keys: Sequence[str], token: str, now: datetime) -> User:
    """Whose link it is. NotFound if it is forged, too old, used, or replaced by a newer one."""
    try:
        user_id, until, stamp = URLSafeSerializer(list(secret_keys), salt=_SALT).loads(token)
    except BadSignature as error:
        raise NotFound("no such link") from error
    user = session.get(User, user_id)
    if user is None or not user.active or until <= now.timestamp() or stamp != _stamp(user):
        raise NotFound("this link is used up")
    return user


def set_password(
    session: Session, secret_keys: Sequence[str], token: str, password_hash: str, now: datetime
) -> None:
    """Use the link up. Of two who open it at once the second is too late."""
    user = user_of_link(session, secret_keys, token, now)
    session.refresh(user, with_for_update=True)
    user_of_link(session, secret_keys, token, now)
    user.password, user.fs_uniquifier = password_hash, secrets.token_hex(32)
    user.failed_sign_ins, user.locked_until = 0, None
    record(Change(session, actor_of(user), now), "password_set", "users", user.id)


def _stamp(user: User) -> str:
    """Changes with every password and sign-out, so that a link works once; gives neither away."""
    return hashlib.sha256(f"{user.fs_uniquifier}|{user.password}".encode()).hexdigest()[:32]
