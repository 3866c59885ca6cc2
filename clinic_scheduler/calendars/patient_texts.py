"""The words of patients' calendars, in each language patients are written to; which of them when: event_texts.py.

Neutral words name no drug, no diagnosis and no specialty; those under `fuller_` only stand where they were chosen.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Words:
    summary: str
    description: str
    location: str = ""


@dataclass(frozen=True, slots=True)
class PatientWords:
    """`{whom}` stands for whom to call, `{title}` for what a visit is called, `{summary}` for a whole title."""

    calendar: str
    visit: str
    fuller_visit: str
    # What visits that are no injections are called where the fuller title was chosen, by kind.
    fuller_others: Mapping[str, str]
    cancelled: str
    window: Words
    cycle: Words
    empty: Words
    stopped: Words
    # A milestone's kind without words of its own gets `any_milestone`.
    milestones: Mapping[str, Words]
    fuller_milestones: Mapping[str, Words]
    any_milestone: Words
    with_provider: str
    to_change: str
    to_book_again: str
    questions: str
    # How `{whom}` is put: a phone, the clinic by name at its phone, by name alone, or neither known.
    phone: str = "{phone}"
    named: str = "{name} at {phone}"
    by_name: str = "{name}"
    nobody: str = "the clinic"


ENGLISH = PatientWords(
    calendar="My appointments",
    visit="Appointment",
    fuller_visit="Injection visit",
    fuller_others={"consultation": "Consultation", "follow_up": "Follow-up visit"},
    cancelled="Cancelled: {summary}",
    window=Words("{title} due, not booked yet", "Please call {whom} to choose a time within these days."),
    cycle=Words(
        "{title} planned around these days",
        "Nothing is booked yet, and the days may change. Questions? Call {whom}.",
    ),
    empty=Words("No appointments planned", "Nothing is planned at the moment. Questions? Call {whom}."),
    stopped=Words(
        "This calendar link was stopped", "Please remove this calendar. For a new link, call {whom}."
    ),
    milestones={
        "onset_check": Words(
            "Check-in: first changes",
            "Around these days you may notice first changes since your visit. Note what you notice, and when.",
        ),
        "four_week_count": Words(
            "Check-in: four-week count",
            "Please add up the last four weeks of your diary and keep the number for your next visit.",
        ),
        "peak_review": Words(
            "Check-in: how it is going",
            "Things are often at their best around now. Note what has become easier and what has not.",
        ),
        "response_review": Words(
            "Check-in: look back",
            "Please look back over your diary since you began, so that we can talk through how it has gone.",
        ),
        "wear_off_watch": Words(
            "Check-in: watch for changes",
            "Things may begin to change back around now. If they do, note the day and tell us.",
        ),
    },
    fuller_milestones={
        "four_week_count": Words(
            "Headache diary: four-week count",
            "Please add up the last four weeks of your headache diary and keep the number for your next visit.",
        ),
        "response_review": Words(
            "Headache diary: look back",
            "Please look back over your headache diary since you began, "
            "so that we can talk through how it has gone.",
        ),
    },
    any_milestone=Words("Check-in", "Please note how things have been since your visit."),
    with_provider="With {provider}.",
    to_change="To change or cancel, call {whom}.",
    to_book_again="To book again, call {whom}.",
    questions="Questions? Call {whom}.",
)
SPANISH = PatientWords(
    calendar="Mis citas",
    visit="Cita",
    fuller_visit="Cita de inyección",
    fuller_others={"consultation": "Consulta", "follow_up": "Visita de seguimiento"},
    cancelled="Cancelada: {summary}",
    window=Words("{title} pendiente de reservar", "Llame {whom} para elegir una hora dentro de estos días."),
    cycle=Words(
        "{title} prevista alrededor de estos días",
        "Aún no hay nada reservado y los días pueden cambiar. ¿Preguntas? Llame {whom}.",
    ),
    empty=Words("No hay citas previstas", "Por el momento no hay nada previsto. ¿Preguntas? Llame {whom}."),
    stopped=Words(
        "Este enlace de calendario se ha detenido",
        "Elimine este calendario. Para obtener un enlace nuevo, llame {whom}.",
    ),
    milestones={
        "onset_check": Words(
            "Seguimiento: primeros cambios",
            "Alrededor de estos días puede notar los primeros cambios desde su visita. Anote qué nota y cuándo.",
        ),
        "four_week_count": Words(
            "Seguimiento: recuento de cuatro semanas",
            "Sume las últimas cuatro semanas de su diario y guarde el número para su próxima visita.",
        ),
        "peak_review": Words(
            "Seguimiento: cómo va todo",
            "Por estos días suele ser cuando mejor van las cosas. Anote qué le resulta más fácil y qué no.",
        ),
        "response_review": Words(
            "Seguimiento: mirar atrás",
            "Repase su diario desde que empezó, para que podamos hablar de cómo ha ido.",
        ),
        "wear_off_watch": Words(
            "Seguimiento: atención a los cambios",
            "Por estos días las cosas pueden empezar a volver a como eran. Si es así, anote el día y avísenos.",
        ),
    },
    fuller_milestones={
        "four_week_count": Words(
            "Diario de dolores de cabeza: recuento de cuatro semanas",
            "Sume las últimas cuatro semanas de su diario de dolores de cabeza "
            "y guarde el número para su próxima visita.",
        ),
        "response_review": Words(
            "Diario de dolores de cabeza: mirar atrás",
            "Repase su diario de dolores de cabeza desde que empezó, para que podamos hablar de cómo ha ido.",
        ),
    },
    any_milestone=Words("Seguimiento", "Anote cómo ha ido todo desde su visita."),
    with_provider="Con {provider}.",
    to_change="Para cambiarla o cancelarla, llame {whom}.",
    to_book_again="Para reservar otra vez, llame {whom}.",
    questions="¿Preguntas? Llame {whom}.",
    phone="al {phone}",
    named="a {name} al {phone}",
    by_name="a {name}",
    nobody="a la clínica",
)
PATIENT_WORDS: Mapping[str, PatientWords] = {"en": ENGLISH, "es": SPANISH}
