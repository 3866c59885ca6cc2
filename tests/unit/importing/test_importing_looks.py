"""A look into a log before it is read, taken in the limited process: what it says, what it refuses, how it travels."""

import io
import json
from typing import Any

import pytest
from importing_rows import AS_OF

from clinic_scheduler.importing import MappingError, Sureness, UnreadableFile, UnrecognisedColumns
from clinic_scheduler.importing.columns.looks import Look, look_at, look_told, told_look
from clinic_scheduler.importing.columns.remembered import answers_in, header_fingerprint, with_answers
from clinic_scheduler.importing.columns.unknown_values import Vocabulary
from clinic_scheduler.importing.files.limited import Limits, LogFile, look_limited

HEADER = "Ref,Patient,DOB,Dx,Drug,DOS,Volume,Provider\n"
LOG = HEADER + "".join(
    f'1000{n},"Lee, Mei",1980-05-04,HA clinic,Toxin A,2026-06-1{n},155,Dr A\n' for n in range(4)
)
COLUMNS = {"mrn": "Ref", "units": "Volume"}


def look(content: str, mapping: dict[str, Any] | None = None, **remembered: dict[str, Any]) -> Look:
    text = json.dumps(mapping) if mapping is not None else None
    return look_limited(LogFile(io.BytesIO(content.encode()), "log.csv", AS_OF, text), remembered)


def test_a_look_says_what_is_in_doubt_and_asks_for_no_words_before() -> None:
    seen = look(LOG)
    assert (seen.header[0], seen.header_line, seen.rows) == ("Ref", 1, 4)
    assert seen.first[:2] == ("10000", "Lee, Mei")
    assert seen.guess.columns[0].sureness is Sureness.LIKELY
    assert seen.guess.missing == ("mrn", "units")
    assert seen.order.certain
    assert seen.words == ()


@pytest.mark.parametrize("remembered", [False, True])
def test_with_the_columns_known_it_lists_the_words_nobody_knows(remembered: bool) -> None:
    said = {"columns": COLUMNS, "products": {"Toxin A": "Botox"}}
    key = header_fingerprint(tuple(HEADER.strip().split(",")))
    seen = look(LOG, **{key: said}) if remembered else look(LOG, said)
    assert seen.guess.sure
    assert seen.mapping == said
    assert {(word.vocabulary, word.words, word.rows) for word in seen.words} == {
        (Vocabulary.DIAGNOSES, "HA clinic", 4),
        (Vocabulary.PROVIDERS, "Dr A", 4),
    }


def test_a_mapping_file_goes_before_what_is_remembered() -> None:
    key = header_fingerprint(tuple(HEADER.strip().split(",")))
    assert look(LOG, {}, **{key: {"columns": COLUMNS}}).mapping == {}


def test_a_look_comes_through_json_as_it_was() -> None:
    seen = look_at(LOG.encode(), "log.csv", json.dumps({"columns": COLUMNS}), {})
    assert told_look(json.loads(json.dumps(look_told(seen)))) == seen


@pytest.mark.parametrize(
    ("content", "mapping", "kind"),
    [
        ("%PDF-1.7", None, UnreadableFile),
        ("hello", None, UnrecognisedColumns),
        (LOG, {"colums": {}}, MappingError),
        (LOG, {"leave": {"products": "Toxin A"}}, MappingError),
        (LOG, {"leave": {"colours": []}}, MappingError),
    ],
)
def test_what_cannot_be_looked_at_is_refused_with_its_kind(
    content: str, mapping: dict[str, Any] | None, kind: type[Exception]
) -> None:
    with pytest.raises(kind):
        look(content, mapping)


@pytest.mark.parametrize("remembered", [False, True])
def test_what_does_not_fit_the_header_is_said_and_the_columns_are_guessed(remembered: bool) -> None:
    said = {"columns": {"mrn": "Nothing"}}
    key = header_fingerprint(tuple(HEADER.strip().split(",")))
    seen = look(LOG, **{key: said}) if remembered else look(LOG, said)
    assert "the file has no such header. It has: Ref, Patient" in seen.refused
    assert (seen.guess.missing, seen.words, seen.mapping) == (("mrn", "units"), (), said)


def test_words_that_were_left_as_they_are_are_not_asked_about() -> None:
    said = {"columns": COLUMNS, "leave": {"products": ["toxin  a"], "providers": ["Dr A"]}}
    assert [word.words for word in look(LOG, said).words] == ["HA clinic"]


def test_places_are_words_to_ask_about_unless_a_mapping_has_them() -> None:
    log = LOG.replace("Provider", "Location").replace("Dr A", "Annex")
    asked = {"columns": COLUMNS, "leave": {"products": ["Toxin A"], "diagnoses": ["HA clinic"]}}
    assert [(word.vocabulary, word.words) for word in look(log, asked).words] == [
        (Vocabulary.PLACES, "Annex")
    ]
    assert look(log, asked | {"places": {"annex": "Bay Clinic"}}).words == ()


def test_answers_are_kept_in_a_mapping_changed_and_taken_back() -> None:
    before = {"columns": COLUMNS}
    said = with_answers(before, [("products", "Toxin A", "Botox"), ("places", "Annex", "")])
    assert said == before | {"products": {"Toxin A": "Botox"}, "leave": {"places": ["Annex"]}}
    assert answers_in(said) == [("products", "Toxin A", "Botox"), ("places", "Annex", "")]
    turned = with_answers(said, [("products", "toxin a", ""), ("places", "ANNEX", "Bay Clinic")])
    assert turned == before | {"places": {"ANNEX": "Bay Clinic"}, "leave": {"products": ["toxin a"]}}
    assert with_answers(turned, [("products", "Toxin A", None), ("places", "Annex", None)]) == before


def test_cells_made_to_keep_a_reader_busy_are_looked_at_in_no_time() -> None:
    hostile = ["-" * 100_000, "é" * 100_000, "1," * 50_000, "A-" * 50_000]
    rows = "".join(
        f'"{cell}","{cell}",1980-05-04,"{cell}","{cell}",2026-06-19,"{cell}",Dr A\n' for cell in hostile
    )
    given = LogFile(io.BytesIO((HEADER + rows).encode()), "log.csv", AS_OF, json.dumps({"columns": COLUMNS}))
    assert look_limited(given, {}, limits=Limits(computing=5)).rows == 4
