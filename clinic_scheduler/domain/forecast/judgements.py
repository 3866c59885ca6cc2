"""What the rules call a given session, a course's place in its cycle and the list it is on: codes with words."""

from enum import StrEnum

from clinic_scheduler.domain.codes import Labelled


class EvaluationStatus(Labelled):
    """How a given session was judged (DD-8)."""

    VALID = "valid", "On time"
    GRACE = "grace", "Early, within grace"
    TOO_SOON = "too_soon", "Too soon"
    LATE = "late", "Late"
    NOT_GIVEN = "not_given", "Not given"
    SUBSTANDARD = "substandard", "Does not count"
    WRONG_PRODUCT = "wrong_product", "Another product"
    TOUCH_UP = "touch_up", "Touch-up"


class Timing(StrEnum):
    """Where a day stands among a course's dates (DD-9)."""

    CLOSED = "closed"
    LAPSED = "lapsed"
    OVERDUE = "overdue"
    DUE = "due"
    ELIGIBLE = "eligible"
    DUE_SOON = "due_soon"
    NOT_DUE = "not_due"


class Bucket(Labelled):
    """The one list a course is on (DD-9); where several fit, the first in this order is it."""

    CLOSED = "closed", "Closed"
    BOOKED = "booked", "Booked"
    BOOKING_PROBLEM = "booking_problem", "Booking problems"
    LAPSED = "lapsed", "Lapsed"
    BLOCKED = "blocked", "Blocked"
    OVERDUE = "overdue", "Overdue"
    DUE = "due", "Due"
    DUE_SOON = "due_soon", "Due soon"
    NOT_DUE = "not_due", "Not due"
