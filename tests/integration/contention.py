"""Many real processes at one database: fighting for the same hours, or adding one to the same number.

They come from a fork server that has the application imported already, so that sixteen start in a second.
"""

import multiprocessing
import random
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from clinic_scheduler.db import unit_of_work
from clinic_scheduler.domain.errors import ActionRefused, BookingRefused
from clinic_scheduler.domain.visits.treatment_checks import StopsUnseen
from clinic_scheduler.models import Appointment, Provider
from clinic_scheduler.services.actors import Actor
from clinic_scheduler.services.change import Change
from clinic_scheduler.services.treatments import treatments
from clinic_scheduler.services.treatments.treatments import TreatmentEntry
from clinic_scheduler.services.visits import appointments, override_requests
from clinic_scheduler.services.visits.appointments import BookingRequest
from tests import databases, factories

Tally = Counter[str]
START_SECONDS = 60


@dataclass(frozen=True)
class Fight:
    """What is fought for: each process takes its turns with `courses`, `providers` and `starts` at random."""

    database_url: str
    folder: Path
    actor: Actor
    now: datetime
    courses: Sequence[int]
    providers: Sequence[int]
    starts: Sequence[datetime]
    tries: int


@dataclass(frozen=True)
class Desk:
    """Who records what was given on a day, for one course after the other."""

    database_url: str
    folder: Path
    actor: Actor
    now: datetime
    courses: Sequence[int]
    given_on: date
    units: Decimal
    product: str


def together(work: Callable[..., None], arguments: Sequence[tuple[Any, ...]], seconds: float) -> list[Any]:
    """Run work(*arguments, begin, answers) in a process each, begun at one moment. Returns their answers."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__])
    begin, answers = context.Barrier(len(arguments)), context.Queue()
    processes = [context.Process(target=work, args=(*own, begin, answers)) for own in arguments]
    for process in processes:
        process.start()
    try:
        found = [answers.get(timeout=START_SECONDS + seconds) for _ in processes]
    finally:
        for process in processes:
            process.join(timeout=START_SECONDS)
            process.kill()
    return found


def fight(seed: int, what: Fight, begin: Any, answers: Any) -> None:
    """Book, move and cancel at random; answers with how often what happened and in how many seconds.

    "!" marks what must not happen.
    """
    chance, tally = random.Random(seed), Tally()
    with databases.opened(what.database_url, what.folder) as app:
        begin.wait(START_SECONDS)
        began = time.monotonic()
        for _ in range(what.tries):
            try:
                with app.app_context(), unit_of_work() as session:
                    done = _turn(session, what, chance)
                tally[done] += 1
            except BookingRefused as refused:
                plain = refused.message.endswith((".", "instead.")) and "Nothing was" in refused.message
                tally[refused.rule if plain else f"! {refused.message}"] += 1
            except Exception as error:
                tally[f"! {type(error).__name__}: {str(error)[:300]}"] += 1
    answers.put((tally, time.monotonic() - began))


def _turn(session: Session, what: Fight, chance: random.Random) -> str:
    course, start = chance.choice(what.courses), chance.choice(what.starts)
    provider = chance.choice(what.providers)
    own = session.scalar(
        select(Appointment.id).where(Appointment.course_id == course, Appointment.state == "booked")
    )
    if own is None or chance.random() < 0.2:
        request = BookingRequest(course, provider, start)
        appointments.book(Change(session, what.actor, what.now), request)
        return "booked"
    if chance.random() < 0.5:
        appointments.move(Change(session, what.actor, what.now), own, provider, start)
        return "moved"
    appointments.cancel(Change(session, what.actor, what.now), own, "patient_asked")
    return "cancelled"


def answer(
    database_url: str,
    folder: Path,
    how: str,
    actor: Actor,
    request_id: int,
    now: datetime,
    begin: Any,
    answers: Any,
) -> None:
    """Answer or end a question once, begun at one moment with the others; answers with what became of it."""
    travel = (factories.override("too_early", "travel"),)
    ways: dict[str, Callable[[Session], Any]] = {
        "allowed": lambda s: override_requests.allow(Change(s, actor, now), request_id, travel),
        "declined": lambda s: override_requests.decline(Change(s, actor, now), request_id, "Not yet"),
        "withdrawn": lambda s: override_requests.withdraw(Change(s, actor, now), request_id),
        "expired": lambda s: override_requests.end_expired(s, actor.clinic_id, now),
    }
    with databases.opened(database_url, folder) as app:
        begin.wait(START_SECONDS)
        try:
            with app.app_context(), unit_of_work() as session:
                done = ways[how](session)
            answers.put(how if done else "too late")
        except ActionRefused:
            answers.put("too late")
        except Exception as error:
            answers.put(f"! {type(error).__name__}: {str(error)[:300]}")


def add_minutes(
    database_url: str, folder: Path, provider_id: int, times: int, begin: Any, answers: Any
) -> None:
    """Read a provider's visit_minutes and write one more, so many times."""
    with databases.opened(database_url, folder) as app:
        begin.wait(START_SECONDS)
        for _ in range(times):
            with app.app_context(), unit_of_work() as session:
                provider = session.get_one(Provider, provider_id)
                provider.visit_minutes = provider.visit_minutes + 1
    answers.put(times)


def overlaps(taken: Sequence[tuple[int, datetime, datetime]]) -> int:
    """How many pairs of (owner, start, end) of one owner share a moment."""
    return sum(
        a[0] == b[0] and a[1] < b[2] and b[1] < a[2]
        for index, a in enumerate(taken)
        for b in taken[index + 1 :]
    )


def quarters(first: datetime, count: int) -> list[datetime]:
    return [first + timedelta(minutes=15 * n) for n in range(count)]


def a_working_day(now: datetime) -> date:
    """The next weekday after `now`, for hours that every provider keeps."""
    day = now.date() + timedelta(1)
    while day.weekday() > 4:
        day += timedelta(1)
    return day


def record_pairwise(desk: Desk, begin: Any, answers: Any) -> None:
    """Record for each course in turn, at one moment with the other desk, having seen nothing.

    Answers with what each came to: the stops that were shown, or none where the row was kept.
    """
    came_to: list[list[tuple[str, str]]] = []
    with databases.opened(desk.database_url, desk.folder) as app:
        for course_id in desk.courses:
            entry = TreatmentEntry(
                course_id, desk.given_on, desk.units, desk.product, f"{desk.actor.name}:{course_id}"
            )
            begin.wait(START_SECONDS)
            try:
                with app.app_context(), unit_of_work() as session:
                    treatments.record(Change(session, desk.actor, desk.now), entry)
                came_to.append([])
            except StopsUnseen as shown:
                came_to.append([(stop.mark, stop.text) for stop in shown.unseen])
            except Exception as error:
                came_to.append([("!", f"{type(error).__name__}: {str(error)[:300]}")])
    answers.put((desk.actor.name, came_to))
