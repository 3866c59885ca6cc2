"""What a record system does to visits is told to nobody here; but a calendar entry that we made is corrected."""

from dataclasses import replace
from datetime import timedelta

from sqlalchemy import select

from clinic_scheduler.domain.messaging.invitations import INVITATIONS
from clinic_scheduler.domain.record_system import OutsideStatus, OutsideVisit
from clinic_scheduler.models import Patient
from clinic_scheduler.senders.memory import MemorySender
from clinic_scheduler.services.change import Change
from clinic_scheduler.services.imports.diary import apply_visits
from tests.factories import ZONE
from tests.integration.outbox.test_invitations import told
from tests.integration.outbox.world import VISIT, World


def row(world: World, hours: int = 0, status: OutsideStatus = OutsideStatus.BOOKED) -> OutsideVisit:
    (mrn,) = world.read(select(Patient.mrn).where(Patient.id == world.people[0]))[0]
    local = (VISIT + timedelta(hours=hours)).astimezone(ZONE)
    return OutsideVisit(
        2, mrn, local.date(), local.time(), status, provider_name="Dr. Vega", outside_id="V-1"
    )


def outside(world: World, told_row: OutsideVisit) -> str:
    rows, now = [told_row], world.clock.now()
    applied = world.change(lambda s: apply_visits(Change(s, world.actor, now), rows))
    assert applied.refused == []
    (what,) = applied.counts
    return what


def test_an_entry_of_ours_is_moved_and_taken_out_of_the_calendar(world: World, mail: MemorySender) -> None:
    world.set_patient(calendar_by=INVITATIONS)
    world.book()
    assert len(told(world, mail)) == 1
    assert outside(world, row(world)) == "known"
    assert told(world, mail) == []
    assert outside(world, row(world, 2)) == "moved"
    assert len(told(world, mail)) == 1
    assert outside(world, replace(row(world, 2), status=OutsideStatus.CANCELLED)) == "cancelled"
    assert len(told(world, mail)) == 1


def test_nobody_else_is_told(world: World, mail: MemorySender) -> None:
    assert outside(world, row(world)) == "booked"
    assert outside(world, row(world, 2)) == "moved"
    assert outside(world, row(world, 2, OutsideStatus.CANCELLED)) == "cancelled"
    assert told(world, mail) == []


def test_what_the_desk_had_still_to_tell_is_not_told_any_more(world: World, mail: MemorySender) -> None:
    world.book()
    assert outside(world, row(world)) == "known"
    assert outside(world, row(world, 2)) == "moved"
    assert told(world, mail) == []
