"""Lists of visits and of contacts: told from a log by their header, read into values, faults by their line."""

import json
from datetime import date, time
from typing import Any

import pytest
from importing_rows import AS_OF, GOOD_ROW, render

from clinic_scheduler.domain.record_system import OutsideContact, OutsideStatus, OutsideVisit
from clinic_scheduler.domain.visits.kinds_and_states import VisitKind
from clinic_scheduler.importing import MappingError, UnrecognisedColumns
from clinic_scheduler.importing.diary.columns import FileKind, kind_of, parse_diary_mapping
from clinic_scheduler.importing.diary.reading import DiaryReading, read_diary
from clinic_scheduler.importing.diary.rows import clock_time

HEADER = "MRN,Patient,Appointment Date,Time,Provider,Status,Type,Reason,Appt ID\n"
LINE = '10102,"Tanaka, Ivan",11/30/2026,9:30 AM,Dr Varga,Scheduled,Botox injection,Chronic migraine,7001\n'


def read(text: str, mapping: dict[str, Any] | None = None) -> DiaryReading | None:
    checked, _ = parse_diary_mapping(json.dumps(mapping) if mapping is not None else None)
    return read_diary(
        text.encode(), as_of=AS_OF, filename="f.csv", mapping=checked, heard=lambda done, total: None
    )


def visits(
    text: str, mapping: dict[str, Any] | None = None
) -> tuple[list[OutsideVisit], list[tuple[int, str]]]:
    """The rows, and (line, reason) of what is wrong."""
    reading = read(text, mapping)
    assert reading is not None
    assert reading.kind == FileKind.VISITS
    rows = [row for row in reading.rows if isinstance(row, OutsideVisit)]
    return rows, [(each["line"], each["reason"]) for each in reading.told["problems"]]


def cells(**changed: str) -> str:
    """The good line with some cells changed, by header."""
    names = HEADER.strip().split(",")
    good = [
        "10102",
        "Tanaka",
        "11/30/2026",
        "9:30 AM",
        "Dr Varga",
        "Scheduled",
        "Botox injection",
        "",
        "7001",
    ]
    return HEADER + ",".join(changed.get(name, cell) for name, cell in zip(names, good, strict=True)) + "\n"


@pytest.mark.parametrize(
    ("header", "kind"),
    [
        (tuple(GOOD_ROW), FileKind.LOG),
        (("MRN", "Patient", "Appointment Date", "Time"), FileKind.VISITS),
        (("Chart #", "Visit Date/Time", "Resource"), FileKind.VISITS),
        (("MRN", "Date", "Start Time", "Mobile"), FileKind.VISITS),
        (("MRN", "Date", "Appt Status"), FileKind.VISITS),
        (("MRN", "Last Name", "Mobile", "E-mail"), FileKind.CONTACTS),
        (("MRN", "Patient", "DOB", "Home Phone"), FileKind.CONTACTS),
        # A log that lacks its units is a log that lacks something, and is told so.
        (("MRN", "Patient", "DOB", "Diagnosis", "Date of Service", "Phone"), FileKind.LOG),
        (("MRN", "Product", "Appointment Date", "Time"), FileKind.LOG),
        (("Patient", "Appointment Date", "Time"), FileKind.LOG),
        (("MRN", "Patient", "DOB"), FileKind.LOG),
    ],
)
def test_a_header_tells_the_kind(header: tuple[str, ...], kind: FileKind) -> None:
    assert kind_of(header) == kind


def test_a_log_is_left_to_whoever_reads_logs() -> None:
    assert read(render([GOOD_ROW])) is None
    assert read("what,is,this\n1,2,3\n") is None


def test_a_line_of_a_list_of_visits() -> None:
    assert visits(HEADER + LINE) == (
        [
            OutsideVisit(
                2,
                "10102",
                date(2026, 11, 30),
                time(9, 30),
                OutsideStatus.BOOKED,
                VisitKind.INJECTION,
                "chronic_migraine",
                "Dr Varga",
                "7001",
            )
        ],
        [],
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("9:30 AM", time(9, 30)),
        ("9:30", time(9, 30)),
        ("0930", time(9, 30)),
        ("2 pm", time(14)),
        ("12:05 a.m.", time(0, 5)),
        ("12:00 PM", time(12)),
        ("11/30/2026 14:00", time(14)),
        ("2026-11-30T08:15:00", time(8, 15)),
        ("2026-11-30", None),
        ("November 30, 2026", None),
        ("25:00", None),
        ("13:00 pm", None),
        ("9", None),
        ("", None),
    ],
)
def test_a_time_of_day(text: str, expected: time | None) -> None:
    assert clock_time(text) == expected


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("", OutsideStatus.BOOKED),
        ("Confirmed", OutsideStatus.BOOKED),
        ("Canceled by patient", OutsideStatus.CANCELLED),
        ("CANCELLED", OutsideStatus.CANCELLED),
        ("No-Show", OutsideStatus.MISSED),
        ("Completed", OutsideStatus.OVER),
        ("Checked out", OutsideStatus.OVER),
    ],
)
def test_a_status_in_the_usual_words(word: str, status: OutsideStatus) -> None:
    assert [row.status for row in visits(cells(Status=word))[0]] == [status]


@pytest.mark.parametrize(
    ("kind", "reason", "expected"),
    [
        ("", "", VisitKind.INJECTION),
        ("Botox", "", VisitKind.INJECTION),
        ("Chronic migraine", "", VisitKind.INJECTION),
        ("New Patient Consult", "", VisitKind.CONSULTATION),
        ("Follow-up", "Botox injection", VisitKind.FOLLOW_UP),
        ("", "consultation", VisitKind.CONSULTATION),
        ("", "headache", VisitKind.INJECTION),
    ],
)
def test_what_a_visit_is_for(kind: str, reason: str, expected: VisitKind) -> None:
    assert [row.kind for row in visits(cells(Type=kind, Reason=reason))[0]] == [expected]


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"MRN": "-"}, "patient number is missing"),
        ({"Time": ""}, "no time of day"),
        ({"Appointment Date": ""}, "day of the visit is missing"),
        ({"Appointment Date": "soon"}, "not a date"),
        ({"Appointment Date": "2/30/2026"}, "no day of the calendar"),
        ({"Appointment Date": "11/30/2056"}, "years away"),
        ({"Time": "09:30Z"}, "time zone"),
        ({"Status": "Bumped"}, "no status"),
        ({"Type": "EEG"}, "no type of visit"),
    ],
)
def test_a_row_that_cannot_be_told_is_left_out_by_its_line(changed: dict[str, str], said: str) -> None:
    rows, [(line, why)] = visits(cells(**changed))
    assert (rows, line) == ([], 2)
    assert said in why


def test_a_mapping_names_columns_types_and_the_order_of_dates() -> None:
    text = "Pat,When,Art,Wer\n10102,05.12.2026 09:30,EEG,Varga\n10103,05.12.2026 10:30,Tox 2,Varga\n"
    mapping = {
        "kind": "visits",
        "columns": {"mrn": "Pat", "starts_at": "When", "kind": "Art", "provider_name": 4},
        "types": {"eeg": None, "tox 2": "follow_up"},
        "date_order": "dmy",
    }
    rows, _ = visits(text, mapping)
    assert [(row.mrn, row.on, row.kind) for row in rows] == [
        ("10103", date(2026, 12, 5), VisitKind.FOLLOW_UP)
    ]


@pytest.mark.parametrize(
    "mapping",
    [
        {"kind": "rota"},
        {"kind": "visits", "columns": {"units": "U"}},
        {"kind": "visits", "columns": {"mrn": 0}},
        {"kind": "visits", "types": {"EEG": "scan"}},
        {"kind": "contacts", "products": {}},
    ],
)
def test_a_mapping_that_is_wrong_is_refused(mapping: dict[str, Any]) -> None:
    with pytest.raises(MappingError):
        read(HEADER + LINE, mapping)


def test_a_mapping_of_a_log_is_passed_on_to_whoever_reads_logs() -> None:
    checked, text = parse_diary_mapping('{"kind": "log", "date_order": "dmy"}')
    assert (checked.kind, json.loads(text or "")) == (FileKind.LOG, {"date_order": "dmy"})


def test_columns_that_are_missing_or_twice_there_are_said() -> None:
    with pytest.raises(UnrecognisedColumns, match="date of the visit"):
        read("MRN,Time,Provider\n1,9:00,V\n", {"kind": "visits"})
    with pytest.raises(UnrecognisedColumns, match="More than one column"):
        read("MRN,Appointment Date,Appt Date,Time\n1,1/2/2026,1/2/2026,9:00\n")


def test_a_list_of_contacts_is_read_as_numbers_and_addresses_are_everywhere() -> None:
    reading = read(
        "MRN,Name,Mobile,Email\n10102,T,(415) 555-0114,Ivan@EXAMPLE.org\n10103,B,123,\n10104,C,,c@example.org\n"
    )
    assert reading is not None
    assert reading.rows == (
        OutsideContact(2, "10102", "+14155550114", "Ivan@example.org"),
        OutsideContact(4, "10104", None, "c@example.org"),
    )
    assert [(each["line"], each["severity"]) for each in reading.told["problems"]] == [(3, "warning")]
