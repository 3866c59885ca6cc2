"""Made-up logs by visit, by vial and by site, for properties that hold whatever a clinic writes."""

from dataclasses import dataclass
from decimal import Decimal

from hypothesis import strategies as st

Cells = dict[str, str]
DAYS = ("2026-01-12", "2026-04-13", "2026-04-20", "2026-07-14", "2026-10-20")
PATIENTS = {"7001": ("MOREAU, Ines", "1980-05-23"), "7002": ("SATO, Ken", "1971-02-28")}
# Offered by a new clinic, not offered, none of ours, without a limb, unknown.
DIAGNOSES = (
    "Chronic migraine",
    "RUE spasticity",
    "Cervical dystonia",
    "Bruxism",
    "Spasticity",
    "sore arm",
)
PRODUCTS = {"Botox": "onabotulinumtoxinA", "Dysport": "abobotulinumtoxinA", "Xeomin": "incobotulinumtoxinA"}
SITES = ("Frontalis", "Temporalis L", "")
LOTS = ("C1", "C2", "")
PARTS = ("2.5", "20", "33.3", "50", "100")


@dataclass(frozen=True)
class Log:
    """`style` is visit, vial or site: what a row is."""

    style: str
    rows: list[Cells]

    def totals(self) -> dict[tuple[str, str], Decimal]:
        """Units by patient and product, exactly as written."""
        found: dict[tuple[str, str], Decimal] = {}
        for row in self.rows:
            key = row["MRN"], PRODUCTS[row["Product"]]
            found[key] = found.get(key, Decimal(0)) + Decimal(row["Units"])
        return {key: units for key, units in found.items() if units}


def _cells(patient: str, day: str, diagnosis: str, product: str, units: str, lot: str) -> Cells:
    name, born = PATIENTS[patient]
    return {
        "MRN": patient,
        "Patient Name": name,
        "DOB": born,
        "Diagnosis": diagnosis,
        "Product": product,
        "Date of Service": day,
        "Units": units,
        "Lot": lot,
        "Exp": "2027-05-31" if lot == "C1" else "",
        "Units Wasted": "5.5" if lot == "C2" else "",
        "Notes": f"from {lot}" if lot else "",
    }


def _rows(units: tuple[str, ...]) -> st.SearchStrategy[Cells]:
    return st.builds(
        _cells,
        patient=st.sampled_from(list(PATIENTS)),
        day=st.sampled_from(DAYS),
        diagnosis=st.sampled_from(DIAGNOSES),
        product=st.sampled_from(list(PRODUCTS)),
        units=st.sampled_from(units),
        lot=st.sampled_from(LOTS),
    )


def _one_indication_unknown(row: Cells) -> tuple[str, ...]:
    """Two diagnoses that nobody can place are one visit."""
    diagnosis = "unknown" if row["Diagnosis"] in ("Spasticity", "sore arm") else row["Diagnosis"]
    return (row["MRN"], row["Date of Service"], diagnosis, row["Product"])


by_visit = st.lists(
    _rows(("0", "50", "155", "300.25")), min_size=1, max_size=12, unique_by=_one_indication_unknown
).map(lambda rows: Log("visit", rows))
by_vial = st.lists(_rows(PARTS), min_size=1, max_size=14).map(
    lambda rows: Log("vial", [row | {"Vial": str(number)} for number, row in enumerate(rows)])
)
by_site = st.lists(st.tuples(_rows(PARTS), st.sampled_from(SITES)), min_size=1, max_size=14).map(
    lambda rows: Log("site", [row | {"Muscle": site} for row, site in rows])
)
logs = st.one_of(by_visit, by_vial, by_site)
