"""Columns that are not one field each: two fields in one, one dose in several, rows that are parts of a visit."""

import pytest
from importing_rows import AS_OF, GOOD_ROW, good, render

from clinic_scheduler.importing import (
    LogMapping,
    UnrecognisedColumns,
    guess_file,
    parse_mapping,
    read_log,
    read_table,
)
from clinic_scheduler.importing.columns.chosen import choose_columns
from clinic_scheduler.importing.columns.unknown_values import Vocabulary, unknown_words
from clinic_scheduler.importing.results import RowProblem


@pytest.mark.parametrize(
    ("header", "cell", "expected"),
    [
        ("Toxin/Lot", "Botox / C5014C9", {"product": "onabotulinumtoxinA", "lot": "C5014C9"}),
        ("Product & Lot #", "Dysport (lot: 33917)", {"product": "abobotulinumtoxinA", "lot": "33917"}),
        ("Präparat (Charge)", "Xeomin 100 E [K204X1]", {"product": "incobotulinumtoxinA", "lot": "K204X1"}),
        ("Units/Waste", "155,5 / 44,5", {"units": 155.5, "units_wasted": 44.5}),
        (
            "Diagnosis (ICD)",
            "LE spasticity (MS) [G35]",
            {"indication": "spasticity_lower_limb", "icd10": "G35"},
        ),
        ("Lot / Exp", "C5014C9 exp 09/2027", {"lot": "C5014C9"}),
        ("Patient (MRN)", "TANAKA, Ivan [MRN: 10102]", {"mrn": "10102", "family_name": "Tanaka"}),
        ("Patient / DOB", "TANAKA, Ivan (DOB 02/23/1977)", {"family_name": "Tanaka", "given_name": "Ivan"}),
    ],
)
def test_one_column_may_serve_two_fields(header: str, cell: str, expected: dict[str, object]) -> None:
    held = {"lot": "Lot", "product": "Product", "units": "Units", "units_wasted": "Units Wasted", "mrn": "MRN",
            "indication": "Diagnosis", "icd10": "ICD-10", "family_name": "Patient Name"}  # fmt: skip
    gone = {held[name] for name in expected if name in held} | ({"Exp"} if "Exp" in header else set())
    gone |= {"DOB"} if "DOB" in header else set()
    row = {name: value for name, value in GOOD_ROW.items() if name not in gone} | {header: cell}
    read = read_log(render([row]).encode(), as_of=AS_OF)
    assert read.errors == ()
    assert {name: getattr(read.rows[0], name) for name in expected} == expected


def test_a_code_within_the_words_is_read_without_a_header_for_it() -> None:
    row = {name: value for name, value in GOOD_ROW.items() if name != "ICD-10"}
    read = read_log(render([row | {"Diagnosis": "RUE spasticity (I69.331)"}]).encode(), as_of=AS_OF)
    assert (read.rows[0].indication, read.rows[0].icd10) == ("spasticity_upper_limb", "I69.331")


def test_units_in_columns_by_site_are_added_up() -> None:
    row = {name: value for name, value in GOOD_ROW.items() if name != "Units"}
    sites = {"Frontalis": "20", "R Corrugator (U)": "5", "L Corrugator (U)": "5.5", "Occipitalis": ""}
    read = read_log(render([row | sites]).encode(), as_of=AS_OF)
    assert read.rows[0].units == 30.5
    assert read.columns["site_units"] == "Frontalis + R Corrugator (U) + L Corrugator (U) + Occipitalis"
    bad = read_log(render([row | sites | {"Frontalis": "many"}]).encode(), as_of=AS_OF)
    assert "Frontalis: is not a number of units" in bad.errors[0].reason


def test_a_column_among_the_sites_that_nobody_knows_is_asked_about() -> None:
    row = {name: value for name, value in GOOD_ROW.items() if name != "Units"}
    content = render([row | {"Frontalis": "20", "M. ignotus": "15", "Temporalis": "30"}] * 4).encode()
    with pytest.raises(UnrecognisedColumns, match=r"perhaps \"Frontalis \+ M\. ignotus \+ Temporalis\""):
        read_log(content, as_of=AS_OF)
    mapping = {"columns": guess_file(content).as_columns()}
    assert read_log(content, as_of=AS_OF, mapping=mapping).rows[0].units == 65


def test_a_total_beside_its_sites_is_what_counts_and_must_agree() -> None:
    read = read_log(render([good() | {"Frontalis": "20", "Temporalis": "130"}]).encode(), as_of=AS_OF)
    assert read.rows[0].units == 155
    assert [problem.reason for problem in read.warnings] == [
        "differs from the sum of the sites (150); the total is kept"
    ]
    blank = read_log(
        render([good(Units="") | {"Frontalis": "20", "Temporalis": "130"}]).encode(), as_of=AS_OF
    )
    assert blank.rows[0].units == 150


def test_rows_by_muscle_keep_muscle_and_side_and_are_no_repeats() -> None:
    rows = [
        good(Units="2.5") | {"Muscle": "Corrugator", "Side": side} for side in ("L", "R", "links", "izq.")
    ]
    read = read_log(render(rows[:2]).encode(), as_of=AS_OF)
    assert [(row.muscle, row.side, row.units) for row in read.rows] == [
        ("Corrugator", "left", 2.5),
        ("Corrugator", "right", 2.5),
    ]
    assert read.repeats == ()
    assert [row.site for row in read.rows] == ["Corrugator L", "Corrugator R"]
    same = read_log(render([rows[0], rows[2], rows[3]]).encode(), as_of=AS_OF)
    assert [(repeat.line, repeat.first_line) for repeat in same.identical] == [(3, 2), (4, 2)]


def test_a_site_that_names_its_side_says_it_once() -> None:
    rows = [good(Units="2.5") | {"Muscle/Side": text} for text in ("R corrugator", "L corrugator")]
    read = read_log(render(rows).encode(), as_of=AS_OF)
    assert [(row.site, row.side) for row in read.rows] == [
        ("R corrugator", "right"),
        ("L corrugator", "left"),
    ]


def test_a_part_of_a_visit_has_the_fingerprint_of_a_whole_one() -> None:
    whole = read_log(render([good(Units="20")]).encode(), as_of=AS_OF).rows[0]
    part = read_log(render([good(Units="20") | {"Muscle": "Frontalis"}]).encode(), as_of=AS_OF).rows[0]
    assert part.fingerprint == whole.fingerprint


def test_two_vials_of_one_lot_and_dose_are_two() -> None:
    rows = [good(Units="100") | {"Vial #": vial} for vial in ("1", "2")]
    assert sum(row.units for row in read_log(render(rows).encode(), as_of=AS_OF).rows) == 200


def test_a_line_that_sums_up_a_visit_is_no_row() -> None:
    rows = [good(Units="20") | {"Muscle": "Frontalis"}, good(Units="20") | {"Muscle": "Total units"}]
    read = read_log(render(rows).encode(), as_of=AS_OF)
    assert [row.units for row in read.rows] == [20]
    assert [type(problem) for problem in read.warnings] == [RowProblem]


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (("1.250", "155,5"), (1250, 155.5)),
        (("1,250", "155.5"), (1250, 155.5)),
        (("1 250,5", "1.250"), (1250.5, 1250)),
        (("1'250.5", "12.5"), (1250.5, 12.5)),
    ],
)
def test_the_files_own_numbers_say_what_a_comma_is(
    texts: tuple[str, str], expected: tuple[float, float]
) -> None:
    rows = [good(Units=text, Product="Dysport", Lot=f"L{n}00") for n, text in enumerate(texts)]
    read = read_log(render(rows, ";").encode(), as_of=AS_OF)
    assert tuple(row.units for row in read.rows) == expected


def test_a_mapping_says_the_decimals_where_nothing_proves_them() -> None:
    content = render([good(Units="1.250", Product="Dysport")], ";").encode()
    assert read_log(content, as_of=AS_OF).errors[0].column == "Units"
    assert read_log(content, as_of=AS_OF, mapping={"decimals": "comma"}).rows[0].units == 1250


def test_a_mapping_gives_two_fields_one_column_and_units_several() -> None:
    row = {name: value for name, value in GOOD_ROW.items() if name not in ("Product", "Lot", "Units")}
    content = render([row | {"X": "Botox / C5014C9", "Y": "100", "Z": "55"}]).encode()
    mapping = {"columns": {"product": "X", "lot": "X", "site_units": ["Y", "Z"]}}
    read = read_log(content, as_of=AS_OF, mapping=mapping)
    assert (read.rows[0].product, read.rows[0].lot, read.rows[0].units) == (
        "onabotulinumtoxinA",
        "C5014C9",
        155,
    )


def test_a_mapping_translates_limbs_providers_and_places() -> None:
    row = good(Diagnosis="Spasticity", ICD_10="", Provider="CV", Location="VN") | {"Limb": "Zone 2"}
    mapping = {
        "limbs": {"zone 2": "lower limb"},
        "providers": {"cv": "Dr. Chloe Varga"},
        "places": {"VN": "Van Ness"},
    }
    read = read_log(render([row]).encode(), as_of=AS_OF, mapping=mapping).rows[0]
    assert (read.indication, read.provider_name, read.location) == (
        "spasticity_lower_limb", "Dr. Chloe Varga", "Van Ness",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("limb", "indication"),
    [("Arm", "upper"), ("Bein re.", "lower"), ("membre supérieur", "upper"), ("pierna", "lower")],
)
def test_a_column_for_the_limb_decides_it(limb: str, indication: str) -> None:
    row = good(Diagnosis="Spastik", ICD_10="") | {"Limb": limb}
    read = read_log(render([row]).encode(), as_of=AS_OF)
    assert read.rows[0].indication == f"spasticity_{indication}_limb"


def test_a_cell_with_two_numbers_does_not_say_which_was_given() -> None:
    row = {name: value for name, value in GOOD_ROW.items() if name not in ("Product", "Units")}
    cells = ["Botox 155 U", "Botox 200U vial, 155 U"]
    read = read_log(
        render([row | {"Drug / Dose": cell, "Lot": cell[-5:]} for cell in cells]).encode(), as_of=AS_OF
    )
    assert [row.units for row in read.rows] == [155]
    assert "units are missing" in read.errors[0].reason


def test_one_muscle_alone_is_asked_about() -> None:
    row = {name: value for name, value in GOOD_ROW.items() if name != "Units"}
    with pytest.raises(UnrecognisedColumns, match='perhaps "Masseter"'):
        read_log(render([row | {"Masseter": "50"}]).encode(), as_of=AS_OF)


def test_numbered_columns_of_units_are_added_up() -> None:
    row = {name: value for name, value in GOOD_ROW.items() if name != "Units"}
    read = read_log(render([row | {"Units 1": "100", "Units 2": "55"}]).encode(), as_of=AS_OF)
    assert read.rows[0].units == 155


def test_units_beside_a_coarse_billing_code_are_looked_at() -> None:
    read = read_log(render([good(Product="J0586 Dysport", Units="100")]).encode(), as_of=AS_OF)
    assert [problem.reason for problem in read.warnings] == [
        "one billing unit of J0586 is 5 units; are these the toxin's own?"
    ]


def test_words_that_are_not_known_are_listed_with_their_rows() -> None:
    rows = [
        good(Product="Toxin A"), good(Product="toxin  A", Lot="L2"), good(Provider="CV"),
        good(Diagnosis="Spasticity", ICD_10="", Provider="Dr. Chloe Varga") | {"Limb": "Zone 2"},
        good(Diagnosis="HA clinic", ICD_10="") | {"Limb": ""},
        good(Diagnosis="Unknown to us", ICD_10="", Provider="X") | {"Kind": "Given elsewhere"},
    ]  # fmt: skip
    table = read_table(render(rows).encode())
    told = unknown_words(table, choose_columns(table, {}), LogMapping())
    listed = {(word.vocabulary.value, word.words): word.rows for word in told}
    assert listed == {
        ("products", "Toxin A"): 2,
        ("providers", "CV"): 1,
        ("providers", "Dr. Chloe Varga"): 4,
        ("limbs", "Zone 2"): 1,
        ("diagnoses", "HA clinic"): 1,
        ("places", "Van Ness"): 5,
    }
    mapping = parse_mapping({"products": {"Toxin A": "Botox"}, "limbs": {"Zone 2": "lower limb"}})
    left = unknown_words(table, choose_columns(table, {}), mapping)
    names = (Vocabulary.PROVIDERS, Vocabulary.PLACES)
    assert [word.words for word in left if word.vocabulary not in names] == ["HA clinic"]
