"""The demo's database: a clinic that has worked for some weeks, built through the services. Same `now`, same clinic."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import partial
from random import Random
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from clinic_scheduler.domain.calendars.links import PATIENT, PROVIDER, Shown, Whose
from clinic_scheduler.domain.local_time import local_date, to_utc
from clinic_scheduler.jobs.context import Tools
from clinic_scheduler.seeding.demo.clinic_setup import CLINIC, REID, open_place
from clinic_scheduler.seeding.demo.patients import Cast
from clinic_scheduler.seeding.demo.questions import ask, ask_to_move
from clinic_scheduler.seeding.demo.replies import answer
from clinic_scheduler.seeding.demo.simulation import Life, Moment, tools_of_the_past
from clinic_scheduler.services.calendars import feeds
from clinic_scheduler.services.courses.forecasting import refresh_turned

SEED = 1989
# The clinic began with the service so long ago; what was given before came from its old log.
WORKED_DAYS = 45
MAIL_HOUR, FIRST_MINUTE = time(10, 5), time(0, 1)


@dataclass(frozen=True)
class Links:
    """Calendar tokens, which the database alone cannot give again."""

    patient_token: str
    provider_token: str
    patient_mrn: str


def build_demo(
    session: Session,
    tools: Tools,
    now: datetime,
    password_hashes: Mapping[str, str],
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Links:
    """Fill an empty database. `password_hashes` by the e-mail of place.STAFF; `progress` counts days."""
    zone = ZoneInfo(CLINIC.zone)
    today = local_date(now, zone)
    first_day = today - timedelta(days=WORKED_DAYS)
    moment = Moment(to_utc(first_day, time(7, 30), zone))
    place = open_place(session, today, moment.instant, password_hashes)
    life = Life(session, place, Random(SEED), moment, tools_of_the_past(tools, session, moment))
    cast = Cast(life, today, first_day, place.next_open_day(today))
    cast.enter(Random(SEED))
    for number in range(WORKED_DAYS + 1):
        day = first_day + timedelta(days=number)
        life.at(to_utc(day, FIRST_MINUTE, zone), partial(_turn, life, day))
        life.at(to_utc(day, MAIL_HOUR, zone), partial(_morning, life, progress, number + 1))
    life.live_until(now)
    # Early visits are told of before the hour of the others.
    life.send_what_is_due()
    answer(life, [chart for _, chart in cast.booked])
    ask(life, cast.asking, cast.next_open_day)
    ask_to_move(life, [chart for _, chart in cast.booked], cast.next_open_day)
    progress(WORKED_DAYS + 1, WORKED_DAYS + 1)
    return _issue_links(life, cast, tools.links.calendar_token)


def _turn(life: Life, day: date) -> None:
    """What reads otherwise since the day has begun is looked at anew, as the worker does each night."""
    while refresh_turned(life.session, life.place.clinic_id, day, life.now):
        pass


def _morning(life: Life, progress: Callable[[int, int], None], number: int) -> None:
    life.send_what_is_due()
    progress(number, WORKED_DAYS + 1)


def _issue_links(life: Life, cast: Cast, token_of: feeds.TokenOf) -> Links:
    mrn, chart = cast.booked[0]
    provider_id = life.place.providers[REID]
    return Links(
        patient_token=feeds.issue(
            life.change,
            Whose(PATIENT, patient_id=chart.patient_id),
            token_of,
            name="My appointments",
        ).token,
        provider_token=feeds.issue(
            life.change,
            Whose(PROVIDER, provider_id=provider_id),
            token_of,
            name="Phone calendar",
            shown=Shown(reviews=True),
        ).token,
        patient_mrn=mrn,
    )
