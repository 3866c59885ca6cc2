"""Diagnoses in words and codes: every record is known by its own, a limb is never guessed, nothing is dropped."""

from dataclasses import replace

import pytest

from clinic_scheduler.domain.protocols.indications import INDICATIONS
from clinic_scheduler.domain.protocols.products import PRODUCTS
from clinic_scheduler.importing.cells.indications import read_indication
from clinic_scheduler.importing.cells.products import product_of
from clinic_scheduler.importing.cells.quantities import read_units

ONA = "onabotulinumtoxinA"
UPPER, LOWER, MIGRAINE = "spasticity_upper_limb", "spasticity_lower_limb", "chronic_migraine"


@pytest.mark.parametrize(
    ("words", "code", "indication"),
    [
        ("Chronic migraine", "", MIGRAINE),
        ("chr. migraine w/o aura, intractable", "G43.719", MIGRAINE),
        ("CM", "", MIGRAINE),
        ("", "g43709", MIGRAINE),
        ("", "G43.E09", MIGRAINE),
        ("G43.709", "", MIGRAINE),
        ("UL spasticity s/p CVA", "I69.354", UPPER),
        ("Spasticity RUE", "I69.351", UPPER),
        ("LUE", "G81.12", UPPER),
        ("arm spasticity", "G80.9", UPPER),
        ("spastic hemiplegia, left hand", "G81.12; R25.2", UPPER),
        ("", "I69.331", UPPER),
        ("LE spasticity (MS)", "G35", LOWER),
        ("RLE spasticity", "", LOWER),
        ("Lower limb spasticity", "G80.1", LOWER),
        ("Cervical dystonia", "", "cervical_dystonia"),
        ("Dystonia, cervical", "G24.3", "cervical_dystonia"),
        ("torticollis", "", "cervical_dystonia"),
        ("blepharospasm?", "Z99.9", "blepharospasm"),
        ("Hemifacial spasm", "", "hemifacial_spasm"),
        ("", "G51.31", "hemifacial_spasm"),
        ("Drooling", "K117", "sialorrhea"),
        ("", "L74.510", "axillary_hyperhidrosis"),
        ("OAB", "", "overactive_bladder"),
        ("", "N32.81", "overactive_bladder"),
        ("Spasticity of both legs", "G82.20", LOWER),
        ("", "I69.341", LOWER),
        ("s/p CVA", "I69.344", LOWER),
    ],
)
def test_diagnoses_give_an_indication(words: str, code: str, indication: str) -> None:
    reading = read_indication(words, code)
    assert (reading.indication, reading.reason) == (indication, "")


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        ("Chronic migraine", "G81.12", "contradict"),
        ("Spasticity RUE", "G43.709", "contradict"),
        ("RUE spasticity", "I69.341", "different limbs"),
        ("UE/LE spasticity", "", "an upper and a lower limb"),
        ("Migraine and RUE spasticity", "", "chronic migraine and spasticity, upper limb at once"),
        ("Drooling, cosmetic", "", "at once"),
        ("Spasticity", "G81.11", "without a limb"),
        ("", "I69.354", "without a limb"),
        ("", "G80", "without a limb"),
        ("MS, spastic", "G35", "without a limb"),
        ("", "G35", "nobody can tell"),
        ("MS", "G35", "nobody can tell"),
        ("blepharospasm?", "G81.12", "contradict"),
        ("Episodic migraine", "G43.709", "contradict"),
        ("dystonia", "G24.9", "nobody can tell"),
        ("sore arm", "", "nobody can tell"),
        ("", "", "no diagnosis"),
    ],
)
def test_open_and_contradicting_diagnoses_give_a_reason(words: str, code: str, says: str) -> None:
    reading = read_indication(words, code)
    assert reading.indication is None
    assert says in reading.reason


def test_a_code_of_both_limbs_asks_for_the_limb_and_nothing_else_does() -> None:
    for words, code in (("Spasticity", "G81.11"), ("", "G80.9"), ("", "I69.35"), ("UE/LE spasticity", "")):
        assert read_indication(words, code).needs == "limb"
    for words, code in (("", "G35"), ("Chronic migraine", "G81.12"), ("", "")):
        assert read_indication(words, code).needs == "indication"
    for words, code in (("Wrinkles", ""), ("RUE spasticity", "G81.11"), ("Migraine", "G43.109")):
        assert read_indication(words, code).needs == ""


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("Glabellar lines", ""), ("wrinkles", "L98.8"), ("bruxism", ""), ("TMJ", ""), ("", "H50.00"),
        ("palmar hyperhidrosis", ""), ("Hyperhidrosis", "L74.512"), ("Episodic migraine", ""),
        ("Migraine, not chronic", ""), ("Migraine", "G43.109"), ("", "G43.109"), ("Something else", ""),
    ],
)  # fmt: skip
def test_what_is_known_and_none_of_ours_is_other(words: str, code: str) -> None:
    assert read_indication(words, code).indication == "other"


@pytest.mark.parametrize("code", list(INDICATIONS))
def test_every_record_is_known_by_its_words_names_and_codes(code: str) -> None:
    record = INDICATIONS[code]
    for name in (record.words, record.words.upper(), *record.names):
        assert read_indication(name, "").indication == code
    for pattern in record.icd10:
        example = pattern.replace("*", "1" if pattern.endswith("*") else "3", 1).partition("-")[0]
        reading = read_indication(record.words, example)
        assert (reading.indication, reading.remark) == (code, ""), example
        alone = read_indication("", example)
        # A limb's code may be the other limb's as well.
        assert alone.indication == code or (record.limb and alone.indication is None), example


def test_a_new_record_is_known_without_touching_the_import(monkeypatch: pytest.MonkeyPatch) -> None:
    assert read_indication("Tennis elbow", "M77.11").indication is None
    assert read_indication("Bruxism", "").indication == "other"
    new = replace(
        INDICATIONS["blepharospasm"],
        code="elbow",
        words="Tennis elbow",
        names=("bruxism", "epicondylitis"),
        icd10=("M77.1*",),
    )
    monkeypatch.setitem(INDICATIONS, "elbow", new)
    for words, icd10 in (("elbow, tennis", ""), ("Epicondylitis", ""), ("", "M77.11"), ("Bruxism", "M77.1")):
        assert read_indication(words, icd10).indication == "elbow"
    assert product_of("Relfydess 100") is None
    toxin = replace(
        PRODUCTS[ONA],
        code="relabotulinumtoxinA",
        brand="Relfydess",
        hcpcs="J0999",
        names=("rela",),
        vials=(100,),
    )
    monkeypatch.setitem(PRODUCTS, toxin.code, toxin)
    for text in ("Relfydess 100", "RELA", "J0999", "relabotulinum toxin A"):
        assert product_of(text) == toxin.code
    assert read_units("550", toxin.code) == 550
    with pytest.raises(ValueError, match="expected 5 to 600 units of relabotulinumtoxinA"):
        read_units("5500", toxin.code)


def test_a_doubtful_code_is_remarked_and_the_words_are_followed() -> None:
    assert "346.70" in read_indication("Chronic migraine", "346.70").remark
    assert "Z99.9" in read_indication("Chronic migraine", "Z99.9").remark
    assert "read as chronic" in read_indication("Migraine", "").remark
    assert read_indication("Chronic migraine", "R51.9, G43.709").icd10 == "G43.709"
