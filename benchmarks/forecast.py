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
from clinic_scheduler.domain.contract import answer
from clinic_scheduler.domain.due_dates import forecast_all
from clinic_scheduler.domain.intervals import parse_interval
from clinic_scheduler.domain.protocols import DEFAULT_PROTOCOLS, INDICATIONS
from clinic_scheduler.domain.values import Authorization, Course, Patient, Session

LIMIT = 10_000  # courses a second
COURSES, TREATMENTS, ROUNDS = 1_000, 8, 15
PRODUCT = "onabotulinumtoxinA"
BORN = date(1980, 5, 1)
Json = dict[str, Any]
Prepared = tuple[Patient, list[Course], list[Session], date]


def histories() -> list[tuple[str, list[date], date]]:
    """(indication, treatment days, day to judge by) of each course; the same every time."""
    rng = random.Random(8)
    made = []
    for number in range(COURSES):
        day = date(2024, 1, 1) + timedelta(rng.randrange(200))
        days = [day := day + timedelta(rng.randrange(80, 100)) for _ in range(TREATMENTS)]
        made.append((INDICATIONS[number % 3], days, day + timedelta(rng.randrange(120))))
    return made


def prepared(indication: str, days: list[date], as_of: date) -> Prepared:
    course = Course(
        "c1",
        PRODUCT,
        days[0],
        DEFAULT_PROTOCOLS[indication],
        planned_units=155,
        payer_minimum_interval=parse_interval("P84D"),
        authorization_required=True,
        authorizations=(Authorization(days[0], days[-1] + timedelta(365), 2, 400),),
    )
    sessions = [Session(f"s{n}", "c1", day, 155, PRODUCT) for n, day in enumerate(days)]
    return Patient(BORN), [course], sessions, as_of


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


def best_rate(run: Callable[[], object]) -> float:
    """Courses a second in the best of several rounds, by the processor's time."""
    best = float("inf")
    for _ in range(ROUNDS):
        started = process_time()
        run()
        best = min(best, process_time() - started)
    return COURSES / best


def report(what: str, rate: float) -> bool:
    verdict = "ok" if rate >= LIMIT else "TOO SLOW"
    print(f"{what:<34} {rate:8,.0f} courses/s of {LIMIT:,} = {rate / LIMIT:5.2f}  {verdict}")
    return rate >= LIMIT


def main() -> int:
    made = histories()
    values = [prepared(*each) for each in made]
    lines = [json.dumps(question(*each)).encode() for each in made]
    results = [
        report(
            "the rules, on prepared values", best_rate(lambda: drain(forecast_all(*each) for each in values))
        ),
        report(
            "a line of JSON in, a line out",
            best_rate(lambda: drain(written_line(answer(read_line(line))) for line in lines)),
        ),
    ]
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
