"""What becomes of every row that hangs on a patient or a course when two of them are made one.

One record for each foreign key to patients and to courses; a test reads the keys from the tables and fails for one
without a record. What hangs on such a row in turn (vials, overrides, delivery attempts) stays with that row.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy.orm import InstrumentedAttribute

from clinic_scheduler.models import (
    Appointment,
    AuditEvent,
    Authorization,
    CalendarFeed,
    Consent,
    ContactAttempt,
    Course,
    ForecastChange,
    Hold,
    InboundMessage,
    Message,
    OverrideRequest,
    Patient,
    PatientSearchKey,
    Reminder,
    StandingDecision,
    Treatment,
    WorkItem,
)


class Fate(StrEnum):
    """What merging does to a row that points at what is given up."""

    MOVED = "moved"
    STAYS = "stays"
    REWRITTEN = "rewritten"


@dataclass(frozen=True, slots=True)
class Tie:
    """One foreign key and what becomes of it."""

    column: InstrumentedAttribute[Any]
    fate: Fate
    why: str


OF_PATIENTS: tuple[Tie, ...] = (
    Tie(Course.patient_id, Fate.MOVED, "all that was planned for the person goes on"),
    Tie(Appointment.patient_id, Fate.MOVED, "visits are kept; two at one time stand in the way of merging"),
    Tie(Treatment.patient_id, Fate.MOVED, "every injection counts, those given elsewhere too"),
    Tie(Reminder.patient_id, Fate.MOVED, "what was told is not told again; what waits is planned anew"),
    Tie(Message.patient_id, Fate.MOVED, "what was written to the person, and what is on its way"),
    Tie(CalendarFeed.patient_id, Fate.MOVED, "an address once subscribed to goes on showing the visits"),
    Tie(
        Consent.patient_id, Fate.MOVED, "every statement is kept; where the two disagree the no is said again"
    ),
    Tie(InboundMessage.patient_id, Fate.MOVED, "what the person wrote back"),
    Tie(WorkItem.patient_id, Fate.MOVED, "what the desk has to settle is still to be settled"),
    Tie(Hold.patient_id, Fate.MOVED, "the holds of both forbid their days"),
    Tie(OverrideRequest.patient_id, Fate.MOVED, "a question to a provider waits on for its answer"),
    Tie(ForecastChange.patient_id, Fate.MOVED, "the report of new rules names whose course it is now"),
    Tie(Patient.merged_into_id, Fate.MOVED, "a number given up before finds whoever has the record now"),
    Tie(PatientSearchKey.patient_id, Fate.REWRITTEN, "made from the records as they are"),
    Tie(AuditEvent.patient_id, Fate.STAYS, "the record of who did what is never altered"),
)

# Of an open course that both have: the one goes on, the other is stopped and empty.
OF_COURSES: tuple[Tie, ...] = (
    Tie(Appointment.course_id, Fate.MOVED, "visits are of the course that goes on"),
    Tie(Treatment.course_id, Fate.MOVED, "dates are computed from all that was given"),
    Tie(Reminder.course_id, Fate.MOVED, "what was told of the course is not told again"),
    Tie(ContactAttempt.course_id, Fate.MOVED, "the person was called that often, under whichever record"),
    Tie(Authorization.course_id, Fate.MOVED, "the payer's leave is for the person"),
    Tie(WorkItem.course_id, Fate.MOVED, "what the desk has to settle is about the course that goes on"),
    Tie(OverrideRequest.course_id, Fate.MOVED, "as the visit it asks for"),
    Tie(StandingDecision.course_id, Fate.MOVED, "a provider's word about the person's course stands"),
    Tie(ForecastChange.course_id, Fate.STAYS, "what new rules changed of that very course, once an edition"),
)
