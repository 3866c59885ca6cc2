"""Weeks of a demo clinic's work, replayed in order through the services, each act at its own moment."""

import heapq
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from itertools import count
from random import Random
from typing import Any

from sqlalchemy.orm import Session

from clinic_scheduler.domain.local_time import to_utc
from clinic_scheduler.domain.messaging.suppression_reasons import SuppressionReason
from clinic_scheduler.domain.visits.kinds_and_states import VisitKind
from clinic_scheduler.domain.visits.seen import ACCEPTS_ALL
from clinic_scheduler.domain.visits.slots import free_times
from clinic_scheduler.jobs.context import Tools
from clinic_scheduler.jobs.dispatch import dispatch
from clinic_scheduler.queries.lookups import course_in_clinic, open_course_of
from clinic_scheduler.queries.patients.record import patient_in_clinic
from clinic_scheduler.queries.schedule.availability import diaries
from clinic_scheduler.seeding.demo.clinic_setup import DESK, ClinicSetup
from clinic_scheduler.seeding.demo.scenarios import Plan
from clinic_scheduler.senders.base import Envelope, HandOver, HandOverRefused, Receipt
from clinic_scheduler.services.actors import Actor
from clinic_scheduler.services.change import Change
from clinic_scheduler.services.courses.courses import settle
from clinic_scheduler.services.treatments.treatments import TreatmentEntry
from clinic_scheduler.services.treatments.treatments import record as record_treatment
from clinic_scheduler.services.visits import appointments
from clinic_scheduler.services.visits.booking_rules import BookingRequest
from clinic_scheduler.services.visits.guard import OverrideEntry

VIAL = 100
# What the desk says where it has to; what nothing asks for is not kept.
DESK_REASONS = (
    OverrideEntry("late", "no_earlier_time", seen=ACCEPTS_ALL),
    OverrideEntry("outside_authorization", "renewal_expected", seen=ACCEPTS_ALL),
)
ARRIVES_BEFORE = timedelta(minutes=5)


@dataclass
class Moment:
    """The clock of the replay."""

    instant: datetime

    def now(self) -> datetime:
        return self.instant


class KeptBack:
    """Takes messages as a mail server would and lets none out: what the demo's past is told to have sent."""

    channel, name, idempotent = "email", "demo", True

    def send(self, envelope: Envelope, hand_over: HandOver) -> Receipt:
        if not hand_over():
            raise HandOverRefused
        return Receipt(provider_id=None, detail="kept back: part of the demo's past")

    def close(self) -> None:
        """Nothing is open."""


@dataclass(frozen=True)
class Chart:
    """One course being lived through: who injects what."""

    patient_id: int
    course_id: int
    provider: str
    plan: Plan
    units: int


@dataclass
class Life:
    """The clinic between two moments. `agenda` holds what is still to happen, the earliest first."""

    session: Session
    place: ClinicSetup
    random: Random
    moment: Moment
    tools: Tools
    agenda: list[tuple[datetime, int, Callable[[], None]]] = field(default_factory=list)
    _turn: Iterator[int] = field(default_factory=count)

    @property
    def now(self) -> datetime:
        return self.moment.instant

    @property
    def desk(self) -> Actor:
        return self.place.actors[DESK]

    @property
    def change(self) -> Change:
        """What the desk does at this moment."""
        return Change(self.session, self.desk, self.now)

    def at(self, instant: datetime, act: Callable[[], None]) -> None:
        """Put on the agenda; at one instant, first come, first served."""
        heapq.heappush(self.agenda, (max(instant, self.now), next(self._turn), act))

    def on(self, day: date, hour: int, act: Callable[[], None]) -> None:
        """Some minutes past this hour of the clinic's day."""
        self.at(to_utc(day, time(hour, self.random.randint(0, 59)), self.place.zone), act)

    def live_until(self, end: datetime) -> None:
        """Let everything happen that is due by `end`; what lies beyond never does."""
        while self.agenda and self.agenda[0][0] <= end:
            self.moment.instant, _, act = heapq.heappop(self.agenda)
            act()
        self.moment.instant = end

    def send_what_is_due(self) -> None:
        """The worker's tick: patients are told, in the words of the real messages."""
        dispatch(self.tools)

    def plan(self, chart: Chart) -> None:
        """Bring a course that was just opened in line."""
        course = course_in_clinic(self.session, self.place.clinic_id, chart.course_id)
        settle(self.session, course, self.now, SuppressionReason.OPENED)

    def treat(self, chart: Chart, day: date) -> None:
        """Record what was given on `day`, with a lot that was good then and the rest of the vials wasted."""
        entry = TreatmentEntry(
            course_id=chart.course_id,
            given_on=day,
            units=Decimal(chart.units),
            product=chart.plan.product,
            fingerprint=f"demo:{chart.course_id}:{day.isoformat()}",
            provider_id=self.place.providers[chart.provider],
            units_wasted=Decimal(-chart.units % VIAL),
            lot=f"C{self.random.randint(1000, 9999)}C{self.random.randint(1, 4)}",
            lot_expires_on=day + timedelta(days=self.random.randint(120, 700)),
            seen=ACCEPTS_ALL,
        )
        record_treatment(self.change, entry)

    def book_on(self, chart: Chart, day: date, *, attends: bool = True) -> None:
        """Book a free time with the chart's provider; without one the patient is fitted in at the day's end."""
        starts = self.free_time(chart, day)
        if starts is None:
            self.on(day, 18, lambda: self.treat(chart, day))
            return
        self.book_at(chart, self.place.providers[chart.provider], starts, attends=attends)

    def book_at(
        self,
        chart: Chart,
        provider_id: int,
        starts_at: datetime,
        *,
        attends: bool = True,
        actor: Actor | None = None,
        overrides: tuple[OverrideEntry, ...] = DESK_REASONS,
    ) -> None:
        """Book, and put what becomes of the visit on the agenda."""
        request = BookingRequest(chart.course_id, provider_id, starts_at, overrides)
        visit = appointments.book(Change(self.session, actor or self.desk, self.now), request)
        visit_id, ends_at, day = visit.id, visit.ends_at, visit.local_date
        if attends:
            self.at(
                starts_at - ARRIVES_BEFORE,
                lambda: _ignore(appointments.arrive(self.change, visit_id)),
            )
            self.at(ends_at, lambda: self.treat(chart, day))
        else:
            self.at(
                ends_at,
                lambda: _ignore(appointments.no_show(self.change, visit_id)),
            )

    def book_other(self, chart: Chart, kind: VisitKind, day: date) -> int:
        """A consultation or follow-up with the chart's provider, on `day` or the first after it with a free time."""
        starts_at = next(
            at
            for each in (day + timedelta(days=n) for n in range(30))
            if self.place.works_on(chart.provider, each) and (at := self.free_time(chart, each)) is not None
        )
        provider_id = self.place.providers[chart.provider]
        request = BookingRequest(chart.course_id, provider_id, starts_at, kind=kind)
        return appointments.book(self.change, request).id

    def free_time(self, chart: Chart, day: date) -> datetime | None:
        """One of the times the chart's provider still has on `day`."""
        zone, provider_id = self.place.zone, self.place.providers[chart.provider]
        found = diaries(self.session, self.place.clinic_id, zone, day, day, patient_id=chart.patient_id)
        diary = next(diary for diary in found if diary.provider_id == provider_id)
        times = list(free_times(diary, day, zone, self.now))
        return self.random.choice(times[::2]) if times else None

    def open_course(self, chart: Chart) -> Any:
        """The patient's only open course, also after a change of product."""
        patient = patient_in_clinic(self.session, self.place.clinic_id, chart.patient_id)
        return open_course_of(self.session, patient)

    def earliest_date(self, chart: Chart) -> date:
        """The course's, as it is kept now."""
        return course_in_clinic(self.session, self.place.clinic_id, chart.course_id).earliest_date

    def due_date(self, chart: Chart) -> date:
        return course_in_clinic(self.session, self.place.clinic_id, chart.course_id).due_date


def tools_of_the_past(tools: Tools, session: Session, moment: Moment) -> Tools:
    """The worker's own tools, but on the replay's clock, within its transaction, and with nothing going out."""

    @contextmanager
    def within() -> Iterator[Any]:
        with session.begin_nested():
            yield session

    senders = {KeptBack.channel: KeptBack()}
    return replace(tools, clock=moment, senders=senders, work=within, jitter=lambda: 0.5)


def _ignore(_result: object) -> None:
    """An act on the agenda returns nothing."""
