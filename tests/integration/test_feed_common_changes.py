"""What all events of a clinic may say: changed of the clinic, its providers or its courses, it raises each of them."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from clinic_scheduler.domain.calendars.links import CLINIC_DAY, DUE_WINDOWS, PATIENT, PROVIDER
from clinic_scheduler.models import Course, Provider
from clinic_scheduler.queries.calendars.rows import Subject
from clinic_scheduler.services.change import Change
from clinic_scheduler.services.messaging.custom_wording import sign_texts
from clinic_scheduler.services.patients import merging
from clinic_scheduler.services.patients.unmerging import unmerge
from tests import factories
from tests.integration.house import TODAY, House, at
from tests.integration.published import (
    FRIDAY,
    bodies_of,
    change_address,
    change_clinic,
    published,
    rename,
    require_revised,
)

# What a clinic changes of itself -> the calendars in which some event reads otherwise then.
COMMON_CHANGES: dict[str, tuple[Callable[[House], None], set[str]]] = {
    "a provider's name": (
        lambda house: rename(house, house.cast.provider_id, "Dr. Reid-Vega"),
        {PATIENT, PROVIDER, CLINIC_DAY},
    ),
    "the phone": (
        lambda house: change_clinic(house, phone="415-555-0111"),
        {PATIENT, PROVIDER, CLINIC_DAY, DUE_WINDOWS},
    ),
    "the name": (lambda house: change_clinic(house, name="Harbor"), {PATIENT}),
    "the address": (change_address, {PATIENT}),
    "the address by another way": (lambda house: change_clinic(house, address="3 Pier Road"), {PATIENT}),
}


@pytest.mark.parametrize("what", COMMON_CHANGES)
def test_what_all_events_say_of_the_clinic_changes_under_a_higher_revision(house: House, what: str) -> None:
    """Visits, windows, cycles, milestones, the notice of an empty calendar and of one that was stopped."""
    act, calendars = COMMON_CHANGES[what]
    house.set(Provider, house.cast.provider_id, email="reid@example.org")
    house.book_anyway(at(FRIDAY, 9))
    before = published(house)
    house.later(minutes=1)
    act(house)
    assert {kind for kind, _, _ in require_revised(before, published(house))} == calendars
    known = published(house)
    house.later(minutes=1)
    act(house)
    assert published(house) == known, "to say the same again is no change"


def test_the_zone_dates_the_notices_and_so_it_raises_the_revision(house: House) -> None:
    house.treat(TODAY, 100)
    before = published(house)
    house.later(minutes=1)
    change_clinic(house, zone="Pacific/Auckland")
    assert {uid[:5] for _, _, uid in require_revised(before, published(house))} == {"empty"}


def test_elsewhere_it_is_the_other_clinics_changes_that_count(house: House) -> None:
    """A provider's calendar over all clinics names the places by what each signs its texts with."""
    cast, theirs = house.cast, house.change(lambda s: factories.cast(s, house.now, clinic="Elm", prefix="E"))
    for provider_id in (cast.provider_id, theirs.provider_id):
        house.set(Provider, provider_id, email="reid@example.org")
    house.book_anyway(
        at(FRIDAY, 9), course_id=theirs.course_id, provider_id=theirs.provider_id, by=theirs.actor
    )
    house.book_anyway(at(FRIDAY, 11))
    for act in (
        lambda: change_clinic(house, theirs.actor, name="Elm Street"),
        lambda: house.change(lambda s: sign_texts(Change(s, theirs.actor, house.now), "The Elm")),
        lambda: rename(house, theirs.provider_id, "Dr. Reid-Vega", theirs.actor),
    ):
        before = published(house)
        house.later(minutes=1)
        act()
        changed = require_revised(before, published(house))
        assert {kind for kind, _, _ in changed} == {PROVIDER}
        assert len(changed) == 2, "the visit there at either level, and none here"


def test_a_link_widened_to_all_clinics_shows_more_and_changes_nothing_it_showed(house: House) -> None:
    house.book_anyway(at(FRIDAY, 9))
    narrow = Subject(PROVIDER, house.cast.clinic_id, provider_id=house.cast.provider_id)
    here, everywhere = (
        list(bodies_of(house, subject)) for subject in (narrow, replace(narrow, all_clinics=True))
    )
    assert here == everywhere


def test_joining_two_records_and_undoing_it_raises_what_is_called_by_another_course(house: House) -> None:
    """Staff's calendars call a visit by its course, and a merge may hand visits over to another course."""
    cast = house.cast
    twin = house.another_course(treated_on=TODAY - timedelta(30))
    house.book_anyway(at(FRIDAY, 9), course_id=twin)
    (twin_id,) = {row.patient_id for row in house.rows(select(Course.patient_id).where(Course.id == twin))}
    before = published(house)
    house.later(minutes=1)
    house.change(lambda s: merging.merge(Change(s, cast.actor, house.now), cast.patient_id, twin_id).id)
    joined = published(house)
    assert {(kind, uid[:5]) for kind, _, uid in require_revised(before, joined)} >= {
        (CLINIC_DAY, "visit"),
        (PROVIDER, "visit"),
        (PROVIDER, "miles"),
    }
    house.later(minutes=1)
    house.change(lambda s: unmerge(Change(s, cast.actor, house.now), cast.patient_id, twin_id))
    assert require_revised(joined, published(house))
