"""Sending from a database that may not know what went out: held, asked about, and gone on with."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import delete, select, update

from clinic_scheduler.domain.errors import ActionRefused, InvalidInput
from clinic_scheduler.domain.messaging.sending_holds import GapAnswer, SendingHoldReason
from clinic_scheduler.jobs.alarm import alarm
from clinic_scheduler.jobs.job_table import SCHEDULE
from clinic_scheduler.jobs.own_place import LAST_SENT, OwnPlace
from clinic_scheduler.jobs.runner import run_job
from clinic_scheduler.models import AuditEvent, DeliveryAttempt, Installation, Message, Reminder
from clinic_scheduler.queries.health import health
from clinic_scheduler.queries.lookups import clinic_of
from clinic_scheduler.queries.messaging.sending_hold import gap, sending_hold
from clinic_scheduler.senders.memory import MemorySender
from clinic_scheduler.services.change import Change
from clinic_scheduler.services.messaging import sending_hold as holding
from clinic_scheduler.services.messaging.staff_mail import NoticeText, write_notice
from tests.integration.outbox.world import VISIT, World, local, open_world

DUE = local(date(2026, 11, 24), 10)  # time_to_book of every course
SOON = timedelta(minutes=5)
SEND_ALL = dict.fromkeys(("time_to_book", "visit_reminder", "visit_booked"), GapAnswer.SEND)
DROP_ALL = dict.fromkeys(SEND_ALL, GapAnswer.DROP)


def held(world: World) -> SendingHoldReason | None:
    found = world.change(sending_hold)
    return found and found.reason


def in_gap(world: World) -> dict[str, int]:
    found = world.change(sending_hold)
    return dict(world.change(lambda s: gap(s, found))) if found else {}


def answered(world: World, answers: dict[str, GapAnswer]) -> None:
    here = world.tools.place.here()
    world.change(lambda s: holding.answer(Change(s, world.actor, world.clock.now()), here, answers))


def as_before_sending(world: World) -> None:
    """The rows of a backup made when nothing had been sent: what went out since waits again."""
    world.change(lambda s: s.execute(delete(DeliveryAttempt)))
    world.change(lambda s: s.execute(delete(Message)))
    world.change(
        lambda s: s.execute(update(Reminder).where(Reminder.state == "sent").values(state="pending"))
    )


def elsewhere(world: World, **different: object) -> None:
    world.tools = replace(world.tools, place=replace(world.tools.place, **different))


@pytest.fixture
def told(app: Flask) -> World:
    """Five people were told it is time to book."""
    world = open_world(app, people=5).at(DUE)
    assert world.dispatch()["sent"] == 5
    return world


def test_a_fresh_database_is_marked_and_sent_from(world: World) -> None:
    assert world.at(DUE).dispatch()["sent"] == 1
    assert world.read(select(Installation.mark, Installation.base_url, Installation.held_reason)) == [
        (world.tools.place.marks[0], "http://localhost", None)
    ]


def test_an_older_database_repeats_nothing_until_somebody_answers(told: World, mail: MemorySender) -> None:
    as_before_sending(told.at(DUE + timedelta(hours=1)))
    for _ in range(3):
        assert not any(told.dispatch().values())
    assert (held(told), in_gap(told)) == (SendingHoldReason.OLDER, {"time_to_book": 5})
    answered(told, DROP_ALL)
    told.at(DUE + timedelta(hours=2)).dispatch()
    assert len(mail.sent) == 5
    assert {reason for _, _, reason in told.reminders()} == {"stopped_by_staff"}
    assert held(told) is None
    ((details,),) = told.read(select(AuditEvent.details).where(AuditEvent.action == "sending_released"))
    assert details == {"reason": "older", "sent": 0, "dropped": 5}


def test_what_is_sent_again_carries_the_message_id_it_had(told: World, mail: MemorySender) -> None:
    as_before_sending(told.at(DUE + SOON))
    told.dispatch()
    answered(told, SEND_ALL)
    assert told.at(DUE + 2 * SOON).dispatch()["sent"] == 5
    first, again = mail.sent[:5], mail.sent[5:]
    assert {each.message_id for each in first} == {each.message_id for each in again}
    assert len({each.message_id for each in mail.sent}) == 5
    # It goes on from here, also where the first of the file's messages is among the rows no more.
    assert told.at(DUE + 3 * SOON).dispatch() == {}
    assert held(told) is None


def test_what_came_due_since_the_hold_goes_out_whatever_is_answered(told: World, mail: MemorySender) -> None:
    as_before_sending(told.at(DUE + SOON))
    told.dispatch()
    told.book()
    answered(told, DROP_ALL)
    assert told.at(VISIT - timedelta(days=7)).dispatch()["sent"] == 1
    assert len(mail.sent) == 6


def test_each_kind_is_answered_for(told: World) -> None:
    as_before_sending(told.at(DUE + SOON))
    told.dispatch()
    with pytest.raises(InvalidInput, match="time_to_book"):
        answered(told, {"overdue": GapAnswer.SEND})
    assert held(told) is SendingHoldReason.OLDER
    answered(told, DROP_ALL)
    with pytest.raises(ActionRefused):
        answered(told, DROP_ALL)


def test_a_message_that_was_being_sent_when_the_backup_was_made_is_in_the_gap(told: World) -> None:
    in_hand = {"state": "sending", "maybe_sent": True, "sent_at": None, "lease_until": DUE}
    told.change(lambda s: s.execute(update(Message).values(**in_hand)))
    told.change(lambda s: s.execute(update(Reminder).where(Reminder.state == "sent").values(state="queued")))
    told.at(DUE + SOON).dispatch()
    assert in_gap(told) == {"time_to_book": 5}
    answered(told, DROP_ALL)
    assert {state for state, _, _ in told.messages()} == {"uncertain"}, "it may have gone out: the desk looks"


CASES: dict[SendingHoldReason, Callable[[World, Path], None]] = {
    SendingHoldReason.OTHER_ADDRESS: lambda world, _: elsewhere(
        world, base_url="https://staging.example.org"
    ),
    SendingHoldReason.UNMARKED: lambda world, folder: elsewhere(world, marks=("another",), folder=folder),
    SendingHoldReason.NEW_PLACE: lambda world, folder: elsewhere(world, folder=folder),
    SendingHoldReason.RESTORED: lambda world, _: world.change(
        lambda s: holding.hold(s, SendingHoldReason.RESTORED, world.clock.now(), DUE)
    ),
}


@pytest.mark.parametrize("reason", CASES)
def test_a_copy_tells_nobody(
    told: World, mail: MemorySender, reason: SendingHoldReason, tmp_path: Path
) -> None:
    told.at(DUE + timedelta(hours=1)).book()
    told.at(VISIT - timedelta(days=3))
    CASES[reason](told, tmp_path / "of-the-copy")
    assert not any(told.dispatch().values())
    assert held(told) is reason
    assert len(mail.sent) == 5
    answered(told, SEND_ALL)
    assert told.dispatch()["sent"] >= 1
    assert held(told) is None


def test_a_second_place_joins_while_another_is_at_work(told: World, tmp_path: Path) -> None:
    job = next(job for job in SCHEDULE if job.id == "dispatch")
    run_job(told.app, job, "here", told.tools)
    elsewhere(told.at(DUE + SOON), folder=tmp_path / "of-another-host")
    told.dispatch()
    assert held(told) is None


def test_another_port_of_the_same_machine_is_no_other_place(told: World) -> None:
    elsewhere(told, base_url="http://127.0.0.1:8080")
    told.book()
    assert told.at(VISIT - timedelta(days=7)).dispatch()["sent"] == 1
    assert held(told) is None


def test_a_rotated_secret_is_the_same_installation(told: World) -> None:
    place = told.tools.place
    elsewhere(told, marks=("new", *place.marks))
    told.set_patient(0, email="another@example.org")
    told.book()
    assert told.at(VISIT - timedelta(days=7)).dispatch()["sent"] == 1
    # The former one is taken out of the settings: the place remembers it.
    elsewhere(told, marks=("new",))
    told.dispatch()
    assert held(told) is None


def test_an_upgrade_of_a_clinic_at_work_goes_on(told: World, tmp_path: Path) -> None:
    job = next(job for job in SCHEDULE if job.id == "dispatch")
    run_job(told.app, job, "here", told.tools)
    told.change(lambda s: s.execute(delete(Installation)))
    elsewhere(told.at(DUE + SOON), folder=tmp_path / "known-nothing-yet")
    told.dispatch()
    assert held(told) is None


def test_mail_to_staff_is_held_and_the_watcher_hears_of_it(told: World, mail: MemorySender) -> None:
    pings: list[object] = []
    told.tools = replace(told.tools, ping=pings.append)
    told.change(lambda s: holding.hold(s, SendingHoldReason.RESTORED, told.clock.now(), None))
    words = NoticeText("What waits", "1")
    told.change(
        lambda s: write_notice(s, clinic_of(s, told.actor.clinic_id), "digest", "d", words, told.clock.now())
    )
    job = next(job for job in SCHEDULE if job.id == "dispatch")
    run_job(told.app, job, "here", told.tools)
    with told.app.app_context():
        alarm(told.tools)
    assert len(mail.sent) == 5
    assert pings == []
    assert told.change(lambda s: health(s, told.clock.now())).held is SendingHoldReason.RESTORED


def test_what_was_sent_last_is_kept_without_a_word_about_anybody(told: World) -> None:
    kept = json.loads((told.tools.place.folder / LAST_SENT).read_text())
    assert sorted(kept) == ["at", "marks", "message"]
    assert (kept["message"],) in told.read(select(Message.uid))


@pytest.mark.parametrize("text", ["", "[]", '{"message": 1}', '{"message": "x", "at": "never"}', "\0"])
def test_a_file_without_sense_is_as_none(told: World, text: str) -> None:
    place = told.tools.place
    (place.folder / LAST_SENT).write_text(text)
    assert place.here().last_sent is None


def test_a_folder_that_cannot_be_written_stops_no_message(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("")
    OwnPlace(tmp_path / "file" / "below", ("mark",), "http://localhost").sent("uid", DUE)
    assert "could not be kept" in caplog.text
