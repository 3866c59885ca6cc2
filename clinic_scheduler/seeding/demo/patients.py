"""The demo's patients come in: most from paper on the clinic's first day with the service, some new since then."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from random import Random

from clinic_scheduler.domain.local_time import local_date
from clinic_scheduler.importing import ImportedRow, fingerprint
from clinic_scheduler.seeding.demo.clinic_setup import REID, SATO, VARGA
from clinic_scheduler.seeding.demo.names import as_child, as_spanish_speaker, people
from clinic_scheduler.seeding.demo.present import Present
from clinic_scheduler.seeding.demo.scenario_endings import ENDINGS
from clinic_scheduler.seeding.demo.scenarios import STORIES, Story
from clinic_scheduler.seeding.demo.simulation import Chart, Life
from clinic_scheduler.services.courses import courses
from clinic_scheduler.services.courses.courses import CourseEntry
from clinic_scheduler.services.imports.applying import apply
from clinic_scheduler.services.messaging.reminder_planning import replan_unplanned
from clinic_scheduler.services.patients.records import PatientEntry, add_patient

AUTHORIZED_DAYS = 365


@dataclass(frozen=True)
class Entrant:
    """A person with a story: whose patient, what dose, and treated on which days, in order."""

    number: int
    story: Story
    person: PatientEntry
    provider: str
    units: int
    days: Sequence[date]


@dataclass
class Cast:
    """Everybody in STORIES.

    Filled as the replay goes: `booked`, MRN and chart of those with a visit ahead; `asking`, who wants to come early.
    """

    life: Life
    today: date
    first_day: date
    next_open_day: date
    booked: list[tuple[str, Chart]] = field(default_factory=list)
    asking: list[Chart] = field(default_factory=list)

    def enter(self, random: Random) -> None:
        """Put every patient on the agenda."""
        stories = [story for story in STORIES for _ in range(story.patients)]
        persons = zip(stories, people(random, self.today), strict=False)
        cast = [self._entrant(number, story, person) for number, (story, person) in enumerate(persons)]
        known = [entrant for entrant in cast if entrant.days[0] <= self.first_day]
        self.life.on(self.first_day, 8, lambda: self._take_over(known))
        for entrant in cast:
            if entrant not in known:
                comes = max(self.first_day, entrant.days[0] - timedelta(days=14))
                self.life.on(comes, 9, partial(self._welcome, entrant))

    def _entrant(self, number: int, story: Story, person: PatientEntry) -> Entrant:
        open_day = self.next_open_day if story.visits_next_open_day else None
        works = self.life.place.works_on
        names = [name for name in (REID, SATO, VARGA) if open_day is None or works(name, open_day)]
        provider = names[number % len(names)]
        days = list(self._treatment_days(story, provider, open_day or self.today))[::-1]
        if story.child:
            person = as_child(person, self.today, story.weight_kg)
        if story.speaks_spanish:
            person = as_spanish_speaker(person)
        return Entrant(number, story, person, provider, self.life.random.choice(story.plan.units), days)

    def _treatment_days(self, story: Story, provider: str, anchor: date) -> Iterator[date]:
        """Backwards: the last within the story's range before the anchor, the others an interval apart."""
        yield (day := self._working_day(provider, anchor, story.last_ago))
        for _ in range(self.life.random.randint(0, 3)):
            yield (day := self._working_day(provider, day, story.plan.interval))

    def _working_day(self, provider: str, before: date, ago: tuple[int, int]) -> date:
        """A day of the provider's that many days `before`; eight days in a row always hold one."""
        days = [before - timedelta(days=n) for n in range(ago[0], ago[1] + 1)]
        return self.life.random.choice([day for day in days if self.life.place.works_on(provider, day)])

    def _take_over(self, cast: Sequence[Entrant]) -> None:
        """The first day: everybody on paper, with what they were given until then, in one import."""
        life = self.life
        charts = [self._open(entrant) for entrant in cast]
        paper = [
            [_log_row(entrant, day) for day in entrant.days if day <= self.first_day] for entrant in cast
        ]
        apply(life.change, paper)
        for entrant, chart in zip(cast, charts, strict=True):
            self._go_on(entrant, chart)
        replan_unplanned(life.session, life.now)

    def _welcome(self, entrant: Entrant) -> None:
        """A new patient."""
        chart = self._open(entrant)
        self.life.plan(chart)
        self._go_on(entrant, chart)

    def _open(self, entrant: Entrant) -> Chart:
        life, plan = self.life, entrant.story.plan
        patient = add_patient(life.change, entrant.person)
        entry = CourseEntry(
            patient_id=patient.id,
            indication=plan.indication,
            product=plan.product,
            started_on=entrant.days[0],
            provider_id=life.place.providers[entrant.provider],
            planned_units=Decimal(entrant.units),
            authorization_required=bool(entrant.story.payer),
        )
        course = courses.open_course(life.change, entry)
        return Chart(patient.id, course.id, entrant.provider, plan, entrant.units)

    def _go_on(self, entrant: Entrant, chart: Chart) -> None:
        """What the payer said, the visits since the first day, and how things stand."""
        story, last = entrant.story, entrant.days[-1]
        self._authorize(story, chart, last)
        self._book_each(chart, [day for day in entrant.days if day > self.first_day])
        ENDINGS[story.then](Present(self.life, chart, last, self.today, self.next_open_day, entrant.number))
        if story.then == "booked":
            self.booked.append((entrant.person.mrn, chart))
        if story.then == "asked_about":
            self.asking.append(chart)

    def _book_each(self, chart: Chart, days: Sequence[date]) -> None:
        """The first visit is booked within a week, each next one on the day after the last."""
        life = self.life
        asked = local_date(life.now, life.place.zone)
        for day in days:
            wait = life.random.randint(0, max(0, min(6, (day - asked).days - 2)))
            life.on(asked + timedelta(days=wait), 9, partial(life.book_on, chart, day))
            asked = day + timedelta(days=1)

    def _authorize(self, story: Story, chart: Chart, last: date) -> None:
        """`covered`, `ends_too_early` and `used_up` have an authorization; `missing` lacks the one it needs."""
        if story.payer in ("", "missing"):
            return
        life, starts_on = self.life, self.first_day - timedelta(days=30)
        ends_on = starts_on + timedelta(days=AUTHORIZED_DAYS)
        courses.authorize(
            life.change,
            chart.course_id,
            starts_on,
            last + timedelta(days=80) if story.payer == "ends_too_early" else ends_on,
            visits_left=0 if story.payer == "used_up" else 4,
            number=f"PA-{life.random.randint(100000, 999999)}",
        )


def _log_row(entrant: Entrant, day: date) -> ImportedRow:
    """One treatment as the clinic's old log has it."""
    person, plan, units = entrant.person, entrant.story.plan, entrant.units
    return ImportedRow(
        line=entrant.number + 2,
        mrn=person.mrn,
        family_name=person.family_name,
        given_name=person.given_name,
        birth_date=person.birth_date,
        phone=person.phone,
        phone_raw=person.phone or "",
        email=person.email,
        indication=plan.indication,
        icd10=None,
        product=plan.product,
        given_on=day,
        units=units,
        units_wasted=-units % 100,
        lot=None,
        lot_expires_on=None,
        outcome="complete",
        kind="cycle",
        provider_name=entrant.provider,
        location=None,
        notes="",
        weight_kg=None,
        fingerprint=fingerprint(person.mrn, day, plan.indication, plan.product, units, None),
    )
