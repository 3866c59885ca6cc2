"""The application as wsgi.py makes it, and a bare one beside it: POST /bare/ writes a visit, a reminder, an audit row.

The bare one does the least a booking can be: Flask, SQLAlchemy Core, one transaction; the database guards the row.
"""

from datetime import UTC, datetime, timedelta
from functools import cache
from uuid import uuid4
from zoneinfo import ZoneInfo

from flask import Flask, request
from flask.typing import ResponseReturnValue
from sqlalchemy import Engine, insert
from werkzeug.middleware.dispatcher import DispatcherMiddleware

from clinic_scheduler.db import db
from clinic_scheduler.models import Appointment, AuditEvent, Reminder
from wsgi import app as clinic

bare = Flask("bare")


@cache
def engine() -> Engine:
    """Asked first in a request, so that each of gunicorn's processes has connections of its own."""
    with clinic.app_context():
        return db.engine


@bare.post("/")
def write() -> ResponseReturnValue:
    sent, now = request.form, datetime.now(UTC)
    zone = ZoneInfo(sent["zone"])
    local = datetime.fromisoformat(f"{sent['day']}T{sent['at']}").replace(tzinfo=zone)
    starts_at = local.astimezone(UTC)
    of = {"clinic_id": int(sent["clinic"]), "patient_id": int(sent["patient"])}
    visit = {
        "uid": uuid4().hex,
        "course_id": int(sent["course"]),
        "provider_id": int(sent["provider"]),
        "local_date": local.date(),
        "local_time": local.time(),
        "zone": zone.key,
        "starts_at": starts_at,
        "ends_at": starts_at + timedelta(minutes=20),
        "state": "booked",
        "created_at": now,
        "updated_at": now,
    }
    reminder = {
        "kind": "visit_reminder",
        "step": "1",
        "channel": "email",
        "dedupe_key": uuid4().hex,
        "due_at": starts_at - timedelta(days=1),
        "expires_at": starts_at,
        "created_at": now,
        "updated_at": now,
    }
    with engine().begin() as connection:
        made = connection.execute(insert(Appointment.__table__).values(of | visit))
        key = made.inserted_primary_key[0]
        connection.execute(insert(Reminder.__table__).values(of | reminder | {"appointment_id": key}))
        event = {"at": now, "actor": "bare", "action": "booked", "subject": "appointments", "subject_id": key}
        connection.execute(insert(AuditEvent.__table__).values(of | event))
    return "", 201


app = DispatcherMiddleware(clinic, {"/bare": bare})
