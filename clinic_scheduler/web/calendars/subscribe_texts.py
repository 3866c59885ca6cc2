"""What the subscribe page and the card say, in the patient's language; names of days and times too. No layout."""

from collections.abc import Mapping
from datetime import date, time

from clinic_scheduler.domain.day_names import DAYS, MONTHS
from clinic_scheduler.domain.messaging.kinds import LANGUAGES, spoken_in

ENGLISH: Mapping[str, str] = {
    "title": "Your appointments",
    "staff_title": "Calendar link",
    "next": "Next appointment",
    "none": "No appointment is booked at the moment.",
    "change": "To change it, call",
    "questions": "Questions? Call",
    "the_clinic": "the clinic",
    "add": "Add to your calendar",
    "add_intro": "Your calendar then keeps itself up to date. Choose the one you use.",
    "apple": "Apple Calendar",
    "apple_refresh": "Looks for changes every hour, or as you set it.",
    "google": "Google Calendar",
    "google_how": "Copy the link, open Google’s page, paste the link into “URL of calendar” and add it. "
    "This works on a computer; your phone then shows it too.",
    "google_open": "Open Google’s page",
    "google_refresh": "Looks for changes about once a day.",
    "outlook": "Outlook.com",
    "outlook_refresh": "Looks for changes every few hours; it can take a day.",
    "other": "Another calendar",
    "other_how": "Copy the link and subscribe to it there.",
    "copy_link": "Copy the link",
    "copied": "Copied",
    "link": "Calendar link",
    "scan": "On another phone: point its camera here",
    "scan_title": "QR code of this page",
    "late": "A change made today may show late. If in doubt, call the clinic.",
    "private": "This link is private",
    "private_why": "Whoever has it can see your appointment times. Do not pass it on.",
    "stop": "Stop this link",
    "stop_why": "If somebody has the link who should not, stop it. It cannot be undone; "
    "the clinic can give you a new one.",
    "stopped": "This link is stopped",
    "stopped_why": "Calendars that used it will show a notice in place of your appointments. "
    "Your appointments themselves are not changed.",
    "new_link": "For a new link, call",
    "unknown": "There is no such page",
    "unknown_why": "The link may have been stopped or replaced. For a new one, please call your clinic.",
    "card_how_1": "Point your phone’s camera at the square.",
    "card_how_2": "Open the page and choose your calendar.",
    "card_how_3": "Your appointments appear and keep up to date.",
    "card_private": "Keep this card to yourself: whoever has it can see your appointment times.",
    "language": "Español",
}
SPANISH: Mapping[str, str] = {
    "title": "Sus citas",
    "staff_title": "Enlace de calendario",
    "next": "Próxima cita",
    "none": "Por el momento no hay ninguna cita reservada.",
    "change": "Para cambiarla, llame al",
    "questions": "¿Preguntas? Llame al",
    "the_clinic": "teléfono de la clínica",
    "add": "Añadir a su calendario",
    "add_intro": "Su calendario se mantendrá al día por sí solo. Elija el que usa.",
    "apple": "Calendario de Apple",
    "apple_refresh": "Busca cambios cada hora, o según lo configure usted.",
    "google": "Google Calendar",
    "google_how": "Copie el enlace, abra la página de Google, péguelo en «URL del calendario» y añádalo. "
    "Se hace en una computadora; después también lo muestra su teléfono.",
    "google_open": "Abrir la página de Google",
    "google_refresh": "Busca cambios más o menos una vez al día.",
    "outlook": "Outlook.com",
    "outlook_refresh": "Busca cambios cada pocas horas; puede tardar un día.",
    "other": "Otro calendario",
    "other_how": "Copie el enlace y suscríbase a él allí.",
    "copy_link": "Copiar el enlace",
    "copied": "Copiado",
    "link": "Enlace del calendario",
    "scan": "En otro teléfono: apunte aquí con la cámara",
    "scan_title": "Código QR de esta página",
    "late": "Un cambio hecho hoy puede tardar en verse. Si tiene dudas, llame a la clínica.",
    "private": "Este enlace es privado",
    "private_why": "Quien lo tenga puede ver las horas de sus citas. No lo comparta.",
    "stop": "Detener este enlace",
    "stop_why": "Si alguien tiene el enlace y no debería, deténgalo. No se puede deshacer; "
    "la clínica puede darle uno nuevo.",
    "stopped": "Este enlace se ha detenido",
    "stopped_why": "Los calendarios que lo usaban mostrarán un aviso en lugar de sus citas. "
    "Sus citas no han cambiado.",
    "new_link": "Para obtener un enlace nuevo, llame al",
    "unknown": "Esta página no existe",
    "unknown_why": "Es posible que el enlace se haya detenido o reemplazado. "
    "Para obtener uno nuevo, llame a su clínica.",
    "card_how_1": "Apunte al cuadro con la cámara de su teléfono.",
    "card_how_2": "Abra la página y elija su calendario.",
    "card_how_3": "Sus citas aparecen y se mantienen al día.",
    "card_private": "Guarde esta tarjeta: quien la tenga puede ver las horas de sus citas.",
    "language": "English",
}
WORDS: Mapping[str, Mapping[str, str]] = {"en": ENGLISH, "es": SPANISH}
OTHER = {"en": "es", "es": "en"}

_HALVES = {"en": ("am", "pm"), "es": ("a. m.", "p. m.")}
_NOON = {"en": "12:00 noon", "es": "12:00 del mediodía"}


def language_of(wanted: str | None, own: str) -> str:
    """The language asked for, else the patient's own, else English."""
    return wanted if wanted is not None and wanted in LANGUAGES else spoken_in(own)


def long_day(day: date, language: str) -> str:
    """Tuesday 24 November 2026; martes 24 de noviembre de 2026."""
    of = " de " if language == "es" else " "
    return f"{DAYS[language][day.weekday()]} {day.day}{of}{MONTHS[language][day.month - 1]}{of}{day.year}"


def hour(at: time, language: str) -> str:
    """9:00 am; midday in words, because 12:00 pm is read both ways."""
    if (at.hour, at.minute) == (12, 0):
        return _NOON[language]
    return f"{at.hour % 12 or 12}:{at.minute:02d} {_HALVES[language][at.hour >= 12]}"
