"""What was published is only ever changed under a higher revision, in every kind of calendar, whatever is done."""

import random
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from clinic_scheduler.calendars.feed import patient_feed, provider_feed
from clinic_scheduler.domain.calendar_links import CLINIC_DAY, DUE_WINDOWS, PATIENT, PROVIDER
from clinic_scheduler.domain.calendar_values import Audience, PlannedCycle, Subscription
from clinic_scheduler.domain.errors import BookingRefused, InvalidInput
from clinic_scheduler.models import Patient, Provider
from clinic_scheduler.models.staff import user_clinics
from clinic_scheduler.queries.calendars import Subject, calendar_rows, clinic_contact
from clinic_scheduler.services import appointments, treatment_void
from clinic_scheduler.services.courses import CoursePlan, change_plan
from tests import factories
from tests.integration.house import TODAY, House, at
from tests.unit.calendars.lint import lint, parse

STEPS = 14
FRIDAY = date(2026, 11, 27)


def subjects(house: House) -> list[Subject]:
    """Each kind of calendar of the cast's clinic, with all that a link may show."""
    cast = house.cast
    return [
        Subject(PATIENT, cast.clinic_id, patient_id=cast.patient_id, cycles_ahead=4),
        Subject(PROVIDER, cast.clinic_id, provider_id=cast.provider_id, cycles_ahead=2, all_clinics=True),
        Subject(CLINIC_DAY, cast.clinic_id),
        Subject(DUE_WINDOWS, cast.clinic_id),
    ]


def body_of(house: House, subject: Subject) -> bytes:
    def look(session: Any) -> bytes:
        feed = patient_feed if subject.kind == PATIENT else provider_feed
        return feed(
            calendar_rows(session, subject, house.now),
            clinic=clinic_contact(session, subject.clinic_id, "clinic.example.org"),
            subscription=Subscription("feed-1", house.now.replace(year=2026, month=1)),
            now=house.now,
            audience=Audience(subject.kind),  # type: ignore[arg-type]
            alarm_before=timedelta(days=1),
        )

    return house.look(look)


def published(house: House) -> dict[tuple[str, str], tuple[int, str, str]]:
    """(calendar, UID) -> (SEQUENCE, LAST-MODIFIED, everything)."""
    seen = {}
    for subject in subjects(house):
        body = body_of(house, subject)
        assert lint(body) == []
        for event in parse(body).parts("VEVENT"):
            one = event.one
            if not one("UID").value.startswith("empty-"):
                stamps = int(one("SEQUENCE").value), one("LAST-MODIFIED").value
                seen[subject.kind, one("UID").value] = (*stamps, repr(event))
    return seen


class Acts:
    """What a clinic does to one course, chosen at random; what the rules refuse changes nothing."""

    def __init__(self, house: House, chance: random.Random) -> None:
        self.house, self.chance = house, chance
        self.visits: list[int] = []
        self.treatments: list[int] = []

    def book(self) -> None:
        day = FRIDAY + timedelta(self.chance.choice((0, 3, 4, 5)))
        self.visits.append(self.house.book(at(day, self.chance.randint(9, 11))))

    def move(self) -> None:
        self.house.move(self.visits[-1], at(FRIDAY + timedelta(3), self.chance.randint(9, 11), 30))

    def cancel(self) -> None:
        self.house.cancel(self.visits[-1])

    def arrive(self) -> None:
        house = self.house
        house.change(lambda s: appointments.arrive(s, house.cast.actor, self.visits[-1], house.now).id)

    def treat(self) -> None:
        given_on = factories.local_day(self.house.now)
        self.treatments.append(self.house.treat(given_on, self.chance.choice((100, 155))))

    def void(self) -> None:
        house, key = self.house, self.treatments[-1]
        house.change(lambda s: treatment_void.void(s, house.cast.actor, key, "wrong_patient", house.now).id)

    def another_interval(self) -> None:
        house, weeks = self.house, self.chance.choice(("P12W", "P13W", "P14W"))
        house.change(lambda s: replan(s, house, weeks))

    def wait(self) -> None:
        self.house.later(days=self.chance.choice((1, 3)))


def replan(session: Any, house: House, weeks: str) -> None:
    plan = CoursePlan(provider_id=house.cast.provider_id, personal_interval=weeks)
    change_plan(session, house.cast.actor, house.cast.course_id, plan, house.now)


@pytest.mark.parametrize("seed", range(4))
def test_no_published_event_changes_without_a_higher_sequence_and_a_later_stamp(
    house: House, seed: int
) -> None:
    chance = random.Random(seed)
    acts = Acts(house, chance)
    possible: list[Callable[[], None]] = [
        acts.book,
        acts.move,
        acts.cancel,
        acts.arrive,
        acts.treat,
        acts.void,
        acts.another_interval,
        acts.wait,
    ]
    before, done = published(house), 0
    for _ in range(STEPS):
        house.later(minutes=1)
        try:
            chance.choice(possible)()
            done += 1
        except (BookingRefused, InvalidInput, IndexError):
            continue
        after = published(house)
        for key in before.keys() & after.keys():
            (sequence, stamp, text), (new_sequence, new_stamp, new_text) = before[key], after[key]
            assert new_text == text or (new_sequence > sequence and new_stamp > stamp), key
            assert new_sequence >= sequence, key
        before = after
    assert done > STEPS // 3


def test_planned_cycles_follow_the_next_visit_and_only_as_many_as_asked_for(house: House) -> None:
    def cycles(count: int) -> list[PlannedCycle]:
        mine = Subject(PATIENT, house.cast.clinic_id, patient_id=house.cast.patient_id, cycles_ahead=count)
        rows = house.look(lambda s: calendar_rows(s, mine, house.now))
        return [row for row in rows if isinstance(row, PlannedCycle)]

    assert cycles(0) == []
    assert [row.earliest_date - TODAY for row in cycles(2)] == [timedelta(84), timedelta(168)]
    house.book(at(FRIDAY, 9))
    assert [row.earliest_date - FRIDAY for row in cycles(2)] == [timedelta(84), timedelta(168)]
    assert {row.id for row in cycles(1)} < {row.id for row in cycles(4)}


def test_a_clinics_calendars_show_everybodys_visits_and_only_windows_that_open_soon(house: House) -> None:
    other = house.another_course()
    later = house.another_course("A-300", treated_on=TODAY - timedelta(10))
    house.book(at(FRIDAY, 9))
    house.book(at(FRIDAY, 10), course_id=other, provider_id=house.cast.other_provider_id)

    def references(kind: str) -> set[str]:
        rows = house.look(lambda s: calendar_rows(s, Subject(kind, house.cast.clinic_id), house.now))
        return {row.reference for row in rows}

    marks = {key: house.course(key)["uid"][:8] for key in (house.cast.course_id, other, later)}
    assert references(CLINIC_DAY) == {marks[house.cast.course_id], marks[other]}
    assert references(DUE_WINDOWS) == set()
    house.later(days=30)
    assert references(DUE_WINDOWS) == {marks[later]}


def test_a_provider_is_the_same_person_only_where_whoever_made_the_link_works(house: House) -> None:
    """Any clinic can write any address into its own list: that alone must not open another's calendar."""
    cast, theirs = house.cast, house.change(lambda s: factories.cast(s, house.now, clinic="Elm", prefix="E"))
    for provider_id in (cast.provider_id, theirs.provider_id):
        house.set(Provider, provider_id, email="reid@example.org")
    house.book(at(FRIDAY, 9), course_id=theirs.course_id, provider_id=theirs.provider_id, by=theirs.actor)
    user_id = house.change(lambda s: factories.staff(s, cast.actor, house.now, "provider").id)

    def places() -> set[str]:
        mine = Subject(
            PROVIDER, cast.clinic_id, provider_id=cast.provider_id, all_clinics=True, by_user_id=user_id
        )
        rows = house.look(lambda s: calendar_rows(s, mine, house.now))
        return {place for row in rows if (place := getattr(row, "place", ""))}

    assert places() == set()
    house.change(
        lambda s: s.execute(user_clinics.insert().values(user_id=user_id, clinic_id=theirs.clinic_id))
    )
    assert places() == {"Elm"}
    house.set(Patient, theirs.patient_id, do_not_contact=True)
    assert places() == {"Elm"}
