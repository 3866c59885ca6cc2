"""Words of a log and what they may mean, for whichever page asks. What is answered is written down elsewhere."""

from collections.abc import Mapping
from dataclasses import dataclass

from clinic_scheduler.domain.protocols.indications import INDICATIONS, OTHER
from clinic_scheduler.domain.protocols.products import PRODUCTS
from clinic_scheduler.importing.columns.mapping import LIMBS
from clinic_scheduler.importing.columns.unknown_values import UnknownWord, Vocabulary
from clinic_scheduler.queries.places import places_of
from clinic_scheduler.queries.providers import providers_of
from clinic_scheduler.web.context import actor, reading

WHAT = {
    Vocabulary.PRODUCTS: "Product",
    Vocabulary.DIAGNOSES: "Diagnosis",
    Vocabulary.LIMBS: "Limb",
    Vocabulary.PROVIDERS: "Provider",
    Vocabulary.PLACES: "Place",
}
_WHY = {
    Vocabulary.PRODUCTS: "not a toxin that is known",
    Vocabulary.PROVIDERS: "nobody of that name is here",
    Vocabulary.PLACES: "no place of that name is known here",
}
_AS_IT_IS = {
    Vocabulary.PRODUCTS: "Leave these rows out",
    Vocabulary.DIAGNOSES: "Keep without a course",
    Vocabulary.LIMBS: "Keep without a course",
    Vocabulary.PROVIDERS: "A new provider",
    Vocabulary.PLACES: "Keep as it is written",
}


@dataclass(frozen=True, slots=True)
class WordShown:
    """`answer` is what it means, empty where it stays as it is, which `as_it_is` names."""

    word: UnknownWord
    answer: str
    as_it_is: str

    @property
    def what(self) -> str:
        return WHAT[self.word.vocabulary]

    @property
    def why(self) -> str:
        return self.word.why or _WHY.get(self.word.vocabulary, "")


def shown(word: UnknownWord, answers: Mapping[str, str]) -> WordShown:
    """`answers`: by the word's key."""
    some_toxin = word.vocabulary is Vocabulary.PRODUCTS and word.why
    as_it_is = "Keep as an unknown product" if some_toxin else _AS_IT_IS[word.vocabulary]
    return WordShown(word, answers.get(word.key, ""), as_it_is)


def meanings() -> dict[Vocabulary, list[str]]:
    """What a word may mean in this clinic."""
    session, clinic_id = reading(), actor().clinic_id
    return {
        Vocabulary.PRODUCTS: list(PRODUCTS),
        Vocabulary.DIAGNOSES: [*INDICATIONS, OTHER],
        Vocabulary.LIMBS: list(LIMBS),
        Vocabulary.PROVIDERS: [provider.name for provider in providers_of(session, clinic_id)],
        Vocabulary.PLACES: places_of(session, clinic_id),
    }
