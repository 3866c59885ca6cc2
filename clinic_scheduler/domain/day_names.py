"""Days of the week and months by name, in English, as staff read them; and a day as it is said on the phone.

Written out, as the domain knows no catalogues; what patients read takes its names from CLDR (languages/dates.py).
"""

from datetime import date

from clinic_scheduler.domain.speech import Speech

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
# As staff read dates, and type them: 23-Nov-2026.
SHORT_MONTHS = tuple(name[:3] for name in MONTHS)
HALF_A_YEAR = 182


def aloud(day: date) -> str:
    """A day as staff read it in a sentence: Monday, November 23, 2026."""
    return f"{DAYS[day.weekday()]}, {MONTHS[day.month - 1]} {day.day}, {day.year}"


def aloud_near(day: date, today: date, language: Speech, *, weekday: bool = False) -> str:
    """A day as it is said on the phone, with its year if need be: August 31; lunes 23 de noviembre."""
    far = abs((day - today).days) > HALF_A_YEAR
    if weekday and far:
        pattern = language.pgettext("said date: Monday, November 23, 2026", "EEEE, MMMM d, y")
    elif weekday:
        pattern = language.pgettext("said date: Monday, November 23", "EEEE, MMMM d")
    elif far:
        pattern = language.pgettext("said date: November 23, 2026", "MMMM d, y")
    else:
        pattern = language.pgettext("said date: November 23", "MMMM d")
    return language.date(day, pattern)
