"""Row locks: changes to one diary or one patient wait for each other. Nothing is written here.

Always in this order, so that none waits for one that waits for it: the clinic, providers by id, patients by id,
then the rest. SQLite needs none of it: a unit of work there holds the one write lock from its start.
"""

from collections.abc import Iterable

from sqlalchemy import bindparam, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from clinic_scheduler.domain.errors import NotFound
from clinic_scheduler.models import Clinic, Course, Patient, Provider

_ANEW = {"populate_existing": True}
_PROVIDERS = (
    select(Provider)
    .where(Provider.id.in_(bindparam("ids", expanding=True)))
    .order_by(Provider.id)
    .with_for_update(key_share=True)
)
_OWNER = (
    select(Patient)
    .where(
        Patient.id
        == select(Course.patient_id)
        .where(Course.id == bindparam("course"), Course.clinic_id == bindparam("clinic"))
        .scalar_subquery()
    )
    .with_for_update(key_share=True)
)


def lock_clinic(session: Session, clinic_id: int) -> None:
    """Nobody else changes this clinic's settings until the unit of work ends."""
    _lock(session, Clinic.id, [clinic_id])


def lock_providers(session: Session, ids: Iterable[int]) -> None:
    """Nobody else books with these providers until the unit of work ends."""
    _lock(session, Provider.id, ids)


def lock_diaries(session: Session, clinic_id: int, provider_id: int | None = None) -> None:
    """As lock_providers, for one provider or for every one of the clinic."""
    of_clinic = select(Provider.id).where(Provider.clinic_id == clinic_id)
    lock_providers(session, session.scalars(of_clinic) if provider_id is None else [provider_id])


def lock_patients(session: Session, ids: Iterable[int]) -> None:
    """Nobody else changes these patients' visits, treatments or dates until the unit of work ends."""
    _lock(session, Patient.id, ids)


def lock_reached(session: Session, ids: Iterable[int], phones: Iterable[str]) -> None:
    """Nothing else is told meanwhile to these patients, or to anybody with one of these numbers, nor their wishes
    changed.
    """
    wanted, numbers = Patient.id.in_(set(ids)), set(phones)
    with session.no_autoflush:
        session.execute(
            select(Patient.id)
            .where(wanted | Patient.phone.in_(numbers) if numbers else wanted)
            .order_by(Patient.id)
            .with_for_update(key_share=True)
        )


def locked_providers(session: Session, ids: Iterable[int]) -> dict[int, Provider]:
    """As lock_providers; their rows by id, as whoever held the lock before left them."""
    return {
        row.id: row for row in session.scalars(_PROVIDERS, {"ids": sorted(set(ids))}, execution_options=_ANEW)
    }


def locked_provider(session: Session, clinic_id: int, provider_id: int) -> Provider:
    """One of them. Raises NotFound for another clinic's provider."""
    provider = locked_providers(session, [provider_id]).get(provider_id)
    if provider is None or provider.clinic_id != clinic_id:
        raise NotFound("no such provider")
    return provider


def locked_owner(session: Session, clinic_id: int, course_id: int) -> Patient:
    """The patient whose course this is, locked as lock_patients does and read as the holder before left it.

    Raises NotFound for another clinic's course.
    """
    asked = {"course": course_id, "clinic": clinic_id}
    patient = session.scalar(_OWNER, asked, execution_options=_ANEW)
    if patient is None:
        raise NotFound("no such course")
    return patient


def lock_course(session: Session, course: Course) -> None:
    """Lock the course's patient and read the course again, as whoever held the lock before left it."""
    lock_patients(session, [course.patient_id])
    read_anew(session, course)


def read_anew(session: Session, row: object) -> None:
    """Read a row again, as others left it. What was changed here is written first, or it would be lost."""
    session.flush()
    session.refresh(row)


def _lock(session: Session, key: InstrumentedAttribute[int], ids: Iterable[int]) -> None:
    # Weaker than FOR UPDATE: rows that merely refer to a locked one can still be added.
    with session.no_autoflush:
        session.execute(select(key).where(key.in_(set(ids))).order_by(key).with_for_update(key_share=True))
