"""Rows into visits: whatever a log holds, the units of each patient and product add up to the file's."""

import random
from collections import defaultdict
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from importing_rows import good, read
from made_up_logs import Cells, Log, logs

from clinic_scheduler.importing.spool import by_patient
from clinic_scheduler.services.imports.visits import Visit, as_one, copies, visits_of


def visits(rows: list[Cells]) -> list[Visit]:
    reading = read(*rows)
    assert reading.errors == ()
    return [visit for own in by_patient(reading.rows) for visit in visits_of(own)]


@pytest.mark.thorough
@settings(max_examples=150, deadline=None)
@given(log=logs)
def test_no_unit_is_lost_or_added(log: Log) -> None:
    totals: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for visit in visits(log.rows):
        totals[visit.first.mrn, visit.product or ""] += visit.units or 0
        if visit.vials:
            assert sum(vial.units for vial in visit.vials) == visit.units
    assert {key: units for key, units in totals.items() if units} == log.totals()


@pytest.mark.thorough
@settings(max_examples=100, deadline=None)
@given(log=logs, seed=st.integers(0, 2**32))
def test_a_visit_is_known_again_in_any_order_of_rows(log: Log, seed: int) -> None:
    shuffled = log.rows.copy()
    random.Random(seed).shuffle(shuffled)
    before = [as_one(visit.fingerprints) for visit in visits(log.rows)]
    assert sorted(before) == sorted(as_one(visit.fingerprints) for visit in visits(shuffled))
    assert len(set(before)) == len(before)


def test_the_first_copy_of_a_row_is_the_row_as_it_always_was() -> None:
    rows = [good(Units="50"), good(Units="50"), good(Units="55")]
    (visit,) = visits(rows)
    first = read(rows[0]).rows[0].fingerprint
    assert visit.fingerprints[0] == first
    assert len(set(visit.fingerprints)) == 3
    assert as_one([first]) == first
    assert copies([first, first])[1] == visit.fingerprints[1]
    assert visits(rows[:1])[0].fingerprints == (first,)


def test_what_rows_of_a_visit_disagree_on() -> None:
    rows = [
        good(Units="50", Outcome="complete", Kind="touch-up", Notes="left", Provider="Dr. Ben Sato", Exp=""),
        good(Units="55", Outcome="partial", Kind="cycle", Notes="right", Exp="01/31/2027"),
        good(Units="60", Outcome="complete", Kind="cycle", Notes="left", Lot="", Exp="05/31/2027"),
    ]
    (visit,) = visits(rows)
    assert (visit.outcome, visit.kind, visit.notes) == ("partial", "cycle", "left\nright")
    assert (visit.provider_name, str(visit.lot_expires_on)) == ("Dr. Ben Sato", "2027-01-31")
    assert [(vial.lot, vial.units) for vial in visit.vials] == [("C5014C9", 50), ("C5014C9", 55), ("?", 60)]
    (touched_up,) = visits([good(Kind="touch-up")])
    assert (touched_up.kind, touched_up.outcome, touched_up.vials) == ("touch_up", "complete", ())
