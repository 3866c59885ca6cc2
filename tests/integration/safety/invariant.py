"""What must hold after every commit (DD-18), as a list of what does not; empty is well."""

from collections.abc import Iterator
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from clinic_scheduler.domain.forecast.blocks import DESK_DECIDES, Against
from clinic_scheduler.domain.visits.override_reasons import ALREADY_OVERDUE
from clinic_scheduler.queries.due.rows import due_rows
from tests.integration.due_counting import miscounts
from tests.integration.safety.readings import Json, Row, Tables, answers, question

KEPT_DATES = ("earliest_date", "due_date", "overdue_date", "lapse_date")
MAY_OVERRIDE = {"provider", "admin"}
# What a patient is told of a visit of theirs; a course that is only due is told of by other kinds.
OF_A_VISIT = {"visit_reminder", "visit_booked", "visit_moved", "visit_cancelled", "missed_visit"}


def faults(session: Session, now: datetime) -> list[str]:
    """Everything in the database that DD-18 forbids at `now`."""
    tables, found = Tables(session), []
    for clinic in tables.rows("clinics"):
        today = now.astimezone(ZoneInfo(clinic["zone"])).date()
        problems = {row.course_id for row in due_rows(session, clinic["id"], today, bucket="booking_problem")}
        found += [f"due list, {told}" for told in miscounts(session, clinic["id"], today, (0, 15))]
        for patient in tables.rows("patients", clinic_id=clinic["id"]):
            found += _of_patient(tables, patient, today, problems)
    return [*found, *_of_overrides(tables), *_told_too_soon(tables), *_held_for_nobody(tables)]


def standing(session: Session, appointment_id: int, now: datetime) -> str:
    """How one open injection visit stands at `now`, by the tables alone."""
    return standings(session, now)[appointment_id]


def standings(session: Session, now: datetime) -> dict[int, str]:
    """How each open injection visit stands."""
    tables, found = Tables(session), {}
    for patient in tables.rows("patients"):
        zone = ZoneInfo(tables.one("clinics", patient["clinic_id"])["zone"])
        engine, _ = answers(question(tables, patient, now.astimezone(zone).date()))
        for visit in tables.open_injections(patient["id"]):
            found[visit["id"]] = _kept_booking(engine[visit["course_id"]])
    return found


def _of_patient(tables: Tables, patient: Row, today: date, problems: set[int]) -> Iterator[str]:
    engine, naive = answers(question(tables, patient, today))
    visits = {visit["course_id"]: visit for visit in tables.open_injections(patient["id"])}
    for course in tables.rows("courses", patient_id=patient["id"]):
        key, said = course["id"], engine[course["id"]]
        if said != naive[key]:
            different = {
                name: (said[name], naive[key][name]) for name in said if said[name] != naive[key][name]
            }
            yield f"course {key}: the two readings differ: {different}"
        yield from _kept_wrongly(course, said, visits.get(key))
        stands = _kept_booking(said)
        if (stands not in ("ok", "none")) != (key in problems):
            place = "stands under" if key in problems else "is missing from"
            yield f"course {key}: a visit that is {stands} {place} Booking problems"


def _kept_booking(said: Json) -> str:
    """A visit still open under a closed course is a problem whatever else holds of it."""
    closed = said["timing"] == "closed" and said["booking"] != "none"
    return "closed_course" if closed else str(said["booking"])


def _kept_wrongly(course: Row, said: Json, visit: Row | None) -> Iterator[str]:
    """What the course's row keeps and the answer does not say."""
    expected: Json = {name: date.fromisoformat(said[name]) for name in KEPT_DATES}
    expected["reference_on"] = date.fromisoformat(said["reference"]) if said["reference"] else None
    expected["booked_on"] = visit["local_date"] if visit else None
    expected["booking"] = _kept_booking(said)
    expected["cycles_given"] = said["cycles_given"]
    expected["blocks"] = " ".join(block for block in said["blocks"] if block != "on_hold")
    for name, value in expected.items():
        if course[name] != value:
            yield f"course {course['id']}: {name} is kept as {course[name]}, it is {value}"


def _of_overrides(tables: Tables) -> Iterator[str]:
    """Each names what it overrides, who decided it, and why; what only a provider decides, one did."""
    names = {role["id"]: role["name"] for role in tables.rows("roles")}
    held: dict[int, set[str]] = {}
    for pair in tables.user_roles:
        held.setdefault(pair["user_id"], set()).add(names[pair["role_id"]])
    for row in tables.rows("visit_overrides"):
        named = f"visit {row['appointment_id']}: override {row['name']!r}"
        if row["name"] not in set(Against):
            yield f"{named} is no name"
        if not row["reason"] or not row["decided_by"]:
            yield f"{named} lacks its reason or who decided it"
        if row["name"] in DESK_DECIDES:
            continue
        if row["reason"] == ALREADY_OVERDUE or not held.get(row["decided_by_id"], set()) & MAY_OVERRIDE:
            yield f"{named} was decided by {row['decided_by']}, who may not"


def _told_too_soon(tables: Tables) -> Iterator[str]:
    """Nobody outside hears of a time that is only proposed."""
    held = ("proposed", "pending")
    proposed = {visit["id"] for state in held for visit in tables.rows("appointments", state=state)}
    for notification in tables.rows("reminders"):
        if notification["appointment_id"] in proposed and notification["kind"] in OF_A_VISIT:
            visit, kind = notification["appointment_id"], notification["kind"]
            yield f"visit {visit} is proposed, and {kind} is {notification['state']}"


def _held_for_nobody(tables: Tables) -> Iterator[str]:
    """A time is held for a move only while its visit stands and somebody is asked."""
    asked = {request["appointment_id"] for request in tables.rows("override_requests", state="waiting")}
    for held in tables.rows("appointments", state="pending"):
        visit = tables.one("appointments", held["replaces_id"])
        if held["id"] not in asked:
            yield f"visit {held['id']} is pending, and nobody is asked"
        if visit["state"] not in ("booked", "arrived") or visit["course_id"] != held["course_id"]:
            yield f"visit {held['id']} is held for visit {visit['id']}, which is {visit['state']}"
