"""The invented people of a large clinic: names, numbers and addresses that belong to nobody. No rows are made here."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from random import Random

from clinic_scheduler.domain.forecast.intervals import age_on
from clinic_scheduler.domain.protocols.labels import ADULT_AGE


def _words(text: str) -> list[str]:
    return text.split()


_GIVEN = _words(
    "Adaeze Alma Anton Beatriz Bruno Camille Carlos Dalia Darius Edith Elias Farah Felix Greta Hana Hugo Ines Ivan "
    "Jasper Jun Kaia Kofi Lena Leon Lucia Malik Marta Mei Nadia Nikhil Noor Oscar Paloma Pavel Priya Quentin Rosa "
    "Rafael Salma Silas Tamara Theo Uma Viktor Wanda Xenia Yara Yusuf Zelda Zoltan"
)
_STEMS = _words(
    "Abar Ahl Alvar Baner Bell Bianch Castel Daal Delac Egw Erik Ferr Font Gall Grun Hadd Hart Ibarr Jans Jimen "
    "Kap Kowal Lind Lomb March Mbek Nakag Nov Okaf Ort Pach Petr Quint Rahim Rosen Sand Soren Tanak Thib Ued Ulr "
    "Vald Vasq Weath Whit Yam Yilm Zambr Zell Ost"
)
_ENDINGS = _words(
    "a ado ano bach berg dahl eira elli ero eski holm ic idis ini lund man mont oglu oro ova quist sen stad um wood"
)
# Area codes start at 200; those that end in 11 are services.
_AREA_CODES = [code for code in range(200, 990) if code % 100 != 11]
_TITLE = "Dr"


@dataclass(frozen=True, slots=True)
class Person:
    """Who a patient is. `weight_kg` is known of children alone."""

    mrn: str
    family_name: str
    given_name: str
    birth_date: date
    weight_kg: Decimal | None
    phone: str | None
    email: str

    def is_child(self, on: date) -> bool:
        return age_on(self.birth_date, on) < ADULT_AGE


def provider_names(count: int) -> list[str]:
    """So many different names, the same every time; there are enough for 1,000."""
    families = [stem + ending for ending in _ENDINGS for stem in _STEMS]
    return [f"{_TITLE} {_GIVEN[n % len(_GIVEN)]} {families[n]}" for n in range(count)]


def person(random: Random, number: int, today: date) -> Person:
    """The clinic's patient of this number; one in thirty is a child."""
    given = random.choice(_GIVEN)
    family = random.choice(_STEMS) + random.choice(_ENDINGS)
    if random.random() < 0.02:
        family += f"-{random.choice(_STEMS)}{random.choice(_ENDINGS)}"
    years = random.uniform(4, 17) if random.random() < 1 / 30 else random.triangular(18, 90, 48)
    weighed = years < 18 and random.random() < 0.9
    return Person(
        mrn=f"L{number:06}",
        family_name=family,
        given_name=given,
        birth_date=today - timedelta(int(years * 365.25)),
        weight_kg=Decimal(random.randint(140, 600)) / 10 if weighed else None,
        phone=_phone(random) if random.random() < 0.93 else None,
        email=f"{given}.{family}.{number}@example.org".lower(),
    )


def _phone(random: Random) -> str:
    """In the range set aside for fiction."""
    return f"+1{random.choice(_AREA_CODES)}55501{random.randrange(100):02}"
