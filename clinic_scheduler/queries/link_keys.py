"""The kept keys of links, by purpose, in the order they are to be used."""

from sqlalchemy import Connection, select
from sqlalchemy.orm import Session

from clinic_scheduler.models import LinkKey


def link_keys(session: Session | Connection) -> list[tuple[str, str, bool]]:
    """(purpose, key, is_former), the key that signs before those that are only believed."""
    found = select(LinkKey.purpose, LinkKey.key, LinkKey.is_former).order_by(LinkKey.is_former, LinkKey.id)
    return [(row.purpose, row.key, row.is_former) for row in session.execute(found)]
