"""Treatments recorded before they kept it themselves are given it from the audit record, as if they always had."""

from datetime import timedelta
from decimal import Decimal

import flask_migrate
from sqlalchemy import text, update

from clinic_scheduler.db import db, unit_of_work
from clinic_scheduler.domain.visits.seen import ACCEPTS_ALL
from clinic_scheduler.models import Authorization, Treatment
from clinic_scheduler.services.actors import Actor
from clinic_scheduler.services.change import Change
from clinic_scheduler.services.treatments import treatments, voiding
from tests import databases, factories

KEPT = [
    Treatment.__table__.c[name]
    for name in (
        "id",
        "accepted_at",
        "accepted_by_id",
        "accepted_reason",
        "authorization_id",
        "authorization_visits",
        "authorization_units",
    )
]


def kept():
    return db.session.execute(db.select(*KEPT).order_by(Treatment.id)).all()


def record_accept_and_void(session, now):
    """One without authorization, one accepted, one voided and back, one voided; by a provider who signs in."""
    cast = factories.cast(session, now)
    user = factories.staff(session, cast.actor, now, "provider")
    provider = Actor("Provider", cast.clinic_id, user.id, frozenset({"provider"}))
    today = factories.local_day(now)
    for visits, units in ((5, None), (None, Decimal(100))):
        session.add(
            Authorization(
                course_id=cast.course_id,
                starts_on=today - timedelta(30 if visits else 5),
                ends_on=today,
                visits_left=visits,
                units_left=units,
            )
        )
    session.flush()
    keys = []
    for days in (20, 10, 2):
        entry = treatments.TreatmentEntry(
            cast.course_id,
            today - timedelta(days),
            Decimal(155),
            factories.ONABOT,
            f"entry:{days}",
            seen=ACCEPTS_ALL,
        )
        keys.append(treatments.record(Change(session, provider, now), entry).id)
    treatments.accept(Change(session, provider, now), keys[1], "payer_approved")
    for key in keys[1:]:
        voiding.void(Change(session, provider, now), key, "wrong_details")
    voiding.undo_void(Change(session, provider, now), keys[2])


def test_what_the_audit_record_says_is_filled_in(app, clock):
    with unit_of_work() as session:
        record_accept_and_void(session, clock.now())
    before = kept()
    assert [row.authorization_visits for row in before] == [None, 1, 1, 1]
    assert [row.accepted_reason for row in before] == [None, None, "payer_approved", None]
    with unit_of_work() as session:
        session.execute(update(Treatment).values({column.key: None for column in KEPT[1:]}))
    db.session.remove()
    databases.downgrade("0002")
    assert db.session.execute(text("SELECT version_num FROM alembic_version")).scalar() == "0002"
    db.session.remove()
    flask_migrate.upgrade(str(databases.MIGRATIONS))
    assert kept() == before
