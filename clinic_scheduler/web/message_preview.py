"""A message as a patient of the clinic would read it, for the editor of its words. Nothing is sent or kept."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from flask import current_app
from jinja2 import Environment

from clinic_scheduler.domain.messaging.custom_wording import BODY, Problem, Wording, problems
from clinic_scheduler.domain.messaging.kinds import KINDS, SMS
from clinic_scheduler.links import Links, OptOutLink, VisitLink
from clinic_scheduler.messages import (
    ClinicDetails,
    UnfitWordsError,
    compose,
    template_environment,
    unfit,
    values_of,
)
from clinic_scheduler.messages.disclosure import disclosures
from clinic_scheduler.messages.segments import Segments, segments
from clinic_scheduler.queries.messaging.custom_wording import Shown, shown_patient
from clinic_scheduler.queries.providers import clinic_of
from clinic_scheduler.queries.schedule.availability import clinic_zone
from clinic_scheduler.web.context import actor, now, reading, today, zone

# Links in a preview lead nowhere: they are as long as real ones, and about nobody.
_NOBODY = 0
_TOKEN = "x" * 43


@dataclass(frozen=True)
class Preview:
    """`text` is what would be read; empty where `problems` say why not. `given_name` is None for a made-up patient."""

    problems: list[Problem]
    disclosed: tuple[str, ...] = ()
    subject: str = ""
    text: str = ""
    given_name: str | None = None
    counted: Segments | None = None
    signature_tells: tuple[str, ...] = field(default=())


def preview(wording: Wording) -> Preview:
    """What is wrong with the words, or how they would read, with the data of a patient whom they fit."""
    disclosed = disclosures(" ".join(wording.parts.values()))
    found = problems(wording)
    if found:
        return Preview(found, disclosed)
    try:
        clinic = _clinic()
    except ValueError as error:
        return Preview([Problem(BODY, str(error).removesuffix("."))], disclosed)
    shown = shown_patient(reading(), actor().clinic_id, wording.kind, now())
    known = _known(wording, shown or _made_up())
    found = unfit(wording, clinic, _links(wording, now()))
    try:
        message = compose(values_of(wording.kind, clinic, known), templates(), wording.language, wording)
    except UnfitWordsError as error:
        return Preview(found or [Problem(BODY, str(error))], disclosed)
    text = (message.sms or "") if wording.channel == SMS else message.text
    return Preview(
        problems=found,
        disclosed=disclosed,
        subject=message.subject,
        text=text,
        given_name=shown.given_name if shown else None,
        counted=segments(text) if wording.channel == SMS else None,
        signature_tells=disclosures(clinic.signature) if wording.channel == SMS else (),
    )


def templates() -> Environment:
    return _environment(str(Path(current_app.root_path) / (current_app.template_folder or "templates")))


@cache
def _environment(folder: str) -> Environment:
    return template_environment(folder)


def _clinic() -> ClinicDetails:
    row = clinic_of(reading(), actor().clinic_id)
    return ClinicDetails(
        name=row.name,
        phone=row.phone,
        zone=clinic_zone(reading(), actor().clinic_id),
        text_name=row.text_name,
    )


def _made_up() -> Shown:
    """Somebody invented, for a clinic whose patients are still to come."""
    starts_at = (now() + timedelta(7)).replace(minute=0, second=0, microsecond=0)
    return Shown("Alex", starts_at, "Dr. Example", today() + timedelta(7), today() + timedelta(14))


def _known(wording: Wording, shown: Shown) -> dict[str, Any]:
    starts_at = shown.starts_at or now()
    days_before = (starts_at.astimezone(zone()).date() - today()).days
    return shown.known() | _links(wording, starts_at) | {"days_before": days_before}


def _links(wording: Wording, starts_at: datetime) -> dict[str, str]:
    links: Links = current_app.extensions["clinic"].links
    return {
        "visit_url": links.visit(VisitLink(_NOBODY, starts_at)),
        "opt_out_url": links.opt_out(OptOutLink(_NOBODY, KINDS[wording.kind].purpose, wording.channel)),
        "subscribe_url": links.subscribe_page(_TOKEN),
    }
