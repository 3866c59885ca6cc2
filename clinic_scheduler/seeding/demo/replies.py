"""What patients of the demo have written back: one will come, one needs another time, one asks something."""

from collections.abc import Iterable

from clinic_scheduler.domain.messaging.inbound import Inbound, InboundChannel
from clinic_scheduler.queries.patients.record import patient_in_clinic, visits_ahead
from clinic_scheduler.seeding.demo.simulation import Chart, Life
from clinic_scheduler.services.messaging import inbound, visit_answers

ANOTHER_TIME = "A Thursday afternoon would suit me better"
QUESTION = "Is there parking close to you?"


def answer(life: Life, charts: Iterable[Chart]) -> None:
    """By patients with a visit ahead, in the order in which they were booked."""
    asking = iter(charts)
    visits = (visit for chart in asking for visit in visits_ahead(life.session, chart.patient_id, life.now))
    if (coming := next(visits, None)) is not None:
        visit_answers.confirm(life.session, coming.id, coming.starts_at, "link", life.now)
    if (moving := next(visits, None)) is not None:
        visit_answers.ask_to_move_by_link(life.session, moving.id, moving.starts_at, ANOTHER_TIME, life.now)
    for chart in asking:
        phone = patient_in_clinic(life.session, life.place.clinic_id, chart.patient_id).phone
        if phone:
            inbound.receive(
                life.session, Inbound("demo", "question", InboundChannel.SMS, phone, QUESTION), life.now
            )
            return
