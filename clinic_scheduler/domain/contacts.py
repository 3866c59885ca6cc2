"""How the desk tries to reach a patient about a course, how that ended, and what staff decide after enough of it."""

from clinic_scheduler.domain.codes import Labelled


class ContactChannel(Labelled):
    """`DESK` is for a decision, which reaches nobody."""

    PHONE = "phone", "Phone"
    TEXT = "text", "Text"
    EMAIL = "email", "E-mail"
    DESK = "desk", "Staff decision"


class ContactOutcome(Labelled):
    """How a try ended; the last two are what staff decided."""

    NO_ANSWER = "no_answer", "No answer"
    LEFT_MESSAGE = "left_message", "Left a message"
    WILL_CALL_BACK = "will_call_back", "Will call back"
    DECLINED = "declined", "Declined"
    WANTS_TO_BOOK = "wants_to_book", "Wants to book"
    TRY_LATER = "try_later", "Try again later"
    KEEP_ON_LIST = "keep_on_list", "Keep on the list"


CHANNELS = (ContactChannel.PHONE, ContactChannel.TEXT, ContactChannel.EMAIL)
DECISIONS = (ContactOutcome.TRY_LATER, ContactOutcome.KEEP_ON_LIST)
OUTCOMES = tuple(outcome for outcome in ContactOutcome if outcome not in DECISIONS)
