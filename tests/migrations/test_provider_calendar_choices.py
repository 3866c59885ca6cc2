"""Providers' calendar links from before they had choices go on showing what they showed; patients' choose nothing."""

import flask_migrate
import pytest
from sqlalchemy import select

from clinic_scheduler.db import db, unit_of_work
from clinic_scheduler.domain.calendars.links import PATIENT, PROVIDER, Whose
from clinic_scheduler.models import CalendarFeed
from clinic_scheduler.services.calendars import feeds
from clinic_scheduler.services.change import Change
from tests import databases, factories

BEFORE = "0013"


@pytest.fixture
def app(empty_database_url, tmp_path, clock):
    with databases.opened(empty_database_url, tmp_path / "data", clock=clock) as app, app.app_context():
        flask_migrate.upgrade(str(databases.MIGRATIONS))
        yield app


def test_links_of_before_show_what_they_showed(app, clock):
    with unit_of_work() as session:
        cast = factories.cast(session, clock.now())
        for whose in (Whose(PATIENT, cast.patient_id), Whose(PROVIDER, None, cast.provider_id)):
            feeds.issue(Change(session, cast.actor, clock.now()), whose, str, name="Phone")
    db.session.remove()
    flask_migrate.downgrade(str(databases.MIGRATIONS), BEFORE)
    flask_migrate.upgrade(str(databases.MIGRATIONS))
    columns = CalendarFeed.kind, CalendarFeed.due_windows, CalendarFeed.milestones, CalendarFeed.reviews
    with db.engine.connect() as connection:
        kept = connection.execute(select(*columns).order_by(CalendarFeed.id)).all()
    assert kept == [(PATIENT, False, False, False), (PROVIDER, True, True, True)]
