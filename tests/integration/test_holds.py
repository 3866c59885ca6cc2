"""Holds of patients, on both databases: what they cover, what outlives what, who ends them, what follows."""

from datetime import date, time, timedelta

import pytest
from sqlalchemy import select

from clinic_scheduler.domain.errors import ActionRefused, InvalidInput, NotFound
from clinic_scheduler.models import Course, Hold, Reminder, WorkItem
from clinic_scheduler.queries.courses.holds import current_holds, held_by_provider
from clinic_scheduler.queries.due.rows import due_rows
from clinic_scheduler.queries.provider_home import week_loads
from clinic_scheduler.queries.providers import provider_in_clinic
from clinic_scheduler.queries.schedule.cells import OpenTime
from clinic_scheduler.queries.schedule.gap_fill import best_fits
from clinic_scheduler.services.actors import Actor
from clinic_scheduler.services.change import Change
from clinic_scheduler.services.courses import courses
from clinic_scheduler.services.courses.courses import CourseEntry
from clinic_scheduler.services.patients import holds, merging, unmerging
from clinic_scheduler.services.patients.holds import HoldEntry
from tests import factories
from tests.integration.house import TODAY, House, at

LIMB = "spasticity_upper_limb"
YESTERDAY = TODAY - timedelta(1)


@pytest.fixture
def provider(house: House) -> Actor:
    return signed_in(house, "provider")


@pytest.fixture
def desk(house: House) -> Actor:
    return signed_in(house, "front_desk")


def signed_in(house: House, role: str) -> Actor:
    def work(session) -> Actor:
        user = factories.staff(session, house.cast.actor, house.now, role)
        return Actor(user.name, house.cast.clinic_id, user.id, frozenset({role}))

    return house.change(work)


def put(house: House, by: Actor, *, reason: str = "infection", **entry: object) -> int:
    values = {
        "patient_id": house.cast.patient_id,
        "indication": None,
        "starts_on": TODAY,
        "ends_on": None,
        "note": None,
    }
    wanted = HoldEntry(**(values | entry), reason=reason)
    return house.change(lambda s: holds.hold(Change(s, by, house.now), wanted).id)


def open_course(house: House, indication: str = LIMB, product: str = factories.ONABOT) -> int:
    entry = CourseEntry(house.cast.patient_id, indication, product, TODAY, provider_id=house.cast.provider_id)
    return house.change(lambda s: courses.start_course(Change(s, house.cast.actor, house.now), entry).id)


def blocked(house: House, day: date = TODAY) -> set[int]:
    """Courses the due list says are on hold."""
    rows = house.look(lambda s: due_rows(s, house.cast.clinic_id, day))
    return {row.course_id for row in rows if "on_hold" in row.blocks}


def questions(house: House) -> list[tuple[object, ...]]:
    wanted = select(WorkItem.kind, WorkItem.patient_id, WorkItem.hold_id, WorkItem.asked_by, WorkItem.note)
    return [tuple(row) for row in house.rows(wanted.where(WorkItem.closed_at.is_(None)))]


def test_a_patients_hold_covers_every_course_also_one_opened_later(house: House, desk: Actor) -> None:
    second = open_course(house)
    put(house, desk, ends_on=TODAY + timedelta(5))
    third = open_course(house, "spasticity_lower_limb")
    assert blocked(house) == {house.cast.course_id, second, third}
    assert blocked(house, TODAY + timedelta(6)) == set()


def test_a_hold_of_one_indication_leaves_the_others(house: House, desk: Actor) -> None:
    second = open_course(house)
    put(house, desk, indication=LIMB)
    assert blocked(house) == {second}


def test_another_patients_courses_go_on(house: House, desk: Actor) -> None:
    house.another_course()
    put(house, desk)
    assert blocked(house) == {house.cast.course_id}


@pytest.mark.parametrize("product", [factories.ONABOT, "incobotulinumtoxinA"], ids=["again", "other product"])
def test_neither_a_stop_nor_a_switch_of_product_ends_a_hold(house: House, desk: Actor, product: str) -> None:
    put(house, desk, indication=factories.MIGRAINE)
    house.change(
        lambda s: courses.stop(Change(s, desk, house.now), house.cast.course_id, TODAY, "another product").id
    )
    opened = open_course(house, factories.MIGRAINE, product)
    assert blocked(house) == {opened}


def test_said_twice_it_is_one_hold_but_a_providers_word_is_another(
    house: House, desk: Actor, provider: Actor
) -> None:
    first = put(house, desk)
    assert put(house, desk) == first
    assert put(house, provider) != first
    assert put(house, desk, note="of the ear") not in (first, first + 1)
    assert house.audit("patients").count(("held", {"hold_id": first, "indication": None})) == 1


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"reason": "because"}, "a hold has one of these reasons"),
        ({"indication": "wrinkles"}, "unknown indication"),
        ({"ends_on": YESTERDAY}, "the last day cannot be before the first"),
    ],
)
def test_a_hold_that_cannot_be_is_not_kept(
    house: House, desk: Actor, wrong: dict[str, object], said: str
) -> None:
    with pytest.raises(InvalidInput, match=said):
        put(house, desk, **wrong)
    assert house.rows(select(Hold.id)) == []


def test_another_clinics_patient_is_neither_held_nor_released(house: House, desk: Actor) -> None:
    key = put(house, desk)
    stranger = Actor("Stranger", house.cast.clinic_id + 1, None, frozenset({"provider"}))
    with pytest.raises(NotFound):
        put(house, stranger)
    for act in (
        lambda s: holds.release(Change(s, stranger, house.now), key, YESTERDAY),
        lambda s: holds.ask_release(Change(s, stranger, house.now), key, "", TODAY),
        lambda s: holds.keep(Change(s, stranger, house.now), key),
        lambda s: holds.keep(Change(s, stranger, house.now), 999),
    ):
        with pytest.raises(NotFound):
            house.change(act)


def test_the_desk_ends_its_own_and_a_provider_anybodys(house: House, desk: Actor, provider: Actor) -> None:
    for by in (desk, provider):
        key = put(house, desk, note=by.name)
        house.change(lambda s, by=by, key=key: holds.release(Change(s, by, house.now), key, YESTERDAY).id)
    assert blocked(house) == set()


def test_the_desk_cannot_end_a_providers_hold(house: House, desk: Actor, provider: Actor) -> None:
    key = put(house, provider, reason="pregnancy")
    with pytest.raises(ActionRefused, match="set this hold, so a provider ends it"):
        house.change(lambda s: holds.release(Change(s, desk, house.now), key, YESTERDAY))
    with pytest.raises(ActionRefused, match="A provider answers this"):
        house.change(lambda s: holds.keep(Change(s, desk, house.now), key))
    assert blocked(house) == {house.cast.course_id}
    admin = house.cast.actor
    house.change(lambda s: holds.release(Change(s, admin, house.now), key, YESTERDAY).id)
    assert blocked(house) == set()


def test_the_desk_asks_and_a_provider_releases(house: House, desk: Actor, provider: Actor) -> None:
    key = put(house, provider, reason="pregnancy")
    for _ in range(2):
        house.change(lambda s: holds.ask_release(Change(s, desk, house.now), key, "The baby is born", TODAY))
    asked = [("asks_release", house.cast.patient_id, key, desk.name, "The baby is born")]
    assert questions(house) == asked
    house.change(lambda s: holds.release(Change(s, provider, house.now), key, YESTERDAY).id)
    assert questions(house) == []
    assert house.rows(select(WorkItem.outcome, WorkItem.closed_by_id)) == [("released", provider.user_id)]
    assert blocked(house) == set()
    actions = [action for action, _ in house.audit("patients")]
    assert actions[-3:] == ["held", "asked_release", "released"]


def test_a_provider_may_keep_it_and_be_asked_again(house: House, desk: Actor, provider: Actor) -> None:
    key = put(house, provider)
    house.change(lambda s: holds.ask_release(Change(s, desk, house.now), key, "", TODAY))
    for _ in range(2):
        house.change(lambda s: holds.keep(Change(s, provider, house.now), key).id)
    assert (questions(house), blocked(house)) == ([], {house.cast.course_id})
    assert [action for action, _ in house.audit("patients")].count("kept_hold") == 1
    house.change(lambda s: holds.ask_release(Change(s, desk, house.now), key, "Again", TODAY))
    assert [row[-1] for row in questions(house)] == ["Again"]


def test_what_is_over_is_not_asked_about_and_a_release_never_lengthens(
    house: House, desk: Actor, provider: Actor
) -> None:
    key = put(house, provider, starts_on=TODAY - timedelta(9), ends_on=TODAY - timedelta(3))
    with pytest.raises(ActionRefused, match="over already"):
        house.change(lambda s: holds.ask_release(Change(s, desk, house.now), key, "", TODAY))
    house.change(lambda s: holds.release(Change(s, provider, house.now), key, YESTERDAY).id)
    assert house.rows(select(Hold.ends_on)) == [(TODAY - timedelta(3),)]
    assert house.look(lambda s: list(current_holds(s, house.cast.patient_id, TODAY))) == []


def test_reminders_of_every_course_are_silent_meanwhile(house: House, desk: Actor) -> None:
    second = open_course(house)
    told = select(Reminder.course_id, Reminder.state).where(Reminder.kind == "time_to_book")
    assert sorted(house.rows(told)) == [(house.cast.course_id, "pending"), (second, "pending")]
    key = put(house, desk, starts_on=TODAY - timedelta(60))
    assert sorted(house.rows(told)) == [(house.cast.course_id, "suppressed"), (second, "suppressed")]
    house.change(lambda s: holds.release(Change(s, desk, house.now), key, YESTERDAY).id)
    assert {state for _, state in house.rows(told)} == {"pending"}


def test_nobody_on_hold_fills_a_gap_or_counts_as_work_ahead(house: House, desk: Actor) -> None:
    def looks(session) -> tuple[list[int], int]:
        free = OpenTime(house.cast.provider_id, "Dr Amara Reid", TODAY, time(10))
        fits = best_fits(session, house.cast.clinic_id, free, at(TODAY, 10), house.now)
        provider = provider_in_clinic(session, house.cast.clinic_id, house.cast.provider_id)
        return [fit.course.id for fit in fits], week_loads(session, provider, TODAY, 1)[0].unbooked

    assert house.look(looks) == ([house.cast.course_id], 1)
    put(house, desk)
    assert house.look(looks) == ([], 0)


def test_a_providers_home_shows_who_is_held_once_what_is_asked_first(
    house: House, desk: Actor, provider: Actor
) -> None:
    open_course(house)
    early = put(house, desk, starts_on=TODAY - timedelta(9))
    later = put(house, provider, reason="surgery", starts_on=TODAY + timedelta(9))

    def shown(provider_id: int) -> list[tuple[int, bool]]:
        def look(session) -> list[tuple[int, bool]]:
            who = provider_in_clinic(session, house.cast.clinic_id, provider_id)
            return [
                (row.hold.id, row.question is not None) for row in held_by_provider(session, who, TODAY, 9)
            ]

        return house.look(look)

    assert shown(house.cast.provider_id) == [(early, False)]
    house.change(lambda s: holds.ask_release(Change(s, desk, house.now), later, "", TODAY))
    assert shown(house.cast.provider_id) == [(later, True), (early, False)]
    assert shown(house.cast.other_provider_id) == []


def test_holds_and_questions_follow_the_patient_into_a_merge_and_out(
    house: House, desk: Actor, provider: Actor
) -> None:
    other = house.another_course()
    lose = house.course(other)["patient_id"]
    key = put(house, provider, patient_id=lose, reason="pregnancy")
    house.change(lambda s: holds.ask_release(Change(s, desk, house.now), key, "", TODAY))
    owner = select(Hold.patient_id, WorkItem.patient_id).join(WorkItem, WorkItem.hold_id == Hold.id)
    keep = house.cast.patient_id
    house.change(lambda s: merging.merge(Change(s, house.cast.actor, house.now), keep, lose).id)
    assert house.rows(owner) == [(keep, keep)]
    assert blocked(house) == {house.cast.course_id}
    house.change(lambda s: unmerging.unmerge(Change(s, house.cast.actor, house.now), keep, lose))
    assert house.rows(owner) == [(lose, lose)]
    assert blocked(house) == {other}


def test_the_kept_dates_stay_what_the_rules_say(house: House, desk: Actor) -> None:
    before = house.course()
    put(house, desk)
    after = house.course()
    names = ("earliest_date", "due_date", "overdue_date", "lapse_date", "blocks")
    assert {name: after[name] for name in names} == {name: before[name] for name in names}
    assert house.rows(select(Course.id)) == [(house.cast.course_id,)]
