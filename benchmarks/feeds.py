"""How long calendar feeds take against their limits: `python benchmarks/feeds.py`, status 1 if one is over."""

import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import perf_counter

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from clinic_scheduler.calendars.feed import patient_feed
from clinic_scheduler.domain.calendars.values import Clinic, Row, Subscription, Visit

COLD_EVENTS, COLD_LIMIT_MS = 100, 60.0
WARM_EVENTS, WARM_LIMIT_MS = 1_000, 5.0
CHANGED_EVENTS, CHANGED_LIMIT = 100, 1
ROUNDS = 15

START = datetime(2026, 1, 5, 15, tzinfo=UTC)
CLINIC = Clinic(
    "Elm Street Clinic", "512-555-0100", "1 Elm Street, Austin", "America/Chicago", "calendars.example.org"
)
SUBSCRIPTION = Subscription("feed-1", START)


class CountingCache(dict[object, bytes]):
    """A cache that counts the events rendered into it."""

    rendered = 0

    def __setitem__(self, key: object, block: bytes) -> None:
        self.rendered += 1
        super().__setitem__(key, block)


def visits(count: int) -> list[Row]:
    return [visit(n, START + n * timedelta(hours=9)) for n in range(count)]


def visit(n: int, starts_at: datetime) -> Visit:
    return Visit(
        id=f"v{n}",
        starts_at=starts_at,
        ends_at=starts_at + timedelta(minutes=30),
        zone="America/Chicago",
        status="booked",
        sequence=1,
        updated_at=START,
        provider_name="Dr. Ada Okafor",
        reference=f"R-{n}",
        course_id="c1",
    )


def feed(rows: list[Row], cache: CountingCache | None = None) -> bytes:
    return patient_feed(rows, clinic=CLINIC, subscription=SUBSCRIPTION, now=START, cache=cache)


def best_ms(prepare: Callable[[], list[Row]], run: Callable[[list[Row]], object]) -> float:
    """The best of several rounds, each with rows made afresh, as a query would make them."""
    best = float("inf")
    for _ in range(ROUNDS):
        rows = prepare()
        started = perf_counter()
        run(rows)
        best = min(best, perf_counter() - started)
    return best * 1000


def rendered_after_one_change() -> int:
    cache, rows = CountingCache(), visits(CHANGED_EVENTS)
    feed(rows, cache)
    before = cache.rendered
    rows[40] = replace(rows[40], sequence=2, updated_at=START + timedelta(days=1))
    feed(rows, cache)
    return cache.rendered - before


def report(what: str, measured: float, limit: float, unit: str) -> bool:
    within = measured <= limit
    verdict = "ok" if within else "OVER"
    print(f"{what:<42} {measured:8.2f} of {limit:6.2f} {unit:<7} = {measured / limit:5.2f}  {verdict}")
    return within


def main() -> int:
    cache = CountingCache()
    feed(visits(WARM_EVENTS), cache)
    cold = best_ms(lambda: visits(COLD_EVENTS), feed)
    warm = best_ms(lambda: visits(WARM_EVENTS), lambda rows: feed(rows, cache))
    results = [
        report(f"{COLD_EVENTS} events, nothing cached", cold, COLD_LIMIT_MS, "ms"),
        report(f"{WARM_EVENTS} events, all cached", warm, WARM_LIMIT_MS, "ms"),
        report(
            f"rendered after 1 change in {CHANGED_EVENTS}",
            rendered_after_one_change(),
            CHANGED_LIMIT,
            "events",
        ),
    ]
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
