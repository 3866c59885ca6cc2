"""What the demo's desk asks a provider: to see patients before their earliest date. It waits when the demo opens."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from clinic_scheduler.queries.patients.record import visits_ahead
from clinic_scheduler.seeding.demo.clinic_setup import REID
from clinic_scheduler.seeding.demo.simulation import Chart, Life
from clinic_scheduler.services.visits import appointments
from clinic_scheduler.services.visits.booking_rules import BookingRequest, Question

SAYS_MOVE = "Her sister marries that week. Could she come before it?"
SAYS = "Headaches are back since last week, and the family leaves for two months on the day it is due."


def ask(life: Life, charts: Iterable[Chart], next_open_day: date) -> None:
    """Each for the last day before the earliest date on which the patient's own provider has a time."""
    for chart in charts:
        starts_at = _early_time(life, chart, next_open_day)
        request = BookingRequest(
            chart.course_id,
            life.place.providers[chart.provider],
            starts_at,
            question=Question(life.place.providers[REID], SAYS),
        )
        appointments.book(life.change, request)


def ask_to_move(life: Life, charts: Iterable[Chart], next_open_day: date) -> None:
    """One of those who are booked would rather come before the earliest date, the one with most days to choose from."""
    chart = max(charts, key=life.earliest_date)
    starts_at = _early_time(life, chart, next_open_day)
    visit = visits_ahead(life.session, chart.patient_id, life.now)[0]
    question = Question(life.place.providers[REID], SAYS_MOVE)
    provider = life.place.providers[chart.provider]
    appointments.move(life.change, visit.id, provider, starts_at, question=question)


def _early_time(life: Life, chart: Chart, next_open_day: date) -> datetime:
    earliest = life.earliest_date(chart)
    days = (earliest - timedelta(days=n) for n in range(1, (earliest - next_open_day).days))
    times = (life.free_time(chart, day) for day in days if life.place.works_on(chart.provider, day))
    starts_at = next((at for at in times if at is not None), None)
    if starts_at is None:
        raise LookupError("the demo's clinic has no time left; give its providers longer hours")
    return starts_at
