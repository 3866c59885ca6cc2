"""What one request works with: its instant, its clinic's day, who asks, and the database session for reads."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any, cast
from zoneinfo import ZoneInfo

from flask import current_app, g
from flask_security import current_user
from flask_wtf import FlaskForm
from sqlalchemy import Engine

from clinic_scheduler.db import unit_of_work
from clinic_scheduler.domain.local_time import UNKNOWN_ZONE, known_zone
from clinic_scheduler.domain.roles import WRITING
from clinic_scheduler.links import Links
from clinic_scheduler.queries.accounts import clinics_of
from clinic_scheduler.queries.schedule.availability import clinic_zone
from clinic_scheduler.queries.schedule.desk import Desk, desk_of
from clinic_scheduler.services.actors import Actor
from clinic_scheduler.services.change import Change
from clinic_scheduler.services.practice.staff import actor_of
from clinic_scheduler.settings import Settings


def now() -> datetime:
    """The request's instant: the clock is read once, so that one page never straddles midnight."""
    if "now" not in g:
        g.now = current_app.extensions["clinic"].clock.now()
    return cast(datetime, g.now)


def settings() -> Settings:
    """The installation's settings."""
    return cast(Settings, current_app.extensions["clinic"].settings)


def links() -> Links:
    """Makes and reads the links that patients are given."""
    return cast(Links, current_app.extensions["clinic"].links)


def reading() -> Any:
    """The session for reads; writes go through db.unit_of_work."""
    return current_app.extensions["sqlalchemy"].session()


def engine() -> Engine:
    """For what is asked all day long, without a session (queries/compiled_statement.py)."""
    return cast(Engine, current_app.extensions["sqlalchemy"].engine)


def actor() -> Actor:
    if "actor" not in g:
        g.actor = actor_of(current_user)
    return cast(Actor, g.actor)


@contextmanager
def changing() -> Iterator[Change]:
    """A unit of work of the signed-in person, at the request's instant."""
    who, at = actor(), now()
    with unit_of_work() as session:
        yield Change(session, who, at)


def my_clinics() -> Sequence[Any]:
    """The clinics the signed-in person may work in, by name; asked once a page, which shows them twice."""
    if "clinics" not in g:
        g.clinics = clinics_of(reading(), actor().user_id)
    return cast(Sequence[Any], g.clinics)


def zone() -> ZoneInfo:
    """The clinic's; most pages name its clinic too, so that it comes with all the person works in."""
    if "zone" not in g:
        name = _zone_name()
        g.zone = (
            clinic_zone(reading(), actor().clinic_id) if name is None else known_zone(name) or UNKNOWN_ZONE
        )
    return cast(ZoneInfo, g.zone)


def zone_unknown() -> str:
    """The name of the clinic's zone where nobody knows it any more, for every page to say so; else empty."""
    name = _zone_name()
    return name if name and known_zone(name) is None else ""


def _zone_name() -> str | None:
    return next((clinic.zone for clinic in my_clinics() if clinic.id == actor().clinic_id), None)


def desk() -> Desk:
    """What a press needs of its clinic, read at once; the zone is among it."""
    if "desk" not in g:
        g.desk = desk_of(reading(), actor().clinic_id, now())
        g.zone = g.desk.zone
    return cast(Desk, g.desk)


def today() -> date:
    """The clinic's own calendar day."""
    return now().astimezone(zone()).date()


def may_write() -> bool:
    return bool(actor().roles & WRITING)


def problems_in(form: FlaskForm) -> list[tuple[str, str]]:
    """(field id, message) of everything wrong with a form, for the summary at the top of the page."""
    return [
        (field.id, str(message)) for field in form if field.name != "csrf_token" for message in field.errors
    ]
