"""The kinds of notification, what each is for, and the ways there are; rules, words and languages are elsewhere."""

from types import MappingProxyType

VISIT_REMINDER = "visit_reminder"
TIME_TO_BOOK = "time_to_book"
OVERDUE = "overdue"
AFTER_VISIT = "after_visit"
MISSED_VISIT = "missed_visit"
VISIT_BOOKED = "visit_booked"
VISIT_MOVED = "visit_moved"
VISIT_CANCELLED = "visit_cancelled"
CALENDAR_LINK = "calendar_link"

# Told by the calendar, as a clinic's rules say.
PLANNED_KINDS = (VISIT_REMINDER, TIME_TO_BOOK, OVERDUE, AFTER_VISIT, MISSED_VISIT)
# Told as it happens, when somebody books, moves, cancels or sends.
IMMEDIATE_KINDS = (VISIT_BOOKED, VISIT_MOVED, VISIT_CANCELLED, CALENDAR_LINK)
KINDS = PLANNED_KINDS + IMMEDIATE_KINDS

# What patients agree to, each on each channel.
VISITS, BOOKING, FOLLOW_UP = "visits", "booking", "follow_up"
PURPOSES = (VISITS, BOOKING, FOLLOW_UP)
PURPOSE_OF = MappingProxyType(
    dict.fromkeys(KINDS, VISITS) | {TIME_TO_BOOK: BOOKING, OVERDUE: BOOKING, AFTER_VISIT: FOLLOW_UP}
)

EMAIL, SMS = "email", "sms"
CHANNELS = (EMAIL, SMS)
