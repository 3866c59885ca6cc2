"""New editions of a protocol, and moving open courses to the current one; nothing booked is ever moved."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import Session

from clinic_scheduler.domain.errors import ChangedMeanwhile, InvalidInput
from clinic_scheduler.domain.figures import changes, unsourced
from clinic_scheduler.domain.indications import INDICATIONS, protocol_with
from clinic_scheduler.domain.protocols import PROTOCOL_FIELDS, contradictions
from clinic_scheduler.models import Clinic, Course, ProtocolVersion
from clinic_scheduler.queries.protocol_versions import courses_behind
from clinic_scheduler.services.actors import Actor
from clinic_scheduler.services.audit import record
from clinic_scheduler.services.clinics import current_protocol
from clinic_scheduler.services.forecasting import BATCH, refresh
from clinic_scheduler.services.locks import lock_patients


def new_version(
    session: Session,
    actor: Actor,
    indication: str,
    overrides: Mapping[str, Mapping[str, Any]],
    based_on: int,
    now: datetime,
) -> ProtocolVersion:
    """The next edition, current for courses opened from now on. `based_on` is the edition that was on the screen.

    Sent twice, it is made once. Raises ChangedMeanwhile where another edition came in between, InvalidInput
    where a value lacks its source, two contradict each other, or nothing differs.
    """
    session.get_one(Clinic, actor.clinic_id, with_for_update=True)
    current = current_protocol(session, actor.clinic_id, indication)
    if current.version == based_on + 1 and current.overrides == overrides:
        return current
    if current.version != based_on:
        raise ChangedMeanwhile(f"version {current.version} was saved after this form was opened")
    draft = protocol_with(indication, overrides)
    for _, flaw in [
        *unsourced(INDICATIONS[indication].protocol, PROTOCOL_FIELDS, overrides),
        *contradictions(draft),
    ]:
        raise InvalidInput(flaw)
    before = protocol_with(indication, current.overrides)
    changed = [field.name for field in changes(before, draft, PROTOCOL_FIELDS)]
    if not changed:
        raise InvalidInput(f"nothing differs from version {current.version}")
    version = ProtocolVersion(
        clinic_id=actor.clinic_id,
        indication=indication,
        version=current.version + 1,
        overrides={name: dict(given) for name, given in overrides.items()},
        created_at=now,
        created_by_id=actor.user_id,
    )
    session.add(version)
    session.flush()
    record(
        session,
        actor,
        now,
        "edited",
        "protocol_versions",
        version.id,
        indication=indication,
        version=version.version,
        fields=changed,
    )
    return version


def move_open_courses(
    session: Session, actor: Actor, indication: str, today: date, now: datetime, limit: int = BATCH
) -> int:
    """Bring up to `limit` open courses under the current edition and return how many; 0 when none is behind.

    Their dates follow here; the worker plans their reminders again.
    """
    version = current_protocol(session, actor.clinic_id, indication)
    found = courses_behind(session, version, today, limit)
    patient_ids = sorted({patient_id for _, patient_id in found})
    lock_patients(session, patient_ids)
    session.execute(
        update(Course)
        .where(Course.id.in_([course_id for course_id, _ in found]))
        .values(protocol_version_id=version.id, reminders_planned_at=None)
    )
    refresh(session, patient_ids, today, now)
    for course_id, patient_id in found:
        record(
            session,
            actor,
            now,
            "protocol_changed",
            "courses",
            course_id,
            patient_id=patient_id,
            version=version.version,
        )
    return len(found)
