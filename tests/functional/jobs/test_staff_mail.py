"""Mail to staff: the morning's digest, the alarm after an outage, and how both are sent."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select, update

from clinic_scheduler.domain.messaging.dispatch_rules import LEASE
from clinic_scheduler.domain.shown_name import SHOWN_NAME
from clinic_scheduler.jobs.alarm import alarm
from clinic_scheduler.jobs.context import Counts
from clinic_scheduler.jobs.digest import digest
from clinic_scheduler.jobs.job_table import SCHEDULE
from clinic_scheduler.jobs.pulse import Pulse
from clinic_scheduler.jobs.runner import run_job, run_once
from clinic_scheduler.jobs.staff_mail import send_notices
from clinic_scheduler.models import Authorization, Clinic, Course, Message, Reminder, StaffNotice, WorkItem
from clinic_scheduler.queries.health import health
from clinic_scheduler.senders.base import SendError
from clinic_scheduler.senders.memory import Failure, MemorySender
from clinic_scheduler.services.change import Change
from clinic_scheduler.services.messaging import outbox, staff_mail
from clinic_scheduler.services.work_items import close_item, open_item
from tests.integration.outbox.world import FAMILY_NAME, NOW, World, local, queued

TUESDAY = date(2026, 11, 24)


@pytest.fixture
def mail(senders: dict[str, MemorySender]) -> MemorySender:
    return senders["email"]


def written(world: World, at: datetime) -> Counts:
    with world.at(at).app.app_context():
        return digest(world.tools)


def send(world: World, at: datetime) -> Counts:
    with world.at(at).app.app_context():
        return send_notices(world.tools)


def failing(*, permanent: bool = False, ambiguous: bool = False) -> Failure:
    return Failure(SendError("No luck.", permanent=permanent, ambiguous=ambiguous))


def waits(world: World, kind: str = "reply") -> None:
    world.change(lambda s: open_item(s, world.actor.clinic_id, kind, kind, NOW, patient_id=world.people[0]))


def test_nothing_is_written_where_nothing_waits(world: World) -> None:
    assert written(world, local(TUESDAY, 7)) == {"written": 0}


def test_each_morning_at_seven_one_mail_until_it_is_settled(world: World, mail: MemorySender) -> None:
    waits(world)
    assert written(world, local(TUESDAY, 6, 59)) == {"written": 0}
    assert written(world, local(TUESDAY, 7)) == {"written": 1}
    assert written(world, local(TUESDAY, 8)) == {"written": 0}
    assert written(world, local(TUESDAY + timedelta(1), 15)) == {
        "written": 1
    }  # the worker was away till then
    item = world.read(select(WorkItem.id))[0][0]
    world.change(lambda s: close_item(Change(s, world.actor, NOW), item, "answered"))
    assert written(world, local(TUESDAY + timedelta(2), 7)) == {"written": 0}
    assert send(world, local(TUESDAY + timedelta(2), 7)) == {"staff_sent": 2}
    first = mail.sent[0]
    assert (first.to, first.subject) == ("desk@example.org", "Saguaro clinic: what waits this morning")
    assert "1 on the work list\nhttp://localhost/work-list" in first.text
    assert first.text.endswith(f"\n\n{SHOWN_NAME}")
    assert FAMILY_NAME not in first.text
    assert "Peregrine" not in first.text


def test_what_turns_up_after_a_quiet_morning_is_the_next_mornings(world: World, mail: MemorySender) -> None:
    job = next(job for job in SCHEDULE if job.id == "digest")
    digests = select(StaffNotice.id).where(StaffNotice.kind == "digest")
    for hour in (5, 6, 7, 8):
        run_job(world.at(local(TUESDAY, hour, 20)).app, job, "w", world.tools)
    waits(world)
    for hour in range(9, 24):
        run_job(world.at(local(TUESDAY, hour, 20)).app, job, "w", world.tools)
    assert world.read(digests) == []
    run_job(world.at(local(TUESDAY + timedelta(1), 7, 20)).app, job, "another", world.tools)
    assert len(world.read(digests)) == 1


def test_a_look_that_failed_is_taken_again(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    job = next(job for job in SCHEDULE if job.id == "digest")
    waits(world)
    with monkeypatch.context() as broken:
        broken.setattr("clinic_scheduler.jobs.digest.unresolved", None)
        run_job(world.at(local(TUESDAY, 7)).app, job, "w", world.tools)
    run_job(world.at(local(TUESDAY, 8)).app, job, "w", world.tools)
    assert len(world.read(select(StaffNotice.id))) == 1


def test_the_day_on_which_clocks_go_back_has_one_digest(world: World) -> None:
    waits(world)
    world.change(lambda s: s.execute(update(Clinic).values(zone="America/New_York")))
    # In New York 01:00 comes twice on 1 November 2026, and seven o'clock is 12:00 in UTC.
    hours = [datetime(2026, 11, 1, 4, tzinfo=UTC) + timedelta(hours=n) for n in range(25)]
    counted = [written(world, hour)["written"] for hour in hours]
    assert counted == [0] * 8 + [1] + [0] * 16


def test_all_that_is_unresolved_is_counted(world: World, mail: MemorySender) -> None:
    queued(world.at(local(date(2026, 11, 23), 10)))

    def trouble(session) -> None:  # type: ignore[no-untyped-def]
        session.execute(update(Message).values(state="failed"))
        course = session.get_one(Course, world.course_of[world.people[0]])
        course.due_date = course.earliest_date = course.overdue_date = date(2026, 11, 20)
        course.lapse_date = date(2027, 3, 1)
        ends = date(2026, 12, 8)
        session.add(Authorization(course_id=course.id, starts_on=date(2026, 1, 1), ends_on=ends))
        session.execute(update(Clinic).values(digest_email="morning@example.org"))

    world.change(trouble)
    written(world, local(TUESDAY, 7))
    send(world, local(TUESDAY, 7))
    (sent,) = mail.sent
    assert sent.to == "morning@example.org"
    for line in ("1 overdue, and nobody", "1 message failed", "1 authorization ends within 14 days"):
        assert line in sent.text, line
    assert "work list" not in sent.text


def test_mail_that_fails_is_tried_later_and_marked_only_once_it_went(
    world: World, mail: MemorySender
) -> None:
    waits(world)
    at = local(TUESDAY, 7)
    written(world, at)
    mail.fail_next(failing(ambiguous=True))
    assert send(world, at) == {"staff_retry": 1}
    assert send(world, at) == {}
    assert send(world, at + timedelta(minutes=1)) == {"staff_sent": 1}
    assert world.read(select(StaffNotice.state, StaffNotice.attempt)) == [("sent", 2)]


def test_mail_is_given_up_when_refused_for_good_or_of_no_use_any_more(
    world: World, mail: MemorySender
) -> None:
    waits(world)
    written(world, local(TUESDAY, 7))
    mail.fail_next(failing(permanent=True))
    assert send(world, local(TUESDAY, 7)) == {"staff_failed": 1}
    later = local(TUESDAY + timedelta(1), 7)
    written(world, later)
    mail.fail_next(failing())
    assert send(world, later + timedelta(days=2)) == {"staff_failed": 1}


def test_a_vanished_workers_mail_is_sent_by_another(world: World, mail: MemorySender) -> None:
    waits(world)
    at = local(TUESDAY, 7)
    written(world, at)
    assert world.change(lambda s: staff_mail.claim_notice(s, at)) is not None
    assert send(world, at + LEASE) == {}
    assert send(world, at + LEASE + timedelta(seconds=1)) == {"staff_sent": 1}


def test_without_a_mail_sender_it_is_printed(world: World) -> None:
    waits(world)
    printed = MemorySender("email")
    world.tools = replace(world.tools, senders={}, console=printed)
    written(world, local(TUESDAY, 7))
    assert send(world, local(TUESDAY, 7)) == {"staff_sent": 1}
    assert len(printed.sent) == 1


def test_a_worker_that_was_gone_says_so_once(world: World, mail: MemorySender) -> None:
    job = SCHEDULE[0]
    run_job(world.app, job, "w", world.tools)
    run_job(world.at(NOW + timedelta(minutes=30)).app, job, "w", world.tools)
    assert world.read(select(WorkItem.kind)) == []
    gone = NOW + timedelta(hours=2, minutes=30)
    with world.at(gone).app.app_context():
        assert alarm(replace(world.tools, pulse=Pulse())) == {"gaps_told": 1}
        # Another worker that starts at the same moment.
        assert alarm(replace(world.tools, pulse=Pulse())) == {"gaps_told": 0}
    run_once(world.app, world.tools, "w")
    assert world.read(select(WorkItem.kind, WorkItem.dedupe_key)) == [
        ("worker_was_gone", f"worker-was-gone:{world.actor.clinic_id}:20261123T173000Z")
    ]
    told = [envelope for envelope in mail.sent if "not going out" in envelope.subject]
    assert len(told) == 1
    assert "between 23-Nov-2026 09:30 and 23-Nov-2026 11:30 no reminders" in told[0].text
    assert "/messages?state=expired" in told[0].text
    assert told[0].text.endswith(f"\n\n{SHOWN_NAME}")


@pytest.mark.parametrize(("asleep", "told"), [(timedelta(minutes=1), 0), (timedelta(hours=2), 1)])
def test_a_clock_set_forward_is_no_gap_and_a_machine_that_slept_is_one(
    world: World, asleep: timedelta, told: int
) -> None:
    up = [0.0]
    world.tools = replace(world.tools, pulse=Pulse(lambda: up[0]))
    run_job(world.app, SCHEDULE[0], "w", world.tools)
    up[0] += asleep.total_seconds()
    later = NOW + timedelta(hours=2)
    outcome = run_job(world.at(later).app, SCHEDULE[0], "w", world.tools)
    assert outcome.counts == {"gaps_told": told}
    up[0] += 60
    assert run_job(world.at(later + timedelta(minutes=1)).app, SCHEDULE[0], "w", world.tools).counts == {
        "gaps_told": 0
    }
    assert len(world.read(select(WorkItem.kind))) == told


def test_a_watcher_is_told_only_while_sending_goes_well(world: World) -> None:
    heard: list[datetime] = []
    world.tools = replace(world.tools, ping=heard.append)
    run_job(world.app, SCHEDULE[0], "w", world.tools)
    assert heard == []  # nothing was ever sent
    dispatching = next(job for job in SCHEDULE if job.id == "dispatch")
    run_job(world.app, dispatching, "w", world.tools)
    run_job(world.app, SCHEDULE[0], "w", world.tools)
    assert heard == [NOW]

    def broken(_tools: object) -> Counts:
        raise OSError

    run_job(world.app, replace(dispatching, function=broken), "w", world.tools)
    run_job(world.app, SCHEDULE[0], "w", world.tools)
    assert heard == [NOW]


def test_what_is_put_off_to_the_morning_is_not_owed_at_night(world: World) -> None:
    """A message that waits for its hour raises no alarm; one that keeps failing does, between tries too."""
    evening = local(date(2026, 11, 23), 19, 59)
    world.change(lambda s: s.execute(update(Reminder).values(due_at=evening)))
    queued(world.at(evening))
    claimed = world.change(lambda s: outbox.claim(s, evening))
    assert claimed is not None
    night = evening + timedelta(minutes=1)
    assert world.change(lambda s: outbox.prepare(s, claimed, night, ("email",))) is None
    for hours in (2, 12, 13):
        at = evening + timedelta(hours=hours)
        assert world.change(lambda s, at=at: health(s, at)).oldest_unsent_age is None, hours
    morning = local(TUESDAY, 9)
    assert world.change(lambda s: health(s, morning)).oldest_unsent_age == 0.0
