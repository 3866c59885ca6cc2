"""flask book: suggest times for a patient's next visit, or book one, from a terminal."""

from dataclasses import dataclass
from datetime import UTC, datetime

import click
from flask.cli import with_appcontext
from sqlalchemy.orm import Session

from clinic_scheduler.cli.context import CLINIC_OPTION, plain_failures, terminal, wiring
from clinic_scheduler.db import db, unit_of_work
from clinic_scheduler.domain.errors import BookingRefused, NotFound
from clinic_scheduler.domain.forecast.blocks import Against
from clinic_scheduler.domain.forecast.intervals import spoken
from clinic_scheduler.domain.local_time import to_utc
from clinic_scheduler.domain.protocols.indications import INDICATIONS
from clinic_scheduler.domain.visits.kinds_and_states import VisitKind
from clinic_scheduler.domain.visits.seen import ACCEPTS_ALL
from clinic_scheduler.domain.visits.slots import Slot
from clinic_scheduler.queries.accounts import user_by_email, works_in
from clinic_scheduler.queries.lookups import (
    course_in_clinic,
    only_clinic,
    open_course_of,
    patient_by_mrn,
    provider_by_name,
)
from clinic_scheduler.queries.schedule.availability import clinic_zone
from clinic_scheduler.queries.schedule.override_reasons import reasons_for
from clinic_scheduler.queries.schedule.suggestions import TimesWanted, suggestions
from clinic_scheduler.services.actors import Actor
from clinic_scheduler.services.change import Change
from clinic_scheduler.services.visits.appointments import book as book_visit
from clinic_scheduler.services.visits.booking_rules import BookingRequest, booking_checks
from clinic_scheduler.services.visits.guard import OverrideEntry

SUGGESTED = 6


@click.command()
@click.option("--patient", "mrn", required=True, help="The patient's MRN.")
@click.option(
    "--indication", type=click.Choice(tuple(INDICATIONS)), help="Which course, where several are open."
)
@click.option(
    "--kind",
    type=click.Choice([kind.value for kind in VisitKind]),
    default=VisitKind.INJECTION.value,
    help="What the visit is for.",
)
@click.option("--provider", help="Provider's name; with --at, the course's own provider if not given.")
@click.option("--at", help="Clinic's local time to book, such as '2026-11-30 09:00'.")
@click.option("--first", is_flag=True, help="Book the first suggested time.")
@click.option(
    "--override",
    "overrides",
    multiple=True,
    metavar="NAME=REASON",
    help="What stands against the day, by name, and why it is passed over: too_early=travel. May be repeated.",
)
@click.option("--note", default="", help="In your own words, kept with each override.")
@click.option("--as", "email", help="Sign-in e-mail of who decides; most overrides need a provider's.")
@CLINIC_OPTION
@with_appcontext
def book(
    mrn: str,
    indication: str | None,
    kind: str,
    provider: str | None,
    at: str | None,
    first: bool,
    overrides: tuple[str, ...],
    note: str,
    email: str | None,
    clinic: str | None,
) -> None:
    """Suggest times for the patient's next visit; with --at or --first, book it."""
    now = wiring().clock.now()
    with plain_failures():
        session = db.session()
        clinic_id = only_clinic(session, clinic).id
        course_id = open_course_of(session, patient_by_mrn(session, clinic_id, mrn), indication).id
        actor = _actor(session, clinic_id, email)
        chosen = provider_by_name(session, clinic_id, provider).id if provider else None
        wanted = _Wanted(clinic_id, course_id, chosen, kind, now)
        if at is None and not first:
            _suggest(wanted)
            return
        entries = _entries(session, clinic_id, overrides, note)
        request = _request(session, wanted, at, entries)
        try:
            with unit_of_work() as writing:
                visit = book_visit(Change(writing, actor, now), request)
                when = f"{spoken(visit.local_date)} at {visit.local_time:%H:%M} ({visit.zone})"
                click.echo(f"Booked {when} with {visit.provider.name}.")
        except BookingRefused:
            _suggest(wanted, to_stderr=True)
            raise


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What a time is looked for, and when that was."""

    clinic_id: int
    course_id: int
    provider_id: int | None
    kind: str
    now: datetime


def _request(
    session: Session, wanted: _Wanted, at: str | None, overrides: tuple[OverrideEntry, ...]
) -> BookingRequest:
    if at is None:
        slots = _slots(wanted, limit=1)
        if not slots:
            raise NotFound(_why_none(session, wanted))
        provider_id, starts_at = slots[0].provider_id, slots[0].starts_at
    else:
        provider_id = wanted.provider_id or _course_provider(session, wanted.clinic_id, wanted.course_id)
        starts_at = _instant(session, wanted.clinic_id, at)
    return BookingRequest(wanted.course_id, provider_id, starts_at, overrides, kind=wanted.kind)


def _entries(
    session: Session, clinic_id: int, overrides: tuple[str, ...], note: str
) -> tuple[OverrideEntry, ...]:
    entries = []
    for given in overrides:
        name, _, reason = given.partition("=")
        if name not in list(Against) or not reason:
            names = ", ".join(Against)
            raise click.BadParameter(
                f"{given!r} is no NAME=REASON; names are {names}", param_hint="--override"
            )
        known = reasons_for(session, clinic_id, Against(name))
        if reason not in known:
            raise click.BadParameter(
                f"{name} takes one of the reasons {', '.join(known)}", param_hint="--override"
            )
        entries.append(OverrideEntry(name, reason, note, ACCEPTS_ALL))
    return tuple(entries)


def _course_provider(session: Session, clinic_id: int, course_id: int) -> int:
    provider_id = course_in_clinic(session, clinic_id, course_id).provider_id
    if provider_id is None:
        raise NotFound("this course has no provider yet; say who with --provider")
    return provider_id


def _instant(session: Session, clinic_id: int, at: str) -> datetime:
    try:
        local = datetime.fromisoformat(at)
    except ValueError:
        raise click.BadParameter(
            f"{at!r} is not a time such as '2026-11-30 09:00'", param_hint="--at"
        ) from None
    if local.tzinfo is not None:
        return local.astimezone(UTC)
    return to_utc(local.date(), local.time(), clinic_zone(session, clinic_id))


def _slots(wanted: _Wanted, limit: int) -> list[Slot]:
    session = db.session()
    course = course_in_clinic(session, wanted.clinic_id, wanted.course_id)
    times = TimesWanted(limit, kind=wanted.kind, provider_id=wanted.provider_id)
    return suggestions(session, course, wanted.now, times)


def _why_none(session: Session, wanted: _Wanted) -> str:
    """What stands in the way of any time: something of the patient's, else the diaries."""
    full = "there is no free time to suggest; open hours or choose another provider"
    if wanted.kind != VisitKind.INJECTION:
        return full
    zone = clinic_zone(session, wanted.clinic_id)
    course = course_in_clinic(session, wanted.clinic_id, wanted.course_id)
    today = wanted.now.astimezone(zone).date()
    day = max(course.earliest_date or today, today)
    checks = booking_checks(session, course, day, zone, wanted.now)
    # Being late takes a reason of the desk; it is nothing to mend first.
    failed = [check for check in checks if not check.ok and check.code != Against.LATE]
    said = " ".join(f"{check.title}. {check.text}" for check in failed)
    return f"there is no time to suggest. {said}" if said else full


def _suggest(wanted: _Wanted, *, to_stderr: bool = False) -> None:
    slots = _slots(wanted, SUGGESTED)
    if not slots:
        why = _why_none(db.session(), wanted)
        click.echo(f"{why[:1].upper()}{why[1:]}", err=to_stderr)
        return
    click.echo("Free times, best first:", err=to_stderr)
    for slot in slots:
        late = " (after the window)" if slot.late else ""
        when = f"{slot.local_date:%a} {slot.local_date.isoformat()} {slot.local_time:%H:%M}"
        click.echo(f"  {when}  {slot.provider_name}{late}", err=to_stderr)


def _actor(session: Session, clinic_id: int, email: str | None) -> Actor:
    """Who books: the terminal, or a member of staff by e-mail, with the roles they hold."""
    if email is None:
        return terminal(clinic_id)
    user = user_by_email(session, email)
    if user is None or not works_in(user, clinic_id) or not user.active:
        raise NotFound(f"nobody of this clinic signs in as {email}")
    return Actor(user.name, clinic_id, user.id, frozenset(role.name for role in user.roles))
