"""What the pages behind patients' links say, in each of their languages. The words of messages are elsewhere."""

from collections.abc import Mapping
from datetime import date, time
from types import MappingProxyType

from clinic_scheduler.domain.day_names import DAYS, MONTHS

ENGLISH = {
    "visit_title": "Your appointment",
    "opt_out_title": "Messages from the clinic",
    "confirm": "I will come",
    "ask_to_move": "I need another time",
    "open": "Will you come?",
    "confirmed": "Thank you. You have confirmed this appointment.",
    "asked": "Thank you. The clinic has your request and will contact you. "
    "Until then your appointment stays as it is.",
    "moved": "This link is for an earlier time of your appointment. It has been moved since. "
    "Look at the newest message from the clinic, or call.",
    "cancelled": "This appointment has been cancelled. To book another one, call the clinic.",
    "over": "This link has run out, because the time of the appointment has come. If you have a question, "
    "call the clinic.",
    "note": "What would suit you better? (optional)",
    "note_hint": "Days or times are enough. Please write nothing about your health.",
    "other_time": "Need another time?",
    "call": "Call the clinic",
    "visits": "reminders of your appointments",
    "booking": "notices that it is time to book",
    "follow_up": "messages after your visits",
    "email": "e-mail",
    "sms": "text message",
    "on": "You get these by %(channel)s:",
    "off": "You do not get these by %(channel)s:",
    "question": "Stop %(what)s by %(channel)s?",
    "stopped": "Done. You will get no more %(what)s by %(channel)s.",
    "stop": "Stop these messages",
    "stop_all": "Stop every %(channel)s",
    "again": "Turn them on again",
    "not_found": "This link is not complete, or it is no longer in use. Nothing was changed. "
    "Open it again from the message, or call the clinic.",
}
SPANISH = {
    "visit_title": "Su cita",
    "opt_out_title": "Mensajes de la clínica",
    "confirm": "Sí, iré",
    "ask_to_move": "Necesito otra hora",
    "open": "¿Vendrá usted?",
    "confirmed": "Gracias. Ha confirmado esta cita.",
    "asked": "Gracias. La clínica ha recibido su petición y se pondrá en contacto con usted. "
    "Hasta entonces su cita sigue igual.",
    "moved": "Este enlace es de una hora anterior de su cita, que ha cambiado. "
    "Mire el mensaje más reciente de la clínica o llame.",
    "cancelled": "Esta cita está cancelada. Para reservar otra, llame a la clínica.",
    "over": "Este enlace ha caducado porque la hora de la cita ha llegado. Si tiene alguna pregunta, "
    "llame a la clínica.",
    "note": "¿Qué le vendría mejor? (opcional)",
    "note_hint": "Basta con días u horas. Por favor, no escriba nada sobre su salud.",
    "other_time": "¿Necesita otra hora?",
    "call": "Llamar a la clínica",
    "visits": "recordatorios de sus citas",
    "booking": "avisos de que es hora de reservar",
    "follow_up": "mensajes después de sus visitas",
    "email": "correo electrónico",
    "sms": "mensaje de texto",
    "on": "Recibe por %(channel)s:",
    "off": "No recibe por %(channel)s:",
    "question": "¿Dejar de recibir %(what)s por %(channel)s?",
    "stopped": "Hecho. Ya no recibirá %(what)s por %(channel)s.",
    "stop": "No recibir estos mensajes",
    "stop_all": "No recibir nada por %(channel)s",
    "again": "Volver a recibirlos",
    "not_found": "Este enlace no está completo o ya no se usa. No se ha cambiado nada. "
    "Ábralo de nuevo desde el mensaje o llame a la clínica.",
}
_WORDS: Mapping[str, Mapping[str, str]] = MappingProxyType({"en": ENGLISH, "es": SPANISH})


def spoken(language: str) -> str:
    """The language the page is in: the patient's own where there are words for it, else English."""
    return language if language in _WORDS else "en"


def patient_words(language: str) -> Mapping[str, str]:
    return _WORDS[spoken(language)]


def when(day: date, at: time, language: str) -> str:
    """`Tuesday 24 November at 10:15 am`; `martes 24 de noviembre, 10:15 a. m.`"""
    own = spoken(language)
    weekday, month = DAYS[own][day.weekday()], MONTHS[own][day.month - 1]
    clock = f"{at.hour % 12 or 12}:{at.minute:02d}"
    if own == "es":
        return f"{weekday} {day.day} de {month}, {clock} {'a. m.' if at.hour < 12 else 'p. m.'}"
    return f"{weekday} {day.day} {month} at {clock} {'am' if at.hour < 12 else 'pm'}"
