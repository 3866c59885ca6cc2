"""Changing what an open visit is for: a consultation into an injection, and back. Its UID lives on."""

from datetime import timedelta

from sqlalchemy.orm import Session

from clinic_scheduler.domain.errors import BookingRefused, InvalidInput
from clinic_scheduler.domain.messaging.suppression_reasons import SuppressionReason
from clinic_scheduler.domain.visits.kinds_and_states import KIND_NOUNS, VisitKind
from clinic_scheduler.domain.visits.slots import overlaps
from clinic_scheduler.models import Appointment
from clinic_scheduler.queries.schedule.availability import diaries, visit_length
from clinic_scheduler.queries.schedule.known_visits import known_visits
from clinic_scheduler.services.change import Change
from clinic_scheduler.services.courses.forecasting import new_next_visit
from clinic_scheduler.services.messaging.visit_notifications import notify_reassigned
from clinic_scheduler.services.visits import request_endings
from clinic_scheduler.services.visits.booking_rules import day_checks
from clinic_scheduler.services.visits.changes import (
    audit_visit,
    flush_or_taken,
    follow_up,
    open_visit,
    published,
    require_none_held,
    written,
)
from clinic_scheduler.services.visits.guard import Decided, OverrideEntry, Passed, pass_guard


def change_kind(
    change: Change, appointment_id: int, kind: str, overrides: tuple[OverrideEntry, ...] = ()
) -> Appointment:
    """Make an open visit one of another kind, at the same time; it takes as long as the new kind does.

    Into an injection it goes by the guard, like any booking. Nothing was moved, so only invitations tell of it.
    Raises BookingRefused (nothing is changed then), InvalidInput, NotFound.
    """
    if kind not in list(VisitKind):
        raise InvalidInput(f"a visit's kind is one of {', '.join(VisitKind)}")
    visit = open_visit(change, appointment_id, to=_own_provider(change.session, appointment_id))
    if visit.kind == kind:
        return visit
    before, dropped = visit.kind, [written(row) for row in visit.overrides]
    passed = _allowed(change, visit, kind, overrides)
    length = _room_for(change, visit, kind)
    if before == VisitKind.INJECTION:
        # The visit keeps the UID it had from the due window; the window that opens again is a new one.
        request_endings.withdraw_open(change, visit)
        new_next_visit(visit.course, change.now)
    visit.kind, visit.overrides = VisitKind(kind), passed.overrides
    visit.ends_at = visit.starts_at + length
    published(visit, change.now)
    flush_or_taken(change, visit.starts_at)
    more = {"previous_overrides": dropped} if dropped else {}
    audit_visit(change, "kind_changed", visit, kind=kind, previous=before, **more)
    follow_up(change, visit.course, SuppressionReason.KIND_CHANGED)
    notify_reassigned(change.session, visit, change.now)
    return visit


def _own_provider(session: Session, appointment_id: int) -> int | None:
    """Its diary is locked too, since the visit may take longer."""
    visit = session.get(Appointment, appointment_id)
    return None if visit is None else visit.provider_id


def _allowed(change: Change, visit: Appointment, kind: str, overrides: tuple[OverrideEntry, ...]) -> Passed:
    """What may stand in the way of such a visit on that day; whatever is no injection knows no floor and no cap."""
    try:
        require_none_held(known_visits(change.session, visit.patient_id), visit.course_id, kind)
        if kind != VisitKind.INJECTION:
            return Passed([], [])
        for check in day_checks(visit.course, visit.local_date, change.zone, change.now, kind=kind):
            if not check.ok:
                raise BookingRefused(check.rule, f"{check.text}. Nothing was changed.")
        return pass_guard(change, visit.course, visit.local_date, Decided(overrides))
    except BookingRefused as refusal:
        raise refusal.saying("Nothing was changed") from refusal


def _room_for(change: Change, visit: Appointment, kind: str) -> timedelta:
    """How long it takes from now on. Raises BookingRefused where what follows in the diary leaves no room."""
    length = visit_length(change.session, visit.course, visit.provider, kind)
    ends_at = visit.starts_at + length
    if ends_at <= visit.ends_at:
        return length
    day = visit.local_date
    found = diaries(
        change.session, visit.clinic_id, change.zone, day, day, patient_id=visit.patient_id, ignoring=visit.id
    )
    busy = next((diary.busy for diary in found if diary.provider_id == visit.provider_id), [])
    if overlaps(busy, visit.ends_at, ends_at):
        noun = "injection" if kind == VisitKind.INJECTION else KIND_NOUNS[kind]
        raise BookingRefused(
            "taken",
            f"The {noun} would take {length // timedelta(minutes=1)} minutes, and what follows in the diary "
            "leaves no room. Nothing was changed. Move the visit first.",
        )
    return length
