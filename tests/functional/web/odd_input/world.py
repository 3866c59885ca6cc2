"""A clinic in which something of everything there is waits, as its desk, its provider and its patients left it."""

import io
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from clinic_scheduler.db import unit_of_work
from clinic_scheduler.domain.calendars.links import Whose
from clinic_scheduler.domain.messaging.kinds import PURPOSES
from clinic_scheduler.domain.roles import StaffRole
from clinic_scheduler.jobs.context import tools_of
from clinic_scheduler.jobs.dispatch import dispatch
from clinic_scheduler.links import OptOutLink, VisitLink
from clinic_scheduler.models import Appointment, Reminder, User
from clinic_scheduler.senders.callbacks import TwilioCallbacks, WebhookCallbacks
from clinic_scheduler.services.calendars import feeds
from clinic_scheduler.services.change import Change
from tests import factories
from tests.functional.web.asking import ask
from tests.functional.web.conftest import Visitor, cast_with_accounts
from tests.functional.web.uploads import LOG
from tests.kept_rows import begin_with

SECRET = "shared-secret"
# The instant of the clock that stands still, as a gateway signs it.
NOW_STAMP = str(int(datetime(2026, 11, 23, 17, tzinfo=UTC).timestamp()))
NOBODY = "nobody"
# Whose pages show what there is to press.
WORKING = ("admin", "provider", "front_desk")
ROLES = (*(str(role) for role in StaffRole), NOBODY)


@dataclass(frozen=True)
class World:
    """Browsers by role, and the tokens of links that somebody was given."""

    browsers: Mapping[str, Visitor]
    tokens: tuple[str, ...]


def peopled(app: Flask) -> World:
    """Fill the empty database."""
    now = app.extensions["clinic"].clock.now()
    callbacks = {
        "twilio": TwilioCallbacks("http://localhost", (SECRET,)),
        "webhook": WebhookCallbacks(SECRET),
    }
    app.extensions["clinic"] = replace(app.extensions["clinic"], callbacks=callbacks)
    cast = begin_with(app, cast_with_accounts, now)
    with app.app_context(), unit_of_work() as session:
        factories.cast(session, now, clinic="Elsewhere Clinic", prefix="E")
        session.query(User).filter_by(email="provider@example.org").one().provider_id = cast.provider_id
        patient = factories.person(
            session, cast.actor, now, mrn="D1038", family_name="Garrido", given_name="Lucia"
        )
        early = factories.migraine(session, cast.actor, now, patient, provider_id=cast.provider_id)
        factories.treat(session, cast.actor, now, early, date(2026, 11, 2))
        day = factories.local_day(now) + timedelta(1)
        visit = factories.book(session, cast.actor, now, cast.course_id, cast.provider_id, day, time(10, 15))
        factories.hold(session, cast.actor, now, early.id, day + timedelta(90), every=True)
        visit_id, early_id = visit.id, early.id
    browsers = {role: _signed_in(app.test_client(), role) for role in ROLES}
    _work_of_a_day(app, browsers, cast, early_id)
    return World(browsers, tuple(_tokens(app, cast, visit_id)))


def _signed_in(client: FlaskClient, role: str) -> Visitor:
    visitor = Visitor(client)
    if role == NOBODY:
        visitor.get("/sign-in")
    else:
        assert visitor.sign_in(role).status_code == 302
    return visitor


def _work_of_a_day(app: Flask, browsers: Mapping[str, Visitor], cast: factories.Cast, early_id: int) -> None:
    desk, admin, now = browsers["front_desk"], browsers["admin"], app.extensions["clinic"].clock.now()
    assert ask(desk, cast, early_id).status_code == 302
    with app.app_context():
        with unit_of_work() as session:
            session.execute(update(Reminder).where(Reminder.id == 1).values(due_at=now))
        dispatch(tools_of(app))
    desk.get("/closures")
    desk.post("/closures", starts_on="2026-12-24", provider="0", reason="Leave")
    desk.get("/patients/1/given-elsewhere")
    desk.post("/patients/1/given-elsewhere", year="2025", known_from="patient", key=desk.key)
    desk.post("/courses/1/contact", press="phone:no_answer", key="k1")
    admin.get("/imports")
    fields = {"csrf_token": admin.token, "look": "y", "log": FileStorage(io.BytesIO(LOG.encode()), "log.csv")}
    boundary, body = encode_multipart(fields)
    admin.client.post("/imports", data=body, content_type=f"multipart/form-data; boundary={boundary}")


def _tokens(app: Flask, cast: factories.Cast, visit_id: int) -> list[str]:
    links = app.extensions["clinic"].links
    found = [links.opt_out(OptOutLink(cast.patient_id, PURPOSES[0], "email"))]
    now = app.extensions["clinic"].clock.now()
    with app.app_context(), unit_of_work() as session:
        found.append(links.visit(VisitLink(visit_id, session.get_one(Appointment, visit_id).starts_at)))
        for whose in (
            Whose("patient", patient_id=cast.patient_id),
            Whose("provider", provider_id=cast.provider_id),
        ):
            made = feeds.issue(
                Change(session, cast.actor, now), whose, links.calendar_token, name="Phone", shown=None
            )
            found.append(made.token)
    return [re.sub(r"^http://localhost/[uv]/", "", each) for each in found]
