"""Recognising columns, and the mapping file that overrides it."""

import json
from pathlib import Path

import pytest
from importing_rows import AS_OF, GOOD_ROW, good, render

from clinic_scheduler.importing import (
    MappingError,
    UnrecognisedColumns,
    parse_mapping,
    read_log,
    read_mapping,
)
from clinic_scheduler.importing.columns.headers import FIELD_HEADERS, header_key


def renamed(**names: str) -> bytes:
    """The good row's file with headers renamed; underscores in the old names stand for spaces."""
    new = {old.replace("_", " ").replace("ICD 10", "ICD-10"): name for old, name in names.items()}
    return render([{new.get(name, name): value for name, value in GOOD_ROW.items()}]).encode()


def test_every_recognised_header_means_one_field() -> None:
    owners: dict[str, set[str]] = {}
    for field, tiers in FIELD_HEADERS.items():
        for name in "|".join(tiers).split("|"):
            owners.setdefault(header_key(name), set()).add(field)
    assert {key: fields for key, fields in owners.items() if len(fields) > 1} == {}


@pytest.mark.parametrize(
    ("old", "name", "field"),
    [
        ("MRN", "chart #", "mrn"),
        ("MRN", "Medical  record-number:", "mrn"),
        ("DOB", "D.O.B.", "birth_date"),
        ("Product", "TOXIN", "product"),
        ("Date_of_Service", "dos", "given_on"),
        ("Date_of_Service", "Date", "given_on"),
        ("Units", "Dose (units)", "units"),
        ("Units_Wasted", "Waste", "units_wasted"),
        ("Exp", "Expiration Date", "lot_expires_on"),
        ("ICD_10", "Dx Code", "icd10"),
        ("Provider", "Injector", "provider_name"),
        ("Notes", "Comments", "notes"),
    ],
)
def test_headers_are_recognised_whatever_their_case_and_punctuation(old: str, name: str, field: str) -> None:
    reading = read_log(renamed(**{old: name}), as_of=AS_OF)
    assert reading.columns[field] == " ".join(name.split()) or reading.columns[field] == name
    assert len(reading.rows) == 1


def test_a_telling_header_wins_over_a_vague_one() -> None:
    row = {"Date": "01/01/1999", "ID": "7", "Dose": "1"} | GOOD_ROW
    reading = read_log(render([row]).encode(), as_of=AS_OF)
    assert (reading.columns["given_on"], reading.columns["mrn"]) == ("Date of Service", "MRN")
    assert set(reading.unused_headers) == {"Date", "ID", "Dose"}


def test_first_and_last_name_columns_are_used() -> None:
    row = {name: value for name, value in GOOD_ROW.items() if name != "Patient Name"}
    row |= {"Last Name": "VAN DER BERG", "First Name": "Noor", "Name": "somebody"}
    reading = read_log(render([row]).encode(), as_of=AS_OF)
    assert (reading.rows[0].family_name, reading.rows[0].given_name) == ("van der Berg", "Noor")


def test_missing_columns_are_named_with_what_was_found_and_how_to_map() -> None:
    with pytest.raises(UnrecognisedColumns) as caught:
        read_log(renamed(MRN="Numero", DOB="Nato il"), as_of=AS_OF)
    message = str(caught.value)
    assert '"mrn"' in message
    assert '"birth_date"' in message
    assert "Numero, Patient Name, Nato il" in message
    assert "mapping file" in message


def test_a_diagnosis_in_words_or_as_code_is_enough_but_one_is_needed() -> None:
    only_code = {name: value for name, value in GOOD_ROW.items() if name != "Diagnosis"}
    assert read_log(render([only_code]).encode(), as_of=AS_OF).rows[0].indication == "chronic_migraine"
    neither = {name: value for name, value in only_code.items() if name != "ICD-10"}
    with pytest.raises(UnrecognisedColumns, match='"diagnosis"'):
        read_log(render([neither]).encode(), as_of=AS_OF)


def test_two_equally_telling_headers_are_ambiguous_until_a_mapping_decides() -> None:
    content = render([GOOD_ROW | {"Treatment Date": "06/20/2025"}]).encode()
    with pytest.raises(UnrecognisedColumns, match="Date of Service, Treatment Date"):
        read_log(content, as_of=AS_OF)
    reading = read_log(content, as_of=AS_OF, mapping={"columns": {"given_on": "treatment date"}})
    assert reading.rows[0].given_on.day == 20


def test_a_mapping_names_unknown_headers_numbers_and_fields_to_ignore() -> None:
    content = renamed(MRN="Numero", DOB="Nato il")
    mapping = parse_mapping(json.dumps({"columns": {"mrn": "Numero", "birth_date": 3, "email": None}}))
    reading = read_log(content, as_of=AS_OF, mapping=mapping)
    assert reading.rows[0].mrn == "10102"
    assert reading.rows[0].email is None
    assert reading.columns["birth_date"] == "Nato il"


def test_a_mapping_makes_an_unrecognisable_header_recognisable() -> None:
    fields = ["mrn", "patient_name", "birth_date", "diagnosis", "product", "given_on", "units"]
    old = ["MRN", "Patient Name", "DOB", "Diagnosis", "Product", "Date of Service", "Units"]
    row = {f"Spalte {field}": GOOD_ROW[name] for field, name in zip(fields, old, strict=True)}
    mapping = {"columns": {field: f"Spalte {field}" for field in fields}}
    assert len(read_log(render([row]).encode(), as_of=AS_OF, mapping=mapping).rows) == 1


def test_a_mapping_translates_products_and_diagnoses() -> None:
    mapping = {"products": {"Toxin A": "Botox"}, "diagnoses": {"CLUSTER 7": "spasticity_lower_limb"}}
    content = render([good(Product="toxin  a", Diagnosis="Cluster 7", ICD_10="G81.10")]).encode()
    row = read_log(content, as_of=AS_OF, mapping=mapping).rows[0]
    assert (row.product, row.indication, row.icd10) == (
        "onabotulinumtoxinA",
        "spasticity_lower_limb",
        "G81.10",
    )


def test_a_mapping_sets_date_order_delimiter_and_encoding() -> None:
    content = render([good(DOB="03/02/1977", Date_of_Service="05/06/2025", Exp="")], "~").encode("cp850")
    mapping = {"date_order": "dmy", "delimiter": "~", "encoding": "cp850"}
    reading = read_log(content, as_of=AS_OF, mapping=mapping)
    assert (reading.rows[0].given_on.month, reading.date_order, reading.delimiter) == (6, "dmy", "~")
    assert (reading.encoding, reading.date_evidence.given) == ("cp850", True)
    assert "as the mapping says" in reading.date_evidence.says()


@pytest.mark.parametrize(
    ("mapping", "says"),
    [
        ("{", "not JSON"),
        ("[]", "one JSON object"),
        ({"colums": {}}, "unknown key: colums"),
        ({"columns": []}, '"columns"'),
        ({"columns": {"mnr": "MRN"}}, "unknown field under columns: mnr"),
        ({"columns": {"mrn": True}}, "must be a header"),
        ({"columns": {"mrn": 0}}, "must be a header"),
        ({"columns": {"mrn": " "}}, "must be a header"),
        ({"products": {"x": "Juvederm"}}, "no known toxin"),
        ({"diagnoses": {"x": "migraine"}}, "must be one of"),
        ({"date_order": "ymd"}, '"mdy" or "dmy"'),
        ({"delimiter": ",,"}, "one character"),
        ({"delimiter": '"'}, "one character"),
        ({"encoding": "klingon"}, "not a text encoding"),
        ({"encoding": "zip"}, "not a text encoding"),
        ({"encoding": 8}, "not a text encoding"),
    ],
)
def test_a_wrong_mapping_is_refused(mapping: object, says: str) -> None:
    with pytest.raises(MappingError, match=says):
        parse_mapping(mapping)


@pytest.mark.parametrize(
    ("columns", "says"),
    [
        ({"mrn": "Nowhere"}, "no such header. It has: MRN, Patient Name"),
        ({"mrn": 99}, "the file has 16"),
        ({"mrn": "MRN", "lot": "MRN"}, "one column for two fields"),
    ],
)
def test_a_mapping_that_does_not_fit_the_file_is_refused(columns: dict[str, object], says: str) -> None:
    with pytest.raises(MappingError, match=says):
        read_log(render([GOOD_ROW]).encode(), as_of=AS_OF, mapping={"columns": columns})


def test_a_mapping_may_not_name_a_header_that_stands_twice() -> None:
    content = render([GOOD_ROW]).replace("Location", "MRN").encode()
    with pytest.raises(MappingError, match=r"more than one column \(1, 15\)"):
        read_log(content, as_of=AS_OF, mapping={"columns": {"mrn": "MRN"}})
    assert len(read_log(content, as_of=AS_OF, mapping={"columns": {"mrn": 1, "location": 15}}).rows) == 1


def test_a_mapping_file_is_read_with_or_without_byte_order_mark(tmp_path) -> None:
    path = tmp_path / "mapping.json"
    path.write_text('{"date_order": "dmy"}', encoding="utf-8-sig")
    assert read_mapping(path).date_order == "dmy"
    with pytest.raises(MappingError, match=r"missing\.json could not be read"):
        read_mapping(tmp_path / "missing.json")


def test_a_file_without_a_header_does_not_show_a_patient_in_its_error() -> None:
    content = render([GOOD_ROW]).split("\r\n", 1)[1].encode()
    with pytest.raises(UnrecognisedColumns) as caught:
        read_log(content, as_of=AS_OF)
    assert "TANAKA" not in str(caught.value)
    assert "not shown" in str(caught.value)


def test_missing_name_columns_are_named() -> None:
    with pytest.raises(UnrecognisedColumns, match='"patient_name"'):
        read_log(renamed(Patient_Name="Wer"), as_of=AS_OF)


def test_the_documentation_lists_every_recognised_header() -> None:
    text = (Path(__file__).parents[3] / "docs" / "importing.md").read_text(encoding="utf-8")
    for field, tiers in FIELD_HEADERS.items():
        groups = "; then ".join(", ".join(name.strip() for name in tier.split("|")) for tier in tiers)
        assert f"| `{field}` | {groups} |" in text
