"""Single cells: names, units, products, diagnoses, patient numbers, phones and addresses."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic_scheduler.domain.indications import INDICATIONS
from clinic_scheduler.domain.products import PRODUCTS
from clinic_scheduler.importing.contacts import read_email, read_phone
from clinic_scheduler.importing.fields import read_mrn
from clinic_scheduler.importing.indications import read_indication
from clinic_scheduler.importing.names import join_name, name_key, split_name
from clinic_scheduler.importing.products import PLAUSIBLE_UNITS, product_of, products_named
from clinic_scheduler.importing.quantities import read_units, read_waste, read_weight_kg

ONA = "onabotulinumtoxinA"
ABO = "abobotulinumtoxinA"
UPPER, LOWER, MIGRAINE = "spasticity_upper_limb", "spasticity_lower_limb", "chronic_migraine"


@pytest.mark.parametrize(
    ("text", "family", "given"),
    [
        ("TANAKA, Ivan ", "Tanaka", "Ivan"),
        ("Ivan Tanaka", "Tanaka", "Ivan"),
        ("Tanaka, Ivan M.", "Tanaka", "Ivan M."),
        ("Mary Ann Lee", "Lee", "Mary Ann"),
        ("O'NEILL, Jo", "O'Neill", "Jo"),
        ("O’NEILL, Jo", "O'Neill", "Jo"),
        ("McDONALD, Sam", "McDonald", "Sam"),
        ("MCDONALD, SAM", "McDonald", "Sam"),
        ("MacDONALD, Sam", "MacDonald", "Sam"),
        ("MACHADO, Ana", "Machado", "Ana"),
        ("O'Neill-McGREGOR, S.", "O'Neill-McGregor", "S."),
        ("GARCÍA-LOPEZ, ADA", "García-Lopez", "Ada"),
        ("MU\u0308LLER, Zoë", "Müller", "Zoë"),
        ("Ludwig van der Berg", "van der Berg", "Ludwig"),
        ("VAN DER BERG, Noor", "van der Berg", "Noor"),
        ("Van der Berg, Noor", "Van der Berg", "Noor"),
        ("Maria de la Cruz", "de la Cruz", "Maria"),
        ("Van Nguyen", "Nguyen", "Van"),
        ("LE, Minh", "Le", "Minh"),
        ("SMITH, John, Jr.", "Smith Jr.", "John"),
        ("Smith Jr, John", "Smith Jr.", "John"),
        ("John Smith III", "Smith III", "John"),
        ("John Smith, Jr.", "Smith Jr.", "John"),
        ("Dr. John Smith", "Smith", "John"),
        ("SMITH, Mr. John", "Smith", "John"),
        ("SMITH, TJ", "Smith", "TJ"),
        ("smith, john", "Smith", "John"),
        ("Madonna", "Madonna", ""),
        ('=HYPERLINK("x")', '=HYPERLINK("x")', ""),
    ],
)
def test_names_are_split_and_shown_as_people_write_them(text: str, family: str, given: str) -> None:
    assert split_name(text) == (family, given)


def test_a_name_is_the_same_person_however_it_is_written() -> None:
    written = ["GARCÍA, Ana M.", "Ana Garcia", "Garcia Jr., ANA"]
    assert len({name_key(*split_name(text)) for text in written}) == 1
    assert name_key("García", "Eva") != name_key("García", "Ana")


def test_a_family_name_that_a_spreadsheet_would_run_stays_as_it_is() -> None:
    assert join_name("=CMD()", "MEI") == ("=CMD()", "MEI")


@given(st.text(max_size=40))
def test_any_text_can_be_split_as_a_name(text: str) -> None:
    family, given_name = split_name(text)
    assert isinstance(family, str)
    assert isinstance(given_name, str)


@pytest.mark.parametrize(
    ("text", "units"),
    [
        ("155", 155),
        ("155 U", 155),
        ("155u", 155),
        ("155 units", 155),
        ("155.0", 155),
        ("155,5", 155.5),
        ("155 IU", 155),
        ("0", 0),
    ],
)
def test_units_are_read_with_their_noise(text: str, units: float) -> None:
    assert read_units(text, ONA) == units


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("15500", "outside the plausible range; expected 5 to 600 units"),
        ("-155", "outside the plausible range"),
        ("1,55", "outside the plausible range"),
        ("1,500", "outside the plausible range"),
        ("one fifty five", "not a number of units; expected 5 to 600"),
        ("155/200", "not a number"),
        ("1.5.5", "not a number"),
        ("", "missing"),
    ],
)
def test_implausible_units_are_refused_with_the_range(text: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        read_units(text, ONA)


def test_ranges_belong_to_the_product() -> None:
    assert read_units("1,500", ABO) == 1500
    assert read_units("10,000", "rimabotulinumtoxinB") == 10_000
    assert read_units("15500", None) == 15_500
    assert set(PLAUSIBLE_UNITS) == {
        ONA, ABO, "incobotulinumtoxinA", "rimabotulinumtoxinB", "daxibotulinumtoxinA",
    }  # fmt: skip


def test_waste_is_never_negative() -> None:
    assert read_waste("45 u") == 45
    for text in ("-5", "some", "99999"):
        with pytest.raises(ValueError, match="left out"):
            read_waste(text)


def test_a_weight_needs_a_unit() -> None:
    assert read_weight_kg("23,5", "kg") == 23.5
    assert read_weight_kg("50", "lb") == 22.68
    assert read_weight_kg("50 lbs", "kg") == 22.68
    for text, unit in (("50", None), ("heavy", "kg"), ("900", "kg"), ("1.2.3", "kg")):
        with pytest.raises(ValueError, match="left out"):
            read_weight_kg(text, unit)


@pytest.mark.parametrize(
    ("text", "product"),
    [
        ("Botox 200U vial", ONA), ("BOTOX®", ONA), ("Botox200", ONA), ("onabotulinumtoxinA", ONA),
        ("Botox Cosmetic", ONA),
        ("ona-botulinum toxin A", ONA), ("J0585", ONA), ("Dysport 500", ABO), ("abobotulinumtoxinA (Dysport)", ABO),
        ("XEOMIN", "incobotulinumtoxinA"), ("Myobloc", "rimabotulinumtoxinB"),
        ("rimabotulinumtoxinB", "rimabotulinumtoxinB"),
        ("Daxxify™", "daxibotulinumtoxinA"), ("daxibotulinumtoxinA-lanm", "daxibotulinumtoxinA"),
        ("Juvederm", None), ("Jeuveau", None), ("prabotulinumtoxinA", None), ("botulinum toxin A", None), ("", None),
        ("Botox / Dysport", None),
    ],
)  # fmt: skip
def test_products_are_known_by_brand_generic_name_and_code(text: str, product: str | None) -> None:
    assert product_of(text) == product


def test_the_long_generic_name_does_not_name_the_short_one_within_it() -> None:
    assert products_named("onabotulinumtoxinA") == [ONA]


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


@pytest.mark.parametrize(
    ("text", "mrn"),
    [
        ("10102", "10102"),
        (" 10102 ", "10102"),
        ("10102.0", "10102"),
        ("#10102", "10102"),
        ("MRN: a-12", "A-12"),
        ('="00123"', "00123"),
        ("'00123", "00123"),
    ],
)
def test_patient_numbers_have_one_form(text: str, mrn: str) -> None:
    assert read_mrn(text) == mrn


@pytest.mark.parametrize(
    ("text", "says"),
    [("", "missing"), ("n/a", "missing"), ("1.0102E+9", "rounded"), ("=A1+1", "not a patient")],
)
def test_text_that_is_no_patient_number_is_refused(text: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        read_mrn(text)


@pytest.mark.parametrize(
    ("text", "phone"),
    [
        ("(415) 555-0114", "+14155550114"), ("415.555.0114 x12", "+14155550114"), ("4155550114", "+14155550114"),
        ("+44 20 7946 0018", "+442079460018"), ("none / 415-555-0114", "+14155550114"),
        ("555-0114", None), ("call mum", None),
    ],
)  # fmt: skip
def test_phones_become_e164(text: str, phone: str | None) -> None:
    assert read_phone(text, "US") == phone


@pytest.mark.parametrize(
    ("text", "email"),
    [
        ("Ivan.T@Example.ORG", "Ivan.T@example.org"), ("mailto:i@example.org", "i@example.org"),
        ("i@example.org; j@example.org", "i@example.org"), ("<i@example.org>", "i@example.org"),
        ("i@example", None), ("i..j@example.org", None), ("not an address", None),
    ],
)  # fmt: skip
def test_email_addresses_are_checked_and_tidied(text: str, email: str | None) -> None:
    assert read_email(text) == email
