"""Which value stays of each column when two records of one person are made one."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic_scheduler.domain.patients.merge_rules import DEFAULTS, RULES, MergeSide, Origin, Settled, settle

DAYS = st.dates(date(2020, 1, 1), date(2026, 12, 31))
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "phone": st.sampled_from([None, "", "+12065550101", "+12065550102"]),
    "email": st.sampled_from([None, "a@example.org", "b@example.org"]),
    "preferred_channel": st.sampled_from(["email", "sms"]),
    "fallback_channel": st.sampled_from([None, "email", "sms"]),
    "language": st.sampled_from(["en", "es"]),
    "zone": st.sampled_from([None, "America/Denver", "America/Chicago"]),
    "calendar_by": st.sampled_from(["feed", "invitations", "both"]),
    "weight_kg": st.none() | st.decimals(30, 150, places=1),
    "weighed_on": st.none() | DAYS,
    "deceased_on": st.none() | DAYS,
    "moved_on": st.none() | DAYS,
    "do_not_contact": st.booleans(),
}
BLANK = dict.fromkeys(RULES) | dict(DEFAULTS) | {"do_not_contact": False}


def side(set_by_hand: tuple[str, ...] = (), **columns: Any) -> MergeSide:
    return MergeSide(BLANK | columns, frozenset(set_by_hand))


SIDES = st.builds(
    lambda columns, by_hand: MergeSide(BLANK | columns, by_hand),
    st.fixed_dictionaries(VALUES),
    st.frozensets(st.sampled_from(sorted(DEFAULTS))),
).filter(lambda side: side["fallback_channel"] != side["preferred_channel"])


def value(keep: MergeSide, lose: MergeSide, column: str) -> Any:
    return settle(keep, lose)[column].value


@pytest.mark.parametrize(
    ("column", "chosen"),
    [
        ("language", "es"),
        ("zone", "America/Denver"),
        ("calendar_by", "invitations"),
        ("preferred_channel", "sms"),
    ],
)
def test_what_somebody_chose_goes_before_what_every_record_begins_with(column: str, chosen: str) -> None:
    default = DEFAULTS[column]
    assert settle(side(), side(**{column: chosen}))[column] == Settled(chosen, Origin.OTHER)
    assert settle(side(**{column: chosen}), side())[column] == Settled(chosen, Origin.KEPT)
    # The default was chosen too where somebody is known to have set it.
    assert settle(side((column,)), side(**{column: chosen}))[column] == Settled(default, Origin.KEPT)
    assert value(side(), side((column,)), column) == default


@pytest.mark.parametrize(
    ("keep", "lose", "stays"),
    [
        (("email", None), ("email", "sms"), ("email", "sms")),
        (("email", None), ("sms", None), ("sms", None)),
        (("email", None), ("sms", "email"), ("sms", "email")),
        (("sms", None), ("email", None), ("sms", None)),
        (("sms", None), ("email", "sms"), ("sms", "email")),
        (("sms", "email"), ("email", "sms"), ("sms", "email")),
        (("email", "sms"), ("sms", None), ("email", "sms")),
    ],
)
def test_the_two_channels_are_one_wish(
    keep: tuple[str, str | None], lose: tuple[str, str | None], stays: tuple[str, str | None]
) -> None:
    names = ("preferred_channel", "fallback_channel")
    settled = settle(side(**dict(zip(names, keep, strict=True))), side(**dict(zip(names, lose, strict=True))))
    assert tuple(settled[name].value for name in names) == stays


def test_that_nothing_else_is_tried_can_be_a_choice() -> None:
    keep = side(("fallback_channel",), preferred_channel="sms")
    assert value(keep, side(fallback_channel="sms"), "fallback_channel") is None


def test_the_newer_weight_stays_with_its_day() -> None:
    known, of_no_day = {"weight_kg": Decimal(70), "weighed_on": date(2026, 1, 2)}, {"weight_kg": Decimal(65)}
    for keep, lose in (
        (known, of_no_day),
        (of_no_day, known),
        ({}, known),
        ({"weighed_on": date(2026, 5, 5)}, known),
    ):
        settled = settle(side(**keep), side(**lose))
        assert {name: settled[name].value for name in known} == known
    assert value(side(**of_no_day), side(weighed_on=date(2026, 5, 5)), "weighed_on") is None


@given(SIDES, SIDES)
def test_every_value_is_one_of_the_two(keep: MergeSide, lose: MergeSide) -> None:
    settled = settle(keep, lose)
    assert set(settled) == {name for name, rule in RULES.items() if rule.settle}
    for name, found in settled.items():
        owner = keep if found.origin is Origin.KEPT else lose
        also = {owner["preferred_channel"]} if name == "fallback_channel" else set()
        assert found.value in {owner[name], *also}, name
    assert settled["fallback_channel"].value != settled["preferred_channel"].value


@given(SIDES, SIDES)
def test_nothing_that_only_one_of_them_knows_is_lost(keep: MergeSide, lose: MergeSide) -> None:
    settled = settle(keep, lose)
    for one, other in ((keep, lose), (lose, keep)):
        for name in ("phone", "email", "deceased_on", "moved_on", "do_not_contact"):
            if one[name] and not other[name]:
                assert settled[name].value == one[name], name
        for name in ("language", "zone", "calendar_by"):
            if one.prefers(name) and not other.prefers(name):
                assert settled[name].value == one[name], name


@given(SIDES)
def test_a_record_and_its_like_are_that_record(one: MergeSide) -> None:
    twin = MergeSide(dict(one.columns), one.set_by_hand)
    assert {name: each.value for name, each in settle(one, twin).items()} == {
        name: one[name] for name, rule in RULES.items() if rule.settle
    }
