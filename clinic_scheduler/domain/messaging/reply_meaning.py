"""What a patient's reply asks for: stop, start, confirm, move, help, or something a person must read; pure.

A clear wish to stop is honoured however it is worded; a sentence that merely has the word in it goes to staff.
"""

import re
import unicodedata

from clinic_scheduler.domain.codes import Labelled


class Meaning(Labelled):
    STOP = "stop", "Stop"
    START = "start", "Start"
    CONFIRM = "confirm", "Confirm"
    MOVE = "move", "Move"
    HELP = "help", "Help"
    OTHER = "other", "Other"


STOP, START, CONFIRM, MOVE, HELP, OTHER = tuple(Meaning)
_LONGEST = 1_600


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


_STOPS = _set(
    "stop stopp stopall quit revoke unsubscribe unsuscribe unsubcribe optout parar alto baja desuscribir basta "
    "detener detenganse"
)
# These may be about the visit, so they count only where nothing else is said.
_STOPS_ALONE = _set("end cancel cancelar para pare paren detengase salir eliminar")
_STARTS = _set("start unstop resume subscribe empezar iniciar comenzar reanudar")
_CONFIRMS = _set("c confirm confirmed confirming confirmo confirmado confirmar yes y yep yeah si ok okay")
_MOVES = _set("move r reschedule rescheduling change cambiar cambio mover reprogramar")
_HELPS = _set("help info ayuda informacion")
_THUMBS = "\N{THUMBS UP SIGN}\N{OK HAND SIGN}\N{WHITE HEAVY CHECK MARK}"

_POLITE = _set("please pls plz thanks thank you hi hello now por favor gracias hola ya")
_AROUND_STOP = _POLITE | _set(
    "all it ok okay yes no this that already todo toda wrong number person 2 to end"
)
_AROUND_START = _POLITE | _set("yes si again me texts texting messages mensajes otra vez de nuevo")
_AROUND_CONFIRM = _POLITE | _set("i ill will be there we well do my the appointment visit mi la cita alli")
_AROUND_MOVE = _POLITE | _set(
    "i id we need want would like to can could must have my the appointment appt visit time day date it "
    "necesito quiero quisiera puedo mi la el cita hora dia fecha"
)

_MESSAGES = (
    r"(texts?|txts?|messag\w+|msgs?|sms|reminders?|e ?mails?|mensajes?|textos?|recordatorios?|correos?)"
)
_SENDING = (
    r"(text\w*|txt\w*|messag\w+|messg\w+|msg\w*|send\w*|contact\w*|bother\w*|e ?mail\w*|remind\w*|spam\w*|"
    r"receiving|getting)"
)
_ANY = r"((any|more|the|these|your|those|all|of|me|mas|los|estos|sus|todos) )*"
_REQUESTS = re.compile(
    "|".join(
        rf"\b{wish}\b"
        for wish in (
            rf"(stop|quit|cease|end) {_ANY}{_SENDING}",
            rf"(stop|quit|cease|end|cancel|revoke) {_ANY}{_MESSAGES}",
            rf"(dont|do not|never|not) (want (you )?(to )?)?((be|get|receive|have) )?{_ANY}{_SENDING}",
            rf"(dont|do not) (want|need) {_ANY}{_MESSAGES}",
            rf"no (more|mas) {_MESSAGES}",
            rf"no longer (want|wish|need) (to (get|receive|have) )?{_ANY}{_MESSAGES}",
            rf"^(no (more|mas|{_MESSAGES})|fin)$",
            r"(unsubscribe|opt(ing)? out|optout|opt me out|revoke)( me)?( my consent)?",
            r"(take|remove|delete) (me|my (phone )?number|this number) (off|from)",
            r"(remove me|remove my (phone )?number|leave me alone)",
            r"no (quiero|deseo) (recibir )?(mas )?" + _MESSAGES,
            r"no me (mand\w+|envi\w+|escrib\w+|text\w+|contact\w+|molest\w+|recuerd\w+)",
            r"(deje|dejen|deja|pare|paren|para) de (mand\w+|envi\w+|escrib\w+|text\w+|contact\w+|molest\w+)",
            rf"(pare|paren|parar|cancel\w+|deten\w+|elimin\w+) {_ANY}{_MESSAGES}",
            r"cancel\w* ((the|my|la|mi) )?(subscription|suscripcion)",
            r"(borr|quit|elimin)\w* (mi|este) (numero|telefono|celular)",
            r"(deja|deje|dejen)(me|nos) en paz",
            r"no (me )?molest\w+",
            r"(dar|darme|deme|denme|quiero) (la |de )*baja",
        )
    )
)
# Negations and questions that turn such a wish around.
_NOT_A_REQUEST = re.compile(
    r"\b(dont|do not|never|not to|no) (ever )?(please )?"
    r"(stop|quit\w*|cease|end|unsubscribe|remove|opt|cancel\w*|dej\w+|par\w+|deten\w+|borr\w+|elimin\w+) "
    r"|\b(did|do|have|had|when|if) (you|they) (ever )?(stop|quit|end)\b"
)


def read_reply(body: str) -> Meaning:
    """STOP, START, CONFIRM, MOVE, HELP or OTHER, whatever the case, accents, punctuation and emoji."""
    body = body[:_LONGEST]
    words = _words(body)
    if _asks_to_stop(body, words):
        return STOP
    for known, around, meaning in (
        (_STARTS, _AROUND_START, START),
        (_HELPS, _POLITE | _set("me"), HELP),
        (_CONFIRMS, _AROUND_CONFIRM, CONFIRM),
        (_MOVES, _AROUND_MOVE, MOVE),
    ):
        if _only(words, known, around):
            return meaning
    return CONFIRM if not words and any(sign in body for sign in _THUMBS) else OTHER


def _asks_to_stop(body: str, words: list[str]) -> bool:
    if _only(words, _STOPS | _STOPS_ALONE, _POLITE):
        return True
    sentences = [_words(sentence) for sentence in re.split(r"[.!?;:,\n\r]+", body)]
    if any(_only(sentence, _STOPS, _AROUND_STOP) for sentence in [words, *sentences]):
        return True
    text = " ".join(words)
    return bool(_REQUESTS.search(text)) and not _NOT_A_REQUEST.search(text)


def _only(words: list[str], known: frozenset[str], around: frozenset[str]) -> bool:
    """Whether at least one of the `known` words is there and, but for words `around` them, nothing else."""
    return not known.isdisjoint(words) and set(words) <= known | around


def _words(text: str) -> list[str]:
    """Small letters and digits without accents; an apostrophe joins what it stands between."""
    plain = unicodedata.normalize("NFKD", text).casefold()
    plain = "".join(c for c in plain if not unicodedata.combining(c) and unicodedata.category(c) != "Cf")
    plain = re.sub(r"['\u2019\u2018`]", "", plain)
    words = re.sub(r"[^a-z0-9]+", " ", plain)
    found = re.sub(r"\bopt out\b", "optout", words).split()
    spelled_out = len(found) > 1 and all(len(word) == 1 for word in found)
    return ["".join(found)] if spelled_out else found
