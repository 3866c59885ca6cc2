"""Why something was not told, as a sentence for staff: one for each code the services keep. No rows, no pages."""

from types import MappingProxyType

STOPPED_BY_STAFF = "stopped_by_staff"

# Why staff want a message told again that may have arrived: code -> what they say.
RETRY_REASONS = MappingProxyType(
    {
        "not_arrived": "The patient says it did not arrive",
        "not_at_provider": "The mail or text service has no trace of it",
        "better_twice": "Better told twice than not at all",
    }
)

REASONS = MappingProxyType(
    {
        # the patient
        "deceased": "The patient has died.",
        "deceased_undone": "The patient’s record was corrected, and reminders were planned anew.",
        "moved_away": "The patient has moved away.",
        "moved_away_undone": "The patient is back, and reminders were planned anew.",
        "do_not_contact": "The patient does not want to be contacted.",
        "do_not_contact_undone": "The patient may be contacted again, and reminders were planned anew.",
        "patient_edited": "The patient’s record was changed, and reminders were planned anew.",
        "merged": "Two records of the patient were made one, and reminders were planned anew.",
        "no_consent": "The patient has not agreed to such messages this way.",
        "opted_out": "The patient asked to stop such messages.",
        "no_address": "There is no address or number to send it to.",
        "minor": "The patient is a minor.",
        "too_many_texts": "The patient has had as many texts as are allowed in these days.",
        "quiet_hours": "There was no hour left in which it might have been sent.",
        # the clinic
        "switched_off": "The clinic has switched such reminders off.",
        "rule_changed": "The clinic’s rules for reminders were changed.",
        "no_sender": "There is no service set up that carries such messages.",
        STOPPED_BY_STAFF: "Staff stopped it.",
        # the course
        "opened": "The course was opened, and reminders were planned anew.",
        "course_edited": "The plan was changed, and reminders were planned anew.",
        "course_stopped": "The course has ended.",
        "on_hold": "The course is on hold.",
        "released": "The course was released from hold, and reminders were planned anew.",
        "decided": "A provider decided about what blocked it, and reminders were planned anew.",
        "ended": "A provider’s decision was ended, and reminders were planned anew.",
        "authorized": "An authorization was added, and reminders were planned anew.",
        "replanned": "Reminders were planned anew.",
        "not_due": "It is not yet time to book.",
        "cycle_over": "The cycle it was about is over.",
        "not_overdue": "The visit is not overdue any more.",
        "contacted": "Somebody has talked with the patient meanwhile.",
        # visits
        "booked": "The visit is booked.",
        "moved": "The visit was moved.",
        "moved_back": "The visit was moved back.",
        "cancelled": "The visit was cancelled.",
        "reopened": "The cancelled visit was booked again.",
        "undone": "The booking was taken back.",
        "arrived": "The patient has arrived for the visit.",
        "arrived_undone": "The patient had not arrived after all.",
        "noshow": "The patient did not attend the visit.",
        "fulfilled": "The visit has taken place.",
        "proposed": "The visit is only proposed.",
        "waitlist": "The visit is on the waiting list.",
        "entered-in-error": "The visit was entered by mistake.",
        "no_visit": "The visit is no longer there.",
        "consulted": "The consultation has taken place.",
        "seen": "The patient was seen.",
        "not_taken_place": "The visit had not taken place after all.",
        "kind_changed": "The visit is for something else now.",
        "confirmed": "The patient has confirmed the visit.",
        # treatments
        "treated": "The treatment was given.",
        "voided": "A treatment was taken out, and reminders were planned anew.",
        "void_undone": "A treatment counts again, and reminders were planned anew.",
        "accepted": "An early treatment was accepted, and reminders were planned anew.",
        # sending
        "expired": "Its time was over before it could be sent.",
        "already_told": "The patient has been told already.",
        "overtaken": "A later reminder of the same visit has taken its place.",
        "refused": "The mail or text service refused it for good.",
        "uncertain": "It may have been sent; nobody knows for certain.",
    }
)


def sentence(reason: str) -> str:
    """A kept reason as staff read it: a code's sentence; what a sender said is a sentence already."""
    known = REASONS.get(reason)
    if known is None and " " not in reason:
        return f"{reason.replace('_', ' ').capitalize()}."
    return known or reason
