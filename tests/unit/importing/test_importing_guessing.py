"""What is guessed of a column, how sure, and why: by its header in four languages, by its cells, by both."""

import pytest
from importing_rows import AS_OF, GOOD_ROW, good, render

from clinic_scheduler.importing import (
    Guess,
    Sureness,
    guess_file,
    parse_mapping,
    read_log,
)
from clinic_scheduler.importing.columns.guesses import ColumnGuess
from clinic_scheduler.importing.columns.header_grammar import field_said
from clinic_scheduler.importing.columns.header_words import Language
from clinic_scheduler.importing.columns.headers import HEADERS_BY_LANGUAGE, header_key

PEOPLE = [
    good(MRN=f"{10_000 + n}", Patient_Name=name, DOB=f"02/{n + 11}/19{60 + n}", Units=units, Units_Wasted=wasted,
         Date_of_Service=f"06/{n + 14}/2025", Lot=f"C50{n}4C9", Phone=f"(415) 555-01{n}4")
    for n, (name, units, wasted) in enumerate(
        [("TANAKA, Ivan", "155", "45"), ("LEE, Mei", "195", "5"), ("ROSS, Ada", "175", "25"),
         ("KAUR, Noor", "155", "45")]
    )
]  # fmt: skip


def guess(rename: dict[str, str], **changes: str) -> Guess:
    """Of four good rows with headers renamed and cells changed."""
    rows = [{rename.get(name, name): value for name, value in (row | changes).items()} for row in PEOPLE]
    return guess_file(render(rows).encode())


def column(found: Guess, header: str) -> ColumnGuess:
    return next(each for each in found.columns if each.header == header)


def test_every_header_of_every_language_means_one_field() -> None:
    owners: dict[str, set[str]] = {}
    for fields in HEADERS_BY_LANGUAGE.values():
        for field, tiers in fields.items():
            for name in "|".join(tiers).split("|"):
                owners.setdefault(header_key(name), set()).add(field)
    assert {key: fields for key, fields in owners.items() if len(fields) > 1} == {}


def test_a_known_file_is_sure_with_samples_and_a_reason() -> None:
    found = guess({})
    assert found.sure
    assert found.missing == ()
    units = column(found, "Units")
    assert (units.fields, units.sureness, units.because) == (("units",), Sureness.SURE, "header and content")
    assert units.samples == ("155", "195", "175")
    assert units.label == "units given"


@pytest.mark.parametrize(
    ("header", "field"),
    [
        ("Präparat", "product"), ("Praeparat", "product"), ("Toxine botulinique", "product"), ("Toxina", "product"),
        ("PAT_MRN_ID", "mrn"), ("N° de dossier", "mrn"), ("Nº de historia clínica", "mrn"), ("Pat.-Nr.", "mrn"),
        ("DDN", "birth_date"), ("geb.", "birth_date"), ("F. nacimiento", "birth_date"),
        ("DOB (mm/dd/yyyy)", "birth_date"),
        ("Einheiten (E)", "units"), ("Unités injectées", "units"), ("Unidades", "units"), ("Dose (U)", "units"),
        ("Svc Dt", "given_on"), ("Behandelt am", "given_on"), ("Date d'injection", "given_on"),
    ],
)  # fmt: skip
def test_headers_are_known_in_four_languages_and_many_programs(header: str, field: str) -> None:
    old = {
        "product": "Product",
        "mrn": "MRN",
        "birth_date": "DOB",
        "units": "Units",
        "given_on": "Date of Service",
    }
    found = column(guess({old[field]: header}), header)
    assert (found.fields, found.sureness) == ((field,), Sureness.SURE)


@pytest.mark.parametrize(
    ("old", "field", "why"),
    [
        ("MRN", "mrn", "numbers like those of patients"),
        ("DOB", "birth_date", "dates that lie years before the others"),
        ("Date of Service", "given_on", "the only dates that are not dates of birth"),
        ("Lot", "lot", "100% look like lot numbers"),
        ("Email", "email", "100% look like email addresses"),
        ("Patient Name", "patient_name", "names of many people"),
        ("Provider", "provider_name", "100% look like names with a title"),
        ("Diagnosis", "diagnosis", "100% look like diagnoses"),
    ],
)
def test_cells_alone_make_a_column_likely_and_not_sure(old: str, field: str, why: str) -> None:
    changes = {"Exp": ""} if field == "given_on" else {}
    found = column(guess({old: "Kolom 7"}, **changes), "Kolom 7")
    assert (found.fields, found.sureness, found.because) == ((field,), Sureness.LIKELY, "content")
    assert found.why == why


def test_codes_and_toxin_names_cannot_be_mistaken() -> None:
    found = guess({"Product": "Kolom 1", "ICD-10": "Kolom 2"})
    assert column(found, "Kolom 1").fields == ("product",)
    assert column(found, "Kolom 2").fields == ("icd10",)
    assert found.sure


def test_dose_and_waste_are_told_by_the_vials_they_fill() -> None:
    found = guess({"Units": "A", "Units Wasted": "B"})
    assert column(found, "A").fields == ("units",)
    assert column(found, "B").fields == ("units_wasted",)
    assert "full vials" in column(found, "A").why
    assert found.missing == ("units",)


def test_a_column_nobody_knows_says_what_it_could_be() -> None:
    found = guess({"Units": "A", "Notes": "B"}, Units="17.5", Units_Wasted="", Notes="3")
    for header in ("A", "B"):
        assert column(found, header).sureness is Sureness.UNKNOWN
        assert column(found, header).could_be == ("units",)


def test_what_one_column_alone_can_be_is_likely() -> None:
    found = column(guess({"Units": "A"}, Units="17.5", Units_Wasted=""), "A")
    assert (found.fields, found.sureness, found.why) == (
        ("units",),
        Sureness.LIKELY,
        "no other column can be it",
    )


@pytest.mark.parametrize(
    ("header", "field"),
    [
        ("UNITS_ADMIN", "units"), ("Total U", "units"), ("Menge (E)", "units"), ("NB U", "units"),
        ("Number of units discarded", "units_wasted"), ("Date of Tx", "given_on"), ("Beh.-Datum", "given_on"),
        ("DATE INJ", "given_on"), ("PT_DOB_DT", "birth_date"), ("Apellido y nombre", "patient_name"),
        ("Med. rec. nbr", "mrn"), ("DrugLotNbr", "lot"), ("Dx cd 1", "icd10"),
        ("Pt Last", "family_name"), ("Behandlung am", "given_on"), ("Last visit date", None), ("Visit", None),
        ("Units billed", None), ("Date entered", None), ("Dose number", None), ("Encounter ID", None),
        ("Botox", None), ("Medical", None), ("Visit number", None), ("Birth weight", None),
    ],
)  # fmt: skip
def test_a_header_on_no_list_is_read_by_its_words(header: str, field: str | None) -> None:
    assert field_said(header) == field


def test_what_its_words_say_is_sure_where_the_cells_agree() -> None:
    assert column(guess({"Units": "UNITS_ADMIN"}), "UNITS_ADMIN").sureness is Sureness.SURE
    assert "units" in guess({"Units": "UNITS_ADMIN"}, Units="see note").missing


@pytest.mark.parametrize(
    "header", ["Next Visit Date", "Last Treatment Date", "Nächster Termin", "Prochaine date d'injection"]
)
def test_a_date_of_something_else_is_never_the_date_of_service(header: str) -> None:
    found = guess({"Date of Service": header})
    assert column(found, header).fields == ()
    assert "given_on" in found.missing


def test_cells_of_another_kind_overrule_a_header() -> None:
    found = guess({"Patient Name": "Patient", "MRN": "Note"}, **{"Patient Name": "80117"})
    assert column(found, "Patient").fields != ("patient_name",)


def test_a_name_from_another_language_gives_way() -> None:
    found = guess({"Notes": "Charge"}, Notes="1240.00")
    assert column(found, "Lot").fields == ("lot",)
    assert column(found, "Charge").fields == ()
    assert found.language is Language.ENGLISH


def test_two_columns_alike_in_every_row_are_no_question() -> None:
    rows = [row | {"DOS": row["Date of Service"]} for row in PEOPLE]
    assert guess_file(render(rows).encode()).sure
    rows[0]["DOS"] = "01/01/2025"
    rivals = guess_file(render(rows).encode())
    assert set(rivals.rivals) == {"given_on"}
    assert not rivals.sure


@pytest.mark.parametrize(
    ("headers", "given"),
    [
        (("Nom", "Prénom"), ("TANAKA", "Ivan")),
        (("Name", "Vorname"), ("TANAKA", "Ivan")),
        (("Apellidos", "Nombre"), ("TANAKA", "Ivan")),
        (("Nom",), ("TANAKA, Ivan",)),
        (("Nombre",), ("Ivan Tanaka",)),
    ],
)
def test_one_word_for_a_name_is_read_by_what_stands_beside_it(
    headers: tuple[str, ...], given: tuple[str, ...]
) -> None:
    row = {name: value for name, value in GOOD_ROW.items() if name != "Patient Name"}
    read = read_log(render([row | dict(zip(headers, given, strict=True))]).encode(), as_of=AS_OF)
    assert (read.rows[0].family_name, read.rows[0].given_name) == ("Tanaka", "Ivan")


def test_a_guess_as_a_mapping_reads_the_file_the_same() -> None:
    content = render([row | {"Frontalis": "20", "Temporalis": "135"} for row in PEOPLE]).encode()
    mapping = parse_mapping({"columns": guess_file(content).as_columns()})
    assert read_log(content, as_of=AS_OF, mapping=mapping).rows == read_log(content, as_of=AS_OF).rows


def test_a_header_in_a_language_nobody_knows_can_still_be_mapped() -> None:
    new = ["Numero", "Chi", "Nato il", "Tel", "Posta", "Malattia", "Sigla", "Farmaco", "Giorno", "Quante", "Avanzo",
           "Partita", "Scade", "Medico curante", "Dove", "Appunti"]  # fmt: skip
    rows = [dict(zip(new, row.values(), strict=True)) for row in PEOPLE]
    found = guess_file(render(rows, ";").encode())
    assert [each.header for each in found.columns] == new
    assert column(found, "Farmaco").fields == ("product",)
    assert not found.sure
    mapping = {"columns": {"mrn": "Numero", "patient_name": "Chi", "birth_date": "Nato il", "given_on": "Giorno",
                           "units": "Quante", "diagnosis": "Malattia", "product": "Farmaco"}}  # fmt: skip
    assert len(read_log(render(rows, ";").encode(), as_of=AS_OF, mapping=mapping).rows) == 4
