"""Which clinics a person may work in, and which they work in now; and whom an administrator may decide about.

The accounts themselves are in staff.py.
"""

from collections.abc import Collection, Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from clinic_scheduler.domain.errors import InvalidInput, NotFound
from clinic_scheduler.domain.roles import StaffRole
from clinic_scheduler.models import Clinic, Provider, Role, User
from clinic_scheduler.queries.accounts import clinics_of, works_in
from clinic_scheduler.services.actors import Actor
from clinic_scheduler.services.audit import record
from clinic_scheduler.services.change import Change


def switch_clinic(change: Change, clinic_id: int) -> None:
    """Work in another of the own clinics from now on. NotFound for one the person does not belong to."""
    actor = change.actor
    user = change.session.get_one(User, actor.user_id, with_for_update=True)
    if not works_in(user, clinic_id):
        raise NotFound("no such clinic")
    if user.clinic_id != clinic_id:
        before, user.clinic_id = user.clinic_id, clinic_id
        there = Actor(actor.name, clinic_id, actor.user_id, actor.roles)
        record(
            Change(change.session, there, change.now),
            "switched_clinic",
            "users",
            user.id,
            from_clinic_id=before,
        )


def join_clinic(change: Change, clinic: Clinic) -> None:
    """Let the actor work in a clinic they opened, besides those they work in already."""
    actor = change.actor
    user = change.session.get_one(User, actor.user_id)
    user.clinics.append(clinic)
    there = Actor(actor.name, clinic.id, actor.user_id, actor.roles)
    record(Change(change.session, there, change.now), "joined_clinic", "users", user.id)


def change_clinics(change: Change, user: User, chosen: Collection[int]) -> None:
    """Of the clinics the actor belongs to, the person may use those chosen; others stay as they are.

    Where the clinic worked in now is taken away, the person goes on in the first of those left. Raises
    InvalidInput where none would be left, or a clinic would lose its last administrator.
    """
    session, actor = change.session, change.actor
    session.flush()  # what was changed about the person a moment ago would be read over
    # The key alone: an account may come with its roles joined, which PostgreSQL does not lock.
    session.scalars(select(User.id).where(User.id == user.id).with_for_update()).one()
    session.refresh(user)
    mine = {clinic.id: clinic for clinic in clinics_of(session, actor.user_id)}
    if set(chosen) - set(mine):
        raise NotFound("no such clinic")
    kept = [clinic for clinic in user.clinics if clinic.id not in mine or clinic.id in chosen]
    added = [mine[key] for key in chosen if not works_in(user, key)]
    taken = [clinic for clinic in user.clinics if clinic not in kept]
    if not added and not taken:
        return
    if not kept and not added:
        raise InvalidInput(
            "a person works in one clinic at least. Nothing was changed. Close the account instead"
        )
    require_another_admin(session, user, taken)
    user.clinics = sorted([*kept, *added], key=lambda clinic: clinic.name)
    _settle(session, user)
    for clinic, action in [(one, "clinic_given") for one in added] + [(one, "clinic_taken") for one in taken]:
        there = Actor(actor.name, clinic.id, actor.user_id, actor.roles)
        record(Change(session, there, change.now), action, "users", user.id)


def require_all_clinics(change: Change, user: User) -> None:
    """An account is one for all its clinics: only who belongs to them all decides about it. Raises InvalidInput.

    Commands may: who has a terminal has every clinic.
    """
    if change.actor.user_id is None:
        return
    mine = clinics_of(change.session, change.actor.user_id)
    if any(clinic not in mine for clinic in user.clinics):
        raise InvalidInput(
            "this person also works in a clinic you do not belong to. Nothing was changed. "
            "Ask an administrator of all their clinics"
        )


def require_another_admin(session: Session, user: User, places: Iterable[Clinic]) -> None:
    """In each of these clinics. Of two administrators closing each other's accounts the second waits here, and is
    refused.
    """
    keys = sorted(clinic.id for clinic in places)
    session.scalars(select(Clinic.id).where(Clinic.id.in_(keys)).order_by(Clinic.id).with_for_update()).all()
    for key in keys:
        admins = session.scalars(
            select(User)
            .where(
                User.clinics.any(Clinic.id == key),
                User.active,
                User.password.is_not(None),
                User.roles.any(Role.name == StaffRole.ADMIN),
            )
            .execution_options(populate_existing=True)
        ).all()
        if user in admins and len(admins) == 1:
            raise InvalidInput("this is the last administrator. Nothing was changed. Add another one first")


def _settle(session: Session, user: User) -> None:
    """What pointed into a clinic that is no more the person's points there no longer."""
    if not works_in(user, user.clinic_id):
        user.clinic_id = user.clinics[0].id
    provider = session.get(Provider, user.provider_id) if user.provider_id is not None else None
    if provider is not None and not works_in(user, provider.clinic_id):
        user.provider_id = None
