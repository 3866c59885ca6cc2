"""flask due: its keys and formats, and that its dates are those of the contract on the same histories."""

import csv
import json
from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from clinic_scheduler.db import unit_of_work
from clinic_scheduler.domain.forecast.json_contract import answer
from clinic_scheduler.models import Course, Patient, Treatment
from clinic_scheduler.queries.due.rows import due_page
from clinic_scheduler.services.change import Change
from clinic_scheduler.services.courses import courses
from clinic_scheduler.services.patients import status
from tests import factories
from tests.conftest import FrozenClock
from tests.functional.cli.logs import LOG, contents, import_log, run
from tests.functional.cli.seen import Seen

KEYS = [
    "mrn",
    "indication",
    "product",
    "reference",
    "earliest_date",
    "due_date",
    "overdue_date",
    "lapse_date",
    "timing",
    "blocks",
    "booking",
    "bucket",
]
FIRST = {
    "mrn": "A-100",
    "indication": "chronic_migraine",
    "product": "onabotulinumtoxinA",
    "reference": "2026-08-31",
    "earliest_date": "2026-11-23",
    "due_date": "2026-11-23",
    "overdue_date": "2026-12-01",
    "lapse_date": "2027-03-02",
    "timing": "due",
    "blocks": [],
    "booking": "none",
    "bucket": "due",
}


def due(app: Flask, *options: object) -> list[dict]:
    result = run(app, "due", "--format", "json", *options)
    assert result.exit_code == 0, result.stderr
    return json.loads(result.stdout)


def test_a_row_has_exactly_the_keys_of_the_contract_in_order(seen: Seen) -> None:
    assert due(seen.app) == [FIRST]
    assert list(due(seen.app)[0]) == KEYS


def test_csv_and_table_say_the_same(seen: Seen) -> None:
    (cells,) = csv.DictReader(run(seen.app, "due", "--format", "csv").stdout.splitlines())
    assert cells == FIRST | {"blocks": ""}
    table = run(seen.app, "due").stdout.splitlines()
    assert table[0].split() == KEYS
    assert table[1].split() == [value for value in FIRST.values() if value != []]
    assert table[2] == "1 course"


def test_a_cell_that_looks_like_a_formula_is_quoted_in_csv_alone(seen: Seen) -> None:
    seen.another("=1+1")
    rows = csv.DictReader(run(seen.app, "due", "--format", "csv").stdout.splitlines())
    assert sorted(cells["mrn"] for cells in rows) == ["'=1+1", "A-100"]
    assert sorted(row["mrn"] for row in due(seen.app)) == ["=1+1", "A-100"]


def test_as_of_sets_the_status_and_never_the_dates(seen: Seen) -> None:
    dates = {key: FIRST[key] for key in KEYS[3:8]}
    for day, timing in (
        ("2026-11-01", "not_due"),
        ("2026-11-09", "due_soon"),
        ("2026-12-01", "overdue"),
        ("2027-03-02", "lapsed"),
    ):
        (row,) = due(seen.app, "--as-of", day)
        assert {key: row[key] for key in dates} == dates
        assert (row["timing"], row["bucket"]) == (timing, timing)


def test_as_of_an_earlier_day_leaves_out_what_was_given_since(seen: Seen) -> None:
    seen.change(
        lambda s: factories.treat(
            s, seen.actor, seen.now, s.get_one(Course, seen.course_id), date(2026, 11, 23)
        )
    )
    (now,), (then,) = due(seen.app), due(seen.app, "--as-of", "2026-11-22")
    assert (now["reference"], then["reference"]) == ("2026-11-23", "2026-08-31")
    assert then == FIRST | {"timing": "due_soon", "bucket": "due_soon"}


def test_only_a_bucket_or_a_provider(seen: Seen) -> None:
    other = seen.another(provider_id=seen.other_provider_id, last=date(2026, 8, 1))
    assert other != seen.course_id
    assert [row["mrn"] for row in due(seen.app)] == ["A-200", "A-100"]
    assert [row["mrn"] for row in due(seen.app, "--bucket", "overdue")] == ["A-200"]
    assert due(seen.app, "--bucket", "lapsed") == []
    assert [row["mrn"] for row in due(seen.app, "--provider", "reid")] == ["A-100"]
    assert due(seen.app, "--provider", "reid", "--bucket", "overdue") == []
    failed = run(seen.app, "due", "--provider", "Nobody")
    assert (failed.exit_code, failed.stderr.count("\n")) == (1, 1)
    assert "there are: Dr Amara Reid, Dr Ben Sato" in failed.stderr


def test_the_deceased_and_stopped_courses_are_left_out(seen: Seen) -> None:
    seen.another()
    seen.change(
        lambda s: status.mark_deceased(Change(s, seen.actor, seen.now), seen.patient_id, date(2026, 11, 1))
    )
    assert [row["mrn"] for row in due(seen.app)] == ["A-200"]
    seen.change(
        lambda s: [
            courses.stop(Change(s, seen.actor, seen.now), c.id, date(2026, 11, 23), "")
            for c in s.scalars(select(Course))
        ]
    )
    assert due(seen.app) == []
    assert [row["mrn"] for row in due(seen.app, "--as-of", "2026-11-22")] == ["A-200"]


def test_an_unlikely_day_is_refused_in_words(seen: Seen) -> None:
    failed = run(seen.app, "due", "--as-of", "22.11.2026")
    assert failed.exit_code == 2
    assert "is not a date such as 2026-11-22" in failed.stderr


def contract(app: Flask, as_of: date) -> dict[tuple[str, str, str], dict]:
    """What the contract answers on the same histories, by patient, indication and product."""
    with app.app_context(), unit_of_work() as session:
        given: dict[int, list[Treatment]] = {}
        for treatment in session.scalars(select(Treatment)):
            given.setdefault(treatment.patient_id, []).append(treatment)
        found = {}
        for patient in session.scalars(select(Patient)):
            own = session.scalars(select(Course).where(Course.patient_id == patient.id)).all()
            answered = answer(question(patient, own, given[patient.id], as_of))
            for course, dates in zip(own, answered["courses"], strict=True):
                found[patient.mrn, course.indication, course.product] = dates
        return found


def question(patient: Patient, own: list[Course], given: list[Treatment], as_of: date) -> dict:
    return {
        "as_of": as_of.isoformat(),
        "patient": {"birth_date": patient.birth_date.isoformat()},
        "courses": [
            {
                "id": c.id,
                "indication": c.indication,
                "product": c.product,
                "started_on": c.started_on.isoformat(),
            }
            for c in own
        ],
        "sessions": [
            {
                "id": t.id,
                "course_id": t.course_id,
                "given_on": t.given_on.isoformat(),
                "units": float(t.units),
                "product": t.product,
                "outcome": t.outcome,
                "kind": t.kind,
                "lot_expires_on": t.lot_expires_on and t.lot_expires_on.isoformat(),
            }
            for t in given
        ],
    }


@pytest.mark.parametrize("shared_app", ["sqlite"], indirect=True)
def test_a_whole_logs_dates_are_the_contracts_on_its_day_and_on_earlier_ones(
    app: Flask, clock: FrozenClock
) -> None:
    clock.move(timedelta(days=-1))
    import_log(app, LOG)
    for as_of in (date(2026, 11, 22), date(2026, 6, 30), date(2025, 7, 1)):
        expected = contract(app, as_of)
        rows = due(app, "--as-of", as_of)
        assert len(rows) == len(expected) == 430
        for row in rows:
            wanted = expected[row["mrn"], row["indication"], row["product"]]
            assert {key: row[key] for key in KEYS[3:]} == {key: wanted[key] for key in KEYS[3:]}
    assert len(contents(app, select(Course.id))) == 430


def test_the_list_is_in_the_order_of_the_page(seen: Seen) -> None:
    """Of one overdue day too, where the course known longest comes first."""
    for mrn, last in (("B-1", date(2026, 8, 1)), ("B-2", date(2026, 8, 31)), ("B-3", date(2026, 7, 1))):
        seen.another(mrn, last=last)
    today = factories.local_day(seen.now)
    page = seen.change(lambda s: [row.mrn for row in due_page(s, seen.cast.clinic_id, today).rows])
    assert page == ["B-3", "B-1", "A-100", "B-2"]
    for options in ((), ("--as-of", today), ("--as-of", today + timedelta(1))):
        assert [row["mrn"] for row in due(seen.app, *options)] == page
    seen.change(lambda s: factories.hold(s, seen.actor, seen.now, seen.course_id, today).id)
    for bucket in ("blocked", "overdue", "due"):
        shown = seen.change(
            lambda s, tab=bucket: [
                row.mrn for row in due_page(s, seen.cast.clinic_id, today, bucket=tab).rows
            ]
        )
        assert [row["mrn"] for row in due(seen.app, "--as-of", today, "--bucket", bucket)] == shown
