"""What providers say later: only forward, once, in any order, early, late or about messages nobody knows."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, update

from clinic_scheduler.models import DeliveryReceipt, Message, Reminder, WorkItem
from clinic_scheduler.senders.base import SendError
from clinic_scheduler.senders.memory import Failure, MemorySender
from clinic_scheduler.services.change import Change
from clinic_scheduler.services.messaging import message_actions
from clinic_scheduler.services.messaging.outbox_outcomes import close
from clinic_scheduler.services.messaging.receipts import match_late, record_receipt
from clinic_scheduler.services.work_items import close_item
from tests.integration.outbox.world import World, local

DUE = local(date(2026, 11, 24), 10)
REFERENCE = "memory-1"


@pytest.fixture
def told(world: World) -> World:
    """One message that provider `memory` took as `memory-1`."""
    assert world.at(DUE).dispatch()["sent"] == 1
    return world


def receive(world: World, *states: str, reference: str = REFERENCE, sender: str = "memory") -> None:
    for state in states:
        world.change(lambda s, state=state: record_receipt(s, sender, reference, state, "30003", DUE))


def state(world: World) -> tuple[str, str, int]:
    """(the message's state, its reminder's, how many items wait on the work list)."""
    ((message, reminder),) = world.read(
        select(Message.state, Reminder.state).join(Reminder, Message.reminder_id == Reminder.id)
    )
    items = world.read(select(WorkItem.dedupe_key).where(WorkItem.kind == "not_delivered"))
    return message, reminder, len(items)


@pytest.mark.parametrize(
    ("states", "expected"),
    [
        (["sent"], ("sent", "sent", 0)),
        (["sent", "delivered"], ("delivered", "sent", 0)),
        (["delivered", "sent"], ("delivered", "sent", 0)),
        (["delivered", "delivered"], ("delivered", "sent", 0)),
        (["failed"], ("failed", "failed", 1)),
        (["failed", "failed", "sent"], ("failed", "failed", 1)),
        (["delivered", "failed"], ("delivered", "sent", 1)),
        (["failed", "delivered"], ("delivered", "sent", 1)),
    ],
)
def test_states_only_move_forward(told: World, states: list[str], expected: tuple[str, str, int]) -> None:
    receive(told, *states)
    assert state(told) == expected


def test_a_failure_is_told_once_and_stays_in_the_history(told: World) -> None:
    receive(told, "delivered", "failed", "failed")
    assert told.attempts() == ["sent", "delivered", "permanent"]
    ((delivered_at,),) = told.read(select(Message.delivered_at))
    assert delivered_at == DUE


def test_a_receipt_that_overtakes_its_message_is_kept_and_applied(world: World) -> None:
    receive(world, "delivered")
    assert world.read(select(DeliveryReceipt.message_id)) == [(None,)]
    assert world.at(DUE).dispatch()["sent"] == 1
    assert state(world)[0] == "delivered"
    assert world.read(select(DeliveryReceipt.message_id)) != [(None,)]


def test_a_receipt_that_missed_its_message_by_a_moment_is_matched_by_the_reconcile_tick(told: World) -> None:
    told.change(lambda s: s.execute(update(Message).values(provider_reference="not yet")))
    receive(told, "delivered")
    told.change(lambda s: s.execute(update(Message).values(provider_reference=REFERENCE)))
    assert state(told)[0] == "sent"
    assert told.reconcile()["matched"] == 1
    assert state(told)[0] == "delivered"
    assert told.change(lambda s: match_late(s, DUE, 10)) == 0


def test_receipts_nobody_knows_are_kept_and_change_nothing(told: World) -> None:
    receive(told, "failed", reference="SM-unknown")
    receive(told, "failed", sender="another")
    assert state(told) == ("sent", "sent", 0)
    assert told.read(select(DeliveryReceipt.message_id)) == [(None,), (None,)]


def test_a_state_nobody_knows_is_refused(told: World) -> None:
    with pytest.raises(ValueError, match="a receipt is one of"):
        receive(told, "read")


def test_a_second_message_to_nobody_is_a_matter_for_the_desk_once(told: World) -> None:
    receive(told, "failed")
    told.change(lambda s: close(s, s.scalars(select(Message)).one(), "failed", "again", DUE))
    assert state(told)[2] == 1


def settle(world: World) -> None:
    def work(session: Any) -> None:
        for key in session.scalars(select(WorkItem.id).where(WorkItem.closed_at.is_(None))).all():
            close_item(Change(session, world.actor, DUE), key, "reached")

    world.change(work)


def waiting(world: World) -> list[tuple[str, Any]]:
    """(kind, since when) of what waits on the work list."""
    return world.read(select(WorkItem.kind, WorkItem.opened_at).where(WorkItem.closed_at.is_(None)))


def test_a_failure_told_after_the_desk_had_settled_one_waits_there_again(told: World) -> None:
    receive(told, "failed")
    settle(told)
    receive(told, "delivered", "failed")  # the failure is old news
    assert waiting(told) == []
    later = DUE + timedelta(hours=2)
    told.change(lambda s: s.execute(update(Message).values(provider_reference="memory-2")))
    for _ in range(2):
        told.change(lambda s: record_receipt(s, "memory", "memory-2", "failed", "30006", later))
    assert waiting(told) == [("not_delivered", later)]
    settle(told)
    told.change(lambda s: record_receipt(s, "memory", "memory-2", "failed", "30006", later))
    assert waiting(told) == []


@pytest.mark.parametrize("ambiguous", [False, True])
def test_what_staff_had_tried_again_and_fails_again_waits_for_the_desk_again(
    world: World, mail: MemorySender, ambiguous: bool
) -> None:
    again = DUE + timedelta(hours=1)
    failure = SendError("No luck.", permanent=not ambiguous, ambiguous=ambiguous)
    for at in (DUE, again):
        for minutes in (0, 5):  # the first doubt is answered by one more try
            mail.fail_next(Failure(failure, after_hand_over=True))
            world.at(at + timedelta(minutes=minutes)).dispatch()
        if at == DUE:
            ((uid,),) = world.read(select(Message.uid))
            assert len(waiting(world)) == 1
            world.change(
                lambda s, uid=uid: message_actions.retry(
                    Change(s, world.actor, world.clock.now()), uid, ("email",), "better_twice"
                )
            )
            assert waiting(world) == []
    ((kind, since),) = waiting(world)
    assert (kind, since >= again) == ("uncertain" if ambiguous else "not_delivered", True)


@settings(
    max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, database=None
)
@given(
    said=st.lists(st.sampled_from(["sent", "delivered", "failed"]), min_size=1, max_size=6),
    early=st.integers(0, 6),
)
def test_order_duplicates_and_earliness_never_change_how_it_ends(
    told: World, said: list[str], early: int
) -> None:
    def forget(session) -> None:  # type: ignore[no-untyped-def]
        for model in (DeliveryReceipt, WorkItem):
            session.execute(model.__table__.delete())
        session.execute(update(Message).values(state="sent", provider_reference=None, delivered_at=None))
        session.execute(update(Reminder).values(state="sent", suppressed_reason=None))

    told.change(forget)
    receive(told, *said[:early])
    told.change(lambda s: s.execute(update(Message).values(provider_reference=REFERENCE)))
    receive(told, *said[early:])
    told.reconcile()
    message, reminder, items = state(told)
    assert message == ("delivered" if "delivered" in said else "failed" if "failed" in said else "sent")
    assert reminder == ("failed" if message == "failed" else "sent")
    assert items == ("failed" in said)
