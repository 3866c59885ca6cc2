"""Dates as text: ways of writing, the order of a file, the century of a short year."""

from datetime import date

import pytest

from clinic_scheduler.importing.cells.dates import end_of_month, latest_century, parse_written, weigh_order


@pytest.mark.parametrize(
    "text",
    [
        "6/19/2025", "06/19/2025", "06-19-2025", "6.19.2025", " 6/19/2025 14:30", "6/19/2025 2:30 PM", "2025-06-19",
        "2025/6/19", "2025-06-19T14:30:00Z", "2025-06-19 14:30:00.000", "2025-06-19T14:30:00-07:00", "20250619",
        "19-Jun-2025", "19 June 2025", "19-JUN-25", "19th Jun. 2025", "Jun 19, 2025", "June 19 2025", "jun-19-25",
        "Thu, Jun 19, 2025", "Thursday 19 June 2025",
    ],
)  # fmt: skip
def test_dates_are_read_in_the_usual_ways_of_writing(text: str) -> None:
    written = parse_written(text)
    assert written is not None
    assert latest_century(written, "mdy", date(2026, 11, 22)) == date(2025, 6, 19)


@pytest.mark.parametrize(
    "text", ["", "soon", "6/19", "6//19/2025", "19/2025", "123/4/2025", "2025", "45827", "Jun"]
)
def test_other_text_is_no_date(text: str) -> None:
    assert parse_written(text) is None


@pytest.mark.parametrize(
    ("text", "order"), [("2/30/2026", "mdy"), ("13/13/2026", "mdy"), ("0/1/2026", "dmy"), ("2/29/23", "mdy")]
)
def test_days_that_the_calendar_lacks_do_not_fit(text: str, order: str) -> None:
    written = parse_written(text)
    assert written is not None
    assert not written.fits(order)


@pytest.mark.parametrize(
    ("text", "not_after", "expected"),
    [
        ("1/2/26", date(2026, 11, 22), date(2026, 1, 2)),
        ("12/2/26", date(2026, 11, 22), date(1926, 12, 2)),
        ("5/1/80", date(2026, 11, 22), date(1980, 5, 1)),
        ("2/29/00", date(2026, 11, 22), date(2000, 2, 29)),
        ("2/29/00", date(2101, 11, 22), date(2000, 2, 29)),
        ("5/1/1880", date(2026, 11, 22), date(1880, 5, 1)),
    ],
)
def test_a_short_year_takes_the_last_century_that_is_not_too_late(
    text: str, not_after: date, expected: date
) -> None:
    written = parse_written(text)
    assert written is not None
    assert latest_century(written, "mdy", not_after) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("11/2027", date(2027, 11, 30)), ("2/28", date(2028, 2, 29)), ("2027-11", date(2027, 11, 30)),
        ("Nov 2027", date(2027, 11, 30)), ("NOV-27", date(2027, 11, 30)), ("13/2027", None), ("soon", None),
    ],
)  # fmt: skip
def test_a_month_and_year_means_its_last_day(text: str, expected: date | None) -> None:
    assert end_of_month(text) == expected


def test_the_order_follows_what_only_one_way_can_be() -> None:
    evidence = weigh_order(
        [["13/02/2025", "01/02/2025"], ["25/12/2025"], ["03/03/2025"], ["2025-01-02"]], "mdy"
    )
    assert (evidence.order, evidence.proven_by, evidence.against, evidence.ambiguous) == ("dmy", 2, 0, 1)
    assert evidence.certain
    assert "day/month/year: 2 rows" in evidence.says()


def test_a_day_that_no_order_allows_proves_nothing() -> None:
    evidence = weigh_order([["02/30/2026"], ["31/11/2026"], ["45/45/2026"]], "dmy")
    assert (evidence.proven_by, evidence.against, evidence.ambiguous) == (0, 0, 0)


def test_contradicting_rows_are_outvoted_and_counted() -> None:
    evidence = weigh_order([["13/02/2025"], ["02/13/2025"], ["02/14/2025"], ["01/02/2025"]], "mdy")
    assert (evidence.order, evidence.proven_by, evidence.against) == ("mdy", 2, 1)
    assert "1 rows say otherwise" in evidence.says()


@pytest.mark.parametrize("rows", [[["01/02/2025"]], [["01/02/2025"], ["13/02/2025"], ["02/13/2025"]]])
def test_no_evidence_and_a_tie_are_said_loudly(rows: list[list[str]]) -> None:
    evidence = weigh_order(rows, "mdy")
    assert evidence.order == "mdy"
    assert not evidence.certain
    assert "NOTHING PROVES" in evidence.says()


def test_dates_without_doubt_need_no_evidence() -> None:
    evidence = weigh_order([["2025-01-02", "3 Jan 2025"]], "mdy")
    assert evidence.certain
    assert evidence.says() == "Every date says which number is the month."
