"""The demo's invented people: names, numbers and addresses that belong to nobody. No rows are made here."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from random import Random

from clinic_scheduler.services.patients.records import PatientEntry

FIRST_MRN = 1001
_GIVEN = (
    "Adaeze Alma Anton Beatriz Bruno Camille Carlos Dalia Darius Edith Elias Farah Felix Greta Hana Hugo Ines Ivan "
    "Jasper Jun Kaia Kofi Lena Leon Lucia Malik Marta Mei Nadia Nikhil Noor Oscar Paloma Pavel Priya Quentin Rosa "
    "Rafael Salma Silas Tamara Theo Uma Viktor Wanda Xenia Yara Yusuf Zelda Zoltan"
)
_FAMILY = (
    "Abara Ahlgren Alvarado Banerjee Bellamy Bianchi Castellan Chaudhry Dahlberg Delacroix Egwu Eriksen Ferreira "
    "Fontaine Galloway Grunwald Haddad Hartmann Ibarra Ivanova Jansen Jimenez Kapoor Kowalski Lindqvist Lombardi "
    "Marchetti Mbeki Nakagawa Novak Okafor Ortega Pacheco Petrov Quintero Rahimi Rosenthal Sandoval Sorensen Tanaka "
    "Thibault Ueda Ulrich Valdez Vasquez Weatherby Whitlock Yamada Yilmaz Zambrano"
)
_AREA_CODES = ("415", "510", "628", "650")


def people(random: Random, today: date) -> Iterator[PatientEntry]:
    """Adults without end, each with an MRN, an example.org address and most with a 555-01xx telephone."""
    names = [(given, family) for given in _GIVEN.split() for family in _FAMILY.split()]
    random.shuffle(names)
    for number, (given, family) in enumerate(names):
        area, line = _AREA_CODES[number // 99 % len(_AREA_CODES)], number % 99 + 1
        yield PatientEntry(
            mrn=f"D{FIRST_MRN + number}",
            family_name=family,
            given_name=given,
            birth_date=today - timedelta(days=random.randint(22 * 366, 78 * 365)),
            phone=None if random.random() < 0.1 else f"+1{area}55501{line:02}",
            email=f"{given}.{family}@example.org".lower(),
        )


def as_spanish_speaker(person: PatientEntry) -> PatientEntry:
    """The same person, who reads Spanish and has a name that nobody else of the demo has."""
    return replace(
        person,
        family_name="Fuentes",
        given_name="María Elena",
        email="maria.fuentes@example.org",
        language="es",
    )


def as_child(person: PatientEntry, today: date, weight_kg: Decimal | None) -> PatientEntry:
    """The same person as a child of nine, weighed three months ago if at all."""
    return PatientEntry(
        mrn=person.mrn,
        family_name=person.family_name,
        given_name=person.given_name,
        birth_date=today - timedelta(days=9 * 365 + 100),
        phone=person.phone,
        email=person.email,
        weight_kg=weight_kg,
        weighed_on=today - timedelta(days=90) if weight_kg is not None else None,
    )
