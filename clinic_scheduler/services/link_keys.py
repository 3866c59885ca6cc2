"""Making the keys that sign links, once in the life of a database, and keeping what signed them before."""

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from clinic_scheduler.models import LinkKey
from clinic_scheduler.services.inserts import insert_into

_KEY_BYTES = 32


def keep_link_keys(session: Session, former: Mapping[str, Sequence[str]], now: datetime) -> None:
    """`former`: purpose -> the keys that SECRET_KEY and its fallbacks have signed with until now, which stay good.

    Once a purpose has a key of its own, SECRET_KEY signs no such link any more, and what it is by then is not kept.
    Nothing is ever taken away, since a link is as old as the message it is in.
    """
    signing = set(session.scalars(select(LinkKey.purpose).where(LinkKey.is_former.is_(False))))
    for row in [row for purpose in former.keys() - signing for row in _rows(purpose, former[purpose], now)]:
        new = insert_into(session, LinkKey).values(**row)
        session.execute(new.on_conflict_do_nothing(index_elements=[LinkKey.purpose, LinkKey.key]))


def _rows(purpose: str, former: Sequence[str], now: datetime) -> list[dict[str, object]]:
    keys = [(secrets.token_hex(_KEY_BYTES), False), *((key, True) for key in former)]
    return [
        {"purpose": purpose, "key": key, "is_former": is_former, "created_at": now} for key, is_former in keys
    ]
