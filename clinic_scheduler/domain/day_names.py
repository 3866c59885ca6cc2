"""Days of the week and months by name, in each language patients are written to."""

from datetime import date
from types import MappingProxyType

# Written out because strftime's names follow the machine's locale.
DAYS = MappingProxyType(
    {
        "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
        "es": ("lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo"),
    }
)
MONTHS = MappingProxyType(
    {
        "en": (
            "January", "February", "March", "April", "May", "June",
            "July", "August", "September", "October", "November", "December",
        ),
        "es": (
            "enero", "febrero", "marzo", "abril", "mayo", "junio",
            "julio", "agosto", "septiembre", "octubre", "noviembre", "diciembre",
        ),
    }
)  # fmt: skip

# As staff read dates, and type them: 23-Nov-2026.
SHORT_MONTHS = tuple(name[:3] for name in MONTHS["en"])
HALF_A_YEAR = 182


def aloud(day: date, language: str = "en") -> str:
    """A day as it is said on the phone: Monday, November 23, 2026; lunes 23 de noviembre de 2026."""
    weekday, month = DAYS[language][day.weekday()], MONTHS[language][day.month - 1]
    if language == "es":
        return f"{weekday} {day.day} de {month} de {day.year}"
    return f"{weekday}, {month} {day.day}, {day.year}"


def aloud_near(day: date, today: date, language: str = "en", *, weekday: bool = False) -> str:
    """The same without the year where the nearest such day is meant: August 31; lunes 23 de noviembre."""
    month, far = MONTHS[language][day.month - 1], abs((day - today).days) > HALF_A_YEAR
    name = DAYS[language][day.weekday()]
    if language == "es":
        return f"{f'{name} ' if weekday else ''}{day.day} de {month}{f' de {day.year}' if far else ''}"
    return f"{f'{name}, ' if weekday else ''}{month} {day.day}{f', {day.year}' if far else ''}"
