"""The demo's patients who were given toxin elsewhere, and how the clinic came to know."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from clinic_scheduler.domain.forecast.elsewhere import KnownFrom
from clinic_scheduler.domain.protocols.indications import OTHER
from clinic_scheduler.seeding.demo.present import Present
from clinic_scheduler.seeding.demo.scenarios import DYSPORT
from clinic_scheduler.services.courses import elsewhere
from clinic_scheduler.services.courses.elsewhere import ElsewhereEntry


def cosmetic_elsewhere(present: Present) -> None:
    """Told in passing: Dysport for the forehead some weeks ago, nobody knows how much. A provider decides."""
    month_before = present.today.replace(day=1) - timedelta(days=1)
    _given_elsewhere(
        present,
        known_on=3,
        given_on=month_before,
        is_approximate=True,
        known_from=KnownFrom.PATIENT,
        product=DYSPORT,
        indication=OTHER,
        given_at="A skin studio in town",
    )


def treated_on_the_way(present: Present) -> None:
    """Long on the road, and treated there: a letter came, and who seemed overdue is not due yet."""
    plan = present.chart.plan
    _given_elsewhere(
        present,
        known_on=2,
        given_on=present.ago(33),
        known_from=KnownFrom.CLINIC,
        product=plan.product,
        units=Decimal(present.chart.units),
        indication=plan.indication,
        given_at="Larkspur Headache Clinic, Reno",
    )


def _given_elsewhere(present: Present, *, known_on: int, given_on: date, **known: Any) -> None:
    """Entered by the desk so many days ago."""
    life, patient_id = present.life, present.chart.patient_id
    entry = ElsewhereEntry(patient_id, given_on, fingerprint=f"demo:elsewhere:{patient_id}", **known)

    def enter() -> None:
        elsewhere.record_elsewhere(life.change, entry)

    life.on(present.ago(known_on), 14, enter)
