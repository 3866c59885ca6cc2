"""What a code is called on a page, and the colour of a state; formats.py puts values into words."""

from collections.abc import Mapping

from clinic_scheduler.domain.calendars.links import CLINIC_KINDS
from clinic_scheduler.domain.codes import labels
from clinic_scheduler.domain.contacts import ContactChannel, ContactOutcome
from clinic_scheduler.domain.forecast.judgements import Bucket, EvaluationStatus
from clinic_scheduler.domain.forecast.status import CLOSED_COURSE
from clinic_scheduler.domain.messaging.consent import ConsentWay
from clinic_scheduler.domain.messaging.invitations import WAYS as CALENDAR_WAYS
from clinic_scheduler.domain.messaging.kinds import Channel, Purpose
from clinic_scheduler.domain.visits.kinds_and_states import (
    CancelReason,
    ConsultationOutcome,
    VisitKind,
    VisitState,
)
from clinic_scheduler.domain.visits.treatment_checks import VOID_REASONS
from clinic_scheduler.web.hold_words import HOLD_WORDS

WORDS: Mapping[str, str] = {
    **labels(CancelReason),
    **labels(VisitKind),
    **labels(ConsultationOutcome),
    **labels(VisitState),
    **labels(ContactChannel),
    **labels(ContactOutcome),
    **labels(Channel),
    **{kind.value: kind.label for kind in CLINIC_KINDS},
    **{f"purpose_{code}": label for code, label in labels(Purpose).items()},
    **{f"how_{code}": label for code, label in labels(ConsentWay).items()},
    **labels(Bucket),
    **labels(EvaluationStatus),
    **VOID_REASONS,
    **CALENDAR_WAYS,
    **HOLD_WORDS,
    # tabs beside the buckets
    "to_book": "To book",
    "contacted": "Contacted",
    "all": "All",
    # blocks
    "on_hold": "On hold",
    "consultation_needed": "Consultation first",
    "cap_exceeded": "Over the unit cap",
    "cap_unknown": "Unknown dose counts",
    "weight_missing": "Weight missing",
    "plan_missing": "Plan missing",
    "age_not_covered": "Age not covered",
    "other_toxin_review": "Other toxin given",
    "authorization_exhausted": "Auth used up",
    "authorization_expires_before_due": "Auth ends too early",
    "authorization_missing": "Auth missing",
    "staff_decision": "Staff decision",
    "contact_undone": "Contact taken back",
    "decided": "Decision kept",
    "import_dropped": "Deleted. Nothing of the upload is kept",
    # treatments
    "complete": "Complete",
    "partial": "Partial",
    "aborted": "Aborted",
    "cycle": "Cycle",
    # messages patients want, and how they said so
    "opted_out": "Patient does not want it",
    "no_address": "No address",
    "too_many_texts": "Too many texts that week",
    "already_told": "Told already",
    "wish_saved": "What the patient wants is saved",
    # what was just done to a message or a work item
    "message_retried": "It is tried again within a minute",
    "message_stopped": "It will not be sent",
    "message_let_go": "It is planned again",
    "work_closed": "Settled",
    "work_reopened": "Back on the work list",
    "taken_back": "Taken back",
    "link_stopped": "Link stopped",
    # calendar links
    "calendar_link_made": "Calendar link made",
    "calendar_link_changed": "Calendar link changed",
    "calendar_link_replaced": "Calendar link replaced. The old one shows a notice",
    "calendar_link_email": "Calendar link goes out by e-mail",
    "calendar_link_sms": "Calendar link goes out by text",
    "calendar_link_taken_back": "Calendar link not sent",
    # what was just done to a record
    "patient_added": "Patient added. Open the first course now, or later from the patient's page",
    "patient_saved": "Record saved",
    "patient_back": "Taken back",
    "patient_deceased": "Patient has died",
    "patient_moved": "Patient moved away",
    "patient_merged": "Records merged",
    "treatment_voided": "Treatment taken out",
    "treatment_back": "Treatment counts again",
    "elsewhere_recorded": "Toxin given elsewhere is kept",
    "elsewhere_voided": "Taken out",
    "elsewhere_back": "It counts again",
    "treatment_accepted": "Early treatment accepted",
    "course_opened": "Course opened",
    "course_saved": "Plan saved",
    "offer_saved": "Saved. New courses can be opened for what is ticked",
    "label_saved": "Saved. It holds for every course; no visit was moved",
    "reason_added": "Reason added",
    "reason_saved": "Reason saved",
    "sending_released": "Sending goes on",
    "reason_retired": "Reason retired. Visits that carry it keep it",
    "reason_back": "Reason offered again",
    "decision_made": "Decided. It stands on this page",
    "decision_ended": "Decision ended",
    "course_authorized": "Authorization added",
    "closure_added": "Days closed. No visit was moved",
    "closure_removed": "Days open again",
    "busy_calendars": "Calendars from elsewhere",
    "busy_calendar_added": "Calendar added. It is read within 15 minutes",
    "busy_calendar_asked": "The calendar is read within 15 minutes",
    "busy_calendar_removed": "Calendar removed, and its busy hours with it",
    "busy_file_read": "File read. Its busy hours count from now on",
    # counted when records are merged
    "calendar_links": "Calendar links",
    "earliest_date": "Earliest date",
    "due_date": "Due date",
    "overdue_date": "Overdue from",
    "lapse_date": "Lapsed from",
}
BOOKING_WORDS = {
    "past": "Not recorded",
    "too_early": "Booked too early",
    "over_cap": "Booked over the cap",
    "blocked": "Booked while blocked",
    "late": "Booked late",
    "outside_authorization": "Booked outside auth",
    CLOSED_COURSE: "Booked under a closed course",
}
EVALUATION_TONES: Mapping[str, str] = {
    EvaluationStatus.VALID: "ok",
    EvaluationStatus.GRACE: "warn",
    EvaluationStatus.LATE: "warn",
    EvaluationStatus.TOO_SOON: "bad",
    EvaluationStatus.SUBSTANDARD: "bad",
}
STATE_TONES: Mapping[str, str] = {
    VisitState.PROPOSED: "warn",
    VisitState.PENDING: "warn",
    VisitState.BOOKED: "ok",
    VisitState.ARRIVED: "info",
    VisitState.FULFILLED: "plain",
    VisitState.CANCELLED: "plain",
    VisitState.NOSHOW: "bad",
}
