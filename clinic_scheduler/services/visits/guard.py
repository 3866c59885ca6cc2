"""The one guard: whether an injection visit may stand on a day, asked inside the transaction that writes it (DD-11).

Every way in passes here: book, move, fill a gap, undo, reinstate, check-in, a visit changed into an injection,
an answered request, a merge undone, the command line. What is overridden is named, with who decided and why.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from clinic_scheduler.domain.day_names import aloud
from clinic_scheduler.domain.errors import BookingRefused, InvalidInput
from clinic_scheduler.domain.forecast.blocks import Against
from clinic_scheduler.domain.forecast.values import Forecast
from clinic_scheduler.domain.visits.check_texts import TITLES, Objection, first_good_day, objections
from clinic_scheduler.domain.visits.day_checks import CourseFacts
from clinic_scheduler.domain.visits.kinds_and_states import HELD_STATES, VisitKind
from clinic_scheduler.domain.visits.override_reasons import ALREADY_OVERDUE, OTHER
from clinic_scheduler.domain.visits.seen import NOTHING_SEEN, Seen
from clinic_scheduler.models import Appointment, Course, VisitOverride
from clinic_scheduler.queries.courses.histories import (
    BookedVisit,
    PatientHistory,
    patient_histories,
    patient_history,
)
from clinic_scheduler.queries.schedule.override_reasons import reasons_for
from clinic_scheduler.services.actors import Actor
from clinic_scheduler.services.change import Change
from clinic_scheduler.services.visits.outdated_overrides import outdated


@dataclass(frozen=True, slots=True)
class OverrideEntry:
    """What somebody decided about one thing that stands against a visit: its name, a coded reason, and words.

    `seen` is all that stood against the day on the page it was decided from: it passes over nothing else.
    """

    name: str
    reason: str
    note: str = ""
    seen: Seen = NOTHING_SEEN


@dataclass(frozen=True, slots=True)
class Decided:
    """What somebody decides about a visit's day now.

    With `asking`, what only a provider may override is left to be asked.
    """

    entries: Sequence[OverrideEntry] = ()
    asking: bool = False


NOTHING_DECIDED = Decided()


@dataclass(frozen=True, slots=True)
class Passed:
    """`overrides` are the visit's from now on; `to_ask` names what a provider has yet to allow.

    `history` is what the guard went by, with the visit on its day; none where nothing was asked.
    """

    overrides: list[VisitOverride]
    to_ask: list[Against]
    history: PatientHistory | None = None


# By visit: it, and what only a provider may override and nobody has.
Unresolved = dict[int, tuple[Appointment, list[Objection]]]


def pass_guard(
    change: Change,
    course: Course,
    day: date,
    now_decided: Decided = NOTHING_DECIDED,
    *,
    kept: Iterable[VisitOverride] = (),
) -> Passed:
    """Refuse what stands against an injection visit of `course` on `day` and is not overridden by name.

    A closed course takes none, whoever asks.
    `kept` were decided for this visit and day before, and hold unless outdated. Nothing is decided now while
    something stands that was not seen.
    Raises BookingRefused in words, InvalidInput for a reason that is none. The caller holds the patient's lock.
    """
    actor = change.actor
    today = change.today
    history = patient_history(change.session, course.patient_id)
    dates, facts = history.read(today)[course.id]
    if dates.closed_from is not None and dates.closed_from <= max(day, today):
        raise BookingRefused("course_open", "This course is closed. Nothing was booked.")
    kept = list(kept)
    gone = outdated(change.session, course, facts.course, day, kept)
    before = {row.name: row for row in kept if row not in gone}
    decided = {entry.name: entry for entry in now_decided.entries}
    overrides, to_ask, failed = [], [], []
    against = objections(facts, day, dates.because[0])
    _require_seen(now_decided.entries, [each for each in against if each.name not in before])
    for objection in against:
        name = objection.name
        if name in before:
            overrides.append(before[name])
        elif name == Against.LATE and today >= dates.overdue_date:
            overrides.append(_row(actor, OverrideEntry(name, ALREADY_OVERDUE), change.now))
        elif name in decided and _may_decide(actor, name):
            overrides.append(_row(actor, _checked(change, decided[name]), change.now))
        elif now_decided.asking and name.needs_provider:
            to_ask.append(name)
        else:
            failed.append(objection)
    if failed:
        raise _refused(actor, failed, facts, dates, day, today)
    there = BookedVisit(day, tuple(row.name for row in overrides))
    return Passed(overrides, to_ask, history.with_visit(course.id, there))


def pass_as_it_stands(
    change: Change, appointment: Appointment, now_decided: Decided = NOTHING_DECIDED
) -> Passed:
    """The guard asked again of a visit where it stands, with what was overridden for it before."""
    return pass_guard(
        change,
        appointment.course,
        appointment.local_date,
        now_decided,
        kept=appointment.overrides,
    )


def unresolved(session: Session, patient_ids: Collection[int], today: date) -> Unresolved:
    """Every open injection visit from today on of these patients.

    For a change of records that no single visit asks for: it is compared before and after.
    """
    histories = patient_histories(session, list(patient_ids))
    found: Unresolved = {}
    for visit in session.scalars(
        select(Appointment)
        .where(
            Appointment.patient_id.in_(patient_ids),
            Appointment.kind == VisitKind.INJECTION,
            Appointment.state.in_(HELD_STATES),
            Appointment.local_date >= today,
        )
        .order_by(Appointment.starts_at, Appointment.id)
    ):
        dates, facts = histories[visit.patient_id].read(today)[visit.course_id]
        overridden = {row.name for row in visit.overrides}
        against = objections(facts, visit.local_date, dates.because[0])
        found[visit.id] = (
            visit,
            [each for each in against if each.name.needs_provider and each.name not in overridden],
        )
    return found


def _require_seen(entries: Sequence[OverrideEntry], against: Sequence[Objection]) -> None:
    """Who decides from a page that others have overtaken, or that showed another day, looks at the facts first."""
    unseen = [each for each in against if any(entry.seen.unseen([each]) for entry in entries)]
    if unseen:
        new, ending = (
            "This page had not shown what stands against the day now",
            "Nothing was booked. Decide again.",
        )
        said = " ".join(f"{each.title}. {each.text}" for each in unseen)
        raise BookingRefused(
            "unseen", f"{new}. {said} {ending}", summary=f"{new}: {_titles(unseen)}. {ending}"
        )


def _may_decide(actor: Actor, name: Against) -> bool:
    return actor.may_override or not name.needs_provider


def _checked(change: Change, entry: OverrideEntry) -> OverrideEntry:
    """A reason of the clinic's list for that name; where it is "another reason", with words."""
    known = reasons_for(change.session, change.clinic_id, Against(entry.name))
    if entry.reason not in known:
        what = TITLES[Against(entry.name)]
        raise InvalidInput(
            f"That reason for “{what}” is not on your clinic's list now. Choose one of: {'; '.join(known.values())}"
        )
    if entry.reason == OTHER and not entry.note.strip():
        raise InvalidInput("Write the other reason in your own words")
    return entry


def _row(actor: Actor, entry: OverrideEntry, now: datetime) -> VisitOverride:
    return VisitOverride(
        name=entry.name,
        reason=entry.reason,
        note=entry.note.strip() or None,
        decided_by_id=actor.user_id,
        decided_by=actor.name,
        decided_at=now,
    )


def _refused(
    actor: Actor,
    failed: Sequence[Objection],
    facts: CourseFacts,
    dates: Forecast,
    day: date,
    today: date,
) -> BookingRefused:
    """Everything that stands in the way, that nothing was booked, and the first good day or what mends it."""
    good = first_good_day(facts, max(day, today), late_is_fine=today >= dates.overdue_date)
    after = _advice(facts, failed, good, max(day, today), today)
    if not actor.may_override and any(each.name.needs_provider for each in failed):
        after += " Only a provider may override this."
    said = " ".join(f"{each.title}. {each.text}" for each in failed)
    return BookingRefused(
        failed[0].name.value,
        f"{said} Nothing was booked. {after}",
        safe_from=good,
        summary=f"{_titles(failed)}. Nothing was booked. {after}",
    )


def _titles(found: Sequence[Objection]) -> str:
    first, *others = (each.title for each in found)
    return "; ".join([first, *(title[0].lower() + title[1:] for title in others)])


def _advice(
    facts: CourseFacts, failed: Sequence[Objection], good: date | None, first: date, today: date
) -> str:
    if not any(each.name.needs_provider for each in failed):
        return "Choose a reason, or another day."
    if good is not None:
        return f"The first good day is {aloud(good)}."
    late = first_good_day(facts, first, late_is_fine=True)
    if late is not None:
        return f"The first good day is {aloud(late)}, after the last on-time day: it takes a reason."
    sooner = first_good_day(facts, today, late_is_fine=True)
    if sooner is not None and sooner < first:
        return f"No day from then on is good until that is mended; {aloud(sooner)} is."
    return "No day is good until that is mended."
