"""Behind PgBouncer, whose transactions each have another server process: no booking fails and no outcome is lost."""

from collections import Counter
from datetime import date
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import text

from clinic_scheduler.db import db
from clinic_scheduler.senders.memory import MemorySender
from tests import databases
from tests.integration.contention import Fight, fight, overlaps, quarters, together
from tests.integration.house import House, at
from tests.integration.outbox.test_outbox_together import DUE
from tests.integration.outbox.world import crowd, open_world
from tests.integration.postgresql.conftest import Open, at_the_desk
from tests.postgresql import pgbouncer

SIZE, PROCESSES, LIMIT_SECONDS = 3, 6, 120.0
TOLD = {"taken", "already_booked", "not_open", "booked", "moved", "cancelled"}


@pytest.mark.thorough
def test_desks_that_fight_for_the_same_hours_meet_no_error(house: House, tmp_path: Path) -> None:
    """More desks than the pooler has connections, each longer at it than a statement takes to be prepared."""
    others = [house.another_course(f"C-{n}") for n in range(4)]
    with pgbouncer(house.database_url, SIZE) as pooled:
        what = Fight(
            pooled,
            tmp_path / "data",
            house.cast.actor,
            house.now,
            courses=(house.cast.course_id, *others),
            providers=(house.cast.provider_id, house.cast.other_provider_id),
            starts=quarters(at(date(2026, 11, 24), 9), 8),
            tries=12,
        )
        answers = together(fight, [(seed, what) for seed in range(PROCESSES)], LIMIT_SECONDS)
    tally = sum((own for own, _ in answers), Counter())
    assert set(tally) <= TOLD, tally
    assert tally.total() == PROCESSES * what.tries
    assert tally["booked"] > 0
    assert overlaps(house.occupied()) == 0


def test_every_page_is_there_and_nothing_of_ours_stays_with_the_pooler(house: House, open_app: Open) -> None:
    with pgbouncer(house.database_url, 1) as pooled:
        app = open_app(pooled)
        desk = at_the_desk(app)
        for address in ("/due", "/schedule", "/patients/1", "/healthz") * 6:
            answer = desk.get(address)
            assert answer.status_code == 200, answer.text
        with app.app_context():
            limits = "SELECT current_setting('statement_timeout'), current_setting('lock_timeout')"
            assert db.session.execute(text(limits)).one() == ("5s", "4s")
        # The pooler's one connection, as the next program would find it.
        with psycopg.connect(pooled, autocommit=True, prepare_threshold=None) as another:
            assert another.execute(limits).fetchone() == ("0", "0")
            assert another.execute("SELECT count(*) FROM pg_prepared_statements").fetchone() == (0,)
            held = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"
            assert another.execute(held).fetchone() == (0,)


def test_a_page_is_bounded_there_as_well(house: House, open_app: Open) -> None:
    """Somebody holds the diary; the desk is told within the limit, and keeps what was typed."""
    with pgbouncer(house.database_url, SIZE) as pooled:
        desk = at_the_desk(open_app(pooled, database_lock_timeout=1))
        desk.get(f"/courses/{house.cast.course_id}/book")
        typed = {"provider": house.cast.provider_id, "day": "2026-11-24", "at": "09:00", "key": desk.key}
        with psycopg.connect(databases.without_driver(house.database_url)) as holder:
            holder.execute("SELECT 1 FROM providers FOR UPDATE")
            answer = desk.post(f"/courses/{house.cast.course_id}/book", **typed)
            assert answer.status_code == 503
            assert 'name="at" value="09:00"' in answer.text
        assert desk.post(f"/courses/{house.cast.course_id}/book", **typed).status_code == 302


def test_no_outcome_of_a_message_is_lost(
    postgresql_url: str, tmp_path: Path, senders: dict[str, MemorySender]
) -> None:
    """One worker's threads that send, over fewer connections than there are threads."""
    people = 40
    with (
        pgbouncer(postgresql_url, 2) as pooled,
        databases.opened(pooled, tmp_path, senders=senders) as app,
    ):
        world = open_world(app)
        crowd(world, people)
        while world.at(DUE).dispatch().get("sent"):
            pass
        assert Counter(world.messages()) == {("sent", False, 1): people + 1}
        assert len(senders["email"].sent) == people + 1
