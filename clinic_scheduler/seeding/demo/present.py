"""What is at hand when a demo patient's present is played."""

from dataclasses import dataclass
from datetime import date, timedelta

from clinic_scheduler.seeding.demo.simulation import Chart, Life


@dataclass(frozen=True)
class Present:
    """What an ending is told: the course, its last treatment, today and the next day anybody works."""

    life: Life
    chart: Chart
    last: date
    today: date
    next_open_day: date
    patient_number: int

    def ago(self, days: int) -> date:
        return self.today - timedelta(days=days)
