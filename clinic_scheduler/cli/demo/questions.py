"""What the demo's desk asks a provider: to see a patient before the earliest date. It waits when the demo opens."""

from collections.abc import Iterable
from datetime import date, timedelta

from clinic_scheduler.cli.demo.life import Chart, Life
from clinic_scheduler.cli.demo.place import REID
from clinic_scheduler.services import appointments
from clinic_scheduler.services.booking_rules import BookingRequest, Question

SAYS = "Headaches are back since last week, and the family leaves for two months on the day it is due."


def ask(life: Life, charts: Iterable[Chart], next_open_day: date) -> None:
    """Each for the last day before the earliest date on which the patient's own provider has a time."""
    for chart in charts:
        earliest = life.earliest_date(chart)
        days = (earliest - timedelta(days=n) for n in range(1, (earliest - next_open_day).days))
        times = (life.free_time(chart, day) for day in days if life.place.works_on(chart.provider, day))
        starts_at = next((at for at in times if at is not None), None)
        if starts_at is None:
            raise LookupError("the demo's clinic has no time left; give its providers longer hours")
        request = BookingRequest(
            chart.course_id,
            life.place.providers[chart.provider],
            starts_at,
            question=Question(life.place.providers[REID], SAYS),
        )
        appointments.book(life.session, life.desk, request, life.now)
