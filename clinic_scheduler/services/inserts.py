"""INSERT with ON CONFLICT in the dialect of the database at hand; SQLAlchemy's own insert() has none."""

from typing import Any

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session


def insert_into(session: Session, model: type[Any]) -> Any:
    """An INSERT that can be told what to do `on_conflict`: two writers of one key then agree on one row."""
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    return dialect.insert(model)
