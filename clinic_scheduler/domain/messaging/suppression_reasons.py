"""Why something was not told, as a sentence for staff: one for each code the services keep. No rows, no pages."""

from types import MappingProxyType

from clinic_scheduler.domain.codes import Labelled

# Why staff want a message told again that may have arrived: code -> what they say.
RETRY_REASONS = MappingProxyType(
    {
        "not_arrived": "The patient says it did not arrive",
        "not_at_provider": "The mail or text service has no trace of it",
        "better_twice": "Better told twice than not at all",
    }
)


class SuppressionReason(Labelled):
    """Why a notification is not told, or its plan was made anew; the label is the sentence for staff."""

    # the patient
    DECEASED = "deceased", "The patient has died."
    DECEASED_UNDONE = (
        "deceased_undone",
        "The patient’s record was corrected, and reminders were planned anew.",
    )
    MOVED_AWAY = "moved_away", "The patient has moved away."
    MOVED_AWAY_UNDONE = "moved_away_undone", "The patient is back, and reminders were planned anew."
    DO_NOT_CONTACT = "do_not_contact", "The patient does not want to be contacted."
    DO_NOT_CONTACT_UNDONE = (
        "do_not_contact_undone",
        "The patient may be contacted again, and reminders were planned anew.",
    )
    PATIENT_EDITED = "patient_edited", "The patient’s record was changed, and reminders were planned anew."
    MERGED = "merged", "Two records of the patient were made one, and reminders were planned anew."
    NO_CONSENT = "no_consent", "The patient has not agreed to such messages this way."
    OPTED_OUT = "opted_out", "The patient asked to stop such messages."
    NO_ADDRESS = "no_address", "There is no address or number to send it to."
    MINOR = "minor", "The patient is a minor."
    TOO_MANY_TEXTS = "too_many_texts", "The patient has had as many texts as are allowed in these days."
    QUIET_HOURS = "quiet_hours", "There was no hour left in which it might have been sent."
    # the clinic
    SWITCHED_OFF = "switched_off", "The clinic has switched such reminders off."
    RULE_CHANGED = "rule_changed", "The clinic’s rules for reminders were changed."
    NO_SENDER = "no_sender", "There is no service set up that carries such messages."
    STOPPED_BY_STAFF = "stopped_by_staff", "Staff stopped it."
    # the course
    OPENED = "opened", "The course was opened, and reminders were planned anew."
    COURSE_EDITED = "course_edited", "The plan was changed, and reminders were planned anew."
    COURSE_STOPPED = "course_stopped", "The course has ended."
    ON_HOLD = "on_hold", "The course is on hold."
    RELEASED = "released", "The course was released from hold, and reminders were planned anew."
    DECIDED = "decided", "A provider decided about what blocked it, and reminders were planned anew."
    ENDED = "ended", "A provider’s decision was ended, and reminders were planned anew."
    AUTHORIZED = "authorized", "An authorization was added, and reminders were planned anew."
    REPLANNED = "replanned", "Reminders were planned anew."
    NOT_DUE = "not_due", "It is not yet time to book."
    CYCLE_OVER = "cycle_over", "The cycle it was about is over."
    NOT_OVERDUE = "not_overdue", "The visit is not overdue any more."
    CONTACTED = "contacted", "Somebody has talked with the patient meanwhile."
    # visits
    BOOKED = "booked", "The visit is booked."
    MOVED = "moved", "The visit was moved."
    MOVED_BACK = "moved_back", "The visit was moved back."
    CANCELLED = "cancelled", "The visit was cancelled."
    CANCELLED_UNDONE = "cancelled_undone", "The cancelled visit stands again."
    NOSHOW_UNDONE = "noshow_undone", "The patient had not stayed away after all."
    REOPENED = "reopened", "The cancelled visit was booked again."
    ASKED = "asked", "A provider was asked about the visit."
    ALLOWED = "allowed", "A provider allowed the visit."
    UNDONE = "undone", "The booking was taken back."
    ARRIVED = "arrived", "The patient has arrived for the visit."
    ARRIVED_UNDONE = "arrived_undone", "The patient had not arrived after all."
    NOSHOW = "noshow", "The patient did not attend the visit."
    FULFILLED = "fulfilled", "The visit has taken place."
    PROPOSED = "proposed", "The visit is only proposed."
    PENDING = "pending", "The visit is only a proposed move."
    WAITLIST = "waitlist", "The visit is on the waiting list."
    ENTERED_IN_ERROR = "entered-in-error", "The visit was entered by mistake."
    NO_VISIT = "no_visit", "The visit is no longer there."
    CONSULTED = "consulted", "The consultation has taken place."
    SEEN = "seen", "The patient was seen."
    NOT_TAKEN_PLACE = "not_taken_place", "The visit had not taken place after all."
    KIND_CHANGED = "kind_changed", "The visit is for something else now."
    CONFIRMED = "confirmed", "The patient has confirmed the visit."
    # calendar links
    TAKEN_BACK = "taken_back", "Taken back."
    LINK_STOPPED = "link_stopped", "Link stopped."
    # treatments
    TREATED = "treated", "The treatment was given."
    VOIDED = "voided", "A treatment was taken out, and reminders were planned anew."
    VOID_UNDONE = "void_undone", "A treatment counts again, and reminders were planned anew."
    ACCEPTED = "accepted", "An early treatment was accepted, and reminders were planned anew."
    # sending
    EXPIRED = "expired", "Its time was over before it could be sent."
    ALREADY_TOLD = "already_told", "The patient has been told already."
    OVERTAKEN = "overtaken", "A later reminder of the same visit has taken its place."
    REFUSED = "refused", "The mail or text service refused it for good."
    UNCERTAIN = "uncertain", "It may have been sent; nobody knows for certain."


_CODES = frozenset(SuppressionReason)


def sentence(reason: str) -> str:
    """A kept reason as staff read it: a code's sentence; what a sender said is a sentence already."""
    if reason in _CODES:
        return SuppressionReason(reason).label
    return reason if " " in reason else f"{reason.replace('_', ' ').capitalize()}."
