"""The same rows give the same bytes, whatever the order, the clock, the process or the cache."""

import os
import random
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clinic_scheduler.calendars.feed import patient_feed, provider_feed
from clinic_scheduler.domain.calendars.values import PATIENT, PROVIDER, Audience, Clinic, Row

from .feeds import patient, provider
from .lint import lint
from .rows import (
    CLINIC,
    FULL,
    FULL_PROVIDER,
    NOW,
    SUBSCRIPTION,
    UPDATED,
    VISIT,
    generated_clinics,
    generated_rows,
    visit,
    visits,
)
from .samples import SAMPLES

STAFF = (PROVIDER, FULL_PROVIDER, Audience("clinic_day"), Audience("due_windows"))


def test_equal_rows_are_equal_bytes_and_a_move_is_other_ones() -> None:
    first, again, moved = (patient(row) for row in (VISIT, visit(), visit(sequence=4)))
    assert first == again != moved


def test_one_changed_event_in_a_hundred_renders_one() -> None:
    class CountingCache(dict):
        written = 0

        def __setitem__(self, key: object, block: bytes) -> None:
            CountingCache.written += 1
            super().__setitem__(key, block)

    cache = CountingCache()
    rows = visits(100)
    assert patient(*rows, cache=cache) == patient(*rows)
    rows[40] = replace(rows[40], sequence=4, status="cancelled", updated_at=UPDATED + timedelta(days=1))
    assert CountingCache.written == 100
    assert patient(*rows, cache=cache) == patient(*rows)
    assert CountingCache.written == 101


@pytest.mark.parametrize(
    "options",
    [{"audience": FULL}, {"alarm_before": timedelta(hours=1)}],
    ids=["reveal", "alarm"],
)
def test_a_shared_cache_never_mixes_styles(options: dict[str, object]) -> None:
    cache: dict[object, bytes] = {}
    patient(VISIT, cache=cache)
    assert patient(VISIT, cache=cache, **options) == patient(VISIT, **options)


def test_a_shared_cache_never_mixes_audiences_clinics_or_zones() -> None:
    cache: dict[object, bytes] = {}
    patient(VISIT, cache=cache)
    assert provider(VISIT, cache=cache) == provider(VISIT)
    moved = {"clinic": replace(CLINIC, phone="512-555-0199"), "subscription": SUBSCRIPTION, "now": NOW}
    assert b"512-555-0199" in patient_feed([VISIT], cache=cache, **moved)
    elsewhere = visit(zone="America/Denver")
    assert patient(elsewhere, cache=cache) == patient(elsewhere)


def test_the_cache_never_serves_an_old_row_whose_stamps_stood_still() -> None:
    cache: dict[object, bytes] = {}
    patient(VISIT, cache=cache)
    assert b"STATUS:CANCELLED" in patient(visit(status="cancelled"), cache=cache)


@settings(max_examples=60, deadline=None)
@given(rows=generated_rows(), clinic=generated_clinics(), seed=st.randoms(use_true_random=False))
def test_any_feed_is_clean_and_the_same_bytes_whatever_the_order(
    rows: list[Row], clinic: Clinic, seed: random.Random
) -> None:
    cache: dict[object, bytes] = {}
    for feed, audiences in ((patient_feed, (PATIENT, FULL)), (provider_feed, STAFF)):
        for audience in audiences:
            options = {"clinic": clinic, "subscription": SUBSCRIPTION, "audience": audience, "now": NOW}
            body = feed(rows, **options)
            assert lint(body) == []
            assert feed(seed.sample(rows, len(rows)), cache=cache, **options) == body


@settings(max_examples=30, deadline=None)
@given(rows=generated_rows(), later=st.integers(1, 10_000).map(lambda hours: timedelta(hours=hours)))
def test_the_clock_does_nothing_but_drop_what_is_called_off(rows: list[Row], later: timedelta) -> None:
    standing = [row for row in rows if getattr(row, "status", "") not in ("cancelled", "noshow")]
    assert patient(*standing, now=NOW) == patient(*standing, now=NOW + later)


CODE = """
import sys, time_machine
from tests.unit.calendars.samples import SAMPLES
with time_machine.travel(sys.argv[1], tick=False):
    for sample in SAMPLES.values():
        sys.stdout.buffer.write(sample())
"""


@pytest.mark.parametrize(
    ("hash_seed", "zone", "today"),
    [("1", "UTC", "2026-03-01T12:00Z"), ("4242", "Pacific/Auckland", "2037-07-04T23:59Z")],
)
def test_bytes_do_not_depend_on_hash_seed_machine_zone_or_clock(
    hash_seed: str, zone: str, today: str
) -> None:
    written = subprocess.run(
        [sys.executable, "-c", CODE, today],
        env={
            **os.environ,
            "PYTHONHASHSEED": hash_seed,
            "PYTHONPATH": os.pathsep.join(sys.path),
            "TZ": zone,
        },
        capture_output=True,
        check=True,
        timeout=60,
    ).stdout
    assert written == b"".join(sample() for sample in SAMPLES.values())
