"""Reading replies: a golden table of what people write, and what holds however they write it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic_scheduler.domain.messaging.reply_meaning import (
    CONFIRM,
    HELP,
    MOVE,
    OTHER,
    START,
    STOP,
    read_reply,
)

GOLDEN = {
    STOP: """STOP|stop.|Stop!!|STOPALL|stop all|S T O P|QUIT|END|REVOKE|OPT OUT|opt-out|OPTOUT|CANCEL|Cancel please
        UNSUBSCRIBE|please stop texting me|don't text me|Don’t text me anymore|no more messages|parar|ALTO|Baja
        cancelar|darme de baja|no me manden más mensajes|STOP. I'm not Maria|wrong person, stop|stop 🛑|ok stop
        I don't want to be texted|i do not want any more reminders|Please take me off your list|no stop
        how do I unsubscribe?|stop it please|Stop sending me these|end these messages|I revoke my consent
        wrong number, stop|STOP 2 END|stopp|unsuscribe|no more|no texts|I no longer want these texts
        I no longer wish to receive messages|cancel my subscription|pare|pare por favor|Deténgase|detener mensajes
        FIN|salir|eliminar|no molesten|déjenme en paz|quiten mi número|borre mi número|cancelar suscripción
        cancelen los mensajes|no más|Wrong person. Stop
        Quit messaging me|no quiero recibir más mensajes|deje de enviarme mensajes|stop contacting me""",
    START: """start|Start!|UNSTOP|empezar|Iniciar|yes start|start again please|resume|subscribe|Start texting me again
        comenzar|reanudar mensajes""",
    CONFIRM: "C|c.|Confirm|YES|y|Sí|SI|ok 👍|👍|Yes I will be there|Yes, thank you!|confirmo gracias|OK",
    MOVE: """MOVE|R|reschedule|Change|cambiar|I need to reschedule my appointment please
        necesito cambiar mi cita""",
    HELP: "HELP|info|Ayuda|help me please",
    OTHER: """is there a bus stop?|I'll stop by at 5|don't stop texting me|please do not stop the reminders
        cancel my appointment|I need to cancel|Why did you stop texting me?|the end of the month works
        I quit smoking|yes but I need to move it|no||?|call me|the pain doesn't stop|change my address
        I have a cold, cancel|non stop headache|text me when ready|what should I stop taking?
        No paren de enviar mensajes|no quiten mi número|No cancelen los mensajes|Por fin|pare en la farmacia
        no more pain since the visit|how do I start?|I no longer need the visit|el fin de semana puedo
        quiten mi cita|para mi cita|don't cancel my subscription""",
}
ROWS = [
    (said.strip(), meaning)
    for meaning, block in GOLDEN.items()
    for line in block.splitlines()
    for said in line.split("|")
]


@pytest.mark.parametrize(("said", "meaning"), ROWS)
def test_what_people_write_is_read(said: str, meaning: str) -> None:
    assert read_reply(said) == meaning


@given(
    st.sampled_from(["stop", "STOPALL", "Quit", "end", "revoke", "opt out", "cancel", "unsubscribe", "alto"]),
    st.text(" \t\n.!…*🙏\u200b\u0301", max_size=6),
    st.text(" \t\n.!…*🙏\u200b", max_size=6),
)
def test_a_stop_word_stops_whatever_stands_around_it(word: str, before: str, after: str) -> None:
    assert read_reply(before + word + after) == STOP
    assert read_reply(before + word.upper() + after) == STOP


@given(st.text(max_size=200))
def test_anything_can_be_read_and_a_stop_line_beneath_it_stops(text: str) -> None:
    assert read_reply(text) in GOLDEN
    assert read_reply(f"{text}\nSTOP") == STOP
