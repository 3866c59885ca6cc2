"""What was published is only ever changed under a higher revision, in every kind of calendar, whatever is done."""

import random
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from clinic_scheduler.domain.errors import BookingRefused, InvalidInput
from clinic_scheduler.services.change import Change
from clinic_scheduler.services.courses.courses import CoursePlan, change_plan
from clinic_scheduler.services.treatments import voiding
from clinic_scheduler.services.visits import appointments
from clinic_scheduler.services.visits import undo as undoing
from tests import factories
from tests.integration.house import House, at
from tests.integration.published import FRIDAY, change_clinic, published, rename, require_revised

STEPS = 14


class Acts:
    """What a clinic does to one course, chosen at random; what the rules refuse changes nothing."""

    def __init__(self, house: House, chance: random.Random) -> None:
        self.house, self.chance = house, chance
        self.visits: list[int] = []
        self.treatments: list[int] = []

    def book(self) -> None:
        day = FRIDAY + timedelta(self.chance.choice((0, 3, 4, 5)))
        self.visits.append(self.house.book_anyway(at(day, self.chance.randint(9, 11))))

    def move(self) -> None:
        self.house.move(self.visits[-1], at(FRIDAY + timedelta(3), self.chance.randint(9, 11), 30))

    def cancel(self) -> None:
        self.house.cancel(self.visits[-1])

    def arrive(self) -> None:
        house = self.house
        house.change(
            lambda s: appointments.arrive(Change(s, house.cast.actor, house.now), self.visits[-1]).id
        )

    def treat(self) -> None:
        given_on = factories.local_day(self.house.now)
        self.treatments.append(self.house.treat(given_on, self.chance.choice((100, 155))))

    def void(self) -> None:
        house, key = self.house, self.treatments[-1]
        house.change(lambda s: voiding.void(Change(s, house.cast.actor, house.now), key, "wrong_patient").id)

    def another_interval(self) -> None:
        house, weeks = self.house, self.chance.choice(("P12W", "P13W", "P14W"))
        house.change(lambda s: replan(s, house, weeks))

    def no_show(self) -> None:
        house, key = self.house, self.visits[-1]
        house.change(lambda s: appointments.no_show(Change(s, house.cast.actor, house.now), key).id)

    def undo(self) -> None:
        house, key = self.house, self.visits[-1]
        back = self.chance.choice((undoing.unarrive, undoing.reopen, undoing.move_back))
        house.change(lambda s: back(Change(s, house.cast.actor, house.now), key).id)

    def restore(self) -> None:
        house, key = self.house, self.treatments[-1]
        house.change(lambda s: voiding.undo_void(Change(s, house.cast.actor, house.now), key).id)

    def rename_somebody(self) -> None:
        rename(self.house, self.house.cast.provider_id, f"Dr. {self.chance.choice('ABCD')}. Reid")

    def change_the_clinic(self) -> None:
        name = self.chance.choice(("name", "phone", "address"))
        change_clinic(self.house, **{name: f"{name} {self.chance.randint(1, 3)}"})

    def wait(self) -> None:
        self.house.later(days=self.chance.choice((1, 3)))


def replan(session: Any, house: House, weeks: str) -> None:
    plan = CoursePlan(provider_id=house.cast.provider_id, personal_interval=weeks)
    change_plan(Change(session, house.cast.actor, house.now), house.cast.course_id, plan)


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
        acts.no_show,
        acts.undo,
        acts.restore,
        acts.rename_somebody,
        acts.change_the_clinic,
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
        require_revised(before, after)
        before = after
    assert done > STEPS // 3
