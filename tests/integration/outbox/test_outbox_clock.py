"""What the wall clock does to reminders: set forward and back, the hour that is missing, the hour that comes twice."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from clinic_scheduler.models import Message, Reminder
from clinic_scheduler.senders.memory import MemorySender
from tests.integration.outbox.world import World, local

SEVEN = local(date(2026, 11, 30), 10)
LOS_ANGELES = ZoneInfo("America/Los_Angeles")
HOUR = timedelta(hours=1)


def told(world: World) -> list[tuple[str, datetime]]:
    """(step, when on the clinic's wall) of every message that went out."""
    rows = world.read(
        select(Reminder.step, Message.sent_at).join(Reminder, Reminder.id == Message.reminder_id)
    )
    return [(step, at.astimezone(LOS_ANGELES)) for step, at in rows if at]


@pytest.mark.parametrize("step", [2 * HOUR, -2 * HOUR])
def test_a_clock_set_forward_or_back_by_two_hours_tells_each_reminder_once(
    world: World, mail: MemorySender, step: timedelta
) -> None:
    world.book()
    world.at(SEVEN - timedelta(days=1)).dispatch()
    before = len(mail.sent)
    minutes = [timedelta(minutes=10 * n) for n in range(-9, 10)]
    for instant in [SEVEN + each for each in minutes] + [SEVEN + step + each for each in minutes]:
        world.at(instant).reconcile()
        world.dispatch()
    assert len(mail.sent) == before + 1
    assert [name for name, _ in told(world)].count("visit-7") == 1


@pytest.mark.parametrize("sunday", [date(2027, 3, 14), date(2027, 11, 7)], ids=["spring gap", "autumn fold"])
def test_on_the_days_the_clocks_change_each_reminder_is_told_once_at_its_hour(
    world: World, mail: MemorySender, sunday: date
) -> None:
    monday = datetime(sunday.year, sunday.month, sunday.day + 1, 10, tzinfo=LOS_ANGELES)
    world.book(at=monday.astimezone(UTC))
    saturday = monday.astimezone(UTC) - timedelta(days=2)
    for hours in range(48):
        world.at(saturday + hours * HOUR).reconcile()
        world.dispatch()
    went = told(world)
    assert set(Counter(name for name, _ in went).values()) == {1}
    assert all(9 <= at.hour < 20 for _, at in went)
    assert [at.replace(tzinfo=None) for name, at in went if name == "visit-1"] == [
        datetime(sunday.year, sunday.month, sunday.day, 10)  # noqa: DTZ001 what the wall shows is meant
    ]
    assert len(mail.sent) == len(went)
