"""Tries that fail, now, for good or unclearly, rows that make no sense, and what the log may say of it all."""

import logging
import os
from datetime import date, timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from clinic_scheduler.domain.messaging.dispatch_rules import LEASE
from clinic_scheduler.jobs.dispatch import send_next
from clinic_scheduler.models import Appointment, Clinic, DeliveryAttempt, Message, WorkItem
from clinic_scheduler.senders.base import Envelope, HandOver, Receipt, SendError
from clinic_scheduler.senders.memory import Failure, MemorySender
from clinic_scheduler.services.change import Change
from clinic_scheduler.services.work_items import close_item
from tests.integration.outbox.world import FAMILY_NAME, VISIT, Interrupting, World, local, open_world, queued

DUE = local(date(2026, 11, 24), 10)  # time_to_book of every course
SEVEN = local(date(2026, 11, 30), 10)
LATER = Failure(SendError("The mail server is busy.", permanent=False))
LATER_AFTER = Failure(SendError("Put off after the dot.", permanent=False), after_hand_over=True)
NEVER = Failure(SendError("No such mailbox.", permanent=True))
UNCLEAR = Failure(SendError("No clear answer.", permanent=False, ambiguous=True), after_hand_over=True)
UNCLEAR_BUT_SENT = Failure(UNCLEAR.error, after_hand_over=True, delivered=True)


def test_a_bad_address_does_not_stop_the_rest(app: Flask, mail: MemorySender) -> None:
    world = open_world(app, people=4).at(DUE)
    mail.fail_next(None, NEVER)
    counts = world.dispatch()
    assert (counts["sent"], counts["failed"]) == (3, 1)
    assert sorted(state for _, state, _ in world.reminders()) == ["failed", "sent", "sent", "sent"]
    ((reason,),) = world.read(select(Message.reason).where(Message.state == "failed"))
    assert reason == "No such mailbox."


def test_a_failure_that_may_pass_is_tried_again_with_growing_pauses(world: World, mail: MemorySender) -> None:
    mail.fail_next(LATER, LATER, LATER)
    pauses = []
    world.at(DUE)
    for _ in range(3):
        assert world.dispatch()["retry"] == 1
        ((at,),) = world.read(select(Message.next_attempt_at))
        pauses.append(at - world.clock.instant)
        world.at(at - timedelta(seconds=1))
        assert world.dispatch() == {}
        world.at(at)
    assert pauses == [timedelta(minutes=minutes) for minutes in (1, 2, 4)]
    assert world.dispatch()["sent"] == 1
    assert world.attempts() == ["retry", "retry", "retry", "sent"]
    assert world.messages() == [("sent", False, 4)]


def test_retries_keep_out_of_quiet_hours(world: World, mail: MemorySender) -> None:
    mail.fail_next(LATER)
    world.at(local(date(2026, 11, 24), 19, 59)).dispatch()
    world.at(local(date(2026, 11, 24), 20, 5)).dispatch()
    assert mail.sent == []
    ((at,),) = world.read(select(Message.next_attempt_at))
    assert at == local(date(2026, 11, 25), 9)
    assert world.at(at).dispatch()["sent"] == 1


def test_retries_end_when_the_visit_begins(world: World, mail: MemorySender) -> None:
    world.book(at=local(date(2026, 12, 1), 11))
    world.at(local(date(2026, 11, 30), 10))
    mail.fail_next(*[LATER] * 100)
    for _ in range(13):
        world.dispatch()
        world.at(world.clock.instant + timedelta(hours=2))
    assert mail.sent == []
    assert world.messages()[0][0] == "expired"
    assert ("visit-1", "suppressed", "expired") in world.reminders()
    # It was turned away to the end: the desk should know that this address takes nothing.
    assert [kind for (kind,) in world.read(select(WorkItem.kind))] == ["not_delivered"]


def test_an_address_that_takes_nothing_is_one_matter_for_the_desk(world: World, mail: MemorySender) -> None:
    world.book()
    mail.fail_next(*[LATER] * 3)
    for day in (7, 3, 1):
        world.at(local(date(2026, 12, 7) - timedelta(day), 10)).dispatch()
    world.at(VISIT).expire()
    ((about,),) = world.read(select(WorkItem.message_id))
    assert about == 3
    # A step that is still tried when the next one comes due gives way: nobody gets two at once.
    assert [state for state, _, _ in world.messages()] == ["suppressed", "suppressed", "expired"]
    assert ("visit-3", "suppressed", "overtaken") in world.reminders()
    assert [kind for (kind,) in world.read(select(WorkItem.kind))] == ["not_delivered"]


def test_an_address_that_fails_again_later_is_the_desks_again(world: World, mail: MemorySender) -> None:
    for weeks in (0, 1):
        visit = VISIT + timedelta(weeks=weeks)
        number = world.book(at=visit)
        mail.fail_next(LATER)
        world.at(visit - timedelta(days=1)).dispatch()
        world.at(visit).expire()
        ((item, about, closed),) = world.read(select(WorkItem.id, WorkItem.message_id, WorkItem.closed_at))
        ((newest,),) = world.read(select(func.max(Message.id)))
        assert (about, closed) == (newest, None)
        world.change(
            lambda s, item=item: close_item(Change(s, world.actor, world.clock.now()), item, "reached").id
        )
        world.cancel(number)


def test_what_nobody_tried_in_time_is_no_matter_for_the_desk(world: World, mail: MemorySender) -> None:
    world.book()
    queued(world.at(SEVEN))
    world.at(VISIT).expire()
    assert [state for state, _, _ in world.messages()] == ["expired"]
    assert world.read(select(WorkItem.kind)) == []


def test_an_unclear_hand_over_goes_once_more_under_the_same_message_id(
    world: World, mail: MemorySender
) -> None:
    mail.fail_next(UNCLEAR_BUT_SENT)
    assert world.at(DUE).dispatch()["retry"] == 1
    assert world.messages() == [("pending", True, 1)]
    assert world.at(DUE + timedelta(minutes=1)).dispatch()["sent"] == 1
    assert len({envelope.message_id for envelope in mail.sent}) == 1
    assert world.messages() == [("sent", True, 2)]
    assert world.attempts() == ["ambiguous", "sent"]


def test_a_second_unclear_hand_over_is_left_to_staff(world: World, mail: MemorySender) -> None:
    mail.fail_next(UNCLEAR, LATER, LATER_AFTER, UNCLEAR)
    for hour in range(6):
        world.at(DUE + timedelta(hours=hour)).dispatch()
    assert world.messages() == [("uncertain", True, 4)]
    assert world.reminders() == [("time_to_book", "failed", "uncertain")]
    assert world.attempts() == ["ambiguous", "retry", "retry", "ambiguous"]


@pytest.mark.parametrize("then", [LATER, LATER_AFTER])
def test_a_later_clear_no_leaves_an_earlier_doubt(world: World, mail: MemorySender, then: Failure) -> None:
    mail.fail_next(UNCLEAR_BUT_SENT, then, NEVER)
    for hour in range(2):
        world.at(DUE + timedelta(hours=hour)).dispatch()
    assert world.messages() == [("pending", True, 2)]
    world.at(DUE + timedelta(hours=2)).dispatch()
    assert world.messages() == [("uncertain", True, 3)]


def test_a_receiver_that_knows_messages_again_may_be_asked_until_it_answers(
    world: World, mail: MemorySender
) -> None:
    mail.idempotent = True
    mail.fail_next(UNCLEAR, UNCLEAR, UNCLEAR)
    for hour in range(6):
        world.at(DUE + timedelta(hours=hour)).dispatch()
    assert world.messages()[0][0] == "sent"


def test_a_clear_no_after_the_hand_over_takes_the_doubt_away(world: World, mail: MemorySender) -> None:
    mail.fail_next(LATER_AFTER)
    world.at(DUE).dispatch()
    assert world.messages() == [("pending", False, 1)]


def test_what_was_perhaps_told_never_closes_as_untold(world: World, mail: MemorySender) -> None:
    world.book()
    mail.fail_next(UNCLEAR)
    world.at(SEVEN).dispatch()
    world.cancel(1)
    world.at(SEVEN + timedelta(hours=1)).dispatch()
    (message_id, state), *_ = world.read(select(Message.message_id, Message.state).order_by(Message.id))
    assert state == "uncertain"
    # The patient is told that the visit is off; the reminder itself does not go again.
    assert message_id not in {envelope.message_id for envelope in mail.sent}


def test_a_row_that_cannot_be_composed_does_not_stop_the_rest(app: Flask, mail: MemorySender) -> None:
    nameless = open_world(app)
    # A name without a letter signs no message.
    nameless.change(lambda s: s.execute(update(Clinic).values(name="***")))
    world = open_world(app, people=2).at(DUE)
    counts = world.dispatch()
    assert (counts["sent"], counts["retry"]) == (2, 1)
    assert sorted(world.attempts()) == ["retry", "sent", "sent"]


def test_a_row_that_cannot_be_judged_does_not_stop_the_rest(app: Flask, mail: MemorySender) -> None:
    world = open_world(app, people=1).at(DUE)
    world.change(lambda s: s.execute(update(Clinic).values(zone="Nowhere/Land")))
    other = open_world(app, people=2).at(DUE)
    assert other.dispatch() == {"put_off": 1, "queued": 2, "sent": 2}
    world.change(lambda s: s.execute(update(Clinic).values(zone="America/Los_Angeles")))
    assert world.at(DUE + timedelta(minutes=15)).dispatch()["sent"] == 1


def test_a_sender_that_breaks_after_the_hand_over_leaves_a_doubt(world: World) -> None:
    class Broken(Interrupting):
        def send(self, envelope: Envelope, hand_over: HandOver) -> Receipt:
            hand_over()
            raise RuntimeError(envelope.to)

    world.with_senders({"email": Broken(lambda: None)}).at(DUE).dispatch()
    assert world.attempts() == ["ambiguous"]
    assert world.messages() == [("pending", True, 1)]


def sent_but_not_kept(world: World) -> None:
    """The sender took it, and the database was away when that was to be written down."""
    world.with_senders({"email": Interrupting(lambda: None)})
    queued(world.at(DUE))
    real, calls = world.tools.work, iter(range(4))

    def failing():  # type: ignore[no-untyped-def]
        if next(calls) == 2:  # claim, hand-over, outcome
            raise OSError("the disk is full")
        return real()

    object.__setattr__(world.tools, "work", failing)
    with world.app.app_context():
        assert send_next(world.tools) == "unrecorded"
    object.__setattr__(world.tools, "work", real)
    assert world.messages() == [("sending", True, 1)]


def test_an_outcome_that_could_not_be_kept_is_known_by_its_note(world: World) -> None:
    sent_but_not_kept(world)
    assert world.at(DUE + LEASE * 2).reconcile() == {"again": 0, "in_doubt": 0, "taken": 1, "matched": 0}
    assert world.messages() == [("sent", False, 1)]
    assert world.attempts() == ["sent"]
    assert world.reminders() == [("time_to_book", "sent", None)]


def test_without_its_note_it_is_left_in_doubt(world: World) -> None:
    sent_but_not_kept(world)
    for note in notes(world):
        note.write_text(note.read_text()[:20])
    assert world.at(DUE + LEASE * 2).reconcile()["in_doubt"] == 1
    assert world.messages() == [("pending", True, 1)]


def test_a_note_of_another_lease_proves_nothing(world: World) -> None:
    sent_but_not_kept(world)
    world.change(lambda s: s.execute(update(Message).values(lease_token="another")))
    assert world.at(DUE + LEASE * 2).reconcile()["in_doubt"] == 1


def test_notes_go_once_all_is_on_record(world: World, mail: MemorySender) -> None:
    assert world.at(DUE).dispatch()["sent"] == 1
    assert notes(world) == []


def test_what_is_left_of_notes_names_nobody_is_its_owners_alone_and_goes_after_a_day(world: World) -> None:
    sent_but_not_kept(world)
    (note,) = notes(world)
    assert note.stat().st_mode & 0o077 == 0
    assert not [
        word for word in ("peregrine", FAMILY_NAME, "@example.org", "Saguaro") if word in note.read_text()
    ]
    world.at(DUE + LEASE * 2).reconcile()
    os.utime(note, (0, 0))
    world.reconcile()
    assert notes(world) == []


def notes(world: World) -> list[Path]:
    return list((world.tools.place.folder / "taken").glob("*"))


def test_messages_past_their_time_are_closed_with_their_reminders(world: World, mail: MemorySender) -> None:
    world.book()
    mail.fail_next(LATER)
    world.at(SEVEN).dispatch()
    world.change(lambda s: s.execute(update(Message).values(next_attempt_at=VISIT + timedelta(days=1))))
    assert world.at(VISIT).expire() == {"expired": 1}
    assert world.messages() == [("expired", False, 1)]
    assert ("visit-7", "suppressed", "expired") in world.reminders()


def test_log_lines_name_no_patient(app: Flask, mail: MemorySender, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    world = open_world(app, people=5).at(DUE)
    mail.fail_next(None, LATER, NEVER, UNCLEAR)
    queued(world)
    world.set_patient(4, do_not_contact=True)
    world.dispatch()
    world.at(DUE + LEASE * 5).reconcile()
    lines = [line for line in caplog.text.splitlines() if "clinic_scheduler" in line]
    uids = [uid for (uid,) in world.read(select(Message.uid).where(Message.state != "sent"))]
    assert len(uids) == 4
    assert all(any(uid in line for line in lines) for uid in uids)
    personal = [FAMILY_NAME, "Peregrine", "peregrine", "@example.org", "1602555", "1980"]
    assert not [word for word in personal if word in "\n".join(lines)]
    details = [detail for (detail,) in world.read(select(DeliveryAttempt.detail))]
    assert not [word for word in personal for detail in details if word in (detail or "")]
    assert world.read(select(Appointment.id)) == []
