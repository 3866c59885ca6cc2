"""Which notifications a course should have planned, from its dates, its visit and the clinic's rules; quiet hours."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from clinic_scheduler.domain.forecast.milestones import milestones
from clinic_scheduler.domain.forecast.values import Hold
from clinic_scheduler.domain.local_time import to_utc
from clinic_scheduler.domain.messaging.dispatch_key import DispatchKey
from clinic_scheduler.domain.messaging.kinds import MessageKind, Plan, Rule, kinds_of
from clinic_scheduler.domain.messaging.reminder_rules import shipped_rules
from clinic_scheduler.domain.messaging.suppression_reasons import SuppressionReason
from clinic_scheduler.domain.visits.day_checks import covers_day

SEND_AT = time(10)
QUIET_UNTIL, QUIET_FROM = time(9), time(20)
# Long enough to undo what was done at the desk before anybody is told.
GRACE = timedelta(minutes=5)
MISSED_LASTS_DAYS = 7
# The milestones patients are asked about, each under the step whose words it takes.
_ASKED = {"onset_check": "onset_check", "peak_review": "peak_review", "four_week_count": "peak_review"}
_BEFORE_ALL = datetime(1, 1, 2, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class VisitAhead:
    """A visit of the course that is booked."""

    appointment_id: int
    starts_at: datetime


@dataclass(frozen=True, slots=True)
class CourseState:
    """What the plan depends on. `cycle` names the cycle the next visit begins, by its reference date.

    `appointment_id` and `starts_at` are of the injection that is booked; `missed_id`, `missed_on` of the one nobody
    came to, where nothing happened since. `others` are booked beside it, `others_missed` as (id, day).
    """

    course_id: int
    cycle: str
    earliest_date: date
    overdue_date: date
    lapse_date: date
    indication: str = ""
    reference_on: date | None = None
    cycles_given: int = 0
    holds: Sequence[Hold] = ()
    # Why nothing at all may be told, such as 'deceased'; None while the course is open.
    silenced: SuppressionReason | None = None
    appointment_id: int | None = None
    starts_at: datetime | None = None
    missed_id: int | None = None
    missed_on: date | None = None
    # Why nothing of its cycles may be told: the course has ended. Its other visits still are.
    ended: SuppressionReason | None = None
    others: Sequence[VisitAhead] = ()
    others_missed: Sequence[tuple[int, date]] = ()


@dataclass(frozen=True, slots=True)
class Planned:
    """One notification. `step` is unique within its kind, `revision` changes when the visit moves."""

    kind: str
    step: str
    due_at: datetime
    expires_at: datetime
    revision: str
    appointment_id: int | None = None

    def key(self, state: CourseState, channel: str) -> DispatchKey:
        return DispatchKey.of_course(state.course_id, state.cycle, self.step, channel, self.revision)


def plan(
    state: CourseState, zone: ZoneInfo, now: datetime, rules: Mapping[str, Rule] | None = None
) -> list[Planned]:
    """Everything that should be waiting to be told, as of `now`; by the shipped rules where none are given."""
    rules = shipped_rules() if rules is None else rules
    if state.silenced:
        return []
    notifications = _of_other_visits(state, zone, now, rules)
    if not state.ended:
        notifications += _after_visit(state, zone, now)
        if state.starts_at and state.appointment_id is not None:
            visit = VisitAhead(state.appointment_id, state.starts_at)
            notifications += _before_the_visit(visit, zone, now, rules)
        else:
            notifications += _without_visit(state, zone, now, rules)
    return [t for t in notifications if rules[t.kind].is_on and not _held(state.holds, t.due_at, zone)]


def plan_of_old(state: CourseState, zone: ZoneInfo, rules: Mapping[str, Rule]) -> list[Planned]:
    """What would have been planned had it been long ago: past steps too, each at its own hour."""
    return plan(state, zone, _BEFORE_ALL, rules)


def _of_other_visits(
    state: CourseState, zone: ZoneInfo, now: datetime, rules: Mapping[str, Rule]
) -> list[Planned]:
    """Consultations and follow-ups are reminded of and missed like injections; each names its own visit."""
    ahead = [
        notification for visit in state.others for notification in _before_the_visit(visit, zone, now, rules)
    ]
    return ahead + [
        notification for missed in state.others_missed for notification in _missed_visit(*missed, zone, now)
    ]


def _before_the_visit(
    visit: VisitAhead, zone: ZoneInfo, now: datetime, rules: Mapping[str, Rule]
) -> list[Planned]:
    """So many days before; a step whose hour has passed when the visit is booked is not made up for.

    At ten, or at the visit's own hour where that is earlier (quiet hours kept), so that nobody is told less
    than the promised days ahead; on the day itself first thing in the morning.
    """
    starts_at, key = visit.starts_at, visit.appointment_id
    local = starts_at.astimezone(zone)
    ahead = max(QUIET_UNTIL, min(SEND_AT, local.time().replace(fold=0)))
    revision = f"{key}@{starts_at:%Y%m%dT%H%MZ}"
    planned = []
    for kind in kinds_of(Plan.BEFORE_VISIT):
        for days in rules[kind.code].days:
            due_at = to_utc(local.date() - timedelta(days), ahead if days else QUIET_UNTIL, zone)
            if now < due_at < starts_at:
                step = f"{kind.step}-{days}"
                planned.append(Planned(kind.code, step, due_at, starts_at, revision, key))
    return planned


def _without_visit(
    state: CourseState, zone: ZoneInfo, now: datetime, rules: Mapping[str, Rule]
) -> list[Planned]:
    """Whoever is asked to book again after a missed visit is asked nothing else while that stands."""
    missed = []
    if state.missed_id is not None and state.missed_on is not None:
        missed = _missed_visit(state.missed_id, state.missed_on, zone, now)
    others = [notification for one in state.others_missed for notification in _missed_visit(*one, zone, now)]
    stands = [each.expires_at for each in missed + others if rules[each.kind].is_on]
    quiet_until = max(stands, default=_BEFORE_ALL)
    return [
        *missed,
        *(
            each
            for kind in kinds_of(Plan.TO_BOOK)
            for each in _time_to_book(kind, state, zone, max(now, quiet_until), rules[kind.code])
        ),
        *(
            each
            for kind in kinds_of(Plan.OVERDUE)
            for each in _overdue(kind, state, zone, max(now, quiet_until), rules[kind.code])
        ),
    ]


def _missed_visit(missed_id: int, missed_on: date, zone: ZoneInfo, now: datetime) -> list[Planned]:
    """Once, the morning after (or the next one, where it was noted late)."""
    first = missed_on + timedelta(1)
    expires_at = to_utc(first + timedelta(MISSED_LASTS_DAYS), time(0), zone)
    due_at = _morning(first, zone, now)
    if due_at >= expires_at:
        return []
    when = (due_at, expires_at, str(missed_id), missed_id)
    return [Planned(kind.code, f"{kind.step}-1", *when) for kind in kinds_of(Plan.MISSED)]


def _time_to_book(
    kind: MessageKind, state: CourseState, zone: ZoneInfo, after: datetime, rule: Rule
) -> list[Planned]:
    """Once a cycle, when the window opens (or the next morning after); none once it is overdue."""
    expires_at = to_utc(state.overdue_date, time(0), zone)
    first = state.earliest_date - timedelta(rule.days[0])
    due_at = _morning(first, zone, after)
    return [Planned(kind.code, kind.step, due_at, expires_at, "1")] if due_at < expires_at else []


def _overdue(
    kind: MessageKind, state: CourseState, zone: ZoneInfo, after: datetime, rule: Rule
) -> list[Planned]:
    """Again and again until the course lapses; each ends as the next begins.

    A step whose morning has passed comes the next morning, unless the following one is near by then.
    """
    lapse_at = to_utc(state.lapse_date, time(0), zone)
    first = state.overdue_date + timedelta(rule.days[0])
    repeat = timedelta(rule.repeat_days or 0)
    planned = []
    for number in range(rule.most or 0):
        day = first + number * repeat
        last = number + 1 == rule.most
        ends_at = lapse_at if last else min(lapse_at, to_utc(day + repeat, SEND_AT, zone))
        due_at = _morning(day, zone, after)
        made_up = due_at > to_utc(day, SEND_AT, zone)
        near = made_up and ends_at < lapse_at and ends_at - due_at < repeat / 2
        if due_at < ends_at and not near:
            planned.append(Planned(kind.code, f"{kind.step}-{number + 1}", due_at, ends_at, "1"))
    return planned


def _after_visit(state: CourseState, zone: ZoneInfo, now: datetime) -> list[Planned]:
    """How it goes after the last treatment, on each milestone's first day (DD-14); ends with its last."""
    if state.reference_on is None:
        return []
    planned = []
    for milestone in milestones(state.indication, state.reference_on, state.cycles_given):
        expires_at = to_utc(milestone.ends_on + timedelta(1), time(0), zone)
        due_at = _morning(milestone.starts_on, zone, now)
        if milestone.kind in _ASKED and due_at < expires_at:
            step = _ASKED[milestone.kind]
            planned += [
                Planned(kind.code, step, due_at, expires_at, "1") for kind in kinds_of(Plan.MILESTONES)
            ]
    return planned


def _morning(day: date, zone: ZoneInfo, after: datetime) -> datetime:
    """Ten o'clock on `day`, or on the first morning later than `after`."""
    day = max(day, after.astimezone(zone).date())
    at = to_utc(day, SEND_AT, zone)
    return at if at > after else to_utc(day + timedelta(1), SEND_AT, zone)


def _held(holds: Sequence[Hold], due_at: datetime, zone: ZoneInfo) -> bool:
    day = due_at.astimezone(zone).date()
    return any(covers_day(hold, day) for hold in holds)


def allowed_from(now: datetime, zone: ZoneInfo) -> datetime:
    """`now` outside quiet hours, else the first instant after them (patients' mornings are the clinic's)."""
    local = now.astimezone(zone)
    if local.time() < QUIET_UNTIL:
        return to_utc(local.date(), QUIET_UNTIL, zone)
    if local.time() >= QUIET_FROM:
        return to_utc(local.date() + timedelta(1), QUIET_UNTIL, zone)
    return now
