"""What is kept though nobody can place it, and what several rows of one visit come to."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from importing_rows import good, read, reasons

from clinic_scheduler.domain.csv_cells import formula_safe
from clinic_scheduler.domain.log_columns import LOG_COLUMNS


@pytest.mark.parametrize(
    ("change", "column", "says", "indication", "needs"),
    [
        ({"Diagnosis": "sore arm", "ICD_10": ""}, "Diagnosis", "nobody can tell", None, "indication"),
        ({"Diagnosis": "", "ICD_10": ""}, "ICD-10", "no diagnosis", None, "indication"),
        ({"Diagnosis": "RUE spasticity"}, "Diagnosis", "contradict", None, "indication"),
        ({"Diagnosis": "", "ICD_10": "G81.11"}, "ICD-10", "without a limb", None, "limb"),
        ({"Diagnosis": "Glabellar lines", "ICD_10": ""}, "Diagnosis", "none of the indications", "other", ""),
    ],
)
def test_what_nobody_can_place_was_given_all_the_same(
    change: dict[str, str], column: str, says: str, indication: str | None, needs: str
) -> None:
    reading = read(good(**change))
    assert reading.errors == ()
    ((_, named, reason),) = reasons(reading, "warning")
    assert named == column
    assert says in reason
    assert [(row.indication, row.needs, row.units) for row in reading.rows] == [(indication, needs, 155.0)]


@pytest.mark.parametrize("product", ["Jeuveau", "botulinum toxin A", "prabotulinumtoxinA"])
def test_a_toxin_that_is_none_of_ours_is_an_exposure_to_an_unknown_product(product: str) -> None:
    reading = read(good(Product=product))
    assert reading.errors == ()
    assert [(row.product, row.indication) for row in reading.rows] == [(None, "chronic_migraine")]


def test_toxin_given_elsewhere_may_leave_open_what_and_how_much() -> None:
    """As an export writes it; the same cells without the kind are faults."""
    blank = {"Diagnosis": "", "ICD_10": "", "Product": "", "Units": "", "Lot": "", "Provider": ""}
    cells = good(**blank) | {"Kind": "Given elsewhere", "About": "yes"}
    reading = read(cells, cells | {"MRN": "2", "Kind": "cycle"})
    assert reading.bad_lines == (3,)
    (row,) = reading.rows
    assert (row.elsewhere, row.is_approximate, row.location) == (True, True, "Van Ness")
    assert (row.indication, row.product, row.units, row.kind) == (None, None, None, "cycle")
    assert [problem for problem in reading.warnings if problem.line == 2] == []
    here = read(good()).rows[0]
    there = read(good() | {"Kind": "Given elsewhere"}).rows[0]
    assert here.fingerprint != there.fingerprint


def test_words_that_say_nothing_of_the_source_are_noted() -> None:
    reading = read(
        good() | {"Kind": "Given elsewhere", "Known From": "hearsay"}, good() | {"Known From": "hearsay"}
    )
    assert [(problem.line, problem.column) for problem in reading.warnings] == [(2, "Known From")]
    assert "taken as Imported from a file" in reading.warnings[0].reason
    assert [row.known_from for row in reading.rows] == [None, None]


@given(
    st.text(st.sampled_from("a é=+-@;,'\"\n\t"), max_size=12).filter(lambda text: not text or text.strip())
)
def test_what_our_export_puts_before_a_formula_is_taken_off_again(notes: str) -> None:
    cells = good(Notes=notes)
    ours = dict.fromkeys(LOG_COLUMNS, "") | {name: cells[name] for name in LOG_COLUMNS if name in cells}
    names = {"Last Name": "Tanaka", "First Name": "Ivan"}
    written = {name: formula_safe(cell) for name, cell in (ours | names).items()}
    assert not written["Notes"].startswith(("=", "+", "-", "@", "\t"))
    assert [row.notes for row in read(written).rows] == [notes]
    assert [row.notes for row in read(cells | {"Notes": written["Notes"]}).rows] == [written["Notes"]]


def test_a_visit_with_two_different_rows_makes_a_file_of_several_rows_a_visit() -> None:
    """Then a second identical row may be a second vial: it is kept, and asked about."""
    rows = [good(Units="100"), good(Units="55", Lot="C777"), good(MRN="20202"), good(MRN="20202")]
    reading = read(*rows)
    assert reading.several_rows
    assert [row.units for row in reading.rows] == [100, 55, 155, 155]
    assert reading.visit_count == 2
    assert reading.repeats == ()
    assert [(same.line, same.first_line) for same in reading.identical] == [(5, 4)]
    assert reading.problems == ()
    assert not read(*rows[2:]).several_rows


def test_rows_of_different_sites_are_never_identical() -> None:
    rows = [good(Units="20") | {"Muscle": muscle} for muscle in ("Frontalis", "Temporalis", "Frontalis")]
    reading = read(*rows)
    assert [row.site for row in reading.rows] == ["Frontalis", "Temporalis", "Frontalis"]
    assert [(same.line, same.first_line) for same in reading.identical] == [(4, 2)]
    assert len({row.fingerprint for row in reading.rows}) == 1


def test_few_units_are_a_slip_of_a_visit_and_usual_for_a_site() -> None:
    reading = read(good(Units="2.5"))
    assert reasons(reading) == [
        (2, "Units", "is outside the plausible range; expected 5 to 600 units of onabotulinumtoxinA")
    ]
    sites = [
        good(Units="2.5") | {"Muscle": muscle} for muscle in ("Procerus", "Corrugator L", "Corrugator R")
    ]
    assert [row.units for row in read(*sites).rows] == [2.5, 2.5, 2.5]
    ((line, _, reason),) = reasons(read(*sites[:1]), "warning")
    assert line == 2
    assert "add up to 2.5 U" in reason


def test_a_mapping_or_a_site_says_the_limb() -> None:
    spastic = good(Diagnosis="Spasticity", ICD_10="G81.11")
    for mapping in ({"Spasticity": "spasticity_lower_limb"}, {"g81.11": "spasticity_lower_limb"}):
        (row,) = read(spastic, mapping={"diagnoses": mapping}).rows
        assert (row.indication, row.needs) == ("spasticity_lower_limb", "")
    for site, side, indication in (
        ("Arm", "L", "spasticity_upper_limb"),
        ("RLE", "", "spasticity_lower_limb"),
        ("Soleus", "L", None),
    ):
        (row,) = read(spastic | {"Muscle": site, "Side": side}).rows
        assert row.indication == indication
    by_code = {"diagnoses": {"G81.11": "spasticity_lower_limb", "Masseter": "other"}}
    rows = read(
        good(Diagnosis="RUE spasticity", ICD_10="G81.11"), good(Diagnosis="Masseter"), mapping=by_code
    ).rows
    assert [row.indication for row in rows] == ["spasticity_upper_limb", "other"]
