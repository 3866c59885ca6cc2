"""Toxin given elsewhere, on both databases: it moves dates and puts visits in question in the same commit."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import func, select

from clinic_scheduler.domain.errors import BookingRefused, InvalidInput, NotFound
from clinic_scheduler.domain.log_columns import LOG_COLUMNS
from clinic_scheduler.models import Patient, Reminder, Treatment
from clinic_scheduler.queries.courses.given_elsewhere import elsewhere_result
from clinic_scheduler.queries.courses.treatment_log import treatment_log
from clinic_scheduler.queries.patients.record import patient_record
from clinic_scheduler.queries.schedule.override_requests import given_before
from clinic_scheduler.services.actors import Actor
from clinic_scheduler.services.change import Change
from clinic_scheduler.services.courses.elsewhere import (
    ElsewhereEntry,
    record_elsewhere,
    undo_void_elsewhere,
    void_elsewhere,
)
from clinic_scheduler.services.courses.forecasting import differences
from clinic_scheduler.services.patients import merging, status, unmerging
from clinic_scheduler.services.treatments import voiding
from tests import factories
from tests.factories import MIGRAINE, ONABOT
from tests.integration.house import TODAY, House, at

DYSPORT = "abobotulinumtoxinA"
GIVEN = date(2026, 11, 1)
FREE = date(2027, 1, 24)  # 84 days after


def add(house: House, given_on: date = GIVEN, *, by: Actor | None = None, **known: Any) -> int:
    patient_id = known.pop("patient_id", house.cast.patient_id)
    entry = ElsewhereEntry(
        patient_id, given_on, **({"known_from": "patient", "fingerprint": f"e:{given_on}"} | known)
    )
    return house.change(lambda s: record_elsewhere(Change(s, by or house.cast.actor, house.now), entry).id)


def void(house: House, key: int, reason: str = "wrong_details", by: Actor | None = None) -> None:
    house.change(lambda s: void_elsewhere(Change(s, by or house.cast.actor, house.now), key, reason).id)


def undo(house: House, key: int) -> None:
    house.change(lambda s: undo_void_elsewhere(Change(s, house.cast.actor, house.now), key).id)


def kept_right(house: House) -> None:
    assert house.look(lambda s: list(differences(s, house.cast.clinic_id, TODAY))) == []


@pytest.mark.parametrize("indication", [None, MIGRAINE])
def test_it_moves_the_dates_and_a_booked_visit_is_a_problem_at_once(
    house: House, desk: Actor, indication: str | None
) -> None:
    """DD-3a: 84 days after, for the course's own indication and for nobody knows what."""
    house.book(at(TODAY + timedelta(1), 10))
    assert (house.course()["earliest_date"], house.course()["booking"]) == (TODAY, "ok")
    key = add(house, by=desk, units=Decimal(155), product=ONABOT, indication=indication)
    course = house.course()
    assert (course["earliest_date"], course["booking"]) == (FREE, "too_early")
    assert course["cycles_given"] == 1
    assert house.row(Treatment, key)["evaluation"] is None
    result = house.look(lambda s: _said(elsewhere_result(s, house.cast.clinic_id, key, TODAY)))
    assert ("earliest_date", TODAY, FREE) in result["moved"]
    assert result["problems"] == [house.cast.course_id]
    kept_right(house)


def test_a_patient_who_was_treated_elsewhere_is_not_called_in(house: House) -> None:
    planned = select(func.min(Reminder.due_at)).where(Reminder.state == "pending")
    assert house.rows(planned)[0][0].date() == TODAY
    add(house, units=Decimal(155))
    assert house.rows(planned)[0][0].date() >= date(2027, 1, 1)


def _said(result: Any) -> dict[str, Any]:
    return {
        "moved": [(one.name, one.before, one.after) for one in result.moved],
        "rejudged": [(one.before[0], one.after[0]) for one in result.reevaluated],
        "problems": [view.course.id for view in result.problems],
    }


def test_a_treatment_given_here_since_is_judged_anew(house: House) -> None:
    house.treat(TODAY)
    key = add(house, units=Decimal(155), product=ONABOT)
    result = house.look(lambda s: _said(elsewhere_result(s, house.cast.clinic_id, key, TODAY)))
    assert result["rejudged"] == [("valid", "too_soon")]


def test_unknown_units_block_and_other_counts_for_the_cap_alone(house: House) -> None:
    """For `other` no interval moves; with the units unknown nobody can tell what is left under the cap."""
    add(house, product=ONABOT, indication="other")
    course = house.course()
    assert (course["earliest_date"], course["blocks"]) == (TODAY, "cap_unknown")
    kept_right(house)


def test_another_product_given_for_other_waits_for_a_provider(house: House) -> None:
    house.book(at(TODAY + timedelta(1), 10))
    add(house, product=DYSPORT, indication="other")
    course = house.course()
    assert (course["earliest_date"], course["blocks"]) == (TODAY, "other_toxin_review")
    assert course["booking"] == "blocked"


def test_known_units_for_other_count_towards_the_cap(house: House) -> None:
    """DD-3c: 300 U and the 155 U planned are over the 400 U of Botox until the 300 U have rolled off."""
    add(house, units=Decimal(300), product=ONABOT, indication="other")
    course = house.course()
    assert (course["earliest_date"], course["blocks"]) == (FREE, "")


def test_nothing_known_but_the_day_counts_as_everything(house: House) -> None:
    key = add(house, is_approximate=True)
    course = house.course()
    assert course["earliest_date"] == FREE
    assert set(course["blocks"].split()) == {
        "other_toxin_review"
    }  # the unknown units have rolled off by then
    row = house.row(Treatment, key)
    assert [row[name] for name in ("units", "product", "indication", "given_at")] == [None] * 4
    said = house.look(lambda s: [each.product for each in given_before(s, house.cast.patient_id, FREE)])
    assert said == ["Product not known", "Botox"]


def test_twice_is_once(house: House) -> None:
    keys = {add(house, units=Decimal(100)) for _ in range(2)}
    assert len(keys) == 1
    count = select(func.count()).select_from(Treatment).where(Treatment.course_id.is_(None))
    assert house.rows(count) == [(1,)]
    void(house, *keys)
    with pytest.raises(BookingRefused, match="voided since"):
        add(house, units=Decimal(100))


IMPOSSIBLE = [
    ({"given_on": TODAY + timedelta(1)}, "in the future"),
    ({"given_on": date(1984, 12, 31)}, "before there was any"),
    ({"given_on": date(1978, 3, 13) + timedelta(3000), "units": Decimal(-1)}, "more than 0"),
    ({"units": Decimal(0)}, "more than 0"),
    ({"product": "water"}, "unknown product"),
    ({"indication": "headache"}, "unknown indication"),
    ({"known_from": "hearsay"}, "known from one of"),
]


@pytest.mark.parametrize(("wrong", "said"), IMPOSSIBLE)
def test_only_the_impossible_is_refused(house: House, wrong: dict[str, Any], said: str) -> None:
    with pytest.raises(InvalidInput, match=said):
        add(house, **wrong)
    assert house.course()["earliest_date"] == TODAY


def test_nobody_is_treated_before_birth_nor_at_another_clinic(house: House) -> None:
    def child(session: Any) -> int:
        born = date(2020, 5, 4)
        return factories.person(session, house.cast.actor, house.now, mrn="C-1", birth_date=born).id

    with pytest.raises(InvalidInput, match="before the patient was born"):
        add(house, date(2020, 5, 3), patient_id=house.change(child))
    with pytest.raises(NotFound):
        add(house, by=Actor("Stranger", house.cast.clinic_id + 1, None, frozenset({"admin"})))


def test_taken_out_and_back(house: House, desk: Actor) -> None:
    house.book(at(TODAY + timedelta(1), 10))
    key = add(house, units=Decimal(155), product=ONABOT)
    with pytest.raises(BookingRefused, match="Only a provider"):
        void(house, key, by=desk)
    with pytest.raises(InvalidInput, match="needs a reason"):
        void(house, key, "wrong_course")
    for _ in range(2):
        void(house, key)
    assert (house.course()["earliest_date"], house.course()["booking"]) == (TODAY, "ok")
    for _ in range(2):
        undo(house, key)
    assert (house.course()["earliest_date"], house.course()["booking"]) == (FREE, "too_early")
    actions = [action for action, details in house.audit("treatments") if details.get("elsewhere")]
    assert actions == ["recorded", "voided", "void_undone"]
    kept_right(house)


def test_it_does_not_come_back_beside_its_correction(house: House) -> None:
    key = add(house, units=Decimal(1550))
    void(house, key)
    house.later(minutes=1)
    add(house, units=Decimal(155), fingerprint="right")
    with pytest.raises(BookingRefused, match="entered since"):
        undo(house, key)


def test_what_was_given_here_and_elsewhere_is_not_mistaken_for_each_other(house: House) -> None:
    here, elsewhere = house.treat(TODAY), add(house)
    with pytest.raises(NotFound):
        void(house, here)
    with pytest.raises(NotFound):
        house.change(
            lambda s: voiding.void(Change(s, house.cast.actor, house.now), elsewhere, "wrong_details")
        )


def test_merge_and_unmerge_carry_it(house: House) -> None:
    course = house.another_course()
    other = house.course(course)["patient_id"]
    key = add(house, patient_id=other, units=Decimal(155), product=ONABOT)
    keep, actor = house.cast.patient_id, house.cast.actor
    house.change(lambda s: merging.merge(Change(s, actor, house.now), keep, other).id)
    assert house.row(Treatment, key)["patient_id"] == keep
    assert house.course()["earliest_date"] == FREE
    record = house.look(
        lambda s: [row.id for row in patient_record(s, actor.clinic_id, keep, TODAY).elsewhere]
    )
    assert record == [key]
    with pytest.raises(InvalidInput, match="merged into"):
        add(house, patient_id=other, fingerprint="late")
    house.change(lambda s: unmerging.unmerge(Change(s, actor, house.now), keep, other))
    assert house.row(Treatment, key)["patient_id"] == other
    assert (house.course()["earliest_date"], house.course(course)["earliest_date"]) == (TODAY, FREE)
    kept_right(house)


def test_a_merge_is_not_undone_past_what_was_entered_since(house: House) -> None:
    other = house.course(house.another_course())["patient_id"]
    keep, actor = house.cast.patient_id, house.cast.actor
    house.change(lambda s: merging.merge(Change(s, actor, house.now), keep, other).id)
    add(house)
    with pytest.raises(InvalidInput, match="a treatment was added"):
        house.change(lambda s: unmerging.unmerge(Change(s, actor, house.now), keep, other))


def test_a_rough_day_says_nothing_against_an_earlier_death(house: House) -> None:
    add(house, TODAY, is_approximate=True)
    died = (house.cast.patient_id, TODAY - timedelta(7))
    house.change(lambda s: status.mark_deceased(Change(s, house.cast.actor, house.now), *died).id)
    assert house.row(Patient, house.cast.patient_id)["deceased_on"] == died[1]


def test_the_log_tells_it_from_what_was_given_here(house: House) -> None:
    add(house, is_approximate=True)
    add(
        house,
        date(2026, 10, 1),
        units=Decimal(50),
        product=DYSPORT,
        indication="other",
        given_at="Skin Studio",
        known_from="clinic",
    )
    void(house, add(house, date(2026, 9, 1)))
    rows = house.look(lambda s: list(treatment_log(s, house.cast.clinic_id)))
    assert rows[0] == LOG_COLUMNS
    here, unknown, known = (dict(zip(LOG_COLUMNS, row, strict=True)) for row in rows[1:])
    wanted = ("Diagnosis", "Product", "Date of Service", "Units", "Kind", "Location", "About", "Known From")
    assert [here[name] for name in wanted] == [
        *("Chronic migraine", ONABOT, TODAY - timedelta(84), 155, "cycle", None, "no", None),
    ]
    assert [unknown[name] for name in wanted] == [
        *(None, None, GIVEN, None, "Given elsewhere", None, "yes", "The patient said so"),
    ]
    assert [known[name] for name in wanted] == [
        *("Something else", DYSPORT, date(2026, 10, 1), 50, "Given elsewhere", "Skin Studio", "no"),
        "Letter or record of the other clinic",
    ]
