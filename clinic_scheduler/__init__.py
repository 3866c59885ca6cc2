"""Repeat-treatment scheduling for clinics: create_app is the only place that wires the rooms together."""

import logging
import zoneinfo
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from flask import Flask, has_request_context
from flask_migrate import Migrate
from sqlalchemy import inspect
from werkzeug.middleware.proxy_fix import ProxyFix

from clinic_scheduler import auth, cli, models, web
from clinic_scheduler.clock import Clock, SystemClock
from clinic_scheduler.db import db
from clinic_scheduler.domain.calendars.remote_url import read_address
from clinic_scheduler.links import Kept, Links
from clinic_scheduler.queries.link_keys import link_keys
from clinic_scheduler.redaction import redact_logs
from clinic_scheduler.schema import Schema
from clinic_scheduler.sender_factory import choose_callbacks, choose_ping, choose_senders, console_mail
from clinic_scheduler.senders.calendar_fetch import CalendarFetcher
from clinic_scheduler.settings import Settings, flask_settings

ROOT = Path(__file__).resolve().parent.parent
migrate = Migrate(directory=str(ROOT / "migrations"))

# The pinned tzdata decides what a wall clock means, not whatever the machine has.
zoneinfo.reset_tzpath(())

__all__ = ["create_app", "models"]


@dataclass(frozen=True)
class Wiring:
    """What a request, job or command may ask the app for: app.extensions["clinic"]."""

    settings: Settings
    clock: Clock
    senders: Mapping[str, Any]
    links: Links
    console: Any
    ping: Callable[[datetime], None]
    callbacks: Mapping[str, Any]
    """Sender -> what knows its receipts and replies from forged ones (senders/callbacks.py)."""
    schema: Schema
    fetch_calendar: Callable[[str, str | None], Any]
    """Reads a calendar off the internet; the worker's alone (senders/calendar_fetch.py)."""


def create_app(
    settings: Settings, *, clock: Clock | None = None, senders: Mapping[str, Any] | None = None
) -> Flask:
    """The application. `senders` maps a channel to what carries it; tests give their own."""
    ticking = clock or SystemClock()
    logging.basicConfig(level=settings.log_level, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    redact_logs()
    app = Flask(__name__, template_folder=str(ROOT / "templates"), static_folder="static")
    app.config.from_mapping(flask_settings(settings, has_request_context))
    if settings.proxy_hops:
        hops = settings.proxy_hops
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    db.init_app(app)
    migrate.init_app(app, db)
    chosen = choose_senders(settings, ticking.now) if senders is None else senders
    links = Links(settings.base_url, (settings.secret_key, *settings.secret_key_fallbacks), _kept_keys(app))
    app.extensions["clinic"] = Wiring(
        settings,
        ticking,
        chosen,
        links,
        console_mail(),
        choose_ping(settings),
        choose_callbacks(settings),
        Schema(ROOT / "migrations"),
        CalendarFetcher(read_address),
    )
    auth.register(app)
    web.register(app)
    cli.register(app)
    return app


def _kept_keys(app: Flask) -> Callable[[], Sequence[Kept]]:
    """Reads the keys of links once and remembers them: they are made by `db upgrade` and never change."""
    known: list[Sequence[Kept]] = []

    def kept() -> Sequence[Kept]:
        if not known:
            with app.app_context(), db.engine.connect() as connection:
                if not inspect(connection).has_table(models.LinkKey.__tablename__):
                    # Before the upgrade; links are signed as they were until then.
                    return ()
                known.append(link_keys(connection))
        return known[0]

    return kept
