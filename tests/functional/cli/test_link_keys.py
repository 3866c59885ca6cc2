"""Keys of links: made by `db upgrade`, kept by a backup, and good whatever SECRET_KEY is by then."""

from dataclasses import replace
from pathlib import Path

import flask_migrate
from sqlalchemy import select

from clinic_scheduler import create_app
from clinic_scheduler.db import db
from clinic_scheduler.links import OptOutLink
from clinic_scheduler.models import LinkKey
from config import Config
from tests import databases

LINK = OptOutLink(7, "visits", "email")


def test_links_of_before_and_after_an_upgrade_work_under_another_secret(
    empty_database_url: str, tmp_path: Path
) -> None:
    first = Config.for_tests(empty_database_url, tmp_path)
    second = replace(first, secret_key="another secret altogether")
    tokens, kept = [], []
    for settings in (first, first, second, second):
        app = create_app(settings)
        links = app.extensions["clinic"].links
        tokens.append(links.opt_out(LINK).rsplit("/", 1)[1])
        with app.app_context():
            flask_migrate.upgrade(str(databases.MIGRATIONS))
            kept.append(sorted(db.session.scalars(select(LinkKey.key).where(LinkKey.is_former.is_(False)))))
            db.session.remove()
        assert [links.read_opt_out(token) for token in tokens] == [LINK] * len(tokens)
        # Last of all: to read a link is to ask for its keys, over a connection.
        with app.app_context():
            db.engine.dispose()
    assert kept[0] == kept[-1]
    assert len(kept[0]) == 2
