"""A made-up clinic, written in the style of a program or a country, comes back the same, to the unit."""

from collections import defaultdict
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from importing_rows import AS_OF
from made_up_clinic import Visit, clinics
from made_up_styles import BESIDE_THE_POINT, made_up_styles
from style_writing import Style, write
from styles import STYLES

from clinic_scheduler.importing import ImportReading, UnrecognisedColumns, read_log

Key = tuple[str, date, str, str]
UNKNOWABLE_FIELDS = {"mrn": "mrn", "born": "birth_date", "given_on": "given_on", "units": "units"}
UNKNOWABLE = sorted(UNKNOWABLE_FIELDS)
READABLE = [style for style in STYLES if not style.lacks]
UNREADABLE = [style for style in STYLES if style.lacks]


def named(style: Style) -> str:
    return style.name


def units_read(reading: ImportReading) -> dict[Key, float]:
    units: dict[Key, float] = defaultdict(float)
    for row in reading.rows:
        units[row.mrn, row.given_on, row.indication, row.product] += row.units
    return dict(units)


def units_given(visits: list[Visit]) -> dict[Key, float]:
    return {visit.key: visit.units for visit in visits}


def people_read(reading: ImportReading) -> set[tuple[str, str, str, date]]:
    return {(row.mrn, row.family_name, row.given_name, row.birth_date) for row in reading.rows}


def people(visits: list[Visit]) -> set[tuple[str, str, str, date]]:
    seen = [visit.patient for visit in visits]
    return {(each.mrn, each.family, each.given, each.born) for each in seen}


def test_there_are_styles_enough() -> None:
    assert len({style.name for style in READABLE}) >= 20
    assert len(STYLES) >= 24


@pytest.mark.thorough
@pytest.mark.parametrize("style", READABLE, ids=named)
@settings(max_examples=8)
@given(visits=clinics())
def test_a_clinic_comes_back_the_same_to_the_unit_without_a_mapping(
    style: Style, visits: list[Visit]
) -> None:
    reading = read_log(write(style, visits), as_of=AS_OF)
    assert reading.errors == ()
    assert units_read(reading) == units_given(visits)
    assert people_read(reading) == people(visits)
    assert {row.lot for row in reading.rows} in ({None}, {visit.lot for visit in visits})


@pytest.mark.parametrize("style", UNREADABLE, ids=named)
@settings(max_examples=10)
@given(visits=clinics())
def test_a_style_that_lacks_something_says_what(style: Style, visits: list[Visit]) -> None:
    with pytest.raises(UnrecognisedColumns) as caught:
        read_log(write(style, visits), as_of=AS_OF)
    for field in style.lacks:
        assert f'("{field}"' in str(caught.value)


@settings(max_examples=60)
@given(style=made_up_styles(), visits=clinics())
def test_known_headers_in_any_mixture_come_back_the_same(style: Style, visits: list[Visit]) -> None:
    reading = read_log(write(style, visits), as_of=AS_OF)
    assert reading.errors == ()
    assert units_read(reading) == units_given(visits)
    assert people_read(reading) == people(visits)
    assert set(reading.unused_headers) >= {header for header, _ in BESIDE_THE_POINT} & set(style.headers)


@settings(max_examples=30)
@given(
    style=made_up_styles(),
    visits=clinics(),
    fields=st.sets(st.sampled_from(UNKNOWABLE), min_size=1, max_size=2),
)
def test_an_unknown_header_is_asked_about_and_never_taken_for_granted(
    style: Style, visits: list[Visit], fields: set[str]
) -> None:
    renamed = [(f"Kolom {what}" if what in fields else header, what) for header, what in style.columns]
    unknown = replace(style, columns=tuple(renamed))
    content = write(unknown, visits)
    with pytest.raises(UnrecognisedColumns) as caught:
        read_log(content, as_of=AS_OF)
    missing = {UNKNOWABLE_FIELDS[what] for what in fields}
    assert all(f'("{field}"' in str(caught.value) for field in missing)
    mapping = {"columns": {UNKNOWABLE_FIELDS[what]: f"Kolom {what}" for what in fields}}
    assert units_read(read_log(content, as_of=AS_OF, mapping=mapping)) == units_given(visits)
