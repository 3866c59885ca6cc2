"""Single cells: names, units, products, patient numbers, phones and addresses."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic_scheduler.importing.cells.names import family_words_first, join_name, name_key, split_name
from clinic_scheduler.importing.cells.phone_and_email import read_email, read_phone
from clinic_scheduler.importing.cells.products import PLAUSIBLE_UNITS, product_of, products_named
from clinic_scheduler.importing.cells.quantities import read_units, read_waste, read_weight_kg
from clinic_scheduler.importing.rows.cells_to_draft import read_mrn

ONA = "onabotulinumtoxinA"
ABO = "abobotulinumtoxinA"


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
    ("header", "text", "family", "given"),
    [
        ("Nom et prénom", "DUPONT Jean", "Dupont", "Jean"),
        ("Nom et prénom", "Lefèvre Éloïse Anne", "Lefèvre", "Éloïse Anne"),
        ("Name, Vorname", "von der Heide Jörg", "von der Heide", "Jörg"),
        ("Name (Last, First)", "Smith John", "Smith", "John"),
        ("Apellidos y nombre", "García López María", "García López", "María"),
        ("Apellidos y nombre", "García María", "García", "María"),
        ("Patient", "DE LA CRUZ Ana", "de la Cruz", "Ana"),
        ("Patient", "TJ Miller", "Miller", "TJ"),
        ("Patient", "Jean DUPONT", "Dupont", "Jean"),
        ("Vor- und Nachname", "Jörg Heide", "Heide", "Jörg"),
        ("Patient Name (First Last)", "John Smith", "Smith", "John"),
        ("Nom et prénom", "Dupont", "Dupont", ""),
    ],
)
def test_the_header_or_capitals_say_which_name_comes_first(
    header: str, text: str, family: str, given: str
) -> None:
    assert split_name(text, family_words_first(header)) == (family, given)


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
