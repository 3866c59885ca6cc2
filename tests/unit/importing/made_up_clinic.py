"""A made-up clinic to write down in any style: patients, their visits, and where each unit of a visit went."""

from dataclasses import dataclass
from datetime import date, timedelta

from hypothesis import strategies as st

NEWEST = date(2026, 11, 20)
# A birthday that only one order of day and month allows, so that no file leaves it open.
PROVING_BIRTHDAY = date(1977, 2, 23)

ONA, ABO, INCO = "onabotulinumtoxinA", "abobotulinumtoxinA", "incobotulinumtoxinA"
MIGRAINE, UPPER, LOWER = "chronic_migraine", "spasticity_upper_limb", "spasticity_lower_limb"
MUSCLES = {
    MIGRAINE: ("Frontalis", "Corrugator", "Temporalis", "Occipitalis", "Trapezius"),
    UPPER: ("Biceps brachii", "Brachialis", "FCR", "FDS", "Pronator teres"),
    LOWER: ("Gastrocnemius", "Soleus", "Tibialis posterior", "Hamstrings", "FHL"),
}
_NAMES = (
    ("O'Neill", "Zoë"), ("Müller", "Ada"), ("van der Berg", "Noor"), ("García-Lopez", "Ana"),
    ("McDonald", "Sam"), ("Dupont", "Hélène"), ("Okonkwo", "Adaeze"), ("Tanaka", "Ivan"),
)  # fmt: skip


@dataclass(frozen=True)
class Site:
    muscle: str
    side: str  # "left" or "right"
    units: float


@dataclass(frozen=True)
class Patient:
    mrn: str
    family: str
    given: str
    born: date
    indication: str
    product: str
    provider: str

    @property
    def phone(self) -> str:
        return f"415555{int(self.mrn) % 100 + 100:04d}"

    @property
    def email(self) -> str:
        return f"patient{self.mrn}@example.org"


@dataclass(frozen=True)
class Visit:
    patient: Patient
    given_on: date
    sites: tuple[Site, ...]
    wasted: float
    lot: str

    @property
    def units(self) -> float:
        return sum(site.units for site in self.sites)

    @property
    def expires_on(self) -> date:
        return date(self.given_on.year + 1, self.given_on.month, min(self.given_on.day, 28))

    @property
    def key(self) -> tuple[str, date, str, str]:
        return self.patient.mrn, self.given_on, self.patient.indication, self.patient.product


@st.composite
def patients(draw: st.DrawFn) -> Patient:
    family, given = draw(st.sampled_from(_NAMES))
    indication = draw(st.sampled_from(sorted(MUSCLES)))
    return Patient(
        mrn=str(draw(st.integers(10_000, 99_999))),
        family=family,
        given=given,
        born=draw(st.dates(date(1930, 1, 1), date(2008, 12, 31))),
        indication=indication,
        product=draw(st.sampled_from((ONA,) if indication == MIGRAINE else (ONA, ABO, INCO))),
        provider=draw(st.sampled_from(("Dr. Chloe Varga", "Dr. Ben Sato"))),
    )


@st.composite
def visits_of(draw: st.DrawFn, patient: Patient) -> list[Visit]:
    days = draw(st.lists(st.integers(0, 1_200), min_size=1, max_size=4, unique=True))
    return [draw(_visit(patient, NEWEST - timedelta(days=day))) for day in sorted(days, reverse=True)]


@st.composite
def _visit(draw: st.DrawFn, patient: Patient, given_on: date) -> Visit:
    """Doses in steps that clinics use, with halves among them; Dysport passes a thousand now and then."""
    most = 220 if patient.product == ABO else 60
    muscles = draw(
        st.lists(st.sampled_from(MUSCLES[patient.indication]), min_size=2, max_size=4, unique=True)
    )
    sites = tuple(
        Site(muscle, side, draw(st.integers(10, most * 2)) / 2)
        for muscle in muscles
        for side in draw(st.sampled_from((("left",), ("right",), ("left", "right"))))
    )
    number = draw(st.integers(1_000, 9_999))
    return Visit(patient, given_on, sites, draw(st.integers(0, 90)) / 2, f"C{number}A{number % 7}")


@st.composite
def clinics(draw: st.DrawFn) -> list[Visit]:
    """Visits in the order of a log. The first patient's birthday proves the order of days and months."""
    people = draw(st.lists(patients(), min_size=1, max_size=6, unique_by=lambda patient: patient.mrn))
    first = people[0]
    people[0] = Patient(**{**first.__dict__, "born": PROVING_BIRTHDAY})
    visits = [visit for patient in people for visit in draw(visits_of(patient))]
    return sorted(visits, key=lambda visit: (visit.given_on, visit.patient.mrn))
