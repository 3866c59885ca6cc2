"""Every catalogue says all that code and templates say, and nothing else; what is filled in has its places."""

import re
import tomllib
from collections import Counter
from copy import deepcopy
from functools import cache
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message

from clinic_scheduler.languages import language, languages, spoken_in
from clinic_scheduler.languages.renew import is_empty, renewed, said_now

from .catalogues import FOLDER, catalogue, forms_of, sentences_of

ROOT = Path(__file__).parents[3]
PLACE = re.compile(r"%\((\w+)\)s")
each_language = pytest.mark.parametrize("code", languages())


def key(message: Message) -> tuple[str, str | None]:
    one = message.id[0] if isinstance(message.id, tuple) else message.id
    return one, message.context


@cache
def said_once() -> Catalog:
    """Read once: code and templates are many. Whoever alters it takes a copy."""
    return said_now()


@cache
def said_by_code() -> frozenset[tuple[str, str | None]]:
    return frozenset(key(each) for each in said_once() if each.id)


def lacks(code: str, messages: list[Message]) -> list[str]:
    """What is wrong with a catalogue, a line each."""
    said, have = said_by_code(), {key(each) for each in messages}
    wrong = [f"{code}: not translated: {each}" for each in sorted(said - have, key=str)]
    wrong += [f"{code}: nobody says it any more: {each}" for each in sorted(have - said, key=str)]
    for message in messages:
        if is_empty(message):
            wrong.append(f"{code}: empty: {key(message)}")
        elif message.fuzzy:
            wrong.append(f"{code}: not looked at: {key(message)}")
        elif not places_kept(message):
            wrong.append(f"{code}: other places: {key(message)}")
        elif marked(message):
            wrong.append(f"{code}: markup or a sign that would end an attribute: {key(message)}")
    return wrong


def places_kept(message: Message) -> bool:
    """Each form has the places of the English one; where there are several, of the one for many, or fewer."""
    wanted = Counter(PLACE.findall(message.id[-1] if isinstance(message.id, tuple) else message.id))
    for form in forms_of(message):
        found = Counter(PLACE.findall(form))
        stray = "%" in PLACE.sub("", form)
        if stray or (found - wanted if isinstance(message.id, tuple) else found != wanted):
            return False
    return True


def marked(message: Message) -> bool:
    """Sentences stand in pages and attributes as they are."""
    return any(set('<>&"') & set(form) for form in forms_of(message))


def test_nothing_lacks_a_translation() -> None:
    assert [each for code in languages() for each in lacks(code, sentences_of(code))] == []


def test_what_is_wrong_with_a_catalogue_is_found() -> None:
    one, *rest = sentences_of("es")
    with_place = next(each for each in rest if PLACE.search(str(each.id)) and isinstance(each.id, str))
    others = [each for each in sentences_of("es") if each.id not in (one.id, with_place.id)]
    made = [
        Message(one.id, "", context=one.context),
        Message(with_place.id, "sin lugar", context=with_place.context),
        Message("Nobody says this", "Nadie"),
    ]
    assert len(lacks("es", others + made)) == 3
    for string, flags in (("<b>", ()), ("Hola", ("fuzzy",)), ("100 %", ())):
        assert (
            len(lacks("es", [*others, with_place, Message(one.id, string, flags=flags, context=one.context)]))
            == 1
        )
    assert len(lacks("es", [*others, with_place])) == 1


@each_language
def test_a_catalogue_is_as_it_is_written_anew(code: str) -> None:
    """`python -m clinic_scheduler.languages.renew` has been run since a sentence was changed."""
    file = (FOLDER / f"{code}.po").read_bytes()
    assert renewed(file, code, deepcopy(said_once())) == file


@each_language
def test_days_and_months_are_those_of_the_language(code: str) -> None:
    assert language(code).locale.language == code


def test_plural_forms_are_whole() -> None:
    for code in languages():
        whole = catalogue(code)
        for message in whole:
            if isinstance(message.id, tuple):
                assert len(message.string) == whole.num_plurals


def test_catalogues_come_along_where_the_package_is_built() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    (pattern,) = project["tool"]["setuptools"]["package-data"]["clinic_scheduler"]
    assert {file.stem for file in (ROOT / "clinic_scheduler").glob(pattern)} == set(languages())


@pytest.mark.parametrize(
    ("tag", "code"), [("es-MX", "es"), ("ES", "es"), ("en-GB", "en"), ("fr-CA", "en"), ("", "en")]
)
def test_a_tag_is_spoken_in_its_language_or_in_english(tag: str, code: str) -> None:
    assert spoken_in(tag) == language(tag).code == code


def test_a_language_is_called_what_its_speakers_call_it() -> None:
    assert dict(languages()) == {"en": "English", "es": "Español"}
