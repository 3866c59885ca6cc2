"""The tables: columns and constraints, no behaviour. Importing this room makes every table known."""

from clinic_scheduler.models.appointment import Appointment
from clinic_scheduler.models.audit import AuditEvent
from clinic_scheduler.models.busy_time import BusyCalendar, BusyTime
from clinic_scheduler.models.calendar_feed import CalendarFeed
from clinic_scheduler.models.clinic import Clinic, LabelVersion, ProcedureLength, ProtocolVersion
from clinic_scheduler.models.consent import Consent
from clinic_scheduler.models.contact_attempt import ContactAttempt
from clinic_scheduler.models.course import Authorization, Course
from clinic_scheduler.models.due_count import DueCount, DueCountChange
from clinic_scheduler.models.forecast_change import ForecastChange
from clinic_scheduler.models.hold import Hold
from clinic_scheduler.models.import_mapping import ImportMapping
from clinic_scheduler.models.installation import Installation
from clinic_scheduler.models.job_run import JobRun
from clinic_scheduler.models.link_key import LinkKey
from clinic_scheduler.models.override import OverrideReason, OverrideRequest, StandingDecision, VisitOverride
from clinic_scheduler.models.patient import Patient, PatientSearchKey
from clinic_scheduler.models.provider import Closure, Provider, ProviderHours
from clinic_scheduler.models.reminder import DeliveryAttempt, DeliveryReceipt, Message, Reminder
from clinic_scheduler.models.reminder_rule import MessageTemplate, ReminderRule
from clinic_scheduler.models.staff import Role, User
from clinic_scheduler.models.treatment import Treatment, TreatmentVial
from clinic_scheduler.models.work_item import InboundMessage, StaffNotice, WorkItem

__all__ = [
    "Appointment",
    "AuditEvent",
    "Authorization",
    "BusyCalendar",
    "BusyTime",
    "CalendarFeed",
    "Clinic",
    "Closure",
    "Consent",
    "ContactAttempt",
    "Course",
    "DeliveryAttempt",
    "DeliveryReceipt",
    "DueCount",
    "DueCountChange",
    "ForecastChange",
    "Hold",
    "ImportMapping",
    "InboundMessage",
    "Installation",
    "JobRun",
    "LabelVersion",
    "LinkKey",
    "Message",
    "MessageTemplate",
    "OverrideReason",
    "OverrideRequest",
    "Patient",
    "PatientSearchKey",
    "ProcedureLength",
    "ProtocolVersion",
    "Provider",
    "ProviderHours",
    "Reminder",
    "ReminderRule",
    "Role",
    "StaffNotice",
    "StandingDecision",
    "Treatment",
    "TreatmentVial",
    "User",
    "VisitOverride",
    "WorkItem",
]
