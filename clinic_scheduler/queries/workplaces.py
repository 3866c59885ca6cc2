"""Where a provider works: each clinic that has the same person on its list."""

from dataclasses import dataclass

from sqlalchemy import Connection, func, select
from sqlalchemy.orm import Session

from clinic_scheduler.domain.calendars.values import UNREVISED, Revision
from clinic_scheduler.models import Clinic, Provider
from clinic_scheduler.models.staff import user_clinics


@dataclass(frozen=True, slots=True)
class Workplace:
    """A provider as one clinic has them; elsewhere than at the link's own clinic, with its name and revision."""

    provider_id: int
    elsewhere: str = ""
    revision: Revision = UNREVISED


def same_person(
    session: Session | Connection, provider_id: int, clinic_id: int, by_user_id: int | None
) -> list[Workplace]:
    """Wherever a provider's e-mail address works.

    Any clinic can write any address onto its own list. So where a person made the link, it reaches only into
    clinics that person may work in.
    """
    email = session.scalars(select(Provider.email).where(Provider.id == provider_id)).one()
    own = Provider.id == provider_id
    wanted = own | (Provider.email == email) if email else own
    if by_user_id is not None:
        theirs = select(user_clinics.c.clinic_id).where(user_clinics.c.user_id == by_user_id)
        wanted &= (Provider.clinic_id == clinic_id) | Provider.clinic_id.in_(theirs)
    found = session.execute(
        select(
            Provider.id,
            Clinic.id.label("clinic_id"),
            func.coalesce(Clinic.text_name, Clinic.name).label("name"),
            Clinic.calendar_revision,
            Clinic.calendar_revised_at,
        )
        .join(Clinic, Clinic.id == Provider.clinic_id)
        .where(wanted)
        .order_by(Provider.id)
    )
    return [
        Workplace(row.id)
        if row.clinic_id == clinic_id
        else Workplace(row.id, row.name, Revision(row.calendar_revision, row.calendar_revised_at))
        for row in found
    ]
