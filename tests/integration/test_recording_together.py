"""Two desks record for the same patient, day and course at one moment: one is kept, the other is shown it first."""

from decimal import Decimal
from pathlib import Path

from sqlalchemy import func, select

from clinic_scheduler.domain.visits.seen import Seen
from clinic_scheduler.models import Appointment, Authorization, Course, Treatment
from clinic_scheduler.services.actors import Actor
from clinic_scheduler.services.change import Change
from clinic_scheduler.services.courses import courses
from tests import factories
from tests.integration.contention import Desk, record_pairwise, together
from tests.integration.house import TODAY, House, at

PAIRS = 18
LIMIT_SECONDS = 180.0
NAMES = ("Dana Whitfield", "Sol Marsh")


def people(house: House) -> tuple[list[Actor], list[int]]:
    """Two desks with accounts, and as many patients' courses as there are pairs, each authorized for one visit."""

    def work(session):
        cast, now = house.cast, house.now
        desks = []
        for name in NAMES:
            user = factories.staff(session, cast.actor, now, "front_desk", prefix=name[:3])
            user.name = name
            desks.append(Actor(name, cast.clinic_id, user.id, frozenset({"front_desk"})))
        opened = []
        for n in range(PAIRS):
            patient = factories.person(session, cast.actor, now, mrn=f"P-{n}")
            course = factories.migraine(session, cast.actor, now, patient, provider_id=cast.provider_id)
            courses.authorize(
                Change(session, cast.actor, now),
                course.id,
                TODAY,
                TODAY,
                visits_left=1,
                units_left=Decimal(400),
            )
            opened.append(course.id)
        return desks, opened

    return house.change(work)


def test_of_simultaneous_pairs_none_is_kept_unseen(house: House, tmp_path: Path) -> None:
    house.clock.move(at(TODAY, 10, 2) - house.now)
    desks, opened = people(house)
    visit = house.book(at(TODAY, 11), course_id=opened[0])
    came_to = recorded_together(house, desks, opened, tmp_path)
    kept_by = []
    for pair in zip(*came_to, strict=True):
        (kept,) = (n for n, stops in enumerate(pair) if not stops)
        ((_, said),) = pair[1 - kept]
        assert said.startswith(f"155 U were recorded for this day at 10:02 by {NAMES[kept]}."), said
        kept_by.append(kept)
    per_course = select(Treatment.course_id, func.count()).group_by(Treatment.course_id)
    mine = per_course.where(Treatment.course_id.in_(opened))
    assert {count for _, count in house.rows(mine)} == {1}
    for n, course_id in enumerate(opened):
        other = 1 - kept_by[n]
        seen = Seen(frozenset(mark for mark, _ in came_to[other][n]))
        house.treat(TODAY, by=desks[other], course_id=course_id, fingerprint=f"again:{n}", seen=seen)
    assert {count for _, count in house.rows(mine)} == {2}
    assert set(house.rows(select(Course.cycles_given).where(Course.id.in_(opened)))) == {(1,)}
    assert set(house.rows(select(Authorization.visits_left, Authorization.units_left))) == {(0, 90)}
    of_visit = select(Treatment.appointment_id).where(Treatment.course_id == opened[0])
    assert house.rows(of_visit) == [(visit,), (visit,)]
    assert house.row(Appointment, visit)["state"] == "fulfilled"


def recorded_together(house: House, desks: list[Actor], opened: list[int], folder: Path) -> list[list]:
    """What each of the two desks was shown for each course, in order; nothing where its row was kept."""
    known = [
        Desk(
            house.database_url,
            folder / f"data{n}",
            desk,
            house.now,
            opened,
            TODAY,
            Decimal(155),
            factories.ONABOT,
        )
        for n, desk in enumerate(desks)
    ]
    answers = dict(together(record_pairwise, [(desk,) for desk in known], LIMIT_SECONDS))
    return [answers[name] for name in NAMES]
