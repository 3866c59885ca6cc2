"""Opening a clinic and its providers, with what they need from the first day; a clinic's own settings."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from clinic_scheduler.domain.errors import InvalidInput
from clinic_scheduler.domain.local_time import known_zone
from clinic_scheduler.domain.messaging.reminder_rules import shipped_rules
from clinic_scheduler.domain.messaging.suppression_reasons import SuppressionReason
from clinic_scheduler.domain.protocols.indications import INDICATIONS, words_of
from clinic_scheduler.domain.typed_text import require_address, require_one_line
from clinic_scheduler.domain.visits.kinds_and_states import HELD_STATES, OTHER_KINDS, VisitKind
from clinic_scheduler.models import (
    Appointment,
    Clinic,
    Closure,
    ProcedureLength,
    ProtocolVersion,
    Provider,
    ProviderHours,
    Reminder,
)
from clinic_scheduler.services.actors import Actor
from clinic_scheduler.services.audit import record
from clinic_scheduler.services.calendars.revision import raise_revision
from clinic_scheduler.services.change import Change
from clinic_scheduler.services.messaging.reminder_rules import leave_to_worker
from clinic_scheduler.services.messaging.reminder_states import suppress_all

# What a provider gets until the clinic says otherwise: Monday to Friday with a midday break.
STANDARD_HOURS = tuple(
    (weekday, start, end)
    for weekday in range(5)
    for start, end in ((time(9), time(12)), (time(13), time(17)))
)
# Kinds of reminder a clinic may switch off, whatever its rules say.
# What events in calendars say of their clinic, or are dated by.
IN_CALENDARS = frozenset({"name", "phone", "address", "zone"})
# What stands behind it then: the clinic's own address.
_MAY_BE_EMPTY = frozenset({"digest_email"})
SHORTEST_VISIT, LONGEST_VISIT = 5, 480


@dataclass(frozen=True, slots=True)
class ClinicEntry:
    """`zone` is an IANA name; phone and e-mail are what patients are told to use."""

    name: str
    zone: str
    phone: str
    email: str
    address: str | None = None


def open_clinic(session: Session, actor_name: str, entry: ClinicEntry, now: datetime) -> Clinic:
    """A new clinic with the default protocols as its first editions. Raises InvalidInput."""
    _require_sound({"name": entry.name, "zone": entry.zone, "phone": entry.phone, "email": entry.email})
    clinic = Clinic(
        name=entry.name,
        zone=entry.zone,
        phone=entry.phone,
        email=entry.email,
        address=entry.address,
        created_at=now,
    )
    session.add(clinic)
    session.flush()
    session.add_all(first_protocol(clinic.id, indication, now) for indication in clinic.indications)
    record(Change(session, Actor(actor_name, clinic.id), now), "opened", "clinics", clinic.id)
    session.flush()
    return clinic


def change_clinic(change: Change, changes: Mapping[str, str]) -> Clinic:
    """Give the actor's clinic another name, zone, phone, email, address or digest_email. Raises InvalidInput.

    Another zone is refused while visits are ahead: patients were promised local times. What is planned to be
    told is left to the worker to plan again, by the new zone's mornings.
    """
    session = change.session
    clinic = session.get_one(Clinic, change.clinic_id, with_for_update=True)
    for name, value in changes.items():
        if not value.strip() and name not in _MAY_BE_EMPTY:
            raise InvalidInput(f"the clinic's {name} cannot be empty. Nothing was changed")
    _require_sound(changes)
    zone = changes.get("zone", clinic.zone)
    if zone != clinic.zone:
        require_zone(zone)
        # Where the former one is not known any more, visits keep their instants and get their local times back.
        if known_zone(clinic.zone):
            _require_no_visits_ahead(session, clinic.id, change.now)
        leave_to_worker(session, clinic.id)
    before = {name: getattr(clinic, name) for name in changes}
    for name, value in changes.items():
        setattr(clinic, name, value.strip() or None)
    if any(getattr(clinic, name) != before[name] for name in IN_CALENDARS & changes.keys()):
        raise_revision(session, clinic.id, change.now)
    record(change, "changed", "clinics", clinic.id, fields=sorted(changes))
    return clinic


def _require_sound(values: Mapping[str, str | None]) -> None:
    """What mails and calendars name stands in one line; only the postal address has several."""
    for name, value in values.items():
        said = f"the clinic's {name.replace('_', '-')}"
        if name in ("email", "digest_email"):
            require_address(value and value.strip(), said, name)
        elif name != "address":
            require_one_line(value, said, name)


def change_desk_rules(
    change: Change,
    *,
    address: str | None,
    digest_email: str | None,
    contact_attempts_limit: int,
    contact_rest_days: int,
) -> None:
    """The clinic's address, where mail to staff goes, and how the desk goes about reaching patients."""
    _require_sound({"digest_email": digest_email})
    clinic = change.session.get_one(Clinic, change.clinic_id, with_for_update=True)
    values = {
        "address": address,
        "digest_email": digest_email,
        "contact_attempts_limit": contact_attempts_limit,
        "contact_rest_days": contact_rest_days,
    }
    changed = [name for name, value in values.items() if getattr(clinic, name) != value]
    for name in changed:
        setattr(clinic, name, values[name])
    if "address" in changed:
        raise_revision(change.session, clinic.id, change.now)
    if changed:
        record(change, "changed", "clinics", clinic.id, fields=changed)


def switch_reminders(change: Change, off: Collection[str]) -> None:
    """Which kinds of reminder the clinic does not send. What waits of them is suppressed at once; what is
    switched on again is left to the worker to plan. Raises InvalidInput for a kind that has no switch.
    """
    if set(off) - set(shipped_rules()):
        raise InvalidInput(f"a reminder's kind is one of {', '.join(shipped_rules())}. Nothing was changed")
    clinic = change.session.get_one(Clinic, change.clinic_id, with_for_update=True)
    before, after = set(clinic.reminders_off.split()), set(off)
    if before == after:
        return
    clinic.reminders_off = " ".join(sorted(after))
    of_those = Reminder.clinic_id == clinic.id, Reminder.kind.in_(after - before)
    suppress_all(change.session, *of_those, because=SuppressionReason.SWITCHED_OFF, now=change.now)
    if before - after:
        leave_to_worker(change.session, clinic.id)
    record(change, "changed", "clinics", clinic.id, reminders_off=sorted(after))


def set_procedure_lengths(change: Change, lengths: Mapping[str, int | None]) -> None:
    """Minutes of an injection by indication, and of the other kinds of visit by kind; None: the provider's usual
    length. Visits already booked keep theirs.
    """
    session = change.session
    session.get_one(Clinic, change.clinic_id, with_for_update=True)
    found = session.scalars(select(ProcedureLength).where(ProcedureLength.clinic_id == change.clinic_id))
    rows = {(row.visit_kind, row.indication): row for row in found}
    changed = {}
    for name, minutes in lengths.items():
        key = _length_key(name)
        row = rows.get(key)
        if minutes == (row.minutes if row else None):
            continue
        changed[name] = minutes
        if minutes is None:
            session.delete(row)
            continue
        if not SHORTEST_VISIT <= minutes <= LONGEST_VISIT:
            raise InvalidInput(
                f"a visit takes {SHORTEST_VISIT} to {LONGEST_VISIT} minutes. Nothing was changed"
            )
        kind, indication = key
        row = row or ProcedureLength(clinic_id=change.clinic_id, visit_kind=kind, indication=indication)
        row.minutes = minutes
        session.add(row)
    if changed:
        record(change, "changed", "procedure_lengths", None, **changed)


def _length_key(name: str) -> tuple[str, str]:
    """(visit_kind, indication) as ProcedureLength keeps them."""
    if name in OTHER_KINDS:
        return name, ""
    if name in INDICATIONS:
        return VisitKind.INJECTION, name
    raise InvalidInput(f"unknown indication {name!r}. Nothing was changed")


def require_zone(name: str) -> None:
    """Raises InvalidInput unless it is an IANA zone."""
    if known_zone(name) is None:
        raise InvalidInput(f"{name!r} is not an IANA zone such as America/New_York. Nothing was changed")


def _require_no_visits_ahead(session: Session, clinic_id: int, now: datetime) -> None:
    ahead = exists().where(
        Appointment.clinic_id == clinic_id, Appointment.state.in_(HELD_STATES), Appointment.starts_at > now
    )
    if session.scalar(select(ahead)):
        raise InvalidInput(
            "the zone cannot change while visits are booked, as it would shift their local times. "
            "Nothing was changed. Cancel them first and book them again afterwards"
        )


def add_provider(
    change: Change,
    name: str,
    *,
    hours: Sequence[tuple[int, time, time]] = STANDARD_HOURS,
    visit_minutes: int = 30,
    email: str | None = None,
) -> Provider:
    """A provider who takes bookings in `hours` (weekday, from, until; Monday is 0). Raises InvalidInput."""
    require_one_line(name, "the provider's name", "name")
    require_address(email, "the provider's e-mail", "email")
    provider = Provider(
        clinic_id=change.clinic_id, name=name, email=email, visit_minutes=visit_minutes, created_at=change.now
    )
    change.session.add(provider)
    change.session.flush()
    for weekday, starts_at, ends_at in hours:
        change.session.add(
            ProviderHours(provider_id=provider.id, weekday=weekday, starts_at=starts_at, ends_at=ends_at)
        )
    record(change, "added", "providers", provider.id)
    return provider


def add_closure(
    change: Change, starts_on: date, ends_on: date, reason: str, *, provider_id: int | None = None
) -> Closure:
    """Days the clinic, or one provider, is away. Visits already booked there are not moved."""
    closure = Closure(
        clinic_id=change.clinic_id,
        provider_id=provider_id,
        starts_on=starts_on,
        ends_on=ends_on,
        reason=reason,
    )
    change.session.add(closure)
    change.session.flush()
    record(change, "added", "closures", closure.id)
    return closure


def first_protocol(clinic_id: int, indication: str, now: datetime) -> ProtocolVersion:
    """An indication's first edition at a clinic: as shipped."""
    return ProtocolVersion(
        clinic_id=clinic_id, indication=indication, version=1, overrides={}, created_at=now
    )


def current_protocol(session: Session, clinic_id: int, indication: str) -> ProtocolVersion:
    """The newest edition. Raises InvalidInput where the clinic never offered the indication."""
    newest = newest_protocol(session, clinic_id, indication)
    if newest is None:
        raise not_offered(indication)
    return newest


def not_offered(indication: str) -> InvalidInput:
    return InvalidInput(
        f"this clinic does not offer {words_of(indication).lower()}. "
        "An administrator switches it on under Settings, Protocols"
    )


def newest_protocol(session: Session, clinic_id: int, indication: str) -> ProtocolVersion | None:
    newest = select(func.max(ProtocolVersion.version)).where(
        ProtocolVersion.clinic_id == clinic_id, ProtocolVersion.indication == indication
    )
    return session.scalars(
        select(ProtocolVersion).where(
            ProtocolVersion.clinic_id == clinic_id,
            ProtocolVersion.indication == indication,
            ProtocolVersion.version == newest.scalar_subquery(),
        )
    ).one_or_none()
