"""New editions of a protocol, and moving open courses to the current one; nothing booked is ever moved."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import update

from clinic_scheduler.domain.errors import ChangedMeanwhile, InvalidInput
from clinic_scheduler.domain.protocols.figures import changes, unsourced
from clinic_scheduler.domain.protocols.indications import INDICATIONS, protocol_with
from clinic_scheduler.domain.protocols.protocol import PROTOCOL_FIELDS, contradictions
from clinic_scheduler.models import Clinic, Course, ProtocolVersion
from clinic_scheduler.queries.protocols.protocol_versions import courses_behind
from clinic_scheduler.services.audit import record
from clinic_scheduler.services.change import Change
from clinic_scheduler.services.courses.forecasting import BATCH, refresh
from clinic_scheduler.services.locks import lock_clinic, lock_patients
from clinic_scheduler.services.practice.clinics import current_protocol, first_protocol, newest_protocol


def new_version(
    change: Change, indication: str, overrides: Mapping[str, Mapping[str, Any]], based_on: int
) -> ProtocolVersion:
    """The next edition, current for courses opened from now on. `based_on` is the edition that was on the screen.

    Sent twice, it is made once. Raises ChangedMeanwhile where another edition came in between, InvalidInput
    where a value lacks its source, two contradict each other, or nothing differs.
    """
    session = change.session
    lock_clinic(session, change.clinic_id)
    current = newest_protocol(session, change.clinic_id, indication)
    number, own = (current.version, current.overrides) if current is not None else (0, {})
    if current is not None and number == based_on + 1 and own == overrides:
        return current
    if number != based_on:
        raise ChangedMeanwhile(f"version {number} was saved after this form was opened")
    draft = protocol_with(indication, overrides)
    for _, flaw in [
        *unsourced(INDICATIONS[indication].protocol, PROTOCOL_FIELDS, overrides),
        *contradictions(draft),
    ]:
        raise InvalidInput(flaw)
    before = protocol_with(indication, own)
    changed = [field.name for field in changes(before, draft, PROTOCOL_FIELDS)]
    if not changed:
        raise InvalidInput(f"nothing differs from version {number}")
    version = ProtocolVersion(
        clinic_id=change.clinic_id,
        indication=indication,
        version=number + 1,
        overrides={name: dict(given) for name, given in overrides.items()},
        created_at=change.now,
        created_by_id=change.actor.user_id,
    )
    session.add(version)
    session.flush()
    record(
        change,
        "edited",
        "protocol_versions",
        version.id,
        indication=indication,
        version=version.version,
        fields=changed,
    )
    return version


def offer(change: Change, codes: Sequence[str]) -> None:
    """The clinic treats just these from now on; each gets its protocol's first edition, as shipped.

    Courses that are open under another go on. Raises InvalidInput for none at all or for one nobody knows.
    """
    session = change.session
    chosen = [code for code in INDICATIONS if code in codes]
    if not chosen or len(chosen) != len(set(codes)):
        raise InvalidInput("choose at least one of the indications on the page. Nothing was saved")
    lock_clinic(session, change.clinic_id)
    clinic = session.get_one(Clinic, change.clinic_id, populate_existing=True)
    if clinic.indications == chosen:
        return
    before, clinic.indications = clinic.indications, chosen
    for code in chosen:
        if newest_protocol(session, change.clinic_id, code) is None:
            session.add(first_protocol(change.clinic_id, code, change.now))
    record(change, "edited", "clinics", clinic.id, indications=chosen, former_indications=before)


def move_open_courses(change: Change, indication: str, today: date) -> int:
    """Bring up to BATCH open courses under the current edition and return how many; 0 when none is behind.

    Their dates follow here; the worker plans their reminders again.
    """
    session = change.session
    version = current_protocol(session, change.clinic_id, indication)
    found = courses_behind(session, version, today, BATCH)
    patient_ids = sorted({patient_id for _, patient_id in found})
    lock_patients(session, patient_ids)
    session.execute(
        update(Course)
        .where(Course.id.in_([course_id for course_id, _ in found]))
        .values(protocol_version_id=version.id, reminders_planned_at=None)
    )
    refresh(session, patient_ids, today, change.now)
    for course_id, patient_id in found:
        record(
            change, "protocol_changed", "courses", course_id, patient_id=patient_id, version=version.version
        )
    return len(found)
