"""Planning what a course should tell its patient: bringing the reminder rows to what the rules want."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.orm import Session, joinedload, selectinload

from clinic_scheduler.domain.reminders import CourseState, Planned, plan
from clinic_scheduler.domain.telling_kinds import TIME_TO_BOOK
from clinic_scheduler.models import Appointment, Clinic, Course, Patient, Reminder
from clinic_scheduler.queries.histories import OPEN_STATES, hold_values

SWITCHED_OFF = "switched_off"
_WAITING = ("pending", "suppressed")
_BEFORE_ALL = datetime(1, 1, 2, tzinfo=UTC)


def replan(session: Session, course: Course, now: datetime, because: str) -> None:
    """Plan what is missing and suppress what no longer holds, saying `because` (moved, cancelled, treated, ...).

    What was sent, or is being sent, is left alone and never repeated: the dedupe key sees to it.
    """
    session.flush()
    clinic = session.execute(
        select(Clinic.zone, Clinic.reminders_off).where(Clinic.id == course.clinic_id)
    ).one()
    zone, off = ZoneInfo(clinic.zone), clinic.reminders_off.split()
    state = _state(session, course)
    channel = course.patient.preferred_channel
    wanted = {telling.dedupe_key(state, channel): telling for telling in plan(state, zone, now)}
    if state.appointment_id is None:
        wanted = _not_told_lately(session, course, wanted)
    wanted = {key: telling for key, telling in wanted.items() if telling.kind not in off}
    rows = session.scalars(
        select(Reminder).where(Reminder.course_id == course.id, Reminder.state.in_(_WAITING))
    ).all()
    holding = _holding(state, channel, zone)
    for row in rows:
        if row.kind in off:
            _suppress(row, state.silenced or SWITCHED_OFF, now)
        elif row.dedupe_key in wanted:
            _bring_in_line(row, wanted[row.dedupe_key], now)
        elif row.dedupe_key not in holding or row.expires_at <= now:
            _suppress(row, state.silenced or because, now)
    known = {row.dedupe_key for row in rows}
    for key, telling in wanted.items():
        if key not in known:
            _insert(session, course, state, channel, key, telling, now)
    course.reminders_planned_at = now


def replan_unplanned(session: Session, now: datetime, limit: int = 200) -> int:
    """Plan courses nobody has planned yet (an import leaves them so). Returns how many were planned."""
    courses = session.scalars(
        select(Course)
        .where(Course.reminders_planned_at.is_(None))
        .order_by(Course.id)
        .limit(limit)
        .options(joinedload(Course.patient), selectinload(Course.holds))
        .with_for_update(skip_locked=True, of=Course)
    ).all()
    for course in courses:
        replan(session, course, now, "replanned")
    return len(courses)


def _state(session: Session, course: Course) -> CourseState:
    appointment = session.scalar(
        select(Appointment).where(Appointment.course_id == course.id, Appointment.state.in_(OPEN_STATES))
    )
    return CourseState(
        course_id=course.id,
        cycle=_cycle(course.reference_on),
        earliest_date=course.earliest_date,
        overdue_date=course.overdue_date,
        holds=hold_values(course),
        silenced=silenced(course),
        appointment_id=appointment.id if appointment else None,
        starts_at=appointment.starts_at if appointment else None,
    )


def silenced(course: Course) -> str | None:
    """Why nothing may be told about this course at all, or None."""
    return patient_silenced(course.patient) or ("course_stopped" if course.stopped_on is not None else None)


def patient_silenced(patient: Patient) -> str | None:
    """Why nothing may be told to this patient at all, or None."""
    if patient.deceased_on is not None:
        return "deceased"
    if patient.moved_on is not None:
        return "moved_away"
    return "do_not_contact" if patient.do_not_contact else None


def switched_off(clinic: Clinic, kind: str) -> str | None:
    """Why this kind is told to nobody, or None while the clinic has it switched on."""
    return SWITCHED_OFF if kind in clinic.reminders_off.split() else None


def _cycle(reference: date | None) -> str:
    return reference.isoformat() if reference else "first"


def _not_told_lately(session: Session, course: Course, wanted: dict[str, Planned]) -> dict[str, Planned]:
    """A corrected treatment renames the cycle; whoever was asked to book since it began is not asked again."""
    told = session.scalar(
        select(Reminder.id).where(
            Reminder.course_id == course.id,
            Reminder.kind == TIME_TO_BOOK,
            Reminder.state.in_(("queued", "sent")),
            Reminder.created_at >= course.forecast_changed_at,
        )
    )
    return {} if told is not None else wanted


def _holding(state: CourseState, channel: str, zone: ZoneInfo) -> set[str]:
    """Keys of the visit's steps, past ones too: one whose hour has come but that is not sent yet still holds."""
    if state.appointment_id is None:
        return set()
    return {telling.dedupe_key(state, channel) for telling in plan(state, zone, _BEFORE_ALL)}


def _bring_in_line(row: Reminder, telling: Planned, now: datetime) -> None:
    # What is already due stays due; a plan made again must not push it to another morning.
    stays = row.state == "pending" and row.due_at <= now
    due_at = row.due_at if stays else telling.due_at
    if (row.state, row.due_at, row.expires_at) == ("pending", due_at, telling.expires_at):
        return
    row.state, row.suppressed_reason = "pending", None
    row.due_at, row.expires_at, row.updated_at = due_at, telling.expires_at, now


def _suppress(row: Reminder, because: str, now: datetime) -> None:
    if row.state == "pending":
        row.state, row.suppressed_reason, row.updated_at = "suppressed", because, now


def _insert(
    session: Session,
    course: Course,
    state: CourseState,
    channel: str,
    key: str,
    telling: Planned,
    now: datetime,
) -> None:
    """INSERT ... ON CONFLICT DO NOTHING: two planners agree on one row."""
    insert = postgresql_insert if session.get_bind().dialect.name == "postgresql" else sqlite_insert
    session.execute(
        insert(Reminder)
        .values(
            clinic_id=course.clinic_id,
            patient_id=course.patient_id,
            course_id=course.id,
            appointment_id=state.appointment_id,
            kind=telling.kind,
            step=telling.step,
            channel=channel,
            dedupe_key=key,
            due_at=telling.due_at,
            expires_at=telling.expires_at,
            state="pending",
            created_at=now,
            updated_at=now,
        )
        .on_conflict_do_nothing(index_elements=[Reminder.dedupe_key])
    )
