"""How many courses are forecast a second on one core: `python benchmarks/forecast.py`, status 1 if too few."""

import json
import random
import sys
from collections import deque
from collections.abc import Callable, Iterable
from datetime import date, timedelta
from pathlib import Path
from time import process_time
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from clinic_scheduler.cli.forecast import read_line, written_line
from clinic_scheduler.domain.forecast.due_dates import forecast_all
from clinic_scheduler.domain.forecast.intervals import parse_interval
from clinic_scheduler.domain.forecast.json_contract import answer
from clinic_scheduler.domain.forecast.values import Authorization, Course, GivenSession, Hold, Patient
from clinic_scheduler.domain.protocols.indications import INDICATIONS
from clinic_scheduler.domain.protocols.labels import label_of

LIMIT = 10_000  # courses a second
COURSES, TREATMENTS, ROUNDS = 1_000, 8, 15
PRODUCT = "onabotulinumtoxinA"
TREATED = ("chronic_migraine", "spasticity_upper_limb", "spasticity_lower_limb")
BORN = date(1980, 5, 1)
Json = dict[str, Any]
Prepared = tuple[Patient, list[Course], list[GivenSession], date]


def histories() -> list[tuple[str, list[date], date]]:
    """(indication, treatment days, day to judge by) of each course; the same every time."""
    rng = random.Random(8)
    made = []
    for number in range(COURSES):
        day = date(2024, 1, 1) + timedelta(rng.randrange(200))
        days = [day := day + timedelta(rng.randrange(80, 100)) for _ in range(TREATMENTS)]
        made.append((TREATED[number % 3], days, day + timedelta(rng.randrange(120))))
    return made


def prepared(indication: str, days: list[date], as_of: date) -> Prepared:
    course = Course(
        "c1",
        PRODUCT,
        days[0],
        INDICATIONS[indication].protocol,
        label_of(PRODUCT, indication),
        planned_units=155,
        payer_minimum_interval=parse_interval("P84D"),
        authorization_required=True,
        authorizations=(Authorization(days[0], days[-1] + timedelta(365), 2, 400),),
    )
    sessions = [GivenSession(f"s{n}", "c1", day, 155, PRODUCT) for n, day in enumerate(days)]
    return Patient(BORN), [course], sessions, as_of


def several(indication: str, days: list[date], as_of: date) -> Prepared:
    """The same course with a booked day, beside a stopped one before it and one of another indication, booked too."""
    patient, (course,), sessions, _ = prepared(indication, days, as_of)
    other = TREATED[(TREATED.index(indication) + 1) % len(TREATED)]
    hold = Hold(as_of - timedelta(200), as_of - timedelta(190), "infection")
    courses = [
        course._replace(booked_on=days[-1] + timedelta(84), holds=(hold,)),
        course._replace(id="c2", stopped_on=days[2], authorization_required=False),
        course._replace(
            id="c3",
            protocol=INDICATIONS[other].protocol,
            label=label_of(PRODUCT, other),
            planned_units=200,
            booked_on=as_of + timedelta(90),
        ),
    ]
    owners = ("c2", "c2", "c2", *("c1", "c3") * len(days))
    shared = [each._replace(course_id=owner) for each, owner in zip(sessions, owners, strict=False)]
    elsewhere = GivenSession("e1", None, days[-2], 100, PRODUCT, indication="other")
    return patient, courses, [*shared, elsewhere], as_of


def question(indication: str, days: list[date], as_of: date) -> Json:
    until = (days[-1] + timedelta(365)).isoformat()
    leave = {"starts_on": days[0].isoformat(), "ends_on": until, "visits_left": 2, "units_left": 400}
    course: Json = {
        "id": "c1",
        "indication": indication,
        "product": PRODUCT,
        "started_on": days[0].isoformat(),
    }
    course |= {"stopped_on": None, "planned_units": 155, "personal_interval": None, "booked_on": None}
    required: Json = {"authorization_required": True, "authorizations": [leave], "holds": []}
    sessions = [
        {
            **{
                "id": f"s{n}",
                "course_id": "c1",
                "given_on": day.isoformat(),
                "units": 155,
                "product": PRODUCT,
            },
            **{"outcome": "complete", "kind": "cycle", "lot_expires_on": None},
        }
        for n, day in enumerate(days)
    ]
    patient = {"birth_date": BORN.isoformat(), "weight_kg": None, "deceased": False}
    courses = [{**course, **required, "payer_minimum_interval": "P84D"}]
    return {"as_of": as_of.isoformat(), "patient": patient, "courses": courses, "sessions": sessions}


def drain(results: Iterable[object]) -> None:
    """Make every result and keep none, as the command does."""
    deque(results, maxlen=0)


def best_rate(run: Callable[[], object], courses: int = COURSES) -> float:
    """Courses a second in the best of several rounds, by the processor's time."""
    best = float("inf")
    for _ in range(ROUNDS):
        started = process_time()
        run()
        best = min(best, process_time() - started)
    return courses / best


def report(what: str, rate: float) -> bool:
    verdict = "ok" if rate >= LIMIT else "TOO SLOW"
    print(f"{what:<36} {rate:8,.0f} courses/s of {LIMIT:,} = {rate / LIMIT:5.2f}  {verdict}")
    return rate >= LIMIT


def main() -> int:
    made = histories()
    values = [prepared(*each) for each in made]
    families = [several(*each) for each in made]
    lines = [json.dumps(question(*each)).encode() for each in made]
    results = [
        report(
            "the rules, on prepared values", best_rate(lambda: drain(forecast_all(*each) for each in values))
        ),
        report(
            "several courses, holds and bookings",
            best_rate(
                lambda: drain(forecast_all(*each) for each in families), sum(len(f[1]) for f in families)
            ),
        ),
        report(
            "a line of JSON in, a line out",
            best_rate(lambda: drain(written_line(answer(read_line(line))) for line in lines)),
        ),
    ]
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
