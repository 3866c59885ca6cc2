"""What the desk asks a provider to allow, and the provider's answer; questions past their day are ended first."""

from flask import Blueprint

from clinic_scheduler.db import unit_of_work
from clinic_scheduler.services import override_requests
from clinic_scheduler.web.context import actor, now, reading

blueprint = Blueprint("override_requests", __name__)


def end_expired() -> None:
    """A time held for a question nobody answered within a day is free again, also where no worker runs."""
    if actor().clinic_id in override_requests.waiting_clinics(reading(), now()):
        with unit_of_work() as session:
            override_requests.end_expired(session, actor().clinic_id, now())
