"""How dates, times, codes and statuses read on a page. Pure; templates use these as filters."""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from markupsafe import Markup, escape

from clinic_scheduler.domain.booking import CANCEL_REASONS
from clinic_scheduler.domain.intervals import age_on, spoken
from clinic_scheduler.domain.invitations import WAYS as CALENDAR_WAYS
from clinic_scheduler.domain.protocols import BRANDS, INDICATION_WORDS
from clinic_scheduler.domain.recording import VOID_REASONS
from clinic_scheduler.domain.status import CLOSED_COURSE
from clinic_scheduler.domain.visits import KIND_LABELS, OUTCOME_LABELS
from clinic_scheduler.queries.due_list import DueRow

NOT_KNOWN = "Not known"
_DATE = re.compile(r"\b\d{2}-[A-Z][a-z]{2}-\d{4}\b")
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")

WORDS: Mapping[str, str] = {
    **INDICATION_WORDS,
    **CANCEL_REASONS,
    **KIND_LABELS,
    **OUTCOME_LABELS,
    **VOID_REASONS,
    **CALENDAR_WAYS,
    # buckets and tabs
    "to_book": "To book",
    "overdue": "Overdue",
    "due_soon": "Due soon",
    "blocked": "Blocked",
    "booking_problem": "Booking problems",
    "contacted": "Contacted",
    "lapsed": "Lapsed",
    "booked": "Booked",
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
    # contact
    "phone": "Phone",
    "text": "Text",
    "email": "E-mail",
    "sms": "Text",
    "no_answer": "No answer",
    "left_message": "Left a message",
    "will_call_back": "Will call back",
    "declined": "Declined",
    "wants_to_book": "Wants to book",
    "desk": "Staff decision",
    "staff_decision": "Staff decision",
    "try_later": "Try again later",
    "keep_on_list": "Keep on the list",
    "contact_undone": "Contact taken back",
    "decided": "Decision kept",
    "import_dropped": "Deleted. Nothing of the upload is kept",
    # appointment states
    "proposed": "Proposed",
    "arrived": "Arrived",
    "fulfilled": "Treated",
    "cancelled": "Cancelled",
    "noshow": "Did not attend",
    "entered-in-error": "Entered in error",
    # evaluations
    "valid": "On time",
    "late": "Late",
    "grace": "Early, within grace",
    "too_soon": "Too soon",
    "not_given": "Not given",
    "substandard": "Does not count",
    "wrong_product": "Another product",
    "touch_up": "Touch-up",
    # treatments
    "complete": "Complete",
    "partial": "Partial",
    "aborted": "Aborted",
    "cycle": "Cycle",
    # tellings
    "visit_reminder": "Visit reminder",
    "time_to_book": "Time to book",
    # messages patients want, and how they said so
    "purpose_visits": "About their visits",
    "purpose_booking": "Time to book",
    "purpose_follow_up": "After a visit",
    "how_desk": "In person",
    "how_paper": "On paper",
    "how_phone": "By phone",
    "how_text_reply": "Reply by text",
    "how_unsubscribe_link": "Link in a message",
    "how_provider": "Told by the text service",
    "opted_out": "Patient does not want it",
    "no_address": "No address",
    "too_many_texts": "Too many texts that week",
    "already_told": "Told already",
    "wish_saved": "What the patient wants is saved",
    "after_visit": "After the visit",
    "missed_visit": "Missed visit",
    "visit_booked": "Visit booked",
    "visit_moved": "Visit moved",
    "visit_cancelled": "Visit cancelled",
    # what was just done to a message or a work item
    "message_retried": "It is tried again within a minute",
    "message_stopped": "It will not be sent",
    "message_let_go": "It is planned again",
    "work_closed": "Settled",
    "work_reopened": "Back on the work list",
    "calendar_link": "Calendar link",
    "taken_back": "Taken back",
    "link_stopped": "Link stopped",
    # calendar links
    "clinic_day": "The clinic’s day",
    "due_windows": "Due, not booked",
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
    "treatment_accepted": "Early treatment accepted",
    "course_opened": "Course opened",
    "course_saved": "Plan saved",
    "course_held": "Course put on hold",
    "course_released": "Course released from hold",
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
EVALUATION_TONES = {"valid": "ok", "grace": "warn", "late": "warn", "too_soon": "bad", "substandard": "bad"}
STATE_TONES = {
    "proposed": "warn",
    "booked": "ok",
    "arrived": "info",
    "fulfilled": "plain",
    "cancelled": "plain",
    "noshow": "bad",
}


def day(value: date | None) -> str:
    """14-Mar-1978, or that it is not known."""
    return spoken(value) if value else NOT_KNOWN


def short_day(value: date) -> str:
    """14-Mar, where the year is plain from beside it."""
    return spoken(value)[:6]


def last_on_time(overdue_date: date) -> date:
    """The window's last day: the day before the first overdue one."""
    return overdue_date - timedelta(1)


def dated(text: str) -> Markup:
    """A sentence whose dates do not break across lines."""
    return Markup(_DATE.sub(r'<span class="nowrap">\g<0></span>', str(escape(text))))


def weekday(value: date) -> str:
    """Tue 24-Nov-2026."""
    return f"{WEEKDAYS[value.weekday()]} {spoken(value)}"


def clock(value: time) -> str:
    return f"{value:%H:%M}"


def moment(value: datetime, zone: ZoneInfo) -> str:
    """An instant as the clinic's wall clock showed it."""
    local = value.astimezone(zone)
    return f"{spoken(local.date())} {local:%H:%M}"


def moment_short(value: datetime, today: date, zone: ZoneInfo) -> str:
    """The same, without the day where it is today."""
    local = value.astimezone(zone)
    return f"{local:%H:%M}" if local.date() == today else moment(value, zone)


def age(born: date, on: date) -> str:
    """48y; 7m under two years, as the field writes it."""
    years = age_on(born, on)
    if years >= 2:
        return f"{years}y"
    months = (on.year - born.year) * 12 + on.month - born.month - (on.day < born.day)
    return f"{months}m"


def words(code: str | None) -> str:
    """A code in words; one that has none yet still reads as words."""
    if not code:
        return NOT_KNOWN
    return WORDS.get(code, code.replace("_", " ").replace("-", " ").capitalize())


def product(name: str) -> str:
    """Botox (onabotulinumtoxinA): the brand staff say, the name that is never mixed up."""
    return f"{BRANDS[name]} ({name})" if name in BRANDS else name


def units(value: object) -> str:
    """155 U; whole numbers without a decimal point."""
    return NOT_KNOWN if value is None else f"{float(str(value)):g} U"


def person(family_name: str, given_name: str) -> str:
    """FAMILY, Given, so that neither is taken for the other."""
    return f"{family_name.upper()}, {given_name}"


def count_days(number: int) -> str:
    return "1 day" if number == 1 else f"{number} days"


def authorization_tag(row: DueRow) -> tuple[str, str]:
    """(tone, words): the authorization block, else what covers the due date."""
    block = next((block for block in row.blocks if block.startswith("authorization_")), None)
    if block:
        return "bad", words(block)
    if not row.authorization_required:
        return "plain", "None needed"
    left = row.authorization_visits_left
    visits = "" if left is None else ", 1 visit" if left == 1 else f", {left} visits"
    ends = f"To {short_day(row.authorization_ends_on)}" if row.authorization_ends_on else "OK"
    return ("warn" if left == 1 else "ok"), ends + visits


class Judged(Protocol):
    """A due row or a forecast."""

    @property
    def timing(self) -> str: ...
    @property
    def blocks(self) -> tuple[str, ...]: ...
    @property
    def booking(self) -> str: ...
    @property
    def booked_on(self) -> date | None: ...
    @property
    def earliest_date(self) -> date: ...
    @property
    def overdue_date(self) -> date: ...
    @property
    def lapse_date(self) -> date: ...


def status_tags(row: Judged, today: date) -> list[tuple[str, str]]:
    """(tone, words): how its dates stand, or its booking, then each block."""
    tags = [_timing_tag(row, today)]
    if row.booking == "ok":
        tags = [("ok", f"Booked {day(row.booked_on)}")]
    elif row.booking != "none":
        tags.insert(0, ("bad", BOOKING_WORDS[row.booking]))
    return tags + [("warn" if block == "on_hold" else "bad", words(block)) for block in row.blocks]


def due_tags(row: DueRow, today: date) -> list[tuple[str, str]]:
    """As status_tags, where a column of its own shows the authorization."""
    others = tuple(block for block in row.blocks if not block.startswith("authorization_"))
    return status_tags(replace(row, blocks=others), today)


def _timing_tag(row: Judged, today: date) -> tuple[str, str]:
    if row.timing == "overdue":
        return "bad", f"Overdue {count_days((today - row.overdue_date).days + 1)}"
    if row.timing == "due_soon":
        return "info", f"Opens in {count_days((row.earliest_date - today).days)}"
    if row.timing == "not_due":
        return "plain", f"Opens {day(row.earliest_date)}"
    if row.timing == "lapsed":
        return "bad", f"Lapsed since {day(row.lapse_date)}"
    return {"due": ("warn", "Due now"), "eligible": ("info", "Window open")}.get(
        row.timing, ("plain", "Closed")
    )
